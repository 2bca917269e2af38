import type { EscalationScope } from '../contract';

/**
 * What a vend does about something that AWS says.
 * - `retry`: try again after a growing pause; after the configured attempts ask a person.
 * - `repeat`: AWS refused for the moment, so it is no attempt; repeat for a while, then ask a person.
 * - `ask`: ask a person at once.
 */
type Verb = 'retry' | 'repeat' | 'ask';

/** How the vend looks again by itself while a person is asked. */
export type Recheck = 'slow' | 'hourly' | 'finalizing';

export interface Disposition {
  /** Look for an account or a request of ours first: it is often our own earlier success. */
  look?: true;
  verb: Verb;
  scope: EscalationScope;
  recheck?: Recheck;
  /** Of an organization's: what it holds back, where that is not creating alone. */
  holds?: 'everything' | 'govcloud';
  /** For `repeat`: how long before a person is asked; an hour by default. */
  patienceMs?: number;
  /** What it means and what to do, for a person. */
  advice: string;
}

const MINUTE = 60_000;

const organization = (advice: string, more: Partial<Disposition> = {}): Disposition => ({
  verb: 'ask',
  scope: 'organization',
  advice,
  ...more,
});
/** A new address or name may only be sent when nothing of this request is found, so it looks first. */
const requester = (advice: string): Disposition => ({
  look: true,
  verb: 'ask',
  scope: 'request',
  advice,
});
const businessValidation = (what: string): Disposition =>
  organization(
    `${what} Complete the business validation of the management account (AWS Billing console, or AWS Support), then retry.`,
  );
const managementPayment = (what: string): Disposition =>
  organization(
    `${what} Set a valid payment method on the management account (AWS Billing console), then retry.`,
  );

/**
 * CreateAccountStatus.FailureReason.
 * @see https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateAccountStatus.html
 */
export const FAILURE_REASONS: Readonly<Record<string, Disposition>> = {
  ACCOUNT_LIMIT_EXCEEDED: organization(
    'The organization has reached its quota of accounts; closed ones count for 90 days, open invitations count too. Raise the quota (Service Quotas, AWS Organizations), then retry.',
  ),
  CONCURRENT_ACCOUNT_MODIFICATION: {
    look: true,
    verb: 'retry',
    scope: 'request',
    advice:
      'AWS says that a request with the same data was already on its way. No account of this request was found; retry when the other one has ended.',
  },
  EMAIL_ALREADY_EXISTS: requester(
    'The e-mail address belongs to an AWS account that is not visible in this organization. Give another address, or adopt the account if it is yours.',
  ),
  FAILED_BUSINESS_VALIDATION: businessValidation(
    'The management account failed the business license validation.',
  ),
  GOVCLOUD_ACCOUNT_ALREADY_EXISTS: requester(
    'AWS GovCloud (US) already has an account with this e-mail address. Give another address.',
  ),
  IDENTITY_INVALID_BUSINESS_VALIDATION: businessValidation(
    'The management account has no valid identity data for the business license validation.',
  ),
  INTERNAL_FAILURE: {
    look: true,
    verb: 'retry',
    scope: 'request',
    advice:
      'AWS reports an internal failure, again and again. Open a case with AWS Support, giving the create account request ids, then retry.',
  },
  INVALID_ADDRESS: organization(
    'AWS refuses the postal address, which it clones from the management account. Correct the contact address of the management account, then retry.',
  ),
  INVALID_EMAIL: requester('AWS refuses the e-mail address. Give another address.'),
  INVALID_IDENTITY_FOR_BUSINESS_VALIDATION: businessValidation(
    'The management account has no valid identity data for the business license validation.',
  ),
  INVALID_PAYMENT_INSTRUMENT: managementPayment(
    'The payment method of the management account is not supported for creating accounts.',
  ),
  MISSING_BUSINESS_VALIDATION: businessValidation(
    'The management account has not received business validation.',
  ),
  MISSING_PAYMENT_INSTRUMENT: managementPayment('The management account has no payment method.'),
  PENDING_BUSINESS_VALIDATION: organization(
    'The business license validation of the management account is still running at AWS. Wait: the vend goes on by itself when AWS is done. AWS Support can tell how far it is.',
    { recheck: 'slow' },
  ),
  UNKNOWN_BUSINESS_VALIDATION: businessValidation(
    'AWS has an unknown problem with the business license validation of the management account.',
  ),
  UPDATE_EXISTING_RESOURCE_POLICY_WITH_TAGS_NOT_SUPPORTED: requester(
    "AWS cannot set the tags together with the organization's resource policy. Change the resource policy, or take the request's own tags out; the proof tag stays. Then retry.",
  ),
};

