import type { PackSetup } from '../../src/simulator';
import { refuse, valueOf, withRig } from './rig';
import type { Rig, RigOptions } from './rig';

const startRig = withRig();
const REGION = 'eu-west-1';
const MINUTE = 60_000;

interface Scene {
  rig: Rig;
  accountId: string;
}

/** An account that has just joined an organization with these packs, in one region. */
async function joined(packs: Omit<PackSetup, 'region'>[], options?: RigOptions): Promise<Scene> {
  const rig = await startRig(options);
  for (const pack of packs) rig.simulator.putConformancePack({ ...pack, region: REGION });
  const accountId = rig.simulator.addAccount({ email: 'new@example.com' });
  return { rig, accountId };
}

function look({ rig, accountId }: Scene, packs: string[], withAggregate = false, region = REGION) {
  const { organizationId } = rig.simulator;
  return rig.do.lookAtConformance({ organizationId, accountId, region, packs, withAggregate });
}
const see = async (...[at, packs, aggregate, region]: Parameters<typeof look>) =>
  valueOf(await look(at, packs, aggregate, region));

describe("the account's own row", () => {
  test('is absent, then in progress, then successful, with its time', async () => {
    const at = await joined([{ name: 'Baseline', rowDelayMs: MINUTE, deployMs: MINUTE }]);
    expect(await see(at, ['Baseline'])).toEqual([{ region: REGION, pack: 'Baseline' }]);
    at.rig.clock.advance(MINUTE);
    expect(await see(at, ['Baseline'])).toMatchObject([{ row: { status: 'CREATE_IN_PROGRESS' } }]);
    at.rig.clock.advance(MINUTE);
    expect(await see(at, ['Baseline'])).toEqual([
      {
        region: REGION,
        pack: 'Baseline',
        row: {
          status: 'CREATE_SUCCESSFUL',
          lastUpdateTime: new Date(at.rig.clock.now()).toISOString(),
        },
      },
    ]);
  });

  test("another account's row says nothing about it", async () => {
    const at = await joined([{ name: 'Baseline', rowDelayMs: MINUTE }]);
    const other = at.rig.simulator.addAccount({ email: 'other@example.com' });
    at.rig.simulator.setPackRow({ region: REGION, pack: 'Baseline', accountId: other });
    const [seen] = await see(at, ['Baseline']);
    expect(seen).not.toHaveProperty('row');
  });

  test("failed, with AWS's code and its text, cleaned of addresses", async () => {
    const at = await joined([{ name: 'Baseline' }]);
    at.rig.simulator.setPackRow({
      region: REGION,
      pack: 'Baseline',
      accountId: at.accountId,
      status: 'CREATE_FAILED',
      errorCode: 'InsufficientPermissions',
      errorMessage: 'role/Admin/ada@example.com may not pass the role',
    });
    const [seen] = await see(at, ['Baseline']);
    expect(seen?.row).toMatchObject({
      status: 'CREATE_FAILED',
      errorCode: 'InsufficientPermissions',
      errorMessage: expect.stringContaining('may not pass the role'),
    });
    expect(JSON.stringify(seen)).not.toContain('@');
  });

  test('is found behind empty pages', async () => {
    const at = await joined([{ name: 'Baseline' }], {
      simulator: { knobs: { emptyPageRate: 0.7 } },
    });
    at.rig.forget();
    expect(await see(at, ['Baseline'])).toMatchObject([{ row: { status: 'CREATE_SUCCESSFUL' } }]);
    expect(at.rig.calls('GetOrganizationConformancePackDetailedStatus').length).toBeGreaterThan(1);
  });

  test('is found although the token expires in the middle', async () => {
    const at = await joined([{ name: 'Baseline' }], {
      simulator: { knobs: { emptyPageRate: 0.7 } },
    });
    const operation = 'GetOrganizationConformancePackDetailedStatus';
    at.rig.simulator.inject(refuse(operation, 'InvalidNextTokenException', { nth: 2 }));
    expect(await see(at, ['Baseline'])).toMatchObject([{ row: { status: 'CREATE_SUCCESSFUL' } }]);
  });

  test('belongs to one region', async () => {
    const at = await joined([{ name: 'Baseline' }]);
    expect(await see(at, ['Baseline'], false, 'us-east-1')).toEqual([
      { region: 'us-east-1', pack: 'Baseline', gone: true },
    ]);
  });
});

