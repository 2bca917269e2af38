import { defineUpdate, setHandler } from '@temporalio/workflow';
import type { VendMemory } from '../domain/memory';
import { WITHDRAW_CALLER } from '../domain/withdrawal';
import type { Withdrawal, Withdrawn } from '../domain/withdrawal';

const withdrawUpdate = defineUpdate<Withdrawn, [Withdrawal]>(WITHDRAW_CALLER);

/** Keeps count of callers that have cancelled; who waits at all is Temporal's to know. */
export function listenForWithdrawals(memory: VendMemory, note: (text: string) => void): void {
  setHandler(
    withdrawUpdate,
    ({ call }) => {
      memory.withdrawn ??= [];
      if (!memory.withdrawn.includes(call)) {
        memory.withdrawn.push(call);
        note('a caller that waited for this vend does not want it any more');
      }
      return { calls: memory.withdrawn.length };
    },
    { description: 'Sent by the Nexus handler alone, when a caller cancels.' },
  );
}