/** FAILED without a reason, and a reason that this version does not know. */
export const UNKNOWN_FAILURE: Disposition = requester(
  'AWS says that the creation failed, for a reason that this version does not know. Look it up, then retry, amend, adopt or abandon.',
);

/** Where a call was made: the same exception means different things in different stages. */
export type CallPurpose =
  'creating' | 'reading' | 'tagging' | 'placing' | 'readying' | 'settling' | 'conformance';

const CREDENTIALS = organization(
  "The worker's AWS credentials are missing, expired or refused. Renew them, then retry.",
  // They may be renewed by a machine, at night.
  { holds: 'everything', recheck: 'hourly' },
);
const THROTTLED: Disposition = {
  verb: 'repeat',
  scope: 'request',
  advice: 'AWS has throttled the call for an hour. Find what else uses this API, then retry.',
};
const LIST_UNSETTLED: Disposition = {
  verb: 'repeat',
  scope: 'request',
  advice:
    'AWS has refused its own paging token again and again, so a list could not be read to its end. Retry; if it lasts, open a case with AWS Support.',
};
const UNIT_UNKNOWN = requester(
  'The organizational unit does not exist any more. Give another one.',
);
const ACCOUNT_UNKNOWN: Disposition = {
  verb: 'repeat',
  scope: 'request',
  advice:
    'AWS does not know the account, an hour after it was created. Open a case with AWS Support.',
};
const UNREACHABLE: Disposition = {
  verb: 'repeat',
  scope: 'request',
  advice:
    'AWS could not be reached, or gave no usable answer, for an hour. Check network, proxy and endpoint of the worker, then retry.',
};
const MANAGEMENT_ACCOUNT = (what: string): Disposition =>
  organization(`${what} Mend it on the management account, then retry.`);

/** `Reason` of ConstraintViolationException, InvalidInputException and AccessDeniedForDependency. */
const REASONS: Readonly<Record<string, Disposition>> = {
  ACCOUNT_NUMBER_LIMIT_EXCEEDED: organization(
    'The organization has reached its quota of accounts. Raise the quota (Service Quotas, AWS Organizations), then retry; a brand-new organization has to wait an hour first.',
  ),
  MASTER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED: managementPayment(
    'The management account needs a payment method.',
  ),
  INVALID_PAYMENT_INSTRUMENT: managementPayment(
    'The payment method of the management account is not valid.',
  ),
  MASTER_ACCOUNT_MISSING_CONTACT_INFO: MANAGEMENT_ACCOUNT(
    'The management account has no complete contact information.',
  ),
  MASTER_ACCOUNT_ADDRESS_DOES_NOT_MATCH_MARKETPLACE: MANAGEMENT_ACCOUNT(
    "The management account's address does not match its marketplace.",
  ),
  MASTER_ACCOUNT_MISSING_BUSINESS_LICENSE: MANAGEMENT_ACCOUNT(
    'The management account has no business license on file.',
  ),
  UNMET_BILLING_PREREQUISITE: MANAGEMENT_ACCOUNT('A billing prerequisite is not met.'),
  MASTER_ACCOUNT_NOT_GOVCLOUD_ENABLED: organization(
    'The management account has no paired AWS GovCloud (US) account, so GovCloud accounts cannot be created. Sign up for GovCloud with the management account, then retry.',
    { holds: 'govcloud' },
  ),
  ORGANIZATION_NOT_IN_ALL_FEATURES_MODE: organization(
    'The organization has only consolidated billing. Enable all features, then retry.',
  ),
  ACCOUNT_CREATION_NOT_COMPLETE: organization(
    'The sign-up of the management account is not complete. Complete it, then retry.',
  ),
  MAX_TAG_LIMIT_EXCEEDED: requester('Too many tags: AWS allows 50 with ours. Take some out.'),
  TAG_POLICY_VIOLATION: requester(
    "The tags break one of the organization's tag policies. Amend them, or change the policy and retry.",
  ),
  INVALID_NEXT_TOKEN: LIST_UNSETTLED,
  INVALID_PAGINATION_TOKEN: LIST_UNSETTLED,
  DUPLICATE_TAG_KEY: requester('Two tags have the same key. Rename one of them.'),
  INVALID_SYSTEM_TAGS_PARAMETER: requester('Tag keys must not begin with `aws:`. Amend the tags.'),
  INVALID_ROLE_NAME: requester('AWS refuses the name of the role. Give another roleName.'),
  MOVING_ACCOUNT_BETWEEN_DIFFERENT_ROOTS: requester(
    'The organizational unit is under another root. Give one of this organization.',
  ),
  ACCESS_DENIED_DURING_CREATE_SERVICE_LINKED_ROLE: organization(
    'The worker may not create the service-linked role of AWS Organizations. Allow iam:CreateServiceLinkedRole, then retry.',
  ),
};

