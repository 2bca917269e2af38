import type { CreationProgress } from '../../domain/memory';
import { growingDelay, soonestLookMs } from '../../domain/pacing';
import type { Vend } from '../vend';
import { timeMs } from '../time';

/** What has taken for hours may take for weeks: the history must not grow by a look every 30 s. */
const SLOW_LOOK_MS = 5 * 60_000;
/** A vend that is ending does not continue as new: it has Temporal's 51,200 events for all of the weeks. */
const ENDING_LOOK_MS = 30 * 60_000;
const ENDING_AFTER_MS = 6 * 3_600_000;

/** From a look at the creation that is followed to the next one. */
export function untilNextLookMs(
  vend: Vend,
  following: NonNullable<CreationProgress['following']>,
): number {
  const { poll, overdueAfterMs, perSecond } = vend.admission.policy.creation;
  const tookMs = timeMs() - following.sinceMs;
  const isEnding = vend.isEnding && tookMs >= ENDING_AFTER_MS;
  const slow = isEnding ? ENDING_LOOK_MS : tookMs >= 2 * overdueAfterMs ? SLOW_LOOK_MS : 0;
  const shared = soonestLookMs(vend.gate.place?.inProgress ?? 1, perSecond);
  return Math.max(growingDelay(poll, following.looks), shared, slow);
}
