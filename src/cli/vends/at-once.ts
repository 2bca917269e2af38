import { inTurns } from '../../domain/in-turns';

/** Temporal answers many calls at a time; a thousand at once would only wait in one line. */
const AT_ONCE = 20;

/** Does something for each, so many at a time, and keeps the order. */
export function forEachAtOnce<T, R>(
  items: readonly T[],
  work: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
  return inTurns(items, AT_ONCE, work);
}

export function chunksOf<T>(items: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let from = 0; from < items.length; from += size) chunks.push(items.slice(from, from + size));
  return chunks;
}
