import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { createFakeActivities } from '../fake-activities';

type FakeActivities = ReturnType<typeof createFakeActivities>;

/**
 * What the test's process is asked, in the midst of the first workflow task, so that the fake is there for
 * messages at once, as the real vend is. Local for that: docs/decisions/0006-no-local-activities.md.
 */
export const test = proxyLocalActivities<
  Pick<FakeActivities, 'beginFakeVend' | 'whoHasTheAddress'>
>({ startToCloseTimeout: '20s', retry: { maximumAttempts: 3 } });

/** The people of a script. They send messages to the vend, so it must not wait for them. */
export const people = proxyActivities<
  Pick<FakeActivities, 'answerAsScripted' | 'cancelAsScripted'>
>({ startToCloseTimeout: '30s', retry: { maximumAttempts: 3 } });
