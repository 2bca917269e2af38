import { WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client';
import { CommandError, ExitStatus } from './errors';

/** A worker that is there answers at once. */
export const WORKER_ANSWERS_MS = 3_000;

/**
 * Temporal answered, or waited, for want of a worker: with a deadline that passed on either side, or
 * because not even a first workflow task was taken.
 */
export function isSilence(error: unknown): boolean {
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return true;
  const said = String(error instanceof Error ? (error.cause ?? error) : error);
  return /DEADLINE_EXCEEDED|CANCELLED|FAILED_PRECONDITION|no poller/i.test(said);
}

/** @param look the command that shows how it stands */
export function silent(what: string, look: string): CommandError {
  const message = `No worker answered for ${what} in time. Start the worker, look with "${look}", and answer again if the escalation is still open.`;
  return new CommandError(ExitStatus.unreachable, message);
}
