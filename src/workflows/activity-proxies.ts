import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../activities';

/**
 * The only place with time-outs and retries. AWS's refusals are answers, and the stages pace
 * themselves; what is retried here is only an activity that could not answer at all. None is a local
 * activity, and why is in docs/decisions/0006-no-local-activities.md.
 */

/** Its worker has died, or cannot be reached any more: another one begins anew. */
const HEARTBEAT_MS = 30_000;

/** Reads and idempotent writes: a lost worker costs a repetition and nothing else. */
export const world = proxyActivities<Activities>({
  startToCloseTimeout: '2m',
  heartbeatTimeout: HEARTBEAT_MS,
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
});

/** Where AWS Config throttles, it waits for its turn between minutes; how that ended is an answer. */
export const check = proxyActivities<Pick<Activities, 'admit'>>({
  startToCloseTimeout: '30m',
  heartbeatTimeout: HEARTBEAT_MS,
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
});

/** Looks at vends that say nothing: what cannot be seen now is looked at later, and holds nobody up. */
export const glance = proxyActivities<Pick<Activities, 'lookAtVends' | 'observeHolders'>>({
  startToCloseTimeout: '2m',
  heartbeatTimeout: HEARTBEAT_MS,
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumAttempts: 5 },
});

/** Reads every page of every account: minutes in a large organization. */
export const scan = proxyActivities<Pick<Activities, 'findAccount'>>({
  startToCloseTimeout: '10m',
  heartbeatTimeout: HEARTBEAT_MS,
  retry: { initialInterval: '5s', backoffCoefficient: 2, maximumInterval: '1m' },
});

/** A look of the watch: at one call a second, fifty packs take minutes. */
export const region = proxyActivities<Pick<Activities, 'lookAtPacks'>>({
  startToCloseTimeout: '30m',
  heartbeatTimeout: HEARTBEAT_MS,
  // Then the look has shown nothing, which is told, and the next one comes.
  retry: {
    initialInterval: '5s',
    backoffCoefficient: 2,
    maximumInterval: '5m',
    maximumAttempts: 5,
  },
});

/** What no worker has taken by then was not sent, and is scheduled anew. */
export const TAKEN_WITHIN_MS = 20_000;
/** So long after it was taken a submit may still send; the SDK client gives up 20 s later. */
export const SEND_WITHIN_MS = 10_000;
const SUBMIT_TIMEOUT_MS = 45_000;

/**
 * CreateAccount has no idempotency token: one attempt, and a hard time-out.
 */
export const submit = proxyActivities<Pick<Activities, 'createAccount'>>({
  scheduleToStartTimeout: TAKEN_WITHIN_MS,
  startToCloseTimeout: SUBMIT_TIMEOUT_MS,
  retry: { maximumAttempts: 1 },
});

/** A look in a poll loop: one that gives no answer is a failed look, and the next one comes anyway. */
export const look = proxyActivities<Pick<Activities, 'describeCreateAccountStatus'>>({
  startToCloseTimeout: '20s',
  retry: { maximumAttempts: 1 },
});

/** Hands a notification over to its own workflow: what tells people must never hold up a vend. */
export const tell = proxyActivities<Pick<Activities, 'startNotification'>>({
  startToCloseTimeout: '10s',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumAttempts: 5 },
});

/** A webhook that is down is tried again for three days: somebody will mend it. */
export const post = proxyActivities<Pick<Activities, 'sendNotification'>>({
  startToCloseTimeout: '30s',
  scheduleToCloseTimeout: '3d',
  retry: { initialInterval: '2s', backoffCoefficient: 2, maximumInterval: '15m' },
});
