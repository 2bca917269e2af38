import { condition } from '@temporalio/workflow';

/**
 * Time as workflows take it. A timer that has fired is over, whatever `Date.now()` says: where a worker gets a query of a
 * workflow that is not in its memory in the very moment in which a timer fires, the SDK (1.24) goes on from that timer
 * with the time of the task before. "It is not due yet" would then stand in the history, and a replay, which has the
 * right time, would do what was due. docs/decisions/0007-a-timer-that-has-fired-is-over.md
 */

/** Of this workflow: each has modules of its own. Epoch milliseconds. */
let earliestMs = 0;

/** Epoch milliseconds. */
export function timeMs(): number {
  return Math.max(Date.now(), earliestMs);
}

/**
 * Waits until it is so, at most so long.
 * @returns whether it is so; false when the time is up
 */
export async function conditionWithin(
  isSo: () => boolean,
  ms: number,
  summary: string,
): Promise<boolean> {
  const forMs = Math.max(1, ms);
  const overMs = timeMs() + forMs;
  const came = await condition(isSo, forMs, { summary });
  if (!came) earliestMs = Math.max(earliestMs, overMs);
  return came;
}
