import { heartbeat } from '@temporalio/activity';

/** Well within the heartbeat time-outs of the workflows. */
const BEAT_MS = 5_000;

/**
 * Tells Temporal that the worker is still there. Where one is killed in the middle of a long read,
 * another one begins it anew after seconds, not when the whole time of the activity has passed.
 */
export function alive<Args extends unknown[], Output>(
  work: (...args: Args) => Promise<Output>,
): (...args: Args) => Promise<Output> {
  return async (...args) => {
    const beat = setInterval(() => heartbeat(), BEAT_MS);
    try {
      return await work(...args);
    } finally {
      clearInterval(beat);
    }
  };
}
