import type { DevServer } from './temporal';
import { until } from './until';

/**
 * As when the retention of these runs has passed: Temporal knows nothing of the request any more.
 * @param left other runs of it, which Temporal still knows
 */
export async function forget(
  dev: DevServer,
  requestId: string,
  runs: readonly { workflowId: string; firstExecutionRunId: string }[],
  left = 0,
): Promise<void> {
  for (const { workflowId, firstExecutionRunId: runId } of runs) {
    await dev.connection.workflowService.deleteWorkflowExecution({
      namespace: dev.namespace,
      workflowExecution: { workflowId, runId },
    });
  }
  // The server deletes at its leisure.
  await until(
    () => dev.client.workflow.count(`VendRequestId = '${requestId}'`),
    ({ count }) => count === left,
  );
}
