import type { AlternateContacts, ConformanceRequest, NotifyWorkflow } from './request';

/** Whom a wait concerns: the requester's own input, or the organization as a whole. */
export type EscalationScope = 'request' | 'organization';

/** What a person can answer. */
export type ResolutionAction = 'retry' | 'amend' | 'adopt' | 'waive' | 'abandon';

/**
 * Reasons of our own. Otherwise an escalation's reason is AWS's word, unchanged: the FailureReason,
 * an exception's `Reason` where it has one, else the exception's name.
 */
export const OwnReason = {
  /** CreateAccount's status says FAILED and gives no reason. */
  FAILED_WITHOUT_REASON: 'FAILED_WITHOUT_REASON',
  /** A creation has been in progress for longer than `creation.overdueAfter`. */
  OVERDUE: 'OVERDUE',
  /** CreateAccount was sent, its answer lost, and what came of it cannot be told. */
  OUTCOME_UNCLEAR: 'OUTCOME_UNCLEAR',
  /** An account with this e-mail is in the organization, without this request's tag. */
  ACCOUNT_NOT_OURS: 'ACCOUNT_NOT_OURS',
  /** `creation.perVend` CreateAccount calls were sent for this request. */
  CREATION_BUDGET_SPENT: 'CREATION_BUDGET_SPENT',
  /** `creation.perDay` CreateAccount calls were sent in 24 hours. */
  DAILY_CREATIONS_SPENT: 'DAILY_CREATIONS_SPENT',
  /** The amended e-mail address is that of another request on its way. */
  EmailInFlight: 'EmailInFlight',
  /** SUCCEEDED without a GovCloudAccountId, also after further looks. */
  GOVCLOUD_ACCOUNT_UNKNOWN: 'GOVCLOUD_ACCOUNT_UNKNOWN',
  /** An account that was brought in stands neither in the root nor in its target. */
  ALREADY_PLACED: 'ALREADY_PLACED',
  /** The account could not be used before `readiness.deadline`. */
  READINESS_DEADLINE: 'READINESS_DEADLINE',
  /** An opt-in region is still being enabled after two hours. */
  REGIONS_DEADLINE: 'REGIONS_DEADLINE',
  /** A conformance pack was not successful before the deadline. */
  CONFORMANCE_DEADLINE: 'CONFORMANCE_DEADLINE',
  /** The account is suspended, closed or being closed: no pack is deployed to it. */
  ACCOUNT_NOT_ACTIVE: 'ACCOUNT_NOT_ACTIVE',
  /** `conformance.owners` does not name the account that owns a required pack any more. */
  CONFORMANCE_OWNER_UNKNOWN: 'CONFORMANCE_OWNER_UNKNOWN',
  /** AWS Config of a Region does not know credentials that AWS knows elsewhere. */
  CONFORMANCE_REGION_NOT_ENABLED: 'CONFORMANCE_REGION_NOT_ENABLED',
  /** The configuration is for another organization than the credentials. */
  WRONG_ORGANIZATION: 'WRONG_ORGANIZATION',
} as const;

/** A wait that a person can end. */
export interface Escalation {
  /** Unique within the vend, such as `e2`. */
  id: string;
  scope: EscalationScope;
  /** AWS's own word, or one of {@link OwnReason}. The search attribute `VendEscalation` says the same. */
  reason: string;
  /** What happened and what to do, for a person. */
  message: string;
  /** ISO 8601. */
  since: string;
  /** How often the step was tried before a person was asked. */
  attempts: number;
  /** What `resolve` accepts now. */
  actions: ResolutionAction[];
  /** What `amend` may change now, where it is offered. */
  amendable?: (keyof Amendment)[];
  /** An account that was found and is not proven ours: what `adopt` would take. */
  foundAccountId?: string;
  /** ISO 8601: when the vend looks again by itself; absent where it does not. */
  nextCheckAt?: string;
  /** Where what to do is told at length: a place in docs/runbook.md, or a URL. */
  runbook?: string;
}

/** What a person is told apart from the answer itself; both optional. */
export interface ResolutionContext {
  /** Refused where another escalation is open, so that an answer never meets the wrong question. */
  escalationId?: string;
  /** Who decided; kept in `decisions`. */
  by?: string;
}

/** Fields of the request that `amend` may change, where nothing has been done with them yet. */
export interface Amendment {
  email?: string;
  accountName?: string;
  roleName?: string;
  iamUserAccessToBilling?: 'ALLOW' | 'DENY';
  tags?: Record<string, string>;
  organizationalUnit?: string;
  alternateContacts?: AlternateContacts;
  regions?: string[];
  conformance?: false | ConformanceRequest;
  notifyWorkflow?: NotifyWorkflow;
}

/** A stage that may be waived: the vend goes on without it, and says so. */
export type WaivableStage = 'placing' | 'readying' | 'settling';

/** An answer to an open escalation. */
export type Resolution = ResolutionContext &
  (
    | { action: 'retry'; reason?: string }
    | { action: 'amend'; changes: Amendment; reason?: string }
    | { action: 'adopt'; accountId: string; allowOtherEmail?: boolean; reason?: string }
    | { action: 'waive'; pack: string; region?: string; reason: string }
    | { action: 'waive'; stage: WaivableStage; reason: string }
    | { action: 'abandon'; reason: string }
  );

/** What a person decided. */
export interface Decision {
  /** ISO 8601. */
  at: string;
  /** Who, as the sender said; `unknown` where nobody said. */
  by: string;
  via: 'update' | 'signal';
  action: ResolutionAction | 'approve' | 'reject';
  reason?: string;
  /** The escalation that was answered; `approval` where the vend waited for one. */
  escalationId: string;
}

/** A verdict on a vend that waits in the stage `approving`. */
export interface ApprovalVerdict {
  /** Who decides. Kept in `decisions`; an approval by the requester does not count by default. */
  by: string;
  reason?: string;
}
