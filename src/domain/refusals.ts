import type { FieldProblem, VendRequest, VendState } from '../contract';
import { newMemory, toState } from './memory';

/** The message of an `InvalidVendRequest`. */
export function invalidMessage(problems: readonly FieldProblem[]): string {
  const faults = problems.map(({ field, message }) => `${field} ${message}`).join('; ');
  return `The request cannot be vended: ${faults}. Correct it and start it again.`;
}

/** @param status of the vend that is there, as Temporal has it */
export function conflictProblems(fields: readonly string[], status: string): FieldProblem[] {
  return fields.map((field) => ({
    field,
    message: `differs from the vend that is there (${status.toLowerCase()}); a request ID means one account for ever, so take another requestId for another account`,
  }));
}

/** What the failure of a request carries that was refused before anything was started. */
export function refusedState(request: VendRequest, now: string): VendState {
  const memory = newMemory(request, now);
  return toState({ ...memory, stage: 'failed', history: [{ at: now, stage: 'failed' }] });
}
