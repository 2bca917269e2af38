import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Decision, Resolution } from './escalation';
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
