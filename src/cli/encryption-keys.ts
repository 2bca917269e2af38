import { EncryptionKeyError } from '../encryption';
import { invalid } from './errors';

/** Keys that cannot be used are a fault of the call. */
export function usable<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof EncryptionKeyError)) throw error;
    throw invalid(`The keys of encryption cannot be used: ${error.message}.`);
  }
}
