import type { Client, WorkflowClientInterceptor } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { isEncrypted, KEYS_VARIABLE } from '../encryption';
import type { EncryptionCodec } from '../encryption';
import { CommandError, ExitStatus } from './errors';
import { inputsThatRun } from './vends/inputs-that-run';

/**
 * Keeps a command from sending what the workers cannot read, or in clear what they encrypt: somebody has
 * forgotten the keys, or has others. Only what would write is held up, once, by a look at what runs; where
 * that fails, a command without keys sends nothing.
 * @param client asked before the first write; it is there only then
 */
export function sameKeys(codec: EncryptionCodec, client: () => Client): WorkflowClientInterceptor {
  let looked: Promise<void> | undefined;
  const afterLook = async <T>(write: () => Promise<T>): Promise<T> => {
    looked ??= refuseOtherKeys(codec, client());
    await looked;
    return write();
  };
  return {
    startWithDetails: (input, next) => afterLook(() => next(input)),
    startUpdate: (input, next) => afterLook(() => next(input)),
    startUpdateWithStart: (input, next) => afterLook(() => next(input)),
    signal: (input, next) => afterLook(() => next(input)),
    signalWithStart: (input, next) => afterLook(() => next(input)),
  };
}

async function refuseOtherKeys(codec: EncryptionCodec, client: Client): Promise<void> {
  const hasKeys = codec.keyIds.length > 0;
  const payloads = await inputsThatRun(client).catch(hasKeys ? () => [] : cannotLook);
  const encrypted = payloads.filter(isEncrypted);
  if (encrypted.some((payload) => canRead(codec, payload))) return;
  // Says which key it needs.
  const [newest] = encrypted;
  if (newest) codec.decodeOne(newest);
}

/** One may have been started with a key of somebody else: that is no reason to refuse all. */
function canRead(codec: EncryptionCodec, payload: Payload): boolean {
  try {
    codec.decodeOne(payload);
    return true;
  } catch {
    return false;
  }
}

/** Every command lists what is there before it writes: a server that cannot be asked at all is none of ours. */
function cannotLook(error: unknown): never {
  const why = error instanceof Error ? error.message : String(error);
  throw new CommandError(
    ExitStatus.unreachable,
    `Nothing was sent: no keys are given here, and whether the vends that run are encrypted could not be looked up (${why}). Set ${KEYS_VARIABLE} as the worker has it, or, where it has none, let this one list workflows and read their histories.`,
    { cause: error },
  );
}
