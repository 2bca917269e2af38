/** Asks in real time until it is as wanted. What cannot be asked just now, as between two runs, is asked again. */
export async function until<T>(
  look: () => Promise<T>,
  test: (seen: T) => boolean,
  show: (seen: T) => string = String,
): Promise<T> {
  let seen: T | undefined;
  for (const deadline = Date.now() + 40_000; Date.now() < deadline;) {
    seen = await look().catch(() => undefined);
    if (seen !== undefined && test(seen)) return seen;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`it did not get there: ${seen === undefined ? 'no answer' : show(seen)}`);
}
