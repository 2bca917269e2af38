import type { WorkflowHandle } from '@temporalio/client';
import { until } from './until';

/** Those that have reached a workflow, in its history. */
export async function cancelRequests(handle: Pick<WorkflowHandle, 'fetchHistory'>) {
  const { events } = await handle.fetchHistory();
  return events?.filter((event) => event.workflowExecutionCancelRequestedEventAttributes) ?? [];
}

export async function untilAskedToCancel(handle: Pick<WorkflowHandle, 'fetchHistory'>) {
  await until(
    () => cancelRequests(handle),
    ({ length }) => length > 0,
  );
}
