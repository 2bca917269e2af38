import type { Duration } from './random';

/**
 * Everything about the simulated AWS that can be turned. What AWS does not document is a knob with
 * the likelier answer as its default. Times are simulated milliseconds.
 */
export interface SimulatorKnobs {
  /** Time a call takes. With a manual clock there is no latency. */
  latencyMs: Duration;
  createAccountLatencyMs: Duration;

  /** From CreateAccount to its end. */
  creationMs: Duration;
  govCloudCreationMs: Duration;
  /** A creation ends at its n-th look (Describe- or ListCreateAccountStatus) instead of by time. */
  creationLooks: number | null;
  /** Until DescribeCreateAccountStatus and ListCreateAccountStatus know a request. */
  statusVisibleMs: Duration;
  /** Until DescribeAccount, ListParents, MoveAccount, … know a new account. */
  describeVisibleMs: Duration;
  /** Until ListAccounts, ListAccountsForParent and ListChildren show a new account. */
  listVisibleMs: Duration;
  /** Until the new account's role can be assumed. */
  usableMs: Duration;
  /** Until AWS Config answers in a new account; before it answers `notUsableError`. */
  serviceUsableMs: Duration;
  notUsableError: string;
  /** From EnableRegion or DisableRegion to its end. */
  regionOptMs: Duration;
  /** Time a new account spends in PENDING_ACTIVATION. */
  activationMs: Duration;
  /** From CloseAccount to CLOSED. */
  closureMs: Duration;

  /** Chance that a read shows the previous version of something changed within `staleReadMs`. */
  staleReadRate: number;
  staleReadMs: number;

  /** Published rates and bursts times this; 0 switches the buckets off. */
  rateFactor: number;
  /** Share of every refill that other tools in the organization eat, 0 to 1. */
  backgroundUse: number;
  creationsInProgress: number;
  accountQuota: number;
  /** Chance of ConcurrentModificationException on a creation that would have been accepted. */
  concurrentModificationRate: number;

  /** Largest page of the Organizations lists, and of the Config lists. */
  pageSize: number;
  configPageSize: number;
  /** Chance that a page is empty (or lacks the member) and has a NextToken all the same. */
  emptyPageRate: number;
  nextTokenTtlMs: number;
  /** How long ListCreateAccountStatus remembers; null: for ever. AWS documents nothing. */
  requestRetentionMs: number | null;

  /** Whether quota and e-mail are judged at the end of a creation, or at the call. */
  judgeAt: 'due' | 'call';
  /** How the later of two creations with one e-mail ends while the first is in progress. */
  sameEmailReason: 'CONCURRENT_ACCOUNT_MODIFICATION' | 'EMAIL_ALREADY_EXISTS';
  /** Whether an address stays taken after FAILED with INTERNAL_FAILURE. AWS documents nothing. */
  internalFailureKeepsEmail: boolean;
  /**
   * What is wrong with the management account: a FailureReason ends every creation FAILED, a
   * MASTER_ACCOUNT_… reason or UNMET_BILLING_PREREQUISITE refuses every call. null: nothing.
   */
  managementIssue: string | null;
  /** Creations answer FinalizingOrganizationException until then (simulated epoch ms). */
  finalizingUntil: number | null;
  /** false: AWSOrganizationsNotInUseException everywhere. */
  organizationExists: boolean;
  /** false: Account Management refuses the management account to speak for a member. */
  accountTrustedAccess: boolean;
  /** false: AWS Config refuses everything about organization packs. */
  configTrustedAccess: boolean;
  /** false: CreateGovCloudAccount answers MASTER_ACCOUNT_NOT_GOVCLOUD_ENABLED. */
  govCloudEnabled: boolean;
  /** SUCCEEDED comes first without GovCloudAccountId, for so long and for so many looks. */
  govCloudIdLagMs: number;
  govCloudIdLagLooks: number;
  /** What MoveAccount answers when the source exists and is not the parent. AWS documents nothing. */
  wrongSourceError: string;

  /** `minimal`: CreateAccount answers with Id and State only. */
  firstAnswer: 'full' | 'minimal';
  /** RequestedTimestamp of the first answer differs from the later ones by up to this. */
  timestampJitterMs: number;
  /** Which of `State` and the older `Status` an account shows. */
  accountStateFields: 'state' | 'both' | 'status';
  /** `model`: the HTTP codes of the service model (403, 404, 409, 429) instead of 400. */
  errorCodes: 'documented' | 'model';
  /** `namespaced`: `com.amazonaws.organizations#TooManyRequestsException`. */
  errorTypes: 'plain' | 'namespaced';
  errorMessageKey: 'Message' | 'message';

  /** From joining to the row's appearance, and from there to its end. */
  packRowDelayMs: Duration;
  packDeployMs: Duration;
  /** A row is successful from its n-th look on, instead of by time: first absent, then in progress. */
  packRowLooks: number | null;
  /** Chance that the first deployment to an account fails; it is tried again after `packRetryMs`. */
  packFailureRate: number;
  packRetryMs: number;
  /** How old the organization-wide status is. */
  aggregateLagMs: number;
  /** The organization-wide status of a delegated administrator's pack stays CREATE_IN_PROGRESS. */
  aggregateStuckForDelegated: boolean;
  packsCoverManagement: boolean;
}

export type SimulatorProfile = 'real' | 'demo' | 'test';
