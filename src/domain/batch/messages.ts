import type { BatchRowStatus, Stage, VendNotice } from '../../contract';

/** What a vend tells the batch that started it. */
export interface BatchNotice extends VendNotice {
  /** Type of the failure with which it ends. */
  failure?: string;
}

/** A vend as Temporal itself knows it, also where the vend says nothing any more. */
export interface VendSeen {
  requestId: string;
  status: BatchRowStatus;
  stage?: Stage;
  accountId?: string;
  /** The open escalation's reason. */
  escalation?: string;
  failure?: string;
  /** The batch that asks has started it, maybe in an earlier run. */
  isOurs: boolean;
}

/** The open escalation of a vend, as far as the page of a batch shows it. */
export interface RowEscalation {
  reason: string;
  /** Of the whole organization: answered once for all. */
  ofAll?: true;
  /** What can be typed behind `vend`, as far as the vend has told it. */
  answer?: string;
}
