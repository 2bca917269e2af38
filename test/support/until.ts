import { inspect } from 'node:util';
import type { Client } from '@temporalio/client';

/** So long may anything take before a test takes it for stuck. It measures nothing: CI machines are busy. */
export const PATIENCE_MS = 120_000;

/** Asks in real time until it is as wanted. What cannot be asked just now, as between two runs, is asked again. */
export async function until<T>(
  look: () => Promise<T> | T,
  test: (seen: T) => boolean | Promise<boolean>,
  show: (seen: T) => string = (seen) => inspect(seen, { depth: 6 }),
): Promise<T> {
  let seen: T | undefined;
  let fault: unknown;
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline;) {
    try {
      seen = await look();
      if (await test(seen)) return seen;
    } catch (error) {
      fault = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  const last = seen === undefined ? 'no answer' : show(seen);
  throw new Error(`it did not get there: ${last}`, { cause: fault });
}

/** The same for what is so or not. */
export async function untilTrue(test: () => Promise<boolean> | boolean): Promise<void> {
  await until(test, Boolean);
}

/** Lists lag about a second. */
export async function untilListed({ workflow }: Client, query: string, count = 1): Promise<void> {
  await until(
    async () => ({ query, ...(await workflow.count(query)) }),
    (seen) => seen.count >= count,
  );
}
