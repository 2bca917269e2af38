/** What Temporal wrote down of a gate: the runs of a workflow that continues as new, oldest first. */
import { defaultPayloadConverter } from '@temporalio/common';

/** @returns of each run its events, length and size, and what it was handed by the one before */
export async function runsOf(client, workflowId, firstRunId) {
  const runs = [];
  for (let runId = firstRunId; runId;) {
    const handle = client.workflow.getHandle(workflowId, runId);
    const { events } = await handle.fetchHistory();
    const { historyLength, historySize } = await handle.describe();
    const payloads = events[0].workflowExecutionStartedEventAttributes.input?.payloads ?? [];
    runs.push({
      runId,
      events,
      length: historyLength,
      bytes: historySize,
      failedTasks: events.filter(isFailedTask).length,
      carriedBytes: payloads.reduce((sum, { data }) => sum + data.length, 0),
      carried: payloads[1] && defaultPayloadConverter.fromPayload(payloads[1]),
    });
    runId = events.at(-1).workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
  }
  return runs;
}

/** Failed or timed out: the worker begins it again, from the first event. */
function isFailedTask(event) {
  return Boolean(
    event.workflowTaskFailedEventAttributes ?? event.workflowTaskTimedOutEventAttributes,
  );
}

/** The ids of the requests whose message of that name came in, in their order. */
export function cameIn(runs, signal) {
  return runs
    .flatMap(({ events }) => events.map((event) => event.workflowExecutionSignaledEventAttributes))
    .filter((signaled) => signaled?.signalName === signal)
    .map(({ input }) => defaultPayloadConverter.fromPayload(input.payloads[0]).holder.requestId);
}

/** The ids of the workflows that a message of that name was sent to, in their order. */
export function wentOut(runs, signal) {
  return runs
    .flatMap(({ events }) =>
      events.map((event) => event.signalExternalWorkflowExecutionInitiatedEventAttributes),
    )
    .filter((sent) => sent?.signalName === signal)
    .map(({ workflowExecution }) => workflowExecution.workflowId);
}

/** Milliseconds from each ask to its grant, by the server's times in the history of who asked. */
export function answerTimes(events) {
  const times = [];
  let askedAt;
  for (const event of events) {
    const sent = event.signalExternalWorkflowExecutionInitiatedEventAttributes;
    if (sent?.signalName === 'ask') askedAt = millisecondsOf(event.eventTime);
    if (event.workflowExecutionSignaledEventAttributes?.signalName === 'grant') {
      times.push(millisecondsOf(event.eventTime) - askedAt);
    }
  }
  return times;
}

function millisecondsOf({ seconds, nanos }) {
  return Number(seconds) * 1_000 + nanos / 1e6;
}
