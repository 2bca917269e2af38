import type { SimulatorKnobs } from './knobs';
import type { Randomness } from './random';
import type { JournalEntry, PackError } from './types';

/** The tag whose value the journal counts creations by. To the simulator it is a text like any other. */
export const REQUEST_TAG = 'account-vending:request-id';

export type Tags = Record<string, string>;

interface OrganizationState {
  id: string;
  rootId: string;
  rootTags: Tags;
  managementAccountId: string;
  featureSet: 'ALL' | 'CONSOLIDATED_BILLING';
  /** Addresses of AWS accounts that are not ours, in lower case. */
  foreignEmails: string[];
  delegatedAdministrators: string[];
}

export interface OrganizationalUnitState {
  sequence: number;
  id: string;
  name: string;
  parentId: string;
  tags: Tags;
}

export interface AccountVersion {
  parentId: string;
  tags: Tags;
  state: string;
}

export interface AlternateContactState {
  name: string;
  title: string;
  email: string;
  phone: string;
}

export interface AccountState extends AccountVersion {
  sequence: number;
  id: string;
  email: string;
  name: string;
  joinedMethod: 'CREATED' | 'INVITED';
  joinedAt: number;
  listVisibleAt: number;
  describeVisibleAt: number;
  usableAt: number;
  activeAt: number;
  closingAt?: number;
  closedAt?: number;
  govCloudAccountId?: string;
  /** Until then Config does not answer in it; absent: it always does. */
  servicesUsableAt?: number;
  /** Role that the creation made; absent: any role can be assumed. */
  roleName?: string;
  requestId?: string;
  /** What a stale read shows. */
  previous?: AccountVersion & { until: number };
  /** Reads of the state so far, for accounts that flap. */
  flapLooks?: number;
  /** By `BILLING`, `OPERATIONS`, `SECURITY`. */
  alternateContacts?: Record<string, AlternateContactState>;
  /** Regions that were enabled or disabled: what they become, and when. */
  regions?: Record<string, { becomes: 'ENABLED' | 'DISABLED'; endsAt: number }>;
}

export interface CreateRequestState {
  sequence: number;
  id: string;
  kind: 'standard' | 'govcloud';
  email: string;
  accountName: string;
  roleName: string;
  tags: Tags;
  state: 'IN_PROGRESS' | 'SUCCEEDED' | 'FAILED';
  requestedAt: number;
  visibleAt: number;
  /** Absent where looks decide and not time. */
  dueAt?: number;
  looksLeft?: number;
  completedAt?: number;
  accountId?: string;
  govCloudAccountId?: string;
  govCloudIdLooksLeft: number;
  failureReason?: string;
  /** An end that was asked for by a pattern; `''`: FAILED without a reason. */
  scriptedFailure?: string;
  flaps: boolean;
  flapLooks: number;
}

export interface PackState {
  sequence: number;
  name: string;
  region: string;
  ownerAccountId: string;
  suffix: string;
  excludedAccounts: string[];
  createdAt: number;
  updatedAt?: number;
  deletedAt?: number;
  /** Accounts whose sequence is not above it have had the pack for long. */
  settledUntil: number;
  rowDelayMs?: number | undefined;
  deployMs?: number | undefined;
  failWith?: (PackError & { since: number }) | undefined;
  mended?: PackError & { since: number; at: number };
  statusOverride?: { status: string; error?: PackError; at: number } | undefined;
}

export interface PackRowState {
  status: string;
  absent: boolean;
  errorCode?: string;
  errorMessage?: string;
  updatedAt: number;
}

/** All that a state file keeps. Plain data: it goes through JSON. */
export interface WorldData {
  version: 1;
  time: number;
  organization: OrganizationState;
  organizationalUnits: OrganizationalUnitState[];
  accounts: AccountState[];
  requests: CreateRequestState[];
  packs: PackState[];
  /** By `region/pack/account`. */
  packRows: Record<string, PackRowState>;
  packRowLooks: Record<string, number>;
  /** Creations refused or accepted so far by e-mail pattern, so that "the first n" ends. */
  patternUses: Record<string, number>;
  /** Counters that name random streams and give sequences. */
  counters: Record<string, number>;
  knobs: SimulatorKnobs;
}

/** The simulated world: its data, its time and its chance. Mutated by operations only. */
export interface World {
  data: WorldData;
  random: Randomness;
  journal: JournalEntry[];
  now(): number;
  /** The data changed and is to be kept. */
  touch(): void;
}

/** Next value of a counter, from 1. */
export function count(world: World, counter: string): number {
  const next = (world.data.counters[counter] ?? 0) + 1;
  world.data.counters[counter] = next;
  return next;
}

export function findAccount(world: World, id: string): AccountState | undefined {
  return world.data.accounts.find((account) => account.id === id);
}

export function findOrganizationalUnit(
  world: World,
  id: string,
): OrganizationalUnitState | undefined {
  return world.data.organizationalUnits.find((unit) => unit.id === id);
}

export function parentExists(world: World, id: string): boolean {
  return id === world.data.organization.rootId || findOrganizationalUnit(world, id) !== undefined;
}

/** Keeps what the account was, for reads that are behind. */
export function changeAccount(
  world: World,
  account: AccountState,
  change: Partial<AccountVersion>,
): void {
  const { parentId, tags, state } = account;
  account.previous = {
    parentId,
    tags,
    state,
    until: world.now() + world.data.knobs.staleReadMs,
  };
  Object.assign(account, change);
  world.touch();
}
