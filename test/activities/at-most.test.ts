import { MockActivityEnvironment, defaultActivityInfo } from '@temporalio/testing';
import { atMost } from '../../src/activities/at-most';

const MINUTE = 60_000;

test('who finds no place comes back ever later: thousands of them must not keep the worker busy', async () => {
  let letGo = () => {};
  const held = new Promise<void>((done) => (letGo = done));
  const work = atMost(
    1,
    () => 'all',
    () => held,
  );
  const first = new MockActivityEnvironment().run(work, undefined);
  const waits = [1, 2, 3, 8, 40].map(async (attempt) => {
    const environment = new MockActivityEnvironment({ ...defaultActivityInfo, attempt });
    const error = await environment.run(work, undefined).catch((reason: unknown) => reason);
    return (error as { nextRetryDelay: number }).nextRetryDelay;
  });
  expect(await Promise.all(waits)).toEqual([5_000, 10_000, 20_000, 640_000, 15 * MINUTE]);
  letGo();
  await first;
});
