import { KEYS_FILE_VARIABLE, KEYS_VARIABLE, type UnreadablePayloadError } from '../../encryption';
import type { Finding } from './finding';

/** What Temporal holds cannot be decrypted here. */
export function encryptionFinding({ keyId, message }: UnreadablePayloadError): Finding {
  return {
    id: 'encryption-keys-missing',
    level: 'stop',
    title: `what Temporal holds is encrypted with key ${keyId}, and that key is not here`,
    detail: `${message}. Without it vends can be neither shown nor answered from here, and a worker that has none of its keys cannot go on with them.`,
    fix: `Set ${KEYS_VARIABLE} or ${KEYS_FILE_VARIABLE} as the worker has it (docs/encryption.md).`,
  };
}
