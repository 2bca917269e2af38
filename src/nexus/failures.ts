import { ApplicationFailure } from '@temporalio/common';
import type { VendFailure } from '../contract';

/** Types of the failures of `state` and `resolve`. Those of `vendAccount` are `VendFailure`. */
export const NexusFailure = {
  /** There is no vend of this requestId, as far as Temporal remembers. */
  VendNotFound: 'VendNotFound',
  /** The answer does not fit the open escalation, or is not this caller's to give. */
  ResolutionRefused: 'ResolutionRefused',
} as const;
export type NexusFailure = (typeof NexusFailure)[keyof typeof NexusFailure];

/** Spelled out: a caller bundles no more of the contract for it. */
const OURS: Readonly<Record<VendFailure | NexusFailure, true>> = {
  InvalidVendRequest: true,
  RequestConflict: true,
  EmailInFlight: true,
  VendAbandoned: true,
  ApprovalRefused: true,
  ApprovalExpired: true,
  VendNotFound: true,
  ResolutionRefused: true,
};

/**
 * The `ApplicationFailure` in what an operation, or a child workflow, threw whose `type` is a `VendFailure` or
 * a `NexusFailure`. Undefined where there is none (a time-out, a cancellation, a failure of the caller's own).
 * How deep it lies depends on the door and on how early it failed.
 */
export function vendFailureOf(error: unknown): ApplicationFailure | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    if (at instanceof ApplicationFailure && Object.hasOwn(OURS, at.type ?? '')) return at;
  }
  return undefined;
}
