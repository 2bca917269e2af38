import type { Client, WorkflowClientInterceptor } from '@temporalio/client';
import { EncryptionCodec, isEncrypted } from '../encryption';
import { inputsThatRun } from './vends/inputs-that-run';

/**
 * Keeps a command without keys from sending a request in clear to where workers encrypt: somebody has
 * forgotten to set the variable. Only what would write is held up, once, by a look at what runs.
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
  const payloads = await inputsThatRun(client).catch(() => []);
  const encrypted = payloads.find(isEncrypted);
  // Says which key it needs.
  if (encrypted) await new EncryptionCodec().decode([encrypted]);
}
