import { defineQuery, defineUpdate } from '@temporalio/workflow';
import type { VendRequest } from './request';
import type { Stage } from './state';

/** Fields that the accounts of a manifest have in common; what says which account it is cannot be. */
export type ManifestDefaults = Partial<
  Omit<VendRequest, 'requestId' | 'existingAccountId' | 'accountName' | 'email'>
>;

/** Many accounts. An account's own field wins over the default as a whole; `tags` are joined. */
export interface VendManifest {
  /** 1-63 lower-case letters, digits and hyphens: the batch is `vend-batch-<name>`. */
  name: string;
  defaults?: ManifestDefaults;
  /** At most 5,000. */
  accounts: VendRequest[];
}

/** What `vendBatch` is started with, and what its update `apply` takes: a manifest, and how. */
export interface ApplyManifest extends VendManifest {
  /** Who asks; stands in each vend's memo. */
  requestedBy?: string;
  /** Request ids whose vend has ended otherwise than done: started again. */
  restart?: string[];
  /** Vends that are there already, by request id: their workflow ids. They are followed. */
  there?: Record<string, string>;
}

/** What came of an `apply`. */
export interface ApplyReceipt {
  /** Accounts that the batch starts. */
  added: number;
  /** Those it had not started yet, and that stand there with other content now. */
  replaced: number;
  /** Request ids of the message whose vend has ended, and that are not started again. */
  left?: string[];
}

/**
 * Temporal's words for a vend; `WAITING` before it is started, `NOT_STARTED` where the batch was
 * cancelled first, `UNKNOWN` where Temporal knows nothing of it any more.
 */
export type BatchRowStatus =
  | 'WAITING'
  | 'RUNNING'
  | 'COMPLETED'
  | 'FAILED'
  | 'CANCELED'
  | 'TERMINATED'
  | 'TIMED_OUT'
  | 'NOT_STARTED'
  | 'UNKNOWN';

/** One account of a batch. */
export interface BatchRow {
  requestId: string;
  workflowId: string;
  status: BatchRowStatus;
  stage?: Stage;
  accountId?: string;
  /** The open escalation's reason. */
  escalation?: string;
  /** Type of the failure with which it ended, such as `InvalidVendRequest`. */
  failure?: string;
}

export interface BatchCounts {
  total: number;
  /** Not started yet. */
  waiting: number;
  running: number;
  /** Of those that run: with an open escalation. */
  needPerson: number;
  done: number;
  /** Failed, cancelled, terminated, not started. */
  endedOtherwise: number;
}

/** What the query `state` of `vendBatch` answers. */
export interface BatchState {
  name: string;
  counts: BatchCounts;
  /** In the order of the manifest. */
  accounts: BatchRow[];
  /** It was cancelled, and waits for its vends to wind down. */
  cancelling?: true;
  /** A sentence for a person; absent when nothing is waited for. */
  waitingFor?: string;
}

/** What `vendBatch` returns: an account that came to no good is a row, not a failure. */
export interface BatchResult {
  name: string;
  counts: BatchCounts;
  accounts: BatchRow[];
}

/** How each account of the batch stands. */
export const batchStateQuery = defineQuery<BatchState>('state');

/** Adds the accounts of a manifest that the batch does not know; changes nothing that has begun. */
export const batchApplyUpdate = defineUpdate<ApplyReceipt, [ApplyManifest]>('apply');
