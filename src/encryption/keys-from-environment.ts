import { readFileSync } from 'node:fs';
import { EncryptionKeyError, parseKeys, type EncryptionKey } from './keys';

/** `id:base64-of-32-bytes`, separated by commas. */
export const KEYS_VARIABLE = 'VEND_ENCRYPTION_KEYS';
/** A file with one key a line. */
export const KEYS_FILE_VARIABLE = 'VEND_ENCRYPTION_KEYS_FILE';

/**
 * The keys that the environment gives, the first of which encrypts; undefined where it gives none. A
 * variable that is there and empty is an error: a secret that got lost must not turn encryption off.
 */
export function keysFromEnvironment(env: NodeJS.ProcessEnv): readonly EncryptionKey[] | undefined {
  const [list, file] = [env[KEYS_VARIABLE], env[KEYS_FILE_VARIABLE]];
  if (list !== undefined && file !== undefined) {
    throw new EncryptionKeyError(
      `${KEYS_VARIABLE} and ${KEYS_FILE_VARIABLE} are both set: unset one of them`,
    );
  }
  if (list !== undefined) return keysIn(list.split(','), KEYS_VARIABLE);
  if (file === undefined) return undefined;
  const lines = read(file).split(/\r?\n/);
  return keysIn(
    lines.filter((line) => !/^\s*#/.test(line)),
    KEYS_FILE_VARIABLE,
  );
}

function keysIn(entries: readonly string[], source: string): readonly EncryptionKey[] {
  const given = entries.map((entry) => entry.trim()).filter(Boolean);
  if (given.length === 0) {
    const what = source === KEYS_VARIABLE ? 'is empty' : 'names a file without a key';
    throw new EncryptionKeyError(
      `${source} ${what}: give one as id:base64-of-32-bytes, or unset it for no encryption`,
    );
  }
  return parseKeys(given, source);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new EncryptionKeyError(
      `${KEYS_FILE_VARIABLE} names ${file || 'no file'}, which cannot be read (${why})`,
    );
  }
}
