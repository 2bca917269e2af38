import type { OrganizationConformancePackDetailedStatus } from '@aws-sdk/client-config-service';
import { clean } from '../aws/errors';
import { toPolicy } from '../config';
import { OwnReason } from '../contract';
import { LONGEST_REASON, type AwsError } from '../domain/aws-error';
import type { Departure, DeploymentStatus } from '../domain/conformance';
import { utf8Bytes } from '../domain/shape';
import type {
  LookCalls,
  LookPlan,
  LookResult,
  PackLook,
  PackLookPlan,
} from '../domain/watch/messages';
import { accountById, stateOf } from './accounts';
import { AwsCallError } from './aws-calls';
import type { ActivityDeps } from './deps';
import type { OrganizationLookup } from './organization';
import { isNoSuchPack } from './pack-reader';
import type { PackReader, Tally } from './pack-reader';

export interface LookInput extends LookPlan {
  organizationId: string;
  region: string;
}

/** Rows that are on their way, or need somebody: what is neither is successful, or is not there. */
const LISTED = ['CREATE_IN_PROGRESS', 'UPDATE_IN_PROGRESS', 'CREATE_FAILED', 'UPDATE_FAILED'];
/** Where nobody knows how many rows a pack has, so few accounts are asked for one by one. */
const FEW = 3;
/** AWS's texts are told for thousands of rows. */
const LONGEST_TEXT = 300;
/** Temporal takes 2 MiB, and tries an activity that returns more again and again. */
const MOST_BYTES = 1_500_000;

/**
 * One look of the watch at the packs of a region. AWS's refusals are part of the answer, pack by
 * pack. Read-only.
 * @see https://docs.aws.amazon.com/config/latest/APIReference/API_GetOrganizationConformancePackDetailedStatus.html
 * @see https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeOrganizationConformancePackStatuses.html
 * @see https://docs.aws.amazon.com/config/latest/APIReference/API_DescribeOrganizationConformancePacks.html
 */
export async function lookAtPacks(
  deps: ActivityDeps,
  lookup: OrganizationLookup,
  reader: PackReader,
  input: LookInput,
): Promise<LookResult> {
  const look = new Look(deps, reader, input);
  const { poll } = toPolicy(deps.configuration).conformance;
  try {
    await lookup.expect(input.organizationId);
  } catch (error) {
    look.refuseAll(faultOf(error));
    return { ...look.result(), poll };
  }
  await look.run();
  const { packs, calls } = look.result();
  return { packs: shortened(packs), calls, poll };
}

class Look {
  readonly #deps: ActivityDeps;
  readonly #reader: PackReader;
  readonly #input: LookInput;
  readonly #waiting: ReadonlySet<string>;
  readonly #packs: PackLook[];
  readonly #tallies = { lists: tally(), confirming: tally(), rowless: tally() };

