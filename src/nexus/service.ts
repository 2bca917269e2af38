import { operation, service } from 'nexus-rpc';
import type { Decision, Resolution, VendRequest, VendResult, VendState } from '../contract';

/** What `state` takes. */
export interface StateInput {
  requestId: string;
}

/** What `resolve` takes. */
export interface ResolveInput {
  requestId: string;
  /** The same object as the update and the signal `resolve` take. */
  resolution: Resolution;
}

/**
 * The service that the worker offers to workflows of other namespaces. Its name and those of its
 * operations are a public API: they are never renamed.
 */
export const accountVending = service('account-vending', {
  /** One account, start to end. Joins the vend of the same requestId where one is there. */
  vendAccount: operation<VendRequest, VendResult>(),
  /** Where a vend is and what it waits for; answers at once. */
  state: operation<StateInput, VendState>(),
  /** Answers the open escalation of a vend; refused where it does not fit. */
  resolve: operation<ResolveInput, Decision>(),
});
