import { defaultPayloadConverter } from '@temporalio/common';
import { CancellationScope, workflowInfo } from '@temporalio/workflow';
import type { WorkflowInterceptorsFactory } from '@temporalio/workflow';

/** The header in which activities are told the workflow's time. */
export const TIME_HEADER = 'test-workflow-time';

/** How the task queues begin whose workflows let their timers run out. */
export const KEEPS_TIMERS = 'keeps-timers-';

/**
 * Bundled with the workflows in tests. Tells activities what time it is in the workflow, where time is skipped.
 *
 * And cancels no timer on the time-skipping test server, which strands a run that cancels one that has fired since its
 * task began: it refuses the task's answer, sends it to nobody again, and its clock stands (temporalio/sdk-java#3088).
 * Such a timer fires later, and nobody waits for it. On the development server timers are cancelled as everywhere.
 */
export const interceptors: WorkflowInterceptorsFactory = () => ({
  outbound: [
    {
      scheduleActivity: (input, next) => next(withTime(input)),
      startTimer: (input, next) =>
        workflowInfo().taskQueue.startsWith(KEEPS_TIMERS) ? kept(() => next(input)) : next(input),
    },
  ],
});

function withTime<T extends { headers: Record<string, unknown> }>(input: T): T {
  const now = defaultPayloadConverter.toPayload(Date.now());
  return { ...input, headers: { ...input.headers, [TIME_HEADER]: now } };
}

/** Rejects at once where its scope is cancelled, as a timer does. */
async function kept(start: () => Promise<void>): Promise<void> {
  const scope = CancellationScope.current();
  const fired = CancellationScope.nonCancellable(start);
  await (scope.cancellable ? Promise.race([fired, scope.cancelRequested]) : fired);
}
