import { defineQuery } from '@temporalio/workflow';

/** The watch of an organization's conformance packs in one region, as its query `state` shows it. */
export interface WatchState {
  organizationId: string;
  region: string;
  /** Accounts that are looked after. */
  waiting: number;
  /** Packs that somebody waits for. */
  packs: WatchPackState[];
  /** The accounts that wait; at most 50. */
  accounts: WatchAccount[];
  looks: number;
  /** ISO 8601. */
  lastLookAt?: string;
  /** ISO 8601; absent while nobody waits. */
  nextLookAt?: string;
  /** AWS Config calls by what they were for; `throttled` of them were refused. */
  calls: { lists: number; confirming: number; rowless: number; throttled: number };
  /** A sentence for a person. */
  waitingFor: string;
}

export interface WatchPackState {
  pack: string;
  /** The account that owns it, where that is a delegated administrator. */
  owner?: string;
  /** Accounts that wait for it. */
  waiting: number;
  /** Organization-wide, where it was asked for. */
  status?: string;
  /** AWS's word for why it could not be looked at. */
  fault?: string;
}

export interface WatchAccount {
  requestId: string;
  workflowId: string;
  accountId: string;
  /** Packs that it still waits for. */
  open: string[];
}

/** What a region's watch looks after. */
export const watchStateQuery = defineQuery<WatchState>('state');
