/** What could not be done faster, with the creations as AWS took them. */

/** AWS's published rate of CreateAccount. */
export const PUBLISHED = { perSecond: 0.1, burst: 3 };
export const PLACES = 5;

/**
 * Milliseconds from the first call to the last end: in order of arrival, each call as soon as a
 * place is free and, where there is a rate, a token is there.
 * @param durations of the creations, in order of arrival
 * @param rate of calls; without one they are limited by the places alone
 */
export function idealMakespan(durations, rate) {
  const freeAt = Array.from({ length: PLACES }, () => 0);
  const tokenAt = rate ? tokens(rate) : (readyMs) => readyMs;
  let last = 0;
  for (const duration of durations) {
    const place = freeAt.indexOf(Math.min(...freeAt));
    const end = tokenAt(freeAt[place]) + duration;
    freeAt[place] = end;
    last = Math.max(last, end);
  }
  return last;
}

/** When a call that may be sent at `readyMs`, or later, gets its token. */
function tokens({ perSecond, burst }) {
  const perMs = perSecond / 1_000;
  let atMs = 0;
  let held = burst;
  const refill = (toMs) => {
    held = Math.min(burst, held + (toMs - atMs) * perMs);
    atMs = toMs;
  };
  return (readyMs) => {
    refill(Math.max(atMs, readyMs));
    if (held < 1) refill(atMs + (1 - held) / perMs);
    held -= 1;
    return atMs;
  };
}

/** The most that were in progress at one moment; one that begins as another ends counts once. */
export function mostInProgress(requests) {
  const steps = requests.flatMap(({ requestedAt, completedAt = Infinity }) => [
    [requestedAt, 1],
    [completedAt, -1],
  ]);
  steps.sort(([one, begins], [other, alsoBegins]) => one - other || begins - alsoBegins);
  let now = 0;
  let most = 0;
  for (const [, step] of steps) most = Math.max(most, (now += step));
  return most;
}

/** How long places stayed empty: from each end at AWS to the next call, in order. */
export function handOvers(requests) {
  const ends = requests.map(({ completedAt = Infinity }) => completedAt);
  ends.sort((one, other) => one - other);
  return requests.slice(PLACES).map(({ requestedAt }, n) => requestedAt - ends[n]);
}