/** Exceptions whose meaning is the same wherever they come from. */
const EXCEPTIONS: Readonly<Record<string, Disposition>> = {
  TooManyRequestsException: THROTTLED,
  ThrottlingException: THROTTLED,
  Throttling: THROTTLED,
  RequestLimitExceeded: THROTTLED,
  ConcurrentModificationException: {
    verb: 'repeat',
    scope: 'request',
    advice:
      'AWS has refused for an hour because the organization was being changed by somebody else. Find out by whom, then retry.',
  },
  FinalizingOrganizationException: organization(
    'AWS is still setting the organization up, which takes up to an hour. If it lasts longer, open a case with AWS Support.',
    { recheck: 'finalizing' },
  ),
  AWSOrganizationsNotInUseException: organization(
    "The worker's credentials belong to an account without an organization. Correct the credentials or aws.managementRoleArn, then retry.",
    { holds: 'everything' },
  ),
  WRONG_ORGANIZATION: organization(
    "The worker's credentials belong to another organization than this vend. Correct the credentials or aws.managementRoleArn, then retry.",
    { holds: 'everything' },
  ),
  UnsupportedAPIEndpointException: organization(
    'This operation does not exist in the Region or partition that the worker calls. Correct the AWS Region of the worker, then retry.',
  ),
  AccessDeniedForDependencyException: organization(
    'A permission that the operation depends on is missing, mostly iam:CreateServiceLinkedRole. Grant it, then retry.',
  ),
  InvalidNextTokenException: LIST_UNSETTLED,
  ExpiredTokenException: CREDENTIALS,
  ExpiredToken: CREDENTIALS,
  InvalidSignatureException: CREDENTIALS,
  SignatureDoesNotMatch: CREDENTIALS,
  IncompleteSignature: CREDENTIALS,
  MissingAuthenticationTokenException: CREDENTIALS,
  UnrecognizedClientException: CREDENTIALS,
  InvalidClientTokenId: CREDENTIALS,
  OptInRequired: CREDENTIALS,
  CredentialsProviderError: CREDENTIALS,
  TokenProviderError: CREDENTIALS,
  InvalidInputException: requester(
    'AWS refuses a value of the request; its text says which. Correct it (amend), or retry.',
  ),
  ValidationException: requester(
    'AWS refuses a value of the request; its text says which. Correct it (amend), or retry.',
  ),
  DestinationParentNotFoundException: UNIT_UNKNOWN,
  ParentNotFoundException: UNIT_UNKNOWN,
  OrganizationalUnitNotFoundException: UNIT_UNKNOWN,
  SourceParentNotFoundException: {
    verb: 'repeat',
    scope: 'request',
    advice:
      'The account is not where AWS said it was; somebody may be moving it. Check, then retry.',
  },
  AccountNotFoundException: ACCOUNT_UNKNOWN,
  ChildNotFoundException: ACCOUNT_UNKNOWN,
  TargetNotFoundException: ACCOUNT_UNKNOWN,
  NoSuchOrganizationConformancePackException: requester(
    'The organization conformance pack does not exist in this Region and account: deleted, renamed, or owned by another account. Deploy it again and retry, or waive it.',
  ),
  OrganizationAccessDeniedException: {
    verb: 'repeat',
    scope: 'request',
    patienceMs: MINUTE,
    advice:
      'AWS Config answers about organization conformance packs only to the management account or a delegated administrator, with trusted access on. Correct the credentials or enable it, then retry.',
  },
  CONFORMANCE_OWNER_UNKNOWN: requester(
    'The account that owns a required conformance pack is not in the configuration any more. Put it back into conformance.owners and restart the worker (the vend goes on by itself), or waive the pack.',
  ),
  CONFORMANCE_REGION_NOT_ENABLED: {
    verb: 'repeat',
    scope: 'request',
    patienceMs: MINUTE,
    advice:
      'The account that asks AWS Config for the conformance packs (the management account, or the one that owns them) has not enabled this Region. Enable it there, and retry; or leave the Region out of the conformance of the configuration and of the request.',
  },
  InvalidLimitException: requester(
    'AWS Config refuses a page size. This is a bug of ours; report it.',
  ),
  RegionDisabledException: requester(
    "AWS STS is not active for this account in the worker's Region, which is an opt-in Region. Give the worker a Region that every account has (AWS_REGION, such as us-east-1) and restart it, then retry.",
  ),
  UnknownOperationException: organization(
    'The endpoint does not serve this operation. Check AWS_ENDPOINT_URL of the worker, then retry.',
  ),
};

