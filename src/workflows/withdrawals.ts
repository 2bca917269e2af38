import { ApplicationFailure, defineUpdate, setHandler } from '@temporalio/workflow';
import type { VendMemory } from '../domain/memory';
import { isNumber, isObject, isText } from '../domain/shape';
import { WITHDRAW_CALLER } from '../domain/withdrawal';
import type { Withdrawal, Withdrawn } from '../domain/withdrawal';

const withdrawUpdate = defineUpdate<Withdrawn, [Withdrawal]>(WITHDRAW_CALLER);

/** Remembers callers that have cancelled; who waits at all is Temporal's to know. */
export function listenForWithdrawals(memory: VendMemory, note: (text: string) => void): void {
  setHandler(
    withdrawUpdate,
    ({ caller, calls }) => {
      memory.withdrawn ??= {};
      memory.withdrawn[caller] = calls;
      note('a caller that waited for this vend does not want it any more');
      return memory.withdrawn;
    },
    {
      description: 'Sent by the Nexus handler alone, when a caller cancels.',
      // The Web UI offers it too, and a handler that throws would stop the vend.
      validator: (given: unknown) => {
        if (isObject(given) && isText(given['caller']) && isNumber(given['calls'])) return;
        throw ApplicationFailure.nonRetryable(
          'it is sent by the Nexus handler alone: {caller, calls}',
        );
      },
    },
  );
}
