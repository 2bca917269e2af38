import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { parseYaml } from '../../config';
import { invalid } from '../errors';
import type { Io } from '../io';

/** Reads a request from a file of YAML or JSON, or from stdin where the name is `-`. */
export async function readRequestFile(io: Io, name: string): Promise<unknown> {
  const source = name === '-' ? '(stdin)' : name;
  const parsed = parseYaml(await read(io, name), source);
  if (!parsed.ok) throw invalid(`${source} cannot be read as YAML or JSON:`, parsed.problems);
  if (isManifest(parsed.value)) {
    throw invalid(
      `${source} is a manifest of many accounts, not one request: vend apply -f ${name} starts them.`,
    );
  }
  return parsed.value;
}

async function read(io: Io, name: string): Promise<string> {
  if (name === '-') return text(io.stdin);
  try {
    return await readFile(name, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw invalid(`${name} cannot be read (${code}). Give the path of a YAML or JSON file.`);
  }
}

function isManifest(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'accounts' in value;
}
