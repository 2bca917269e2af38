/**
 * How long a vend says nothing to a watch before it subscribes once more. One that was terminated has to
 * hear of it again; one that has never answered, sooner, and one with many vends to hear as seldom as it says.
 */
export const FIRST_SILENCE_MS = 5 * 60_000;
const SHORTEST_MS = 15 * 60_000;
const LONGEST_MS = 60 * 60_000;

/** A watch that has too much to do answers late, and must not be asked sooner for that by all who wait for it. */
export function silenceAfterAsking(beforeMs: number): number {
  return Math.max(beforeMs, Math.min(LONGEST_MS, beforeMs * 1.5));
}

/** @param wishedMs as the watch says, where it has many to hear */
export function silenceAfterAnswer(beforeMs: number, wishedMs = 0): number {
  return Math.max(SHORTEST_MS, Math.min(LONGEST_MS, beforeMs), wishedMs);
}
