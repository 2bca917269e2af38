/** Does something with each, so many at once. Results stand as the values do. */
export async function inTurns<T, R>(
  values: readonly T[],
  atOnce: number,
  use: (value: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const left = values.entries();
  const turn = async () => {
    for (const [index, value] of left) results[index] = await use(value);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, values.length) }, turn));
  return results;
}
