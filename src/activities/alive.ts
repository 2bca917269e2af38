import { Context } from '@temporalio/activity';

/** Well within the heartbeat time-outs of the workflows. */
const BEAT_MS = 5_000;

// oxlint-disable-next-line typescript/no-explicit-any -- whatever activities take
type Activity = (...args: any[]) => Promise<unknown>;

/**
 * Activities that tell Temporal, while they work, that their worker is still there: wherever the
 * workflow asked for it by a heartbeat time-out. Where a worker is killed in the middle of a long read,
 * another one begins it anew after seconds, not when the whole time of the activity has passed. A worker that
 * stops gives up what takes longer than its time of grace, for another one to begin anew: these read, or write what
 * may be written twice.
 */
export function alive<Activities extends Record<string, Activity>>(
  activities: Activities,
): Activities {
  const beating = Object.entries(activities).map(([name, work]) => [name, beatingWhile(work)]);
  return Object.fromEntries(beating) as Activities;
}

function beatingWhile(work: Activity): Activity {
  return async (...args) => {
    const context = Context.current();
    if (!context.info.heartbeatTimeoutMs) return work(...args);
    const beat = setInterval(() => context.heartbeat(), BEAT_MS);
    try {
      const working = work(...args);
      // Nobody hears how it ends once it was given up.
      working.catch(() => undefined);
      return await Promise.race([working, context.cancelled]);
    } finally {
      clearInterval(beat);
    }
  };
}
