/**
 * The crash point that only Temporal knows of: the completion of `createAccount` is recorded, and
 * the worker that carried it out is killed at once.
 */
import { readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const require = createRequire(import.meta.url);
const { vendWorkflowId } = require('../../lib/contract/index.js');

export const POINT = 'after-completion-recorded';
const LOOK_MS = 25;

/** Looks for new marks until the signal; returns the requests whose workers it killed. */
export async function killAfterCompletions({ folder, temporal, fleet }, signal) {
  const killed = new Set();
  while (!signal.aborted) {
    for (const name of await readdir(folder)) {
      const [point, requestId] = name.split('.');
      if (point !== POINT || killed.has(requestId)) continue;
      const mark = join(folder, name);
      const pid = Number(await readFile(mark, 'utf8'));
      if (await isRecorded({ requestId, pid, temporal, fleet, signal })) {
        fleet.kill(pid);
        killed.add(requestId);
      } else {
        // Its worker died before: another candidate may take the place.
        await rm(mark, { force: true });
      }
    }
    await pause(LOOK_MS);
  }
  return killed;
}

async function isRecorded({ requestId, pid, temporal, fleet, signal }) {
  while (fleet.has(pid) && !signal.aborted) {
    const history = await temporal
      .askOnce((client) => client.workflow.getHandle(vendWorkflowId(requestId)).fetchHistory())
      .catch(() => undefined);
    if (history && isLastSubmitCompleted(history.events ?? [])) return fleet.has(pid);
    await pause(LOOK_MS);
  }
  return false;
}

/** AWS's refusals are completions too: the submit whose answer has just come in is the last one. */
function isLastSubmitCompleted(events) {
  const submit = events.findLast(
    (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'createAccount',
  );
  return events.some((event) =>
    submit?.eventId.equals(event.activityTaskCompletedEventAttributes?.scheduledEventId ?? -1),
  );
}
