import { randomBytes } from 'node:crypto';

/** A key of AES-256, and the name by which payloads say which one they need. */
export interface EncryptionKey {
  /** Stands in clear beside every payload: 1-64 letters, digits, dots, hyphens and underscores. */
  id: string;
  /** 32 bytes. */
  key: Uint8Array;
}

/** Keys that cannot be used. The message names where they come from, and never a key. */
export class EncryptionKeyError extends Error {
  override readonly name = 'EncryptionKeyError';
}

const KEY_BYTES = 32;
const FORM = 'id:base64-of-32-bytes';
const ID_FORM = '1-64 letters, digits, dots, hyphens and underscores';

/** The keys as they were given, the first encrypts; throws {@link EncryptionKeyError}. */
export function checkKeys(
  keys: readonly EncryptionKey[],
  source = 'The keys',
): readonly EncryptionKey[] {
  if (keys.length === 0) {
    throw new EncryptionKeyError(
      'The list of keys is empty: give one, or leave it out for no encryption',
    );
  }
  const ids = new Set<string>();
  for (const [index, { id, key }] of keys.entries()) {
    const which = `${source}, key ${index + 1}`;
    if (!isKeyId(id)) {
      throw new EncryptionKeyError(`${which}: its id must have ${ID_FORM}`);
    }
    if (key.length !== KEY_BYTES) {
      throw new EncryptionKeyError(
        `${which} (${id}): it has ${key.length} bytes and must have ${KEY_BYTES}`,
      );
    }
    if (ids.has(id)) {
      throw new EncryptionKeyError(
        `${which}: the id ${id} is there twice, and payloads name their key by it`,
      );
    }
    ids.add(id);
  }
  return keys;
}

/** @param entries each `id:base64-of-32-bytes` */
export function parseKeys(entries: readonly string[], source: string): readonly EncryptionKey[] {
  const keys = entries.map((entry, index) => parseKey(entry, `${source}, key ${index + 1}`));
  return checkKeys(keys, source);
}

function parseKey(entry: string, which: string): EncryptionKey {
  const colon = entry.indexOf(':');
  const id = entry.slice(0, Math.max(colon, 0)).trim();
  // What stands there may be the key itself: it is not repeated.
  if (!isKeyId(id))
    throw new EncryptionKeyError(`${which}: it must be written as ${FORM}, the id with ${ID_FORM}`);
  const key = fromBase64(entry.slice(colon + 1).trim());
  if (!key) {
    throw new EncryptionKeyError(
      `${which} (${id}): what stands behind the colon is not ${KEY_BYTES} bytes in base64`,
    );
  }
  return { id, key };
}

/** Buffer skips whatever is no base64; a typing error would make another key. */
function fromBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, 'base64');
  const isWhole = text !== '' && withoutPadding(bytes.toString('base64')) === withoutPadding(text);
  return isWhole ? bytes : undefined;
}

function withoutPadding(text: string): string {
  return text.replace(/={1,2}$/, '');
}

export function isKeyId(id: string): boolean {
  return /^[\w.-]{1,64}$/.test(id);
}

/** A new random key, as it is written in the environment or in a file of keys. */
export function newEncryptionKey(id: string): string {
  if (!isKeyId(id)) throw new EncryptionKeyError(`The id of a key must have ${ID_FORM}`);
  return `${id}:${randomBytes(KEY_BYTES).toString('base64')}`;
}