  constructor(deps: ActivityDeps, reader: PackReader, input: LookInput) {
    this.#deps = deps;
    this.#reader = reader;
    this.#input = input;
    this.#waiting = new Set(input.accounts);
    this.#packs = input.packs.map(({ pack, owner }) => ({
      pack,
      ...(owner ? { owner } : {}),
      rows: {},
      rowless: {},
    }));
  }

  async run(): Promise<void> {
    // What AWS refuses for one pack it refuses for all of the same owner, and that at once.
    const refused = new Map<string | undefined, AwsError>();
    for (const [index, plan] of this.#input.packs.entries()) {
      const pack = this.#packs[index];
      if (!pack) continue;
      const known = refused.get(plan.owner);
      if (known) pack.fault = known;
      else {
        await this.#attempt([pack], () => this.#lookAt(plan, pack));
        if (pack.fault) refused.set(plan.owner, pack.fault);
      }
    }
    for (const owner of new Set(this.#input.packs.map((plan) => plan.owner))) {
      if (refused.has(owner)) continue;
      const own = this.#packs.filter((pack) => pack.owner === owner && !pack.fault && !pack.gone);
      await this.#attempt(own, () => this.#findExclusions(owner, own));
      if (this.#input.withAggregate) {
        await this.#attempt(own, () => this.#addAggregates(owner, own));
      }
    }
    await this.#checkMembership();
  }

  refuseAll(fault: AwsError): void {
    for (const pack of this.#packs) pack.fault = fault;
  }

  result(): Pick<LookResult, 'packs' | 'calls'> {
    const { lists, confirming, rowless } = this.#tallies;
    const calls: LookCalls = {
      lists: lists.calls,
      confirming: confirming.calls,
      rowless: rowless.calls,
      throttled: lists.throttled + confirming.throttled + rowless.throttled,
    };
    return { packs: this.#packs, calls };
  }

  async #attempt(packs: readonly PackLook[], work: () => Promise<void>): Promise<void> {
    if (packs.length === 0) return;
    try {
      await work();
    } catch (error) {
      for (const pack of packs) pack.fault = faultOf(error);
    }
  }

  async #lookAt(plan: PackLookPlan, into: PackLook): Promise<void> {
    try {
      if (plan.lists) await this.#readLists(plan, into);
      const isOpen = (accountId: string) => !Object.hasOwn(into.rows, accountId);
      const confirm = plan.confirm.filter(isOpen);
      const again = plan.again.filter(isOpen);
      const purpose = confirm.length > 0 ? 'confirming' : 'rowless';
      if (confirm.length + again.length > (plan.pages ?? FEW)) {
        await this.#readAll(plan, into, [...confirm, ...again], this.#tallies[purpose]);
      }
      await this.#readOneByOne(plan, into, confirm, this.#tallies.confirming);
      await this.#readOneByOne(plan, into, again, this.#tallies.rowless);
    } catch (error) {
      if (!isNoSuchPack(error)) throw error;
      into.gone = true;
    }
  }

  async #readLists(plan: PackLookPlan, into: PackLook): Promise<void> {
    for (const status of LISTED) {
      const { items } = await this.#reader.rows(
        this.#place(plan),
        plan.pack,
        { status },
        this.#tallies.lists,
      );
      take(into, items, this.#waiting);
    }
  }

  /** Every row of the pack: for many accounts that is less than one call for each. */
  async #readAll(
    plan: PackLookPlan,
    into: PackLook,
    accounts: string[],
    count: Tally,
  ): Promise<void> {
    const { items, pages, isComplete } = await this.#reader.rows(
      this.#place(plan),
      plan.pack,
      {},
      count,
      accounts.length,
    );
    take(into, items, new Set(accounts));
    into.pages = isComplete ? pages : pages + 1;
    if (!isComplete) {
      into.more = true;
      return;
    }
    for (const accountId of accounts) if (!into.rows[accountId]) into.rowless[accountId] = {};
  }

  async #readOneByOne(
    plan: PackLookPlan,
    into: PackLook,
    accounts: string[],
    count: Tally,
  ): Promise<void> {
    for (const accountId of accounts) {
      if (into.rows[accountId] || into.rowless[accountId]) continue;
      const { items } = await this.#reader.rows(this.#place(plan), plan.pack, { accountId }, count);
      take(into, items, new Set([accountId]));
      if (!into.rows[accountId]) into.rowless[accountId] = {};
    }
  }

  /** A pack without a row may leave the account out. */
  async #findExclusions(owner: string | undefined, packs: readonly PackLook[]): Promise<void> {
    const names = packs
      .filter(({ rowless }) => Object.keys(rowless).length > 0)
      .map(({ pack }) => pack);
    if (names.length === 0) return;
    const described = await this.#reader.packs(
      { region: this.#input.region, owner },
      names,
      this.#tallies.rowless,
    );
    for (const { OrganizationConformancePackName: name, ExcludedAccounts = [] } of described) {
      const into = packs.find(({ pack }) => pack === name);
      for (const accountId of ExcludedAccounts) {
        if (into?.rowless[accountId]) into.rowless[accountId] = { excluded: true };
      }
    }
  }

  async #addAggregates(owner: string | undefined, packs: readonly PackLook[]): Promise<void> {
    const statuses = await this.#reader.statuses(
      { region: this.#input.region, owner },
      packs.map(({ pack }) => pack),
      this.#tallies.lists,
    );
    for (const status of statuses) {
      const into = packs.find(({ pack }) => pack === status.OrganizationConformancePackName);
      if (into) into.aggregate = toDeployment(status);
    }
  }

  /** An account that has left the organization, or was closed, gets no row any more. */
  async #checkMembership(): Promise<void> {
    for (const accountId of this.#input.checkMembership) {
      const without = this.#packs
        .map(({ rowless }) => rowless[accountId])
        .filter((entry) => entry !== undefined)
        .filter(({ excluded }) => !excluded);
      if (without.length === 0) continue;
      let departed: Departure | undefined;
      try {
        departed = await this.#departureOf(accountId);
      } catch (error) {
        // Not told, then: it is asked for again at the next look.
        if (error instanceof AwsCallError) continue;
        throw error;
      }
      for (const entry of without) {
        if (departed) entry.departed = departed;
        else entry.isMember = true;
      }
    }
  }

  async #departureOf(accountId: string): Promise<Departure | undefined> {
    const account = await accountById(this.#deps.aws, accountId);
    if (!account) {
      return {
        reason: 'AccountNotFoundException',
        what: 'the account is no member of the organization any more',
      };
    }
    const state = stateOf(account);
    if (!ENDING.has(state)) return undefined;
    return { reason: OwnReason.ACCOUNT_NOT_ACTIVE, what: `the account is ${state}` };
  }

  #place({ owner }: PackLookPlan) {
    return { region: this.#input.region, owner };
  }
}

const ENDING = new Set(['SUSPENDED', 'PENDING_CLOSURE', 'CLOSED']);

function take(
  into: PackLook,
  rows: readonly OrganizationConformancePackDetailedStatus[],
  wanted: ReadonlySet<string>,
): void {
  for (const row of rows) {
    const { AccountId: accountId } = row;
    if (accountId !== undefined && wanted.has(accountId)) into.rows[accountId] = toDeployment(row);
  }
}

function toDeployment(row: {
  Status?: string | undefined;
  ErrorCode?: string | undefined;
  ErrorMessage?: string | undefined;
  LastUpdateTime?: Date | undefined;
}): DeploymentStatus {
  return {
    status: row.Status ?? 'UNKNOWN',
    ...(row.ErrorCode ? { errorCode: row.ErrorCode.slice(0, LONGEST_REASON) } : {}),
    ...(row.ErrorMessage ? { errorMessage: clean(row.ErrorMessage).slice(0, LONGEST_TEXT) } : {}),
    ...(row.LastUpdateTime ? { lastUpdateTime: row.LastUpdateTime.toISOString() } : {}),
  };
}

/** Where thousands of rows fail, each with a text of AWS's, what is told of each gets shorter. */
export function shortened(packs: PackLook[]): PackLook[] {
  const rows = packs.flatMap((pack) => Object.values(pack.rows));
  for (const most of [100, 0]) {
    if (utf8Bytes(JSON.stringify(packs)) <= MOST_BYTES) break;
    for (const row of rows) {
      if (most === 0) delete row.errorMessage;
      else if (row.errorMessage) row.errorMessage = row.errorMessage.slice(0, most);
    }
  }
  return packs;
}

function faultOf(error: unknown): AwsError {
  if (error instanceof AwsCallError) return error.detail;
  throw error;
}

function tally(): Tally {
  return { calls: 0, throttled: 0 };
}
