import type { WorkflowHandle } from '@temporalio/client';

/** So many signals of that name has this run of a workflow got. */
export async function signalsTo(handle: WorkflowHandle, name: string): Promise<number> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).filter(
    ({ workflowExecutionSignaledEventAttributes: signal }) => signal?.signalName === name,
  ).length;
}
