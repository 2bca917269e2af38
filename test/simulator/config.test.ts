import {
  DeleteOrganizationConformancePackCommand,
  DescribeOrganizationConformancePacksCommand,
  DescribeOrganizationConformancePackStatusesCommand,
  GetOrganizationConformancePackDetailedStatusCommand,
  PutOrganizationConformancePackCommand,
  type OrganizationResourceDetailedStatus,
} from '@aws-sdk/client-config-service';
import { configClient, create, failure, finish, startRig, type Rig } from './clients';

const REGION = 'us-east-1';
const PACK = 'Baseline';
const MINUTE = 60_000;

let rig: Rig;
beforeEach(async () => {
  rig = await startRig({
    knobs: { emptyPageRate: 0, packRowDelayMs: MINUTE, packDeployMs: MINUTE },
  });
});
afterEach(() => rig.close());

async function rows(
  AccountId?: string,
  Status?: OrganizationResourceDetailedStatus,
  client = rig.config,
) {
  const answer = await client.send(
    new GetOrganizationConformancePackDetailedStatusCommand({
      OrganizationConformancePackName: PACK,
      Filters: { ...(AccountId && { AccountId }), ...(Status && { Status }) },
    }),
  );
  return answer.OrganizationConformancePackDetailedStatuses ?? [];
}

async function rowStatus(accountId: string): Promise<string | undefined> {
  return (await rows(accountId))[0]?.Status;
}

async function aggregate(client = rig.config) {
  const answer = await client.send(
    new DescribeOrganizationConformancePackStatusesCommand({
      OrganizationConformancePackNames: [PACK],
    }),
  );
  return answer.OrganizationConformancePackStatuses?.[0];
}

describe('the row of an account that joins', () => {
  it('is absent, then in progress, then successful', async () => {
    rig.simulator.putConformancePack({ name: PACK, region: REGION });
    const id = rig.simulator.addAccount({ email: 'a@example.com' });
    expect(await rows(id)).toEqual([]);
    rig.clock.advance(MINUTE);
    expect(await rowStatus(id)).toBe('CREATE_IN_PROGRESS');
    rig.clock.advance(MINUTE);
    expect(await rows(id)).toEqual([
      {
        AccountId: id,
        ConformancePackName: expect.stringMatching(/^OrgConformsPack-Baseline-[a-z0-9]{8}$/),
        Status: 'CREATE_SUCCESSFUL',
        LastUpdateTime: new Date('2026-11-22T00:02:00Z'),
      },
    ]);
  });

  it('is there at once for accounts that had the pack before', async () => {
    const old = rig.simulator.addAccount({ email: 'old@example.com' });
    rig.simulator.putConformancePack({ name: PACK, region: REGION });
    expect(await rowStatus(old)).toBe('CREATE_SUCCESSFUL');
  });

  it('is missing for excluded and closed accounts, and for the management account', async () => {
    const excluded = rig.simulator.addAccount({ email: 'x@example.com' });
    rig.simulator.addAccount({ email: 'closed@example.com', state: 'CLOSED' });
    rig.simulator.putConformancePack({
      name: PACK,
      region: REGION,
      excludedAccounts: [excluded],
    });
    expect(await rows()).toEqual([]);
    const packs = await rig.config.send(new DescribeOrganizationConformancePacksCommand({}));
    expect(packs.OrganizationConformancePacks?.[0]?.ExcludedAccounts).toEqual([excluded]);
    rig.simulator.set({ packsCoverManagement: true });
    expect((await rows()).map(({ AccountId }) => AccountId)).toEqual([
      rig.simulator.managementAccountId,
    ]);
  });

  it('fails with code and text, and heals when it is mended within seven hours', async () => {
    const failWith = { errorCode: 'ResourceInUse', errorMessage: 'busy' };
    rig.simulator.putConformancePack({ name: PACK, region: REGION, failWith });
    const id = rig.simulator.addAccount({ email: 'a@example.com' });
    rig.clock.advance(2 * MINUTE);
    expect((await rows(id))[0]).toMatchObject({
      Status: 'CREATE_FAILED',
      ErrorCode: 'ResourceInUse',
      ErrorMessage: 'busy',
    });
    rig.clock.advance(180 * MINUTE);
    rig.simulator.putConformancePack({ name: PACK, region: REGION });
    expect(await rowStatus(id)).toBe('CREATE_SUCCESSFUL');
  });

  it('stays failed after seven hours, until the pack is put again', async () => {
    const failWith = { errorCode: 'X', errorMessage: 'x' };
    rig.simulator.putConformancePack({ name: PACK, region: REGION, failWith });
    const id = rig.simulator.addAccount({ email: 'a@example.com' });
    rig.clock.advance(8 * 60 * MINUTE);
    rig.simulator.putConformancePack({ name: PACK, region: REGION });
    expect(await rowStatus(id)).toBe('CREATE_FAILED');
    await putPack();
    expect(await rowStatus(id)).toBe('UPDATE_IN_PROGRESS');
    rig.clock.advance(MINUTE);
    expect(await rowStatus(id)).toBe('UPDATE_SUCCESSFUL');
  });

  it('can go by looks instead of time', async () => {
    rig.simulator.set({ packRowLooks: 3 });
    rig.simulator.putConformancePack({ name: PACK, region: REGION });
    const id = rig.simulator.addAccount({ email: 'a@example.com' });
    const seen = [await rowStatus(id), await rowStatus(id), await rowStatus(id)];
    expect(seen).toEqual([undefined, 'CREATE_IN_PROGRESS', 'CREATE_SUCCESSFUL']);
  });

  it('fails for an account without a recorder, by address', async () => {
    rig.simulator.putConformancePack({ name: PACK, region: REGION });
    const { AccountId } = await finish(rig, 'a+no-recorder@example.com');
    rig.clock.advance(10 * MINUTE);
    expect((await rows(AccountId))[0]).toMatchObject({
      Status: 'CREATE_FAILED',
      ErrorCode: 'NoAvailableConfigurationRecorderException',
    });
  });

  it('can be set and cleared by hand', async () => {
    rig.simulator.putConformancePack({ name: PACK, region: REGION });
    const id = rig.simulator.addAccount({ email: 'a@example.com' });
    const row = { region: REGION, pack: PACK, accountId: id };
    rig.simulator.setPackRow({
      ...row,
      status: 'UPDATE_FAILED',
      errorCode: 'C',
      errorMessage: 'm',
    });
    expect((await rows(id))[0]).toMatchObject({ Status: 'UPDATE_FAILED', ErrorCode: 'C' });
    rig.clock.advance(5 * MINUTE);
    rig.simulator.setPackRow({ ...row, absent: true });
    expect(await rows(id)).toEqual([]);
    rig.simulator.clearPackRow(REGION, PACK, id);
    expect(await rowStatus(id)).toBe('CREATE_SUCCESSFUL');
  });
});

