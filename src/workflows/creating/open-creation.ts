import type { CreationProgress } from '../../domain/memory';
import { timeMs } from '../time';

/**
 * The newest `car-…` of earlier runs that AWS had accepted, and whose end nobody knows: only that end, or a person,
 * permits another one.
 */
export function openOfEarlier({
  earlierIds = [],
  ended,
  overIds = [],
}: CreationProgress): string | undefined {
  return earlierIds.findLast((id) => !ended.includes(id) && !overIds.includes(id));
}

/** It is followed by its id; what it has made is proven by its tag. */
export function followEarlier(progress: CreationProgress, id: string): void {
  progress.following = { id, sinceMs: timeMs(), looks: 0, sibling: true };
}
