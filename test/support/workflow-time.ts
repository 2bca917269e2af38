import { defaultPayloadConverter } from '@temporalio/common';
import type { WorkflowInterceptorsFactory } from '@temporalio/workflow';

/** The header in which activities are told the workflow's time. */
export const TIME_HEADER = 'test-workflow-time';

/**
 * Bundled with the workflows in tests: tells activities what time it is in the workflow, where time
 * is skipped.
 */
export const interceptors: WorkflowInterceptorsFactory = () => ({
  outbound: [{ scheduleActivity: (input, next) => next(withTime(input)) }],
});

function withTime<T extends { headers: Record<string, unknown> }>(input: T): T {
  const now = defaultPayloadConverter.toPayload(Date.now());
  return { ...input, headers: { ...input.headers, [TIME_HEADER]: now } };
}
