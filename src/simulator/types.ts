import type { SimulatorClock } from './clock';
import type { FaultRule } from './faults/fault-rule';
import type { SimulatorKnobs, SimulatorProfile } from './knobs';

export interface SimulatorOptions {
  /** Default 0: a free port. */
  port?: number;
  /** Default 127.0.0.1: nobody else on the network reaches it. */
  host?: string;
  /** Where the knobs and the organization start. Default `real`. */
  profile?: SimulatorProfile;
  /** All randomness comes from it. Default 1. */
  seed?: number;
  /** Default: the wall clock, times `speed`. */
  clock?: SimulatorClock;
  /** How much faster than the wall clock simulated time runs. Default 1. */
  speed?: number;
  /** What differs from the profile. */
  knobs?: Partial<SimulatorKnobs>;
  /** Default: the profile's. */
  organization?: OrganizationSetup;
  /** Keeps the state over restarts. Default: in memory only. */
  stateFile?: string;
  /** One line for each request. Default: silent. */
  log?: (line: string) => void;
}

/** The organization as it stands at the start, and again after a reset. */
export interface OrganizationSetup {
  /** Paths of names from the root: `Workloads/Prod`. */
  organizationalUnits?: readonly string[];
  accounts?: readonly AccountSetup[];
  packs?: readonly PackSetup[];
  /** Addresses that belong to AWS accounts outside the organization. */
  foreignEmails?: readonly string[];
  featureSet?: 'ALL' | 'CONSOLIDATED_BILLING';
  managementAccountId?: string;
}

export interface AccountSetup {
  email: string;
  name?: string;
  tags?: Record<string, string>;
  /** Id of an organizational unit or of the root. Default: the root. */
  parentId?: string;
  /** Default `ACTIVE`. */
  state?: string;
  /** Default: one is made up. */
  id?: string;
}

export interface PackSetup {
  name: string;
  region: string;
  /** Default: the management account. Another one becomes a delegated administrator. */
  ownerAccountId?: string;
  excludedAccounts?: string[];
  /** Organization-wide status, whatever the rows say. */
  status?: string;
  /** From joining to the row's appearance. Default: the knobs'. */
  rowDelayMs?: number;
  /** From the row's appearance to its end. Default: the knobs'. */
  deployMs?: number;
  /** Every deployment to an account that joins from now on fails so, until put again without it. */
  failWith?: PackError;
}

export interface PackError {
  errorCode: string;
  errorMessage: string;
}

/** One row of GetOrganizationConformancePackDetailedStatus, whatever the simulation says. */
export interface PackRowOverride {
  region: string;
  pack: string;
  accountId: string;
  /** Default `CREATE_SUCCESSFUL`. */
  status?: string;
  errorCode?: string;
  errorMessage?: string;
  /** There is no row. */
  absent?: boolean;
}

/** Who may do what: policy documents by the ARN of a role, or of a user. */
export interface PermissionSetup {
  /** Whoever is not named may do everything. The simulator's own keys are `user/simulator`. */
  identities?: Record<string, readonly unknown[]>;
  /** Who may assume a role. A role that is not named trusts everybody. */
  trust?: Record<string, unknown>;
}

export interface JournalEntry {
  /** From 1, in the order of arrival. */
  sequence: number;
  /** Simulated time, epoch ms. */
  time: number;
  service: string;
  operation: string;
  region: string;
  callerAccountId: string;
  /** ARN of the role's session that called, `…:assumed-role/<role>/<session>`. */
  session?: string;
  /** HTTP status; 0 where nothing was answered. */
  status: number;
  /** Name of the error. */
  error?: string;
  /** `amz-sdk-invocation-id`: the same for the attempts that the SDK makes by itself. */
  invocationId?: string;
  /** The call changed something; for a creation: AWS accepted it. */
  committed: boolean;
  /** Tag `account-vending:request-id` of a creation; '' without. */
  requestTag?: string;
  /** `car-…` of an accepted creation. */
  createAccountRequestId?: string;
  /** The fault that hit the call. */
  fault?: string;
}

