import type { Decision, Escalation } from './escalation';

/**
 * Where a vend is: `queued` (waits for a place to create) → `creating` → `placing` (organizational
 * unit) → `conforming` (conformance packs) → `done`; or `cancelling` → `cancelled`, `failed`,
 * `abandoned`. `approving`, `readying` and `settling` appear only where they are asked for.
 */
export const Stage = {
  approving: 'approving',
  queued: 'queued',
  creating: 'creating',
  placing: 'placing',
  readying: 'readying',
  settling: 'settling',
  conforming: 'conforming',
  done: 'done',
  cancelling: 'cancelling',
  cancelled: 'cancelled',
  failed: 'failed',
  abandoned: 'abandoned',
} as const;
export type Stage = (typeof Stage)[keyof typeof Stage];

/** One required conformance pack in one region, as the new account's row shows it. */
export interface ConformanceRow {
  region: string;
  pack: string;
  /** The account that owns the pack, where that is a delegated administrator. */
  owner?: string;
  /**
   * As AWS spells it (`CREATE_SUCCESSFUL`, `UPDATE_IN_PROGRESS`, …); `EXCLUDED` where the pack leaves
   * this account out, `WAIVED` where a person did; `NO_ROW` while AWS shows none yet.
   */
  status: string;
  errorCode?: string;
  errorMessage?: string;
  /** ISO 8601. */
  lastUpdateTime?: string;
  /** Of a waived row: why. */
  reason?: string;
  /** Of a waived row: who. */
  by?: string;
}

/** A stage that was reached, or something worth keeping that happened in it. */
export interface HistoryEntry {
  /** ISO 8601. */
  at: string;
  stage: Stage;
  note?: string;
}

/** What the query `state` answers, and what the failures carry as their detail. */
export interface VendState {
  requestId: string;
  stage: Stage;
  accountId?: string;
  /** Of a GovCloud vend the other account of the pair: it stays standalone, untagged and unchecked. */
  govCloudAccountId?: string;
  /** Every `car-…` this vend sent or adopted, oldest first. */
  createAccountRequestIds: string[];
  organizationalUnitId?: string;
  escalation?: Escalation;
  conformance?: ConformanceRow[];
  /** CreateAccount calls sent for this request. */
  attempts: number;
  /** A sentence for a person; absent when nothing is waited for. */
  waitingFor?: string;
  decisions: Decision[];
  /** The stages passed, with times. */
  history: HistoryEntry[];
}

/** What `vendAccount` returns. */
export interface VendResult {
  requestId: string;
  organizationId: string;
  accountId: string;
  /** Of a GovCloud vend the other account of the pair: it stays standalone, untagged and unchecked. */
  govCloudAccountId?: string;
  createAccountRequestIds: string[];
  /** True where the account existed, or where a request whose answer was lost was found again. */
  adopted: boolean;
  organizationalUnitId: string;
  conformance: ConformanceRow[];
  decisions: Decision[];
  /** ISO 8601. */
  requestedAt: string;
  /** ISO 8601: when AWS completed the creation. */
  createdAt: string;
  /** ISO 8601. */
  completedAt: string;
}

/** What `notifyWorkflow` is sent: when the account exists, when escalated, when resolved, at the end. */
export interface VendNotice {
  requestId: string;
  workflowId: string;
  stage: Stage;
  accountId?: string;
  escalation?: Escalation;
}
