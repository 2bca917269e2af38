import { DescribeOrganizationConformancePackStatusesCommand } from '@aws-sdk/client-config-service';
import {
  CloseAccountCommand,
  CreateOrganizationalUnitCommand,
  DeleteOrganizationalUnitCommand,
  DescribeAccountCommand,
  DescribeOrganizationCommand,
  DescribeOrganizationalUnitCommand,
  ListAccountsCommand,
  ListAccountsForParentCommand,
  ListChildrenCommand,
  ListCreateAccountStatusCommand,
  ListOrganizationalUnitsForParentCommand,
  ListParentsCommand,
  ListRootsCommand,
  ListTagsForResourceCommand,
  MoveAccountCommand,
  TagResourceCommand,
  paginateListAWSServiceAccessForOrganization,
  paginateListAccounts,
} from '@aws-sdk/client-organizations';
import {
  create,
  failure,
  finish,
  organizationsClient,
  startRig,
  status,
  type Rig,
} from './clients';

let rig: Rig;
beforeEach(async () => {
  rig = await startRig({ knobs: { emptyPageRate: 0 } });
});
afterEach(() => rig.close());

const HOUR = 3_600_000;

describe('lists', () => {
  it('reach every account through small, empty and lacking pages', async () => {
    rig.simulator.set({ emptyPageRate: 0.6, pageSize: 2 });
    for (let n = 0; n < 20; n += 1) rig.simulator.addAccount({ email: `a${n}@example.com` });
    const seen: (string | undefined)[] = [];
    let empty = 0;
    let lacking = 0;
    let largest = 0;
    for await (const page of paginateListAccounts({ client: rig.organizations }, {})) {
      if (!page.Accounts) lacking += 1;
      if (page.Accounts?.length === 0) empty += 1;
      largest = Math.max(largest, page.Accounts?.length ?? 0);
      seen.push(...(page.Accounts ?? []).map(({ Email }) => Email));
    }
    expect(new Set(seen).size).toBe(21);
    expect(seen).toHaveLength(21);
    expect(largest).toBe(2);
    expect(empty).toBeGreaterThan(0);
    expect(lacking).toBeGreaterThan(0);
  });

  it('refuse a token that is made up, of another list, or too old', async () => {
    for (let n = 0; n < 5; n += 1) rig.simulator.addAccount({ email: `a${n}@example.com` });
    const list = (NextToken?: string) =>
      rig.organizations.send(new ListAccountsCommand({ NextToken }));
    const { NextToken: token } = await list();
    expect(token).toBeDefined();
    const foreign = rig.organizations.send(new ListRootsCommand({ NextToken: token }));
    rig.simulator.set({ nextTokenTtlMs: 1000 });
    const invalid = { name: 'InvalidInputException', reason: 'INVALID_NEXT_TOKEN' };
    expect(await failure(foreign)).toMatchObject(invalid);
    expect(await failure(list('nonsense'))).toMatchObject(invalid);
    await expect(list(token)).resolves.toBeDefined();
    rig.clock.advance(1001);
    expect(await failure(list(token))).toMatchObject(invalid);
  });

  it.each([0, 21])('refuse MaxResults %d', async (MaxResults) => {
    const call = rig.organizations.send(new ListAccountsCommand({ MaxResults }));
    expect((await failure(call)).reason).toMatch(/^(MIN|MAX)_VALUE_EXCEEDED$/);
  });

  it('show a new account only when it has become visible', async () => {
    rig.simulator.set({ listVisibleMs: 30_000 });
    const id = await create(rig, 'a@example.com');
    rig.clock.advance(50);
    expect((await status(rig, id)).State).toBe('SUCCEEDED');
    const count = async () =>
      (await rig.organizations.send(new ListAccountsCommand({}))).Accounts?.length;
    expect(await count()).toBe(1);
    rig.clock.advance(30_000);
    expect(await count()).toBe(2);
  });

  it('filter creations by state, and forget them by knob', async () => {
    await finish(rig, 'a@example.com');
    await create(rig, 'b+slow-7200@example.com');
    const list = async (...States: ('IN_PROGRESS' | 'SUCCEEDED')[]) => {
      const page = await rig.organizations.send(
        new ListCreateAccountStatusCommand(States.length ? { States } : {}),
      );
      return page.CreateAccountStatuses?.map(({ State }) => State);
    };
    expect(await list()).toEqual(['SUCCEEDED', 'IN_PROGRESS']);
    expect(await list('IN_PROGRESS')).toEqual(['IN_PROGRESS']);
    rig.clock.advance(HOUR);
    rig.simulator.set({ requestRetentionMs: HOUR });
    expect(await list()).toEqual(['IN_PROGRESS']);
  });

  it('may come from a copy that is behind', async () => {
    const { AccountId } = await finish(rig, 'a@example.com');
    const unit = rig.simulator.addOrganizationalUnit('Sandbox');
    await move(AccountId!, rig.simulator.rootId, unit);
    rig.simulator.set({ staleReadRate: 1 });
    const parent = async () =>
      (await rig.organizations.send(new ListParentsCommand({ ChildId: AccountId }))).Parents?.[0]
        ?.Id;
    expect(await parent()).toBe(rig.simulator.rootId);
    rig.clock.advance(20_000);
    expect(await parent()).toBe(unit);
  });
});

