import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { ManifestSource } from '../../config';
import { invalid } from '../errors';
import type { Io } from '../io';

/** Reads manifests: files, the YAML and JSON files of folders, or stdin where the name is `-`. */
export async function readManifestFiles(
  io: Io,
  names: readonly string[],
): Promise<ManifestSource[]> {
  const files = (await Promise.all(names.map(filesOf))).flat();
  return Promise.all(
    [...new Set(files)].map(async (file) =>
      file === '-'
        ? { file: '(stdin)', text: await text(io.stdin) }
        : { file, text: await read(file) },
    ),
  );
}

async function filesOf(name: string): Promise<string[]> {
  if (name === '-') return [name];
  const isFolder = await stat(name).then(
    (found) => found.isDirectory(),
    (error: unknown) => {
      throw unreadable(name, error);
    },
  );
  if (!isFolder) return [name];
  const inside = await readdir(name, { withFileTypes: true });
  const files = inside
    .filter((entry) => !entry.isDirectory() && /^[^.].*\.(?:ya?ml|json)$/i.test(entry.name))
    .map((entry) => join(name, entry.name))
    .sort();
  if (files.length > 0) return files;
  throw invalid(`${name} holds no manifest: no file there ends in .yaml, .yml or .json.`);
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unreadable(name: string, error: unknown): Error {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
  return invalid(
    `${name} cannot be read (${code}). Give the path of a manifest of YAML or JSON, or of a folder of them.`,
  );
}
