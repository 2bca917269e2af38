import { LineCounter, parseDocument } from 'yaml';
import type { FieldProblem } from '../contract';
import type { Parsed } from './problems';

/** Reads YAML (JSON is YAML too). A fault names its line; the text itself is never repeated. */
export function parseYaml(source: string, name: string): Parsed<unknown> {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    const problems = document.errors.map((error): FieldProblem => {
      const { line, col } = lines.linePos(error.pos[0]);
      return { field: `${name}:${line}:${col}`, message: yamlFault(error.code) };
    });
    return { ok: false, problems };
  }
  try {
    return { ok: true, value: document.toJS({ maxAliasCount: 50 }) };
  } catch {
    const message = 'uses aliases (*name) in a way that cannot be resolved; write the values out';
    return { ok: false, problems: [{ field: name, message }] };
  }
}

/** The parser's own messages quote the input, which may be an e-mail address. */
function yamlFault(code: string): string {
  switch (code) {
    case 'DUPLICATE_KEY':
      return 'has a key that stands there twice; remove one of the two';
    case 'MULTIPLE_DOCS':
      return 'begins a second document (---); keep one document in the file';
    case 'TAB_AS_INDENT':
      return 'is indented with a tab; use spaces';
    case 'BAD_INDENT':
    case 'MISSING_CHAR':
    case 'UNEXPECTED_TOKEN':
    default:
      return `cannot be read as YAML (${code.toLowerCase().replaceAll('_', ' ')}); mend this line, often it is indentation, a missing colon or a missing quote`;
  }
}