describe('a pack that leaves the account out', () => {
  test('says so, and only of this account', async () => {
    const at = await joined([{ name: 'Baseline' }]);
    const excludedAccounts = [at.accountId];
    at.rig.simulator.putConformancePack({ name: 'Picky', region: REGION, excludedAccounts });
    expect(await see(at, ['Baseline', 'Picky'])).toEqual([
      expect.objectContaining({ pack: 'Baseline', row: expect.anything() }),
      { region: REGION, pack: 'Picky', excluded: true },
    ]);
    const other = at.rig.simulator.addAccount({ email: 'other@example.com' });
    const [seen] = await see({ ...at, accountId: other }, ['Picky']);
    expect(seen).not.toHaveProperty('excluded');
  });

  test('is told among more packs than one call takes', async () => {
    const names = Array.from({ length: 27 }, (_, n) => `Pack-${n}`);
    const at = await joined(names.map((name) => ({ name, rowDelayMs: MINUTE })));
    const excludedAccounts = [at.accountId];
    for (const name of ['Pack-0', 'Pack-26']) {
      at.rig.simulator.putConformancePack({ name, region: REGION, excludedAccounts });
    }
    const seen = await see(at, names, true);
    expect(seen.filter(({ excluded }) => excluded).map(({ pack }) => pack)).toEqual([
      'Pack-0',
      'Pack-26',
    ]);
    expect(seen.every(({ aggregate }) => aggregate !== undefined)).toBe(true);
  });
});

describe('a pack that is gone', () => {
  test.each([false, true])(
    'does not hide the others (with the aggregate: %p)',
    async (aggregate) => {
      const at = await joined([{ name: 'Baseline' }, { name: 'Slow', rowDelayMs: MINUTE }]);
      const seen = await see(at, ['Baseline', 'Gone', 'Slow'], aggregate);
      expect(seen.map(({ pack, gone }) => ({ pack, gone }))).toEqual([
        { pack: 'Baseline', gone: undefined },
        { pack: 'Gone', gone: true },
        { pack: 'Slow', gone: undefined },
      ]);
      expect(seen.filter((one) => one.aggregate).length).toBe(aggregate ? 2 : 0);
    },
  );
});

test('a pack that is gone does not hide that another leaves the account out', async () => {
  const at = await joined([]);
  const excludedAccounts = [at.accountId];
  at.rig.simulator.putConformancePack({ name: 'Picky', region: REGION, excludedAccounts });
  expect(await see(at, ['Gone', 'Picky'])).toMatchObject([{ gone: true }, { excluded: true }]);
});

describe('the organization-wide status', () => {
  test('is asked for only where it counts', async () => {
    const at = await joined([{ name: 'Baseline' }]);
    at.rig.forget();
    const [seen] = await see(at, ['Baseline']);
    expect(seen).not.toHaveProperty('aggregate');
    expect(at.rig.calls('DescribeOrganizationConformancePackStatuses')).toEqual([]);
  });

  test('is read beside the row, and is another thing', async () => {
    const at = await joined([{ name: 'Baseline' }]);
    const error = { errorCode: 'NoRole', errorMessage: 'Summary: [NoRole in 1 account(s), ]' };
    at.rig.simulator.setPackStatus(REGION, 'Baseline', 'UPDATE_FAILED', error);
    expect(await see(at, ['Baseline'], true)).toMatchObject([
      {
        row: { status: 'CREATE_SUCCESSFUL' },
        aggregate: { status: 'UPDATE_FAILED', errorCode: 'NoRole' },
      },
    ]);
  });
});

describe('a refusal is an answer', () => {
  test.each([
    ['GetOrganizationConformancePackDetailedStatus', 'AccessDeniedException'],
    ['GetOrganizationConformancePackDetailedStatus', 'OrganizationAccessDeniedException'],
    ['DescribeOrganizationConformancePackStatuses', 'AccessDeniedException'],
    ['DescribeOrganizationConformancePacks', 'AccessDeniedException'],
  ])('%s: %s', async (operation, name) => {
    const at = await joined([{ name: 'Baseline', rowDelayMs: MINUTE }]);
    at.rig.simulator.inject(refuse(operation, name));
    expect(await look(at, ['Baseline'], true)).toMatchObject({
      ok: false,
      error: { operation, name, outcome: 'rejected' },
    });
  });

  test('throttling that lasts', async () => {
    const at = await joined([{ name: 'Baseline' }]);
    const operation = 'GetOrganizationConformancePackDetailedStatus';
    at.rig.simulator.inject(refuse(operation, 'ThrottlingException', { times: 'always' }));
    expect(await look(at, ['Baseline'])).toMatchObject({
      ok: false,
      error: { name: 'ThrottlingException' },
    });
  });
});

test('a look changes nothing', async () => {
  const at = await joined([{ name: 'Baseline', rowDelayMs: MINUTE }]);
  at.rig.forget();
  await see(at, ['Baseline'], true);
  const writes = at.rig.calls().filter((operation) => !/^(?:Get|Describe)/.test(operation));
  expect(writes).toEqual([]);
});
