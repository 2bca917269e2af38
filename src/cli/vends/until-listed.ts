import { setTimeout as pause } from 'node:timers/promises';

/** Temporal's lists lag about a second behind. */
export const LIST_LAG_MS = 3_000;

/** Lists again while nothing is there, for so long. */
export async function untilListed<T>(list: () => Promise<T[]>, lagMs: number): Promise<T[]> {
  const deadline = Date.now() + lagMs;
  for (;;) {
    const found = await list();
    if (found.length > 0 || Date.now() >= deadline) return found;
    await pause(300);
  }
}
