import { proxyActivities } from '@temporalio/workflow';
import type { createFakeActivities } from '../fake-activities';

type FakeActivities = ReturnType<typeof createFakeActivities>;

/** What the test's process is asked. */
export const test = proxyActivities<Pick<FakeActivities, 'beginFakeVend' | 'whoHasTheAddress'>>({
  startToCloseTimeout: '20s',
  retry: { maximumAttempts: 3 },
});

/** The people of a script. They send messages to the vend, so it must not wait for them. */
export const people = proxyActivities<
  Pick<FakeActivities, 'answerAsScripted' | 'cancelAsScripted'>
>({ startToCloseTimeout: '30s', retry: { maximumAttempts: 3 } });
