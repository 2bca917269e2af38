import { createReadStream } from 'node:fs';
import { parseYaml, readText } from '../../config';
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
  try {
    return await readText(name === '-' ? io.stdin : createReadStream(name));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    const source = name === '-' ? '(stdin)' : name;
    throw invalid(`${source} cannot be read (${code}). Give the path of a YAML or JSON file.`);
  }
}

function isManifest(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'accounts' in value;
}