function move(AccountId: string, SourceParentId: string, DestinationParentId: string) {
  return rig.organizations.send(
    new MoveAccountCommand({ AccountId, SourceParentId, DestinationParentId }),
  );
}

describe('MoveAccount', () => {
  it('moves, and says what is wrong with a move', async () => {
    const { rootId } = rig.simulator;
    const account = rig.simulator.addAccount({ email: 'a@example.com' });
    const one = rig.simulator.addOrganizationalUnit('One');
    const other = rig.simulator.addOrganizationalUnit('Other');
    const nowhere = `ou-${rootId.slice(2)}-00000000`;
    const refusals: [string, string, string, string][] = [
      ['000000000000', rootId, one, 'AccountNotFoundException'],
      [account, nowhere, one, 'SourceParentNotFoundException'],
      [account, rootId, nowhere, 'DestinationParentNotFoundException'],
      [account, rootId, rootId, 'DuplicateAccountException'],
      [account, other, one, 'SourceParentNotFoundException'],
    ];
    for (const [id, from, to, name] of refusals) {
      expect(await failure(move(id, from, to))).toMatchObject({ name });
    }
    await move(account, rootId, one);
    const inside = await rig.organizations.send(
      new ListAccountsForParentCommand({ ParentId: one }),
    );
    expect(inside.Accounts?.map(({ Id }) => Id)).toEqual([account]);
    expect(await failure(move(account, rootId, one))).toMatchObject({
      name: 'DuplicateAccountException',
    });
  });
});

describe('organizational units', () => {
  it('are made, found, listed and deleted', async () => {
    const { rootId, organizationId } = rig.simulator;
    const make = (ParentId: string, Name: string) =>
      rig.organizations.send(new CreateOrganizationalUnitCommand({ ParentId, Name }));
    const { OrganizationalUnit: unit } = await make(rootId, 'Workloads');
    expect(unit).toMatchObject({
      Id: expect.stringMatching(/^ou-[0-9a-z]{4}-[0-9a-z]{8}$/),
      Path: `${organizationId}/${rootId}/${unit?.Id}/`,
    });
    expect(await failure(make(rootId, 'Workloads'))).toMatchObject({
      name: 'DuplicateOrganizationalUnitException',
    });
    const { OrganizationalUnit: child } = await make(unit!.Id!, 'Prod');
    expect(rig.simulator.addOrganizationalUnit('Workloads/Prod')).toBe(child?.Id);
    const listed = await rig.organizations.send(
      new ListOrganizationalUnitsForParentCommand({ ParentId: unit!.Id }),
    );
    expect(listed.OrganizationalUnits).toEqual([child]);
    const children = await rig.organizations.send(
      new ListChildrenCommand({ ParentId: rootId, ChildType: 'ORGANIZATIONAL_UNIT' }),
    );
    expect(children.Children).toEqual([{ Id: unit?.Id, Type: 'ORGANIZATIONAL_UNIT' }]);
    const remove = (OrganizationalUnitId?: string) =>
      rig.organizations.send(new DeleteOrganizationalUnitCommand({ OrganizationalUnitId }));
    expect(await failure(remove(unit?.Id))).toMatchObject({
      name: 'OrganizationalUnitNotEmptyException',
    });
    await remove(child?.Id);
    const gone = rig.organizations.send(
      new DescribeOrganizationalUnitCommand({ OrganizationalUnitId: child?.Id }),
    );
    expect(await failure(gone)).toMatchObject({ name: 'OrganizationalUnitNotFoundException' });
  });

  it('are at most five deep', async () => {
    const ParentId = rig.simulator.addOrganizationalUnit('1/2/3/4/5');
    const sixth = new CreateOrganizationalUnitCommand({ ParentId, Name: '6' });
    expect(await failure(rig.organizations.send(sixth))).toMatchObject({
      reason: 'OU_DEPTH_LIMIT_EXCEEDED',
    });
  });
});

