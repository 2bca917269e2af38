import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Document } from 'yaml';
import type { FieldProblem } from '../contract';
import type { Parsed } from './problems';

/** A place in a text; both count from 1. */
export interface Position {
  line: number;
  column: number;
}

interface YamlWithPositions {
  ok: true;
  value: unknown;
  /** Where a field stands; where it does not, the place of what it would stand in. */
  positionOf: (path: readonly (string | number)[]) => Position;
}

type YamlFaults = { ok: false; faults: (Position & { message: string })[] };

/** Reads YAML (JSON is YAML too). A fault names its line; the text itself is never repeated. */
export function parseYaml(source: string, name: string): Parsed<unknown> {
  const parsed = parseYamlWithPositions(source);
  if (parsed.ok) return { ok: true, value: parsed.value };
  const problems = parsed.faults.map(({ line, column, message }): FieldProblem => {
    return { field: `${name}:${line}:${column}`, message };
  });
  return { ok: false, problems };
}

/** The same, for an input whose faults are told with their lines. */
export function parseYamlWithPositions(source: string): YamlWithPositions | YamlFaults {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  if (document.errors.length > 0) {
    const faults = document.errors.map((error) => ({
      ...position(error.pos[0]),
      message: yamlFault(error.code),
    }));
    return { ok: false, faults };
  }
  try {
    const value: unknown = document.toJS({ maxAliasCount: 50 });
    const message = shapeFault(value);
    if (message) return { ok: false, faults: [{ line: 1, column: 1, message }] };
    return { ok: true, value, positionOf: (path) => position(offsetOf(document, path)) };
  } catch {
    const message = 'uses aliases (*name) in a way that cannot be resolved; write the values out';
    return { ok: false, faults: [{ line: 1, column: 1, message }] };
  }
}

/** Nothing that we read is half as deep. */
const DEEPEST = 20;
const TOO_DEEP = `has more than ${DEEPEST} levels one in the other; nothing here needs that`;

/** What JavaScript would read as something else, or not survive. */
function shapeFault(value: unknown): string | undefined {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > DEEPEST) return TOO_DEEP;
    const objects = level.filter((one): one is object => typeof one === 'object' && one !== null);
    if (objects.some((one) => Object.hasOwn(one, '__proto__'))) {
      return 'has a key __proto__, which no field, tag or pack is called; remove it';
    }
    level = objects.flatMap((one) => Object.values(one) as unknown[]);
  }
  return undefined;
}

/** As deep as the path leads: of a field that is missing, the place where it is. */
function offsetOf(document: Document, path: readonly (string | number)[]): number {
  let node: unknown = document.contents;
  let offset = startOf(node);
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key: one }) => isScalar(one) && String(one.value) === key);
      if (!pair) break;
      offset = startOf(pair.key) || offset;
      node = pair.value;
    } else if (isSeq(node) && typeof key === 'number' && node.items[key] !== undefined) {
      node = node.items[key];
      offset = startOf(node) || offset;
    } else break;
  }
  return offset;
}

function startOf(node: unknown): number {
  const range = (node as { range?: [number, number, number] } | null)?.range;
  return range?.[0] ?? 0;
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
    case 'RESOURCE_EXHAUSTION':
      return TOO_DEEP;
    case 'BAD_INDENT':
    case 'MISSING_CHAR':
    case 'UNEXPECTED_TOKEN':
    default:
      return `cannot be read as YAML (${code.toLowerCase().replaceAll('_', ' ')}); mend this line, often it is indentation, a missing colon or a missing quote`;
  }
}