export interface AccountSnapshot {
  id: string;
  email: string;
  name: string;
  parentId: string;
  tags: Record<string, string>;
  state: string;
  joinedAt: number;
  govCloudAccountId?: string;
  /** The creation that made it. */
  createAccountRequestId?: string;
  /** By `BILLING`, `OPERATIONS`, `SECURITY`. */
  alternateContacts?: Record<string, AlternateContactSnapshot>;
  /** Opt-in regions that were ever enabled or disabled, with their status. */
  regions?: Record<string, string>;
}

export interface AlternateContactSnapshot {
  name: string;
  title: string;
  email: string;
  phone: string;
}

export interface CreateRequestSnapshot {
  id: string;
  kind: 'standard' | 'govcloud';
  email: string;
  accountName: string;
  tags: Record<string, string>;
  state: 'IN_PROGRESS' | 'SUCCEEDED' | 'FAILED';
  requestedAt: number;
  completedAt?: number;
  accountId?: string;
  govCloudAccountId?: string;
  failureReason?: string;
}

export interface OrganizationalUnitSnapshot {
  id: string;
  name: string;
  parentId: string;
  /** Names from the root: `Workloads/Prod`. */
  path: string;
}

export interface PackSnapshot {
  name: string;
  region: string;
  ownerAccountId: string;
  excludedAccounts: string[];
  status: string;
}

export interface SimulatorSnapshot {
  /** Simulated time, epoch ms. */
  time: number;
  organizationId: string;
  rootId: string;
  managementAccountId: string;
  accounts: AccountSnapshot[];
  requests: CreateRequestSnapshot[];
  organizationalUnits: OrganizationalUnitSnapshot[];
  packs: PackSnapshot[];
}

/** A running simulator. The same verbs are served over HTTP under `/_sim`. */
export interface Simulator {
  /** The endpoint for AWS clients. */
  readonly url: string;
  readonly port: number;
  readonly organizationId: string;
  readonly rootId: string;
  readonly managementAccountId: string;
  readonly clock: SimulatorClock;
  /** Turns knobs, from now on: what is due by now ends as it would have before. */
  set(knobs: Partial<SimulatorKnobs>): void;
  inject(rule: FaultRule): void;
  clearFaults(): void;
  /** `Workloads/Prod` makes missing parents too; returns the id of the last. */
  addOrganizationalUnit(path: string): string;
  /** Refused where accounts or other units are in it, as AWS does. */
  removeOrganizationalUnit(id: string): void;
  /** An account that is there for ever, visible and usable; returns its id. */
  addAccount(account: AccountSetup): string;
  /** The account leaves the organization: RemoveAccountFromOrganization, or LeaveOrganization. */
  removeAccount(id: string): void;
  /** An account's address outside the organization: creations with it end EMAIL_ALREADY_EXISTS. */
  takeEmail(email: string): void;
  /** Adds a pack, long deployed to the accounts that are there, or changes it. */
  putConformancePack(pack: PackSetup): void;
  removeConformancePack(region: string, name: string): void;
  setPackRow(row: PackRowOverride): void;
  /** Back to what the simulation says. */
  clearPackRow(region: string, pack: string, accountId: string): void;
  setPackStatus(region: string, pack: string, status: string, error?: PackError): void;
  /** IAM policies that count from now on, as they stand in files; without any: everything is allowed. */
  setPermissions(permissions?: PermissionSetup): void;
  journal(): readonly JournalEntry[];
  /** Accepted creations by value of the tag `account-vending:request-id`, '' without it. */
  committedCreations(): Record<string, number>;
  /** Accounts that exist because of a creation, by value of the same tag as it was sent. */
  createdAccounts(): Record<string, number>;
  snapshot(): SimulatorSnapshot;
  /** Moves simulated time forward. */
  advance(ms: number): void;
  /** Back to the start: organization, knobs, journal and faults. Time stays. */
  reset(): void;
  close(): Promise<void>;
}
