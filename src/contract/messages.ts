import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { ApprovalVerdict, Decision, Resolution } from './escalation';
import type { VendRequest } from './request';
import type { VendState } from './state';

/** Where the vend is and what it waits for. */
export const stateQuery = defineQuery<VendState>('state');

/** The request as it stands, amendments included. It holds the e-mail address. */
export const requestQuery = defineQuery<VendRequest>('request');

/** Answers the open escalation; refused where it does not fit. */
export const resolveUpdate = defineUpdate<Decision, [Resolution]>('resolve');

/**
 * The same for parent workflows, which cannot send updates. One that does not fit the open
 * escalation changes nothing, is noted in `history` and is never kept for later.
 */
export const resolveSignal = defineSignal<[Resolution]>('resolve');

/** Lets a vend that waits in the stage `approving` begin. Refused for the requester's own, by default. */
export const approveUpdate = defineUpdate<Decision, [ApprovalVerdict]>('approve');
/** Ends it instead, with `ApprovalRefused`; nothing was created. */
export const rejectUpdate = defineUpdate<Decision, [ApprovalVerdict]>('reject');
/** The same for parent workflows; one that does not fit is noted in `history`. */
export const approveSignal = defineSignal<[ApprovalVerdict]>('approve');
export const rejectSignal = defineSignal<[ApprovalVerdict]>('reject');
