import { KEYS_FILE_VARIABLE, KEYS_VARIABLE } from './keys-from-environment';

const VARIABLES = `${KEYS_VARIABLE} (or ${KEYS_FILE_VARIABLE})`;

/** A payload that cannot be decrypted here. The message says what to do, and holds nothing of it. */
export class UnreadablePayloadError extends Error {
  override readonly name = 'UnreadablePayloadError';
  /** The key that it names. */
  readonly keyId: string;

  constructor(keyId: string, message: string) {
    super(message);
    this.keyId = keyId;
  }
}

export function withoutKeys(keyId: string): UnreadablePayloadError {
  return new UnreadablePayloadError(
    keyId,
    `What Temporal holds is encrypted with key ${keyId}, and no key is given here: set ${VARIABLES} as the worker has it`,
  );
}

export function withoutKey(keyId: string, known: readonly string[]): UnreadablePayloadError {
  return new UnreadablePayloadError(
    keyId,
    `What Temporal holds is encrypted with key ${keyId}, which is not among those given here (${known.join(', ')}): add it to ${VARIABLES}`,
  );
}

export function damaged(keyId: string): UnreadablePayloadError {
  return new UnreadablePayloadError(
    keyId,
    `A payload that names key ${keyId} cannot be decrypted with it: it was changed, or another key has that id here`,
  );
}

/** Finds it also where the SDK has wrapped it. */
export function unreadableIn(error: unknown): UnreadablePayloadError | undefined {
  if (error instanceof UnreadablePayloadError) return error;
  return error instanceof Error ? unreadableIn(error.cause) : undefined;
}
