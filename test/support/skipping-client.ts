import { WorkflowClient, type Connection, type WorkflowStartInput } from '@temporalio/client';
import type { Duration } from '@temporalio/common';
import { msToTs } from '@temporalio/common/lib/time';

/** The most waits that are skipped while nothing else happens; the server's own cap is 200. */
const MAX_SKIPS = 5_000;

/**
 * Starts workflows that skip their waiting on the development server, each with a clock of its own,
 * so that tests can run side by side. Time stands still while an activity or a child runs; children
 * inherit it. `signalWithStart` starts in real time.
 *
 * The SDK has no option for it yet, so this reaches into a protected method. It is the only place
 * that does.
 */
export class SkippingWorkflowClient extends WorkflowClient {
  protected override async createStartWorkflowRequest(input: WorkflowStartInput) {
    const request = await super.createStartWorkflowRequest(input);
    request.timeSkippingConfig = { enabled: true, maxSessionSkipCount: MAX_SKIPS };
    return request;
  }
}

export function skippingClient(connection: Connection, namespace = 'default') {
  return new SkippingWorkflowClient({ connection, namespace });
}

let fastForwards = 0;

/** Moves the clock of one running workflow, which may have been started in real time, ahead. */
export async function fastForward(
  { connection, namespace = 'default' }: { connection: Connection; namespace?: string },
  workflowId: string,
  by: Duration,
): Promise<void> {
  fastForwards += 1;
  const fastForwardConfig = { id: `fast-forward-${fastForwards}`, duration: msToTs(by) };
  await connection.workflowService.updateWorkflowExecutionOptions({
    namespace,
    workflowExecution: { workflowId },
    workflowExecutionOptions: { timeSkippingConfig: { enabled: true, fastForwardConfig } },
    updateMask: { paths: ['time_skipping_config'] },
  });
}