const ACCESS_DENIED_NAMES: readonly string[] = ['AccessDeniedException', 'AccessDenied'];

/** AWS says so to new permissions as well, for a minute or two. */
const ACCESS_DENIED: Readonly<Record<CallPurpose, Disposition>> = {
  creating: {
    verb: 'repeat',
    scope: 'organization',
    patienceMs: 2 * MINUTE,
    advice:
      'AWS denies access. Creating needs organizations:CreateAccount (or CreateGovCloudAccount) and organizations:TagResource in the management account. Grant them, then retry.',
  },
  reading: {
    verb: 'repeat',
    scope: 'organization',
    patienceMs: 2 * MINUTE,
    advice: 'AWS denies a read that every vend needs. Grant it to the worker, then retry.',
  },
  tagging: {
    verb: 'repeat',
    scope: 'request',
    patienceMs: 2 * MINUTE,
    advice:
      'AWS denies access. An account that exists is taken by a tag, which needs organizations:TagResource on it. Grant it and retry.',
  },
  placing: {
    verb: 'repeat',
    scope: 'request',
    patienceMs: 2 * MINUTE,
    advice:
      'AWS denies access. Placing needs organizations:MoveAccount and ListParents on this organizational unit. Grant them and retry, or waive the stage.',
  },
  readying: {
    verb: 'repeat',
    scope: 'request',
    patienceMs: 2 * MINUTE,
    advice:
      'AWS denies access to the account. A new account answers so for a while; if it lasts, the worker lacks sts:AssumeRole on the role, the role does not exist or does not trust the management account, or a policy denies config:DescribeConfigurationRecorders there. Mend it and retry, or waive the stage.',
  },
  settling: {
    verb: 'repeat',
    scope: 'request',
    patienceMs: 2 * MINUTE,
    advice:
      'AWS denies access. Contacts and regions need account:PutAlternateContact, account:EnableRegion and account:GetRegionOptStatus, all features of the organization, and trusted access for AWS Account Management. Grant them and retry, or waive the stage.',
  },
  conformance: {
    verb: 'repeat',
    scope: 'request',
    patienceMs: 2 * MINUTE,
    advice:
      'AWS Config denies access. Reading needs config:DescribeOrganizationConformancePacks, config:DescribeOrganizationConformancePackStatuses and config:GetOrganizationConformancePackDetailedStatus. Grant them and retry; some Regions have no conformance packs at all.',
  },
};

