import {
  DescribeOrganizationCommand,
  ListAccountsCommand,
  ListAccountsForParentCommand,
  ListOrganizationalUnitsForParentCommand,
  ListParentsCommand,
  ListRootsCommand,
  ListTagsForResourceCommand,
  type Account,
} from '@aws-sdk/client-organizations';
import { isRequestId, REQUEST_TAG, requestTagValue } from '../../contract';
import { listAll } from '../aws';
import type { AwsClients, FetchPage } from '../aws';
import { CallPace, readAws } from './aws-reads';
import { invalid } from '../errors';

/** An account that exists, and where it stands. */
export interface FleetAccount {
  accountId: string;
  name: string;
  unitId: string;
  /** Names from the root; empty in the root itself. */
  unitPath: string;
  /** Of the vend that made it, or took it: it carries our tag. */
  requestId?: string;
}

/** One that cannot be brought in. */
interface LeftOut {
  accountId: string;
  why: string;
}

export interface Fleet {
  organizationId: string;
  accounts: FleetAccount[];
  left: LeftOut[];
}

export interface FleetOptions {
  /** Only what stands in this unit or below: an id, or names from the root. */
  organizationalUnit?: string | undefined;
  installation?: string | undefined;
  /** Hears how far it has come. */
  progress?: (line: string) => void;
}

/** Half of what AWS allows: five lists a second, ten reads of tags. */
const LISTS_A_SECOND = 2.5;
const TAGS_A_SECOND = 5;
const TELL_EVERY = 200;

/** Reads the accounts of the organization: which there are, where they stand, and whose they are. */
export async function readFleet(aws: AwsClients, options: FleetOptions = {}): Promise<Fleet> {
  return new FleetReader(aws, options).read();
}

interface Unit {
  id: string;
  path: string;
}

class FleetReader {
  readonly #aws: AwsClients;
  readonly #options: FleetOptions;
  readonly #lists = new CallPace(LISTS_A_SECOND);
  readonly #tags = new CallPace(TAGS_A_SECOND);

  constructor(aws: AwsClients, options: FleetOptions) {
    this.#aws = aws;
    this.#options = options;
  }

  async read(): Promise<Fleet> {
    const { Organization: organization } = await readAws('DescribeOrganization', () =>
      this.#aws.organizations.send(new DescribeOrganizationCommand({})),
    );
    const organizationId = organization?.Id ?? '';
    const units = await this.#units();
    const wanted = this.#wanted(units);
    const where = await this.#whereAccountsStand(wanted);
    const all = await this.#accounts();
    const fleet: Fleet = { organizationId, accounts: [], left: [] };
    const isAll = wanted.length === units.length;
    for (const account of all) {
      const accountId = account.Id ?? '';
      // One that was moved while the units were read stands in none of them.
      const unit =
        where.get(accountId) ?? (isAll ? await this.#parentOf(accountId, units) : undefined);
      if (!unit) continue;
      const state = account.State ?? account.Status ?? 'ACTIVE';
      if (accountId === organization?.MasterAccountId) {
        fleet.left.push({ accountId, why: 'the management account' });
      } else if (state !== 'ACTIVE') {
        fleet.left.push({ accountId, why: `it is ${state}` });
      } else {
        await this.#take(fleet, account, unit);
      }
    }
    return fleet;
  }

  async #take(fleet: Fleet, account: Account, unit: Unit): Promise<void> {
    const accountId = account.Id ?? '';
    const done = fleet.accounts.length;
    if (done > 0 && done % TELL_EVERY === 0) {
      this.#options.progress?.(`${done} accounts read …`);
    }
    const tag = await this.#proofTag(accountId);
    const requestId = tag === undefined ? undefined : this.#requestIdOf(tag);
    if (tag !== undefined && requestId === undefined) {
      const why = `its tag ${REQUEST_TAG} is that of another installation`;
      fleet.left.push({ accountId, why });
      return;
    }
    const twin = requestId && fleet.accounts.find((other) => other.requestId === requestId);
    if (twin) {
      fleet.left.push({ accountId, why: `it carries the same tag as ${twin.accountId}` });
      return;
    }
    fleet.accounts.push({
      accountId,
      name: account.Name ?? '',
      unitId: unit.id,
      unitPath: unit.path,
      ...(requestId ? { requestId } : {}),
    });
  }

