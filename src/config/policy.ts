import type { GatePolicy } from '../domain/gate/messages';
import type { Policy } from '../domain/policy';
import type { Configuration } from './configuration';

/** By which the time between two looks at conformance packs grows. */
const CONFORMANCE_POLL_FACTOR = 1.5;

/** What one vend follows of the configuration. */
export function toPolicy(configuration: Configuration): Policy {
  const { installation, creation, conformance } = configuration;
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
    ...runbookOf(configuration),
  };
}

/** What the organization's gate follows of it. */
export function toGatePolicy(configuration: Configuration): GatePolicy {
  const { maxInProgress, perSecond, burst, perDay, recheck } = configuration.creation;
  const limits = { maxInProgress, perSecond, burst, perDay, recheckMs: recheck };
  return { ...limits, ...runbookOf(configuration) };
}

function runbookOf({ escalation: { runbookUrl } }: Configuration): { runbookUrl?: string } {
  return runbookUrl === undefined ? {} : { runbookUrl };
}