const UNKNOWN_CONSTRAINT = organization(
  'AWS refuses because of a constraint that this version does not know. Look up its name, mend the cause, then retry.',
);
const RATE_LIMIT_OF_THE_DAY = organization(
  'AWS creates no more accounts for this organization today, although fewer than five are in progress. Wait, or ask AWS Support to raise the limit.',
  { recheck: 'hourly' },
);
const UNKNOWN_EXCEPTION = requester(
  'AWS refuses for a reason that this version does not know. Look it up, then retry or abandon.',
);

/** AWS allows this many creations in progress in an organization. */
const CREATIONS_IN_PROGRESS = 5;

/** What a FAILED creation means. */
export function judgeFailureReason(reason: string | undefined): Disposition {
  return own(FAILURE_REASONS, reason) ?? UNKNOWN_FAILURE;
}

/**
 * What an exception means.
 * @param inProgress creations in progress in the organization, where AWS refused for their number
 */
export function judgeException(
  error: { name: string; reason?: string; outcome: 'rejected' | 'not-sent' | 'unknown' },
  purpose: CallPurpose,
  inProgress?: number,
): Disposition {
  const known = own(EXCEPTIONS, error.name);
  if (error.reason === 'ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED') {
    return (inProgress ?? CREATIONS_IN_PROGRESS) >= CREATIONS_IN_PROGRESS
      ? {
          verb: 'repeat',
          scope: 'request',
          advice:
            'Five creations, as many as AWS allows, have been in progress for an hour. Find out whose they are, then retry.',
        }
      : RATE_LIMIT_OF_THE_DAY;
  }
  const byReason = own(REASONS, error.reason);
  if (byReason) return byReason;
  if (error.name === 'ConstraintViolationException') {
    return purpose === 'creating' ? UNKNOWN_CONSTRAINT : UNKNOWN_EXCEPTION;
  }
  if (ACCESS_DENIED_NAMES.includes(error.name)) {
    return ACCESS_DENIED[purpose];
  }
  if (known) return known;
  return error.outcome === 'rejected' ? UNKNOWN_EXCEPTION : UNREACHABLE;
}

export function meansLostCredentials(name: string): boolean {
  return own(EXCEPTIONS, name) === CREDENTIALS;
}

/** Whether AWS's own documents say what it means. */
export function isKnownException(error: { name: string; reason?: string }): boolean {
  return (
    own(EXCEPTIONS, error.name) !== undefined ||
    own(REASONS, error.reason) !== undefined ||
    ['ConstraintViolationException', ...ACCESS_DENIED_NAMES].includes(error.name)
  );
}

/** Whether an escalation of this reason is the organization's, where a vend has no account yet. */
export function isOfOrganization(reason: string): boolean {
  const known =
    own(FAILURE_REASONS, reason) ??
    own(REASONS, reason) ??
    own(EXCEPTIONS, reason) ??
    (ACCESS_DENIED_NAMES.includes(reason) ? ACCESS_DENIED.creating : undefined);
  return known?.scope === 'organization';
}

/** AWS refuses because the rate is used up. */
export function isThrottling(reason: string): boolean {
  return own(EXCEPTIONS, reason) === THROTTLED;
}

/** Only the table's own entries: AWS's word may be one of Object.prototype's. */
function own<T>(table: Readonly<Record<string, T>>, key: string | undefined): T | undefined {
  return key !== undefined && Object.hasOwn(table, key) ? table[key] : undefined;
}

/** What calls are said to end with that gave no answer of AWS's: by the SDK, and by ourselves. */
const WITHOUT_ANSWER = [
  'TimeoutError',
  'SyntaxError',
  'Error',
  'Unknown',
  'ServiceException',
  'InternalFailure',
  'ServiceUnavailable',
  'SCHEDULE_TO_START time-out',
  'TooLate',
  'AnswerWithoutStatus',
  'ActivityFailure',
  'LookFailed',
] as const;

/** Every word that these tables know as a reason. */
export const KNOWN_REASONS: readonly string[] = [
  ...Object.keys(FAILURE_REASONS),
  ...Object.keys(REASONS),
  ...Object.keys(EXCEPTIONS),
  ...ACCESS_DENIED_NAMES,
  'ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED',
  'ConstraintViolationException',
  ...WITHOUT_ANSWER,
];
