/** Knobs: AWS shows a creation and its account to no look before so many milliseconds have passed. */
export function shownAfter(ms: number) {
  return { statusVisibleMs: ms, listVisibleMs: ms, describeVisibleMs: ms };
}