describe('tags', () => {
  it('are overwritten by key, all or none', async () => {
    const id = rig.simulator.addAccount({ email: 'a@example.com', tags: { a: '1' } });
    const tag = (Tags: { Key: string; Value: string }[]) =>
      rig.organizations.send(new TagResourceCommand({ ResourceId: id, Tags }));
    await tag([
      { Key: 'a', Value: '2' },
      { Key: 'b', Value: '' },
    ]);
    const bad = tag([
      { Key: 'c', Value: '3' },
      { Key: 'aws:d', Value: '4' },
    ]);
    expect(await failure(bad)).toMatchObject({ reason: 'INVALID_SYSTEM_TAGS_PARAMETER' });
    const { Tags } = await rig.organizations.send(
      new ListTagsForResourceCommand({ ResourceId: id }),
    );
    expect(Tags).toEqual([
      { Key: 'a', Value: '2' },
      { Key: 'b', Value: '' },
    ]);
    const unknown = new ListTagsForResourceCommand({ ResourceId: '000000000000' });
    expect(await failure(rig.organizations.send(unknown))).toMatchObject({
      name: 'TargetNotFoundException',
    });
  });
});

describe('CloseAccount', () => {
  const close = (AccountId: string) =>
    rig.organizations.send(new CloseAccountCommand({ AccountId }));
  const state = async (AccountId: string) =>
    (await rig.organizations.send(new DescribeAccountCommand({ AccountId }))).Account?.State;

  it('goes over PENDING_CLOSURE to CLOSED, and out of the organization after 90 days', async () => {
    rig.simulator.set({ closureMs: 600_000 });
    const id = rig.simulator.addAccount({ email: 'a@example.com' });
    await close(id);
    expect(await state(id)).toBe('PENDING_CLOSURE');
    expect(await failure(close(id))).toMatchObject({ name: 'ConflictException' });
    rig.clock.advance(600_000);
    expect(await state(id)).toBe('CLOSED');
    expect(await failure(close(id))).toMatchObject({ name: 'AccountAlreadyClosedException' });
    rig.clock.advance(90 * 24 * HOUR);
    expect(await failure(state(id))).toMatchObject({ name: 'AccountNotFoundException' });
  });

  it('takes three at a time, and never the management account', async () => {
    expect(await failure(close(rig.simulator.managementAccountId))).toMatchObject({
      reason: 'CANNOT_CLOSE_MANAGEMENT_ACCOUNT',
    });
    const ids = [1, 2, 3, 4].map((n) => rig.simulator.addAccount({ email: `a${n}@example.com` }));
    for (const id of ids.slice(0, 3)) await close(id);
    expect(await failure(close(ids[3]!))).toMatchObject({
      reason: 'CLOSE_ACCOUNT_REQUESTS_LIMIT_EXCEEDED',
    });
  });
});