  #requestIdOf(tag: string): string | undefined {
    const requestId = tag.slice(tag.lastIndexOf('/') + 1);
    const isOurs = tag === requestTagValue(requestId, this.#options.installation);
    return isOurs && isRequestId(requestId) ? requestId : undefined;
  }

  /** The root and every unit below it, each before those that stand in it. */
  async #units(): Promise<Unit[]> {
    const roots = await this.#all('ListRoots', async (NextToken) => {
      const page = await this.#aws.organizations.send(new ListRootsCommand({ NextToken }));
      return { items: page.Roots, token: page.NextToken };
    });
    const units: Unit[] = roots.map(({ Id = '' }) => ({ id: Id, path: '' }));
    for (const parent of units) {
      const below = await this.#all('ListOrganizationalUnitsForParent', async (NextToken) => {
        const page = await this.#aws.organizations.send(
          new ListOrganizationalUnitsForParentCommand({ ParentId: parent.id, NextToken }),
        );
        return { items: page.OrganizationalUnits, token: page.NextToken };
      });
      for (const { Id = '', Name = '' } of below) {
        units.push({ id: Id, path: parent.path ? `${parent.path}/${Name}` : Name });
      }
    }
    return units;
  }

  #wanted(units: readonly Unit[]): Unit[] {
    const { organizationalUnit: given } = this.#options;
    if (given === undefined) return [...units];
    const top = units.find(({ id, path }) => id === given || (path !== '' && path === given));
    if (!top) {
      throw invalid(
        '--organizational-unit names no unit of this organization: give an ID (ou-…), or names from the root such as Workloads/Prod.',
      );
    }
    return units.filter(
      ({ id, path }) => id === top.id || top.path === '' || path.startsWith(`${top.path}/`),
    );
  }

  async #whereAccountsStand(units: readonly Unit[]): Promise<Map<string, Unit>> {
    const where = new Map<string, Unit>();
    for (const unit of units) {
      const inside = await this.#all('ListAccountsForParent', async (NextToken) => {
        const page = await this.#aws.organizations.send(
          new ListAccountsForParentCommand({ ParentId: unit.id, NextToken }),
        );
        return { items: page.Accounts, token: page.NextToken };
      });
      for (const { Id = '' } of inside) where.set(Id, unit);
    }
    return where;
  }

  #accounts(): Promise<Account[]> {
    return this.#all('ListAccounts', async (NextToken) => {
      const page = await this.#aws.organizations.send(new ListAccountsCommand({ NextToken }));
      return { items: page.Accounts, token: page.NextToken };
    });
  }

  async #parentOf(accountId: string, units: readonly Unit[]): Promise<Unit | undefined> {
    const [parent] = await this.#all('ListParents', async (NextToken) => {
      const page = await this.#aws.organizations.send(
        new ListParentsCommand({ ChildId: accountId, NextToken }),
      );
      return { items: page.Parents, token: page.NextToken };
    });
    return units.find(({ id }) => id === parent?.Id);
  }

  async #proofTag(accountId: string): Promise<string | undefined> {
    const tags = await this.#all(
      'ListTagsForResource',
      async (NextToken) => {
        const page = await this.#aws.organizations.send(
          new ListTagsForResourceCommand({ ResourceId: accountId, NextToken }),
        );
        return { items: page.Tags, token: page.NextToken };
      },
      this.#tags,
    );
    return tags.find(({ Key }) => Key === REQUEST_TAG)?.Value;
  }

  #all<T>(operation: string, fetch: FetchPage<T>, pace = this.#lists): Promise<T[]> {
    return listAll(async (token) => {
      await pace.turn();
      return readAws(operation, () => fetch(token));
    });
  }
}
