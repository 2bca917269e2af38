import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { isKeyId, type EncryptionKey } from './keys';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Nonce, cipher text and tag, one behind the other. The key's id is authenticated with it. Nothing of
 * where the payload stands is: Temporal copies payloads (memo and input into the next run, a
 * signal of a start, results into the parent's history, over namespaces with Nexus), and a codec
 * server is told nothing of their place.
 */
export function seal({ id, key }: EncryptionKey, clear: Uint8Array): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(authenticated(id));
  return Buffer.concat([nonce, cipher.update(clear), cipher.final(), cipher.getAuthTag()]);
}

/** Undefined where it is not what {@link seal} made with this key. */
export function open({ id, key }: EncryptionKey, sealed: Uint8Array): Uint8Array | undefined {
  if (sealed.length < NONCE_BYTES + TAG_BYTES || !isKeyId(id)) return undefined;
  const end = sealed.length - TAG_BYTES;
  const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(authenticated(id));
  decipher.setAuthTag(sealed.subarray(end));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, end)), decipher.final()]);
  } catch {
    return undefined;
  }
}

function authenticated(id: string): Uint8Array {
  return Buffer.from(`account-vending payload 1 ${id}`);
}