describe('the detail call', () => {
  it('filters by account and by status, also together', async () => {
    const old = rig.simulator.addAccount({ email: 'old@example.com' });
    rig.simulator.putConformancePack({ name: PACK, region: REGION, rowDelayMs: 0 });
    const joined = rig.simulator.addAccount({ email: 'new@example.com' });
    const ids = async (account?: string, status?: OrganizationResourceDetailedStatus) =>
      (await rows(account, status)).map(({ AccountId }) => AccountId);
    expect(await ids()).toEqual([old, joined]);
    expect(await ids(undefined, 'CREATE_IN_PROGRESS')).toEqual([joined]);
    expect(await ids(old, 'CREATE_IN_PROGRESS')).toEqual([]);
  });

  it('pages, and refuses limits and tokens that do not fit', async () => {
    for (const n of [1, 2, 3]) rig.simulator.addAccount({ email: `a${n}@example.com` });
    rig.simulator.putConformancePack({ name: PACK, region: REGION });
    const send = (more: { Limit?: number; NextToken?: string }) =>
      rig.config.send(
        new GetOrganizationConformancePackDetailedStatusCommand({
          OrganizationConformancePackName: PACK,
          ...more,
        }),
      );
    const first = await send({});
    expect(first.OrganizationConformancePackDetailedStatuses).toHaveLength(2);
    const second = await send({ NextToken: first.NextToken! });
    expect(second.OrganizationConformancePackDetailedStatuses).toHaveLength(1);
    expect(second.NextToken).toBeUndefined();
    expect(await failure(send({ Limit: 101 }))).toMatchObject({ name: 'InvalidLimitException' });
    expect(await failure(send({ NextToken: 'x' }))).toMatchObject({
      name: 'InvalidNextTokenException',
    });
  });
});

