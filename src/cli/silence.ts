import { WorkflowUpdateRPCTimeoutOrCancelledError, type Client } from '@temporalio/client';
import { CommandError, ExitStatus } from './errors';
import { plain } from './io';

/** A worker that is there answers at once; replaying a long history takes a moment. */
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

/** Who was asked. */
export interface Asked {
  /** As a person calls it. */
  what: string;
  workflowId: string;
  /** The command that shows how it stands. */
  look: string;
}

/** Tells which worker is missed: one of another task queue may well run. */
export async function silent(client: Client, { what, workflowId, look }: Asked) {
  const run = await client.workflow
    .getHandle(workflowId)
    .describe()
    .catch(() => undefined);
  const onQueue = run ? ` on task queue ${plain(run.taskQueue)}` : '';
  const message = `No worker answered for ${what}${onQueue} in time. Start the worker, look with "${look}", and answer again if the escalation is still open.`;
  return new CommandError(ExitStatus.unreachable, message);
}
