import type { AwsError } from '../domain/aws-error';

/** What a call came to. AWS's refusals are answers, not failures: the workflow judges them. */
export type Outcome<T> = { ok: true; value: T } | { ok: false; error: AwsError };

/** What AWS says of one creation. @see API_CreateAccountStatus */
export interface CreationStatus {
  /** `car-…` */
  id: string;
  /** `IN_PROGRESS`, `SUCCEEDED` or `FAILED`. */
  state: string;
  accountId?: string;
  govCloudAccountId?: string;
  failureReason?: string;
  /** ISO 8601. */
  requestedAt?: string;
  /** ISO 8601. */
  completedAt?: string;
}

/** What CreateAccount came to; `inProgress` counts creations where AWS refused for their number. */
export type SubmitOutcome =
  { ok: true; value: CreationStatus } | { ok: false; error: AwsError; inProgress?: number };

/** What was found of a request. `complete`: every page was read and every candidate could be told. */
export type Finding =
  | { is: 'ours'; accountId: string; creation?: CreationStatus; joinedAt?: string }
  /** A creation of this name is under way; whose it is can be told when it ends. */
  | { is: 'in-progress'; creation: CreationStatus }
  /**
   * An account of this organization has the e-mail address and not our tag. `isOlder`: it joined
   * before anything was sent for this request, so it is not ours with a tag that somebody changed.
   */
  | ({ is: 'foreign'; accountId: string; isOlder?: true } & Seen)
  | ({ is: 'nothing' } & Seen);

interface Seen {
  /** Absent in what earlier versions have found of a foreign account: all could be told. */
  complete?: boolean;
  /** An account with our tag that is suspended, closed or being closed. */
  inactive?: { accountId: string; state: string };
  /**
   * What creations of this name have made, and is no member of the organization: whose it is nobody can tell. And what
   * this request had, and does not have any more. Nothing else is in the way of its being complete.
   */
  gone?: { accountId: string; completedAt: string }[];
  /** The run of the vend that looked: one that was reset remembers what the run before it has seen. */
  runId?: string;
}

/** Whether an account may be taken as the account of a request. */
export type Inspection =
  | { fits: true; tagged: boolean; joinedAt?: string }
  /** `isShownLate`: it is no member, or none yet. */
  | { fits: false; why: string; isShownLate?: true };

export type Placement =
  | { is: 'placed'; from?: string }
  /** An account that was brought in stands somewhere on purpose, perhaps. */
  | { is: 'elsewhere'; parentId: string };
