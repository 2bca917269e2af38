import type { Client } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment, defaultActivityInfo } from '@temporalio/testing';
import { createActivities } from '../../src/activities';

/** Has whatever is looked for in it, and answers nothing that it is asked. */
function never(then?: () => void): never {
  const asked = () => never(() => undefined);
  return new Proxy(asked, {
    get: (_, key) => {
      if (key === 'then') return then;
      if (key === Symbol.toPrimitive) return () => 'anything';
      if (key === Symbol.iterator) return () => [never()].values();
      return key === Symbol.asyncIterator ? () => ({ next: asked }) : never();
    },
  }) as never;
}

const client = {
  workflow: never(),
  connection: never(),
  withAbortSignal: (_: AbortSignal, work: () => Promise<unknown>) => work(),
} as unknown as Client;
const activities = createActivities(never());
const waitFor = activities as unknown as Record<string, (input: never) => Promise<unknown>>;

async function beatsOf(name: string, heartbeatTimeoutMs?: number) {
  const info = { ...defaultActivityInfo, ...(heartbeatTimeoutMs ? { heartbeatTimeoutMs } : {}) };
  const environment = new MockActivityEnvironment(info, { client });
  let beats = 0;
  environment.on('heartbeat', () => (beats += 1));
  environment.run(waitFor[name]!, never()).catch(() => undefined);
  await jest.advanceTimersByTimeAsync(29_000);
  return beats;
}

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

/** These ask nobody, refuse such an input at once, or ask the web, which nobody stands in for here. */
const OTHERS = [
  'readGatePolicy',
  'listSubscribers',
  'admit',
  'createAccount',
  'tellWatch',
  'sendNotification',
];

test.each(Object.keys(activities).filter((name) => !OTHERS.includes(name)))(
  '%s tells that its worker is there while it waits for an answer',
  async (name) => {
    expect(await beatsOf(name, 30_000)).toBeGreaterThanOrEqual(5);
  },
);

test('one that is cancelled, as when its worker stops, is given up at once', async () => {
  const info = { ...defaultActivityInfo, heartbeatTimeoutMs: 30_000 };
  const environment = new MockActivityEnvironment(info, { client });
  const ended = environment.run(waitFor['findAccount']!, never()).catch((error: unknown) => error);
  environment.cancel('WORKER_SHUTDOWN');
  expect(await ended).toBeInstanceOf(CancelledFailure);
});

test('nothing is told where nobody asked for it', async () => {
  expect(await beatsOf('findAccount')).toBe(0);
});
