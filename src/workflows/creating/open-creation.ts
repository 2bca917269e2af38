import type { CreationProgress } from '../../domain/memory';

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
