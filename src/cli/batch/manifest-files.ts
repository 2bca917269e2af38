import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readText, type ManifestSource } from '../../config';
import { invalid } from '../errors';
import type { Io } from '../io';

/** Reads manifests: files, the YAML and JSON files of folders, or stdin where the name is `-`. */
export async function readManifestFiles(
  io: Io,
  names: readonly string[],
): Promise<ManifestSource[]> {
  const files = (await Promise.all(names.map(filesOf))).flat();
  return Promise.all(
    [...new Set(files)].map(async (name) => {
      const file = name === '-' ? '(stdin)' : name;
      return { file, text: await read(io, name) };
    }),
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

async function read(io: Io, name: string): Promise<string> {
  try {
    return await readText(name === '-' ? io.stdin : createReadStream(name));
  } catch (error) {
    throw unreadable(name, error);
  }
}

function unreadable(name: string, error: unknown): Error {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
  return invalid(
    `${name} cannot be read (${code}). Give the path of a manifest of YAML or JSON, or of a folder of them.`,
  );
}
