import { MockActivityEnvironment, defaultActivityInfo } from '@temporalio/testing';
import { atMost } from '../../src/activities/at-most';

test('who finds no place comes back ever later: thousands of them must not keep the worker busy', async () => {
  let letGo = () => {};
  const held = new Promise<void>((done) => (letGo = done));
  const work = atMost(
    1,
    () => 'all',
    () => held,
  );
  const first = new MockActivityEnvironment().run(work, undefined);
  const waits = [1, 2, 3, 40].map(async (attempt) => {
    const environment = new MockActivityEnvironment({ ...defaultActivityInfo, attempt });
    const error = await environment.run(work, undefined).catch((reason: unknown) => reason);
    return (error as { nextRetryDelay: number }).nextRetryDelay;
  });
  const ms = await Promise.all(waits);
  for (const [index, about] of [5_000, 10_000, 20_000, 60_000].entries()) {
    expect(ms[index]).toBeGreaterThanOrEqual(about / 2);
    expect(ms[index]).toBeLessThanOrEqual(about * 1.5);
  }
  // They do not come back all at once.
  expect(new Set(ms).size).toBeGreaterThan(1);
  letGo();
  await first;
});
