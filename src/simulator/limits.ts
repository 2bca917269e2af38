/** AWS's published numbers. Each is named with the page it stands on. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

// "Quotas and service limits for AWS Organizations"
export const DEFAULT_ACCOUNT_QUOTA = 10;
export const CREATIONS_IN_PROGRESS = 5;
export const CLOSURES_IN_PROGRESS = 3;
export const CLOSURES_PER_30_DAYS = { least: 250, shareOfMembers: 0.2, most: 1000 };
export const CLOSURE_WINDOW_MS = 30 * DAY;
export const ORGANIZATIONAL_UNITS = 2000;
export const ORGANIZATIONAL_UNIT_DEPTH = 5;
export const TAGS_PER_RESOURCE = 50;

// "Closing a member account": a closed account leaves the organization after 90 days.
export const CLOSED_ACCOUNT_STAYS_MS = 90 * DAY;

// Organizations API reference: MaxResults, NextToken, names
export const LIST_PAGE_MAX = 20;
export const NEXT_TOKEN_LENGTH_MAX = 100_000;

// Config API reference: Limit, names, and what a query may hold
export const CONFIG_LIMIT_MAX = 100;
export const CONFIG_NAMES_MAX = 25;
export const EXCLUDED_ACCOUNTS_MAX = 1000;

// "Managing conformance packs across all accounts": tried again for seven hours without a recorder.
export const PACK_RETRY_WINDOW_MS = 7 * HOUR;

// "Quotas for AWS Account Management": changes of Regions under way at once
export const REGION_OPTS_AT_ONCE = { account: 6, organization: 50 };

// Account Management API reference: ListRegions
export const REGIONS_PAGE_MAX = 50;

// STS API reference: AssumeRole
export const SESSION_DURATION_S = { least: 900, most: 43_200, usual: 3600 };

export interface BucketRate {
  perSecond: number;
  burst: number;
}

export interface PublishedRate {
  /** Operations that are listed together share one bucket. */
  operations: readonly string[];
  account: BucketRate;
  organization?: BucketRate;
}

function rate(perSecond: number, burst: number): BucketRate {
  return { perSecond, burst };
}

/**
 * "Throttling limits for AWS Organizations" and "Quotas for AWS Account Management": rate per second
 * and burst.
 */
export const PUBLISHED_RATES: readonly PublishedRate[] = [
  { operations: ['CreateAccount', 'CreateGovCloudAccount'], account: rate(0.1, 3) },
  { operations: ['CloseAccount'], account: rate(0.05, 1) },
  {
    operations: ['DescribeCreateAccountStatus'],
    account: rate(2, 2),
    organization: rate(2, 3),
  },
  { operations: ['ListCreateAccountStatus'], account: rate(5, 8), organization: rate(6, 10) },
  { operations: ['DescribeAccount'], account: rate(20, 30), organization: rate(24, 36) },
  { operations: ['ListAccounts'], account: rate(8, 12), organization: rate(9, 15) },
  {
    operations: ['ListParents', 'ListAccountsForParent', 'ListOrganizationalUnitsForParent'],
    account: rate(5, 8),
    organization: rate(6, 10),
  },
  { operations: ['ListChildren'], account: rate(6, 10), organization: rate(7, 12) },
  { operations: ['ListRoots'], account: rate(1, 2), organization: rate(1, 3) },
  { operations: ['ListTagsForResource'], account: rate(10, 15), organization: rate(12, 18) },
  { operations: ['TagResource'], account: rate(4, 6) },
  {
    operations: ['MoveAccount', 'UpdateOrganizationalUnit', 'DeleteOrganizationalUnit'],
    account: rate(2, 3),
  },
  { operations: ['DescribeOrganization', 'CreateOrganizationalUnit'], account: rate(1, 2) },
  { operations: ['PutAlternateContact'], account: rate(5, 8) },
  { operations: ['GetAlternateContact'], account: rate(10, 15) },
  { operations: ['EnableRegion'], account: rate(1, 1) },
  { operations: ['GetRegionOptStatus'], account: rate(5, 5) },
];
