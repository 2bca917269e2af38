import { ApplicationFailure } from '@temporalio/common';

/** Types of the failures of `state` and `resolve`. Those of `vendAccount` are `VendFailure`. */
export const NexusFailure = {
  /** There is no vend of this requestId, as far as Temporal remembers. */
  VendNotFound: 'VendNotFound',
  /** The answer does not fit the open escalation, or is not this caller's to give. */
  ResolutionRefused: 'ResolutionRefused',
} as const;
export type NexusFailure = (typeof NexusFailure)[keyof typeof NexusFailure];

/** What the SDK wraps around a failure with which an operation answers at once. */
const WRAPPER = 'OperationError';

/**
 * The `ApplicationFailure` in what an operation, or a child workflow, threw: its `type` is a `VendFailure` or
 * a `NexusFailure`. Undefined where there is none (a time-out, a cancellation). How deep it lies depends on the
 * door and on how early it failed.
 */
export function vendFailureOf(error: unknown): ApplicationFailure | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof ApplicationFailure && at.type !== WRAPPER) return at;
  }
  return undefined;
}
