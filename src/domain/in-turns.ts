/**
 * Does something with each, so many at a time. Results stand as the values do.
 * Rejects as the first one does that fails; those that are under way then go on.
 */
export async function inTurns<T, R>(
  values: readonly T[],
  atOnce: number,
  use: (value: T, index: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const left = [...values].entries();
  const turn = async () => {
    for (const [index, value] of left) results[index] = await use(value, index);
  };
  await Promise.all(Array.from({ length: atOnce }, turn));
  return results;
}