describe('callers', () => {
  it('other than the management account are refused, but may ask for the organization', async () => {
    const member = rig.simulator.addAccount({ email: 'member@example.com' });
    const client = organizationsClient(rig.simulator.url, { accessKeyId: member });
    expect(await failure(client.send(new ListAccountsCommand({})))).toMatchObject({
      name: 'AccessDeniedException',
    });
    const { Organization } = await client.send(new DescribeOrganizationCommand({}));
    expect(Organization).toMatchObject({
      Id: rig.simulator.organizationId,
      MasterAccountId: rig.simulator.managementAccountId,
      FeatureSet: 'ALL',
    });
  });
});

describe('trusted access', () => {
  const list = async () => {
    const principals: (string | undefined)[] = [];
    const pages = paginateListAWSServiceAccessForOrganization({ client: rig.organizations }, {});
    for await (const { EnabledServicePrincipals = [] } of pages) {
      principals.push(...EnabledServicePrincipals.map((one) => one.ServicePrincipal));
    }
    return principals;
  };

  it('is listed as the knobs have it', async () => {
    const all = ['account.amazonaws.com', 'config-multiaccountsetup.amazonaws.com'];
    expect(await list()).toEqual(all);
    rig.simulator.set({ accountTrustedAccess: false });
    expect(await list()).toEqual(all.slice(1));
    rig.simulator.set({ configTrustedAccess: false });
    expect(await list()).toEqual([]);
  });

  it('of AWS Config is needed for organization packs', async () => {
    rig.simulator.set({ configTrustedAccess: false });
    const asked = rig.config.send(new DescribeOrganizationConformancePackStatusesCommand({}));
    expect(await failure(asked)).toMatchObject({ name: 'OrganizationAccessDeniedException' });
  });

  it('needs all features', async () => {
    await rig.close();
    rig = await startRig({ organization: { featureSet: 'CONSOLIDATED_BILLING' } });
    await expect(list()).rejects.toMatchObject({
      name: 'ConstraintViolationException',
      Reason: 'ORGANIZATION_NOT_IN_ALL_FEATURES_MODE',
    });
  });
});

describe('what accounts show', () => {
  it.each([
    ['state', { State: 'ACTIVE' }],
    ['both', { State: 'ACTIVE', Status: 'ACTIVE' }],
    ['status', { Status: 'ACTIVE' }],
  ] as const)('is %s by knob', async (accountStateFields, expected) => {
    rig.simulator.set({ accountStateFields });
    const { Accounts } = await rig.organizations.send(new ListAccountsCommand({}));
    const { State, Status } = Accounts![0]!;
    expect({ ...(State && { State }), ...(Status && { Status }) }).toEqual(expected);
  });
});

describe('token buckets', () => {
  it('let three creations through and then one in ten seconds', async () => {
    rig.simulator.set({ rateFactor: 1 });
    for (const n of [1, 2, 3]) await create(rig, `a${n}@example.com`);
    const throttled = { name: 'TooManyRequestsException', status: 400 };
    expect(await failure(create(rig, 'a4@example.com'))).toMatchObject(throttled);
    rig.clock.advance(9_999);
    expect(await failure(create(rig, 'a4@example.com'))).toMatchObject(throttled);
    rig.clock.advance(1);
    await create(rig, 'a4@example.com');
    expect(await failure(create(rig, 'a5@example.com'))).toMatchObject(throttled);
  });

  it('are eaten by other tools too', async () => {
    rig.simulator.set({ rateFactor: 1, backgroundUse: 0.5 });
    for (const n of [1, 2, 3]) await create(rig, `a${n}@example.com`);
    rig.clock.advance(10_000);
    expect(await failure(create(rig, 'a4@example.com'))).toMatchObject({
      name: 'TooManyRequestsException',
    });
    rig.clock.advance(10_000);
    await create(rig, 'a4@example.com');
  });

  it('are shared by operations that are listed together', async () => {
    rig.simulator.set({ rateFactor: 1 });
    const list = () =>
      rig.organizations.send(new ListAccountsForParentCommand({ ParentId: rig.simulator.rootId }));
    for (let n = 0; n < 8; n += 1) await list();
    const parents = new ListParentsCommand({ ChildId: rig.simulator.managementAccountId });
    expect(await failure(rig.organizations.send(parents))).toMatchObject({
      name: 'TooManyRequestsException',
    });
  });
});
