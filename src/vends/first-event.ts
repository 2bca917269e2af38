import type { Client } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';

/** The event that a run began with. Fails where Temporal does not keep that run (any more). */
export async function firstEvent(
  client: Client,
  workflowId: string,
  runId: string,
): Promise<temporal.api.history.v1.IHistoryEvent> {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    maximumPageSize: 1,
  });
  return history?.events?.[0] ?? {};
}
