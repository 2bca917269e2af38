/**
 * Encryption of what Temporal stores: AES-256-GCM with keys that only worker, clients, parents and
 * codec server have. docs/encryption.md says how it is switched on.
 * @module
 */
export { EncryptionCodec, isEncrypted } from './codec';
export {
  encryptingDataConverter,
  encryptionFromEnvironment,
  type EncryptingDataConverter,
} from './data-converter';
export { EncryptionKeyError, newEncryptionKey, type EncryptionKey } from './keys';
export { KEYS_FILE_VARIABLE, KEYS_VARIABLE } from './keys-from-environment';
export { UnreadablePayloadError, unreadableIn } from './unreadable';
