import type { Client, WorkflowClientInterceptor } from '@temporalio/client';
import { EncryptionCodec, isEncrypted, KEYS_VARIABLE } from '../encryption';
import { CommandError, ExitStatus } from './errors';
import { inputsThatRun } from './vends/inputs-that-run';

/**
 * Keeps a command without keys from sending a request in clear to where workers encrypt: somebody has
 * forgotten to set the variable. Only what would write is held up, once, by a look at what runs; where that
 * fails nothing is sent.
 * @param client asked before the first write; it is there only then
 */
export function keyless(client: () => Client): WorkflowClientInterceptor {
  let looked: Promise<void> | undefined;
  const afterLook = async <T>(write: () => Promise<T>): Promise<T> => {
    looked ??= refuseIfEncrypted(client());
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

async function refuseIfEncrypted(client: Client): Promise<void> {
  const payloads = await inputsThatRun(client).catch(cannotLook);
  const encrypted = payloads.find(isEncrypted);
  // Says which key it needs.
  if (encrypted) await new EncryptionCodec().decode([encrypted]);
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
