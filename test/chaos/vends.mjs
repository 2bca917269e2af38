/** The vends of a run: started in waves, counted, and asked at the end how they ended. */
import { createRequire } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';

const require = createRequire(import.meta.url);
const { startVend } = require('../../lib/cli/vends/start-vend.js');
const {
  REQUEST_TAG,
  stateQuery,
  TASK_QUEUE,
  vendWorkflowId,
} = require('../../lib/contract/index.js');

const COUNT_MS = 500;
const ENDED = "WorkflowType = 'vendAccount' AND ExecutionStatus != 'Running'";

export class Vends {
  /** Requests that two started at the same moment; one of the two found it started. */
  startedTwice = 0;
  #temporal;

  constructor(temporal) {
    this.#temporal = temporal;
  }

  async start(waves, signal) {
    for (const { vends, gapMs } of waves) {
      await Promise.all(vends.map((vend) => this.#startOne(vend, signal)));
      await pause(gapMs, undefined, { signal });
    }
  }

  async #startOne({ request, isStartedTwice }, signal) {
    const start = () =>
      this.#temporal.ask(
        (client) => startVend(client, request, { taskQueue: TASK_QUEUE, requestedBy: 'chaos' }),
        signal,
      );
    const outcomes = await Promise.all(isStartedTwice ? [start(), start()] : [start()]);
    if (outcomes.filter(({ started }) => !started).length === 1) this.startedTwice += 1;
  }

  /** Lists lag a little behind, which does not matter here. */
  async untilEnded(wanted, signal) {
    for (;;) {
      const { count } = await this.#temporal.ask((client) => client.workflow.count(ENDED), signal);
      if (count >= wanted) return;
      await pause(COUNT_MS, undefined, { signal });
    }
  }

  /** Each as the oracle wants it; of those that did not end well also how they stand. */
  ends(vends, { rootId, organizationalUnits }) {
    return Promise.all(
      vends.map(async ({ request: { requestId, tags }, unit }) => ({
        requestId,
        organizationalUnitId: organizationalUnits.find(({ path }) => path === unit)?.id ?? rootId,
        tags: { ...tags, [REQUEST_TAG]: requestId },
        ...(await this.#temporal.ask((client) => endOf(client, requestId))),
      })),
    );
  }
}

async function endOf(client, requestId) {
  const handle = client.workflow.getHandle(vendWorkflowId(requestId));
  const { name: status } = (await handle.describe()).status;
  if (status === 'COMPLETED') return { status, accountId: (await handle.result()).accountId };
  const telling = status === 'RUNNING' ? handle.query(stateQuery) : handle.result();
  const state = await telling.catch((error) => String(error.cause ?? error));
  const { events } = await handle.fetchHistory();
  return { status, state, history: events.map(wordsOf) };
}

/** One event in a line: enough to see what a vend waited for. */
function wordsOf({ eventId, eventTime, ...event }) {
  const [key, about] = Object.entries(event).find(
    ([name, value]) => name.endsWith('EventAttributes') && value,
  );
  const { activityType, signalName, scheduledEventId, timerId } = about;
  const more = [activityType?.name, signalName, scheduledEventId ?? timerId].filter(Boolean);
  const at = new Date(Number(eventTime.seconds) * 1_000).toISOString().slice(11, 19);
  return [eventId, at, key.replace('EventAttributes', ''), ...more].join(' ');
}
