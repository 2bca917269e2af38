import { WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client';

/** No worker has answered in time, or the run continues as new in this very moment: worth asking again. */
export function isSilence(error: unknown): boolean {
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return true;
  const said = String(error instanceof Error ? (error.cause ?? error) : error);
  return /DEADLINE_EXCEEDED|CANCELLED|FAILED_PRECONDITION|no poller|unexpected workflow task/i.test(
    said,
  );
}
