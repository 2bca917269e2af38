import { randomUUID } from 'node:crypto';
import { temporal } from '@temporalio/proto';
import type { DevServer } from './temporal';

// The Web UI's Reset.

const { ResetReapplyExcludeType } = temporal.api.enums.v1;

/** A `Long` of the protocol's library. */
type EventId = NonNullable<
  Parameters<
    DevServer['connection']['workflowService']['resetWorkflowExecution']
  >[0]['workflowTaskFinishEventId']
>;

/**
 * The events to which a run can be reset: where a workflow task was completed.
 * @param activity only those that came after this one was completed
 */
export async function resetPoints(
  dev: DevServer,
  workflowId: string,
  runId: string,
  activity?: string,
): Promise<EventId[]> {
  const { events } = await dev.client.workflow.getHandle(workflowId, runId).fetchHistory();
  const all = events ?? [];
  const scheduled = all.find(
    ({ activityTaskScheduledEventAttributes: it }) => it?.activityType?.name === activity,
  );
  const from = all.findIndex(
    ({ activityTaskCompletedEventAttributes: it }) =>
      it?.scheduledEventId && String(it.scheduledEventId) === String(scheduled?.eventId),
  );
  if (activity && from < 0) throw new Error(`${activity} was not completed`);
  return all
    .slice(Math.max(0, from))
    .filter(({ workflowTaskCompletedEventAttributes: task }) => task)
    .map(({ eventId }) => eventId as EventId);
}

/**
 * @param options `signals: false` as by the Web UI's "exclude signals": those that came later are not given again
 * @returns the id of the new run
 */
export async function reset(
  dev: DevServer,
  workflowId: string,
  runId: string,
  eventId: EventId,
  { signals = true }: { signals?: boolean } = {},
): Promise<string> {
  const { runId: again } = await dev.connection.workflowService.resetWorkflowExecution({
    namespace: dev.namespace,
    workflowExecution: { workflowId, runId },
    reason: 'test',
    workflowTaskFinishEventId: eventId,
    resetReapplyExcludeTypes: signals
      ? []
      : [ResetReapplyExcludeType.RESET_REAPPLY_EXCLUDE_TYPE_SIGNAL],
    requestId: randomUUID(),
  });
  return again;
}
