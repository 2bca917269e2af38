import { defineQuery, setHandler, sleep } from '@temporalio/workflow';
import { conditionWithin, timeMs } from '../../src/workflows/time';

export const timersQuery = defineQuery<number>('timers');

/** What is due at a time is done then, and not waited for a second time; as our workflows wait. */
export async function due(ms: number): Promise<number> {
  let timers = 0;
  setHandler(timersQuery, () => timers);
  const dueAtMs = timeMs() + ms;
  while (timeMs() < dueAtMs) {
    timers += 1;
    await conditionWithin(() => false, dueAtMs - timeMs(), 'until it is due');
  }
  // More than the wait: a replay that is right must come to another command.
  await sleep('1 day');
  return timers;
}
