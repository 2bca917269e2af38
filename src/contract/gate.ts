import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Decision, Escalation, Resolution } from './escalation';

/** The organization's gate as the query `state` of `organizationGate` shows it. */
export interface GateState {
  organizationId: string;
  /** What holds the organization back, and waits for a person or for time; the first of them. */
  escalation?: Escalation;
  /** All of them: one for the whole organization, one for GovCloud alone, one for the day's limit. */
  escalations: Escalation[];
  /** Creations in progress, or about to be sent, by vends. */
  inProgress: number;
  /** Creations in progress in the organization that are not ours, as last seen. */
  foreign: number;
  /** Creations that may be in progress at a time: `creation.maxInProgress`. */
  maxInProgress: number;
  /** Vends that wait for a place to create. */
  waiting: number;
  /** CreateAccount calls in the last 24 hours, and how many are allowed. */
  callsToday: number;
  callsAllowedToday: number;
  /** Vends with a place; at most 50. */
  places: GatePlace[];
  /** Vends that wait, in order; at most 50. */
  queue: GateWaiter[];
  /** What people decided; the last 50. */
  decisions: Decision[];
  /** A sentence for a person: what the next vend waits for; absent when none waits. */
  waitingFor?: string;
}

export interface GatePlace {
  requestId: string;
  workflowId: string;
  /** ISO 8601. */
  since: string;
  /** It creates to find out whether the organization may create again. */
  probe?: true;
  /** Its vend has ended; the place is kept until AWS shows nothing of it in progress. */
  ended?: true;
}

export interface GateWaiter {
  requestId: string;
  workflowId: string;
}

/** Who may create now, and whether anybody may. */
export const gateStateQuery = defineQuery<GateState>('state');

/** Answers the organization's escalation: `{action: 'retry'}` lets one vend try. */
export const gateResolveUpdate = defineUpdate<Decision, [Resolution]>('resolve');

/** The same for workflows, which cannot send updates. */
export const gateResolveSignal = defineSignal<[Resolution]>('resolve');
