import type { SimulatorSnapshot } from '../../src/simulator';

/** A vend as it ended, or as it stood when the run was over. */
export interface EndedVend {
  requestId: string;
  /** The workflow's status; `RUNNING`: it did not end in time. */
  status: string;
  /** What it returned. */
  accountId?: string;
  /** Where its account has to stand. */
  organizationalUnitId: string;
  /** What its account has to carry. */
  tags: Record<string, string>;
}

export interface Verdict {
  double: string[];
  lost: string[];
  stuck: string[];
  wrong: string[];
  /** Sent although an account was there: AWS's check of the address prevented another one. */
  addressTaken: string[];
  mostInProgress: number;
}

export const REQUEST_TAG: string;

export function judge(run: {
  vends: EndedVend[];
  snapshot: SimulatorSnapshot;
  createdAccounts: Record<string, number>;
}): Verdict;
