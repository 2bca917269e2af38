import { CancellationScope, getExternalWorkflowHandle } from '@temporalio/workflow';
import type { SignalDefinition } from '@temporalio/workflow';

/**
 * Signals a workflow that serves many vends; also when the vend is being cancelled.
 * @param workflowId the gate's or a watch's
 * @param whenAway it does not run, or cannot take it now: say the same by an activity that starts it. Without
 *   it, nothing is left to say
 */
export async function send<Message>(
  workflowId: string,
  signal: SignalDefinition<[Message]>,
  message: Message,
  whenAway?: () => Promise<void>,
): Promise<void> {
  await CancellationScope.nonCancellable(async () => {
    try {
      await getExternalWorkflowHandle(workflowId).signal(signal, message);
    } catch {
      await whenAway?.();
    }
  });
}
