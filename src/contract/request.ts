/**
 * `standard`: CreateAccount. `govcloud`: CreateGovCloudAccount, which makes a commercial member
 * account and a standalone GovCloud account; every later stage concerns the commercial one alone.
 */
export type AccountKind = 'standard' | 'govcloud';

/** A duration in one unit: `500ms`, `30s`, `5m`, `8h`, `7d`. */
export type DurationText = string;

/** An alternate contact, as PutAlternateContact of the AWS Account Management API has it. */
export interface AlternateContact {
  /** 1-64 characters. */
  name: string;
  /** 1-50 characters. */
  title: string;
  /** 1-254 characters. */
  email: string;
  /** 1-25 characters of digits, white space, `(`, `)`, `+` and `-`. */
  phone: string;
}

export interface AlternateContacts {
  billing?: AlternateContact;
  operations?: AlternateContact;
  security?: AlternateContact;
}

/** Which organization conformance packs must be successful before the account counts as ready. */
export interface ConformanceRequest {
  /** `all` (default): every pack there is when the vend starts; or names, or `region/name`. */
  packs?: 'all' | string[];
  /** Default: the configuration's. */
  regions?: string[];
  /**
   * `account` (default): the new account's own row of every pack must be successful.
   * `organization`: the organization-wide status of the pack must be as well.
   */
  scope?: ConformanceScope;
  /** After this long a person is asked; the wait goes on. Default: the configuration's (8h). */
  deadline?: DurationText;
}

export type ConformanceScope = 'account' | 'organization';

/** Where a parent workflow wants to hear of its vend. See {@link VendNotice}. */
export interface NotifyWorkflow {
  workflowId: string;
  /** Name of the signal. */
  signal: string;
}

/**
 * One account to vend.
 * @see https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateAccount.html
 */
export interface VendRequest {
  /** The identity of the vend: the same id means the same account, for ever. */
  requestId: string;
  /** `o-…`: refused before any write where the credentials belong to another organization. */
  organizationId?: string;
  /** Twelve digits: brings in an account that exists; nothing is created. */
  existingAccountId?: string;
  /** Default: `standard`. */
  kind?: AccountKind;
  /** 1-50 printable ASCII characters; `govcloud`: letters, digits, hyphen and dot. */
  accountName?: string;
  /** The root user's address: 6-64 characters, unique in all of AWS. */
  email?: string;
  /** Default: AWS's, `OrganizationAccountAccessRole`. */
  roleName?: string;
  /** Default: AWS's, `ALLOW`. */
  iamUserAccessToBilling?: 'ALLOW' | 'DENY';
  /** At most 49: one of AWS's 50 is ours. */
  tags?: Record<string, string>;
  /** An id (`ou-…`, `r-…`) or a path of names from the root (`Workloads/Prod`). */
  organizationalUnit?: string;
  /** Default: the configuration's; given, they win as a whole. */
  alternateContacts?: AlternateContacts;
  /** Opt-in regions to enable, awaited. Default: the configuration's. */
  regions?: string[];
  notifyWorkflow?: NotifyWorkflow;
  /** `false`: wait for no conformance pack. */
  conformance?: false | ConformanceRequest;
}
