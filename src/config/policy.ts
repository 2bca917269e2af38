import type { GatePolicy } from '../domain/gate/messages';
import { Occasion } from '../contract';
import type { NotifyPolicy, Policy } from '../domain/policy';
import type { Configuration } from './configuration';
import { wants } from './subscribers';

/** By which the time between two looks at conformance packs grows. */
const CONFORMANCE_POLL_FACTOR = 1.5;

/** What one vend follows of the configuration. */
export function toPolicy(configuration: Configuration): Policy {
  const { installation, creation, conformance, approval } = configuration;
  const notify = toNotifyPolicy(configuration);
  return {
    ...(installation === undefined ? {} : { installation }),
    creation: {
      perSecond: creation.perSecond,
      perVend: creation.perVend,
      poll: {
        initialMs: creation.poll.initial,
        factor: creation.poll.factor,
        maxMs: creation.poll.max,
      },
      overdueAfterMs: creation.overdueAfter,
      reconcile: { settleMs: creation.reconcile.settle, attempts: creation.reconcile.attempts },
      retry: {
        initialMs: creation.retry.initial,
        maxMs: creation.retry.max,
        attempts: creation.retry.attempts,
      },
    },
    conformance: {
      poll: {
        initialMs: conformance.poll.initial,
        factor: CONFORMANCE_POLL_FACTOR,
        maxMs: conformance.poll.max,
      },
      recorderGraceMs: conformance.recorderGrace,
    },
    ...(approval.required
      ? {
          approval: {
            expiresAfterMs: approval.expiresAfter,
            allowRequester: approval.allowRequester,
          },
        }
      : {}),
    ...(notify ? { notify } : {}),
    ...runbookOf(configuration),
  };
}

/** What the organization's gate follows of it. */
export function toGatePolicy(configuration: Configuration): GatePolicy {
  const { maxInProgress, perSecond, burst, perDay, recheck } = configuration.creation;
  const notify = toNotifyPolicy(configuration);
  const limits = { maxInProgress, perSecond, burst, perDay, recheckMs: recheck };
  return { ...limits, ...(notify ? { notify } : {}), ...runbookOf(configuration) };
}

function toNotifyPolicy({ escalation }: Configuration): NotifyPolicy | undefined {
  const on = Object.values(Occasion).filter((occasion) =>
    escalation.notify.some((subscriber) => wants(subscriber, occasion)),
  );
  return on.length > 0 ? { on, remindEveryMs: escalation.remindEvery } : undefined;
}

function runbookOf({ escalation: { runbookUrl } }: Configuration): { runbookUrl?: string } {
  return runbookUrl === undefined ? {} : { runbookUrl };
}