describe('the organization-wide status', () => {
  it('is old at first, then in progress, then the worst of the rows', async () => {
    rig.simulator.set({ aggregateLagMs: 5 * MINUTE });
    rig.simulator.putConformancePack({ name: PACK, region: REGION });
    expect((await aggregate())?.Status).toBe('CREATE_SUCCESSFUL');
    rig.clock.advance(60 * MINUTE);
    const id = rig.simulator.addAccount({ email: 'a@example.com' });
    rig.clock.advance(4 * MINUTE);
    expect((await aggregate())?.Status).toBe('CREATE_SUCCESSFUL');
    expect(await rowStatus(id)).toBe('CREATE_SUCCESSFUL');
    rig.clock.advance(MINUTE);
    expect((await aggregate())?.Status).toBe('UPDATE_IN_PROGRESS');
    rig.clock.advance(2 * MINUTE);
    expect((await aggregate())?.Status).toBe('UPDATE_SUCCESSFUL');
    rig.simulator.setPackRow({
      region: REGION,
      pack: PACK,
      accountId: id,
      status: 'CREATE_FAILED',
      errorCode: 'NoAvailableConfigurationRecorderException',
    });
    expect(await aggregate()).toMatchObject({
      Status: 'UPDATE_FAILED',
      ErrorMessage: 'Summary: [NoAvailableConfigurationRecorderException in 1 account(s), ]',
    });
  });

  it('can be stuck for a delegated administrator, who sees only its own packs', async () => {
    const owner = rig.simulator.addAccount({ email: 'audit@example.com' });
    rig.simulator.putConformancePack({ name: PACK, region: REGION, ownerAccountId: owner });
    const delegated = configClient(rig.simulator.url, { accessKeyId: owner });
    expect((await aggregate(delegated))?.Status).toBe('CREATE_SUCCESSFUL');
    rig.simulator.set({ aggregateStuckForDelegated: true });
    expect((await aggregate(delegated))?.Status).toBe('CREATE_IN_PROGRESS');
    expect(await failure(aggregate())).toMatchObject({
      name: 'NoSuchOrganizationConformancePackException',
    });
  });

  it('can be set by hand', async () => {
    rig.simulator.putConformancePack({ name: PACK, region: REGION });
    const error = { errorCode: 'C', errorMessage: 'm' };
    rig.simulator.setPackStatus(REGION, PACK, 'UPDATE_FAILED', error);
    expect(await aggregate()).toMatchObject({ Status: 'UPDATE_FAILED', ErrorCode: 'C' });
  });
});

async function putPack(ExcludedAccounts: string[] = []) {
  return rig.config.send(
    new PutOrganizationConformancePackCommand({
      OrganizationConformancePackName: PACK,
      TemplateS3Uri: 's3://bucket/key',
      ExcludedAccounts,
    }),
  );
}

describe('packs', () => {
  it('are put, spread and deleted', async () => {
    const id = rig.simulator.addAccount({ email: 'a@example.com' });
    const { OrganizationConformancePackArn: arn } = await putPack();
    expect(arn).toMatch(
      /^arn:aws:config:us-east-1:\d{12}:organization-conformance-pack\/Baseline-/,
    );
    expect((await aggregate())?.Status).toBe('CREATE_IN_PROGRESS');
    rig.clock.advance(2 * MINUTE);
    expect(await rowStatus(id)).toBe('CREATE_SUCCESSFUL');
    expect((await aggregate())?.Status).toBe('CREATE_SUCCESSFUL');
    await rig.config.send(
      new DeleteOrganizationConformancePackCommand({ OrganizationConformancePackName: PACK }),
    );
    expect((await aggregate())?.Status).toBe('DELETE_IN_PROGRESS');
    rig.clock.advance(MINUTE);
    expect(await failure(aggregate())).toMatchObject({
      name: 'NoSuchOrganizationConformancePackException',
    });
  });

  it('live in one Region', async () => {
    rig.simulator.putConformancePack({ name: PACK, region: 'eu-west-1' });
    expect(await failure(aggregate())).toMatchObject({
      name: 'NoSuchOrganizationConformancePackException',
    });
    const europe = configClient(rig.simulator.url, { region: 'eu-west-1' });
    expect((await aggregate(europe))?.Status).toBe('CREATE_SUCCESSFUL');
  });

  it('are not for members, and names have a form', async () => {
    const member = rig.simulator.addAccount({ email: 'member@example.com' });
    const call = aggregate(configClient(rig.simulator.url, { accessKeyId: member }));
    expect(await failure(call)).toMatchObject({ name: 'OrganizationAccessDeniedException' });
    const bad = rig.config.send(
      new DescribeOrganizationConformancePackStatusesCommand({
        OrganizationConformancePackNames: ['1 2'],
      }),
    );
    expect(await failure(bad)).toMatchObject({ name: 'ValidationException' });
  });

  it('reach an account that a creation made', async () => {
    rig.simulator.set({ packRowDelayMs: 0, packDeployMs: 0 });
    rig.simulator.putConformancePack({ name: PACK, region: REGION });
    await create(rig, 'a@example.com');
    rig.clock.advance(50);
    expect((await rows()).map(({ Status }) => Status)).toEqual(['CREATE_SUCCESSFUL']);
  });
});
