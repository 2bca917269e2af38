/** Computes without a pause, as a step does that takes in thousands of signals. */
export async function busy(rounds: number): Promise<number> {
  // Not before the first wait: the SDK's limit ends the process where it strikes in a promise.
  await Promise.resolve();
  return compute(rounds);
}

export function compute(rounds: number): number {
  let sum = 0;
  for (let round = 0; round < rounds; round += 1) sum = (sum * 31 + round) % 1_000_003;
  return sum;
}
