import { shortened } from '../../src/activities/look-at-packs';
import type { LookInput } from '../../src/activities/look-at-packs';
import { OwnReason } from '../../src/contract';
import type { LookResult, PackLook, PackLookPlan } from '../../src/domain/watch/messages';
import type { PackSetup, SimulatorKnobs } from '../../src/simulator';
import { refuse, withRig } from './rig';
import type { Rig, RigOptions } from './rig';

const startRig = withRig();
const REGION = 'eu-west-1';
const MINUTE = 60_000;
const ROWS = 'GetOrganizationConformancePackDetailedStatus';
const STATUSES = 'DescribeOrganizationConformancePackStatuses';
const PACKS = 'DescribeOrganizationConformancePacks';
/** A page as AWS has it: where calls are counted. */
const LARGE = { configPageSize: 100, emptyPageRate: 0 };
const LISTS = 4;

/** An organization with these packs, in one region. Its accounts join afterwards. */
async function withPacks(
  packs: Omit<PackSetup, 'region'>[],
  knobs: Partial<SimulatorKnobs> = {},
  options: RigOptions = {},
): Promise<Rig> {
  const rig = await startRig({ ...options, simulator: { knobs, ...options.simulator } });
  for (const pack of packs) rig.simulator.putConformancePack({ ...pack, region: REGION });
  return rig;
}

let joined = 0;
function join({ simulator }: Rig, count = 1): string[] {
  return Array.from({ length: count }, () => {
    joined += 1;
    return simulator.addAccount({ email: `account-${joined}@example.com` });
  });
}
const joinOne = (rig: Rig): string => join(rig)[0] ?? '';

function setRow({ simulator }: Rig, accountId: string, status: string, pack = 'Baseline'): void {
  simulator.setPackRow({ region: REGION, pack, accountId, status });
}

/** As the watch asks for it; what is not named is not asked for. */
function look(
  { simulator, do: activities }: Rig,
  packs: Partial<PackLookPlan>[],
  more: Partial<LookInput> = {},
): Promise<LookResult> {
  return activities.lookAtPacks({
    organizationId: simulator.organizationId,
    region: REGION,
    packs: packs.map((plan) => ({
      pack: 'Baseline',
      lists: false,
      confirm: [],
      again: [],
      ...plan,
    })),
    accounts: [],
    withAggregate: false,
    checkMembership: [],
    ...more,
  });
}

async function lookAtOne(
  rig: Rig,
  plan: Partial<PackLookPlan>,
  more?: Partial<LookInput>,
): Promise<PackLook> {
  const { packs } = await look(rig, [plan], more);
  if (packs[0]) return packs[0];
  throw new Error('The look tells nothing of the pack.');
}

const statusesOf = ({ rows }: PackLook) =>
  Object.fromEntries(Object.entries(rows).map(([accountId, { status }]) => [accountId, status]));
const namesOf = (packs: PackLook[]) => packs.map(({ pack, owner }) => `${owner ?? ''}/${pack}`);
const configCalls = ({ simulator }: Rig) =>
  simulator.journal().filter(({ service }) => service === 'config');

describe('the lists', () => {
  test('show the rows in progress or failed of those who wait, and of nobody else', async () => {
    const rig = await withPacks([{ name: 'Baseline' }]);
    const waiting = join(rig, 6);
    const [creating = '', updating = '', failed = '', unmended = '', ready = '', none = ''] =
      waiting;
    const [stranger = '', broken = ''] = join(rig, 2);
    setRow(rig, creating, 'CREATE_IN_PROGRESS');
    setRow(rig, updating, 'UPDATE_IN_PROGRESS');
    setRow(rig, failed, 'CREATE_FAILED');
    setRow(rig, unmended, 'UPDATE_FAILED');
    setRow(rig, ready, 'CREATE_SUCCESSFUL');
    rig.simulator.setPackRow({ region: REGION, pack: 'Baseline', accountId: none, absent: true });
    setRow(rig, stranger, 'CREATE_IN_PROGRESS');
    setRow(rig, broken, 'CREATE_FAILED');

    const seen = await lookAtOne(rig, { lists: true }, { accounts: waiting });

    expect(statusesOf(seen)).toEqual({
      [creating]: 'CREATE_IN_PROGRESS',
      [updating]: 'UPDATE_IN_PROGRESS',
      [failed]: 'CREATE_FAILED',
      [unmended]: 'UPDATE_FAILED',
    });
    // Not listed is neither successful nor without a row: nobody has looked.
    expect(seen.rowless).toEqual({});
  });

  test('cost the same however many wait', async () => {
    const rig = await withPacks([{ name: 'Baseline', deployMs: MINUTE }], LARGE);
    const accounts = join(rig, 40);
    const [first = ''] = accounts;
    const one = await look(rig, [{ lists: true }], { accounts: [first] });
    rig.forget();
    const all = await look(rig, [{ lists: true }], { accounts });
    expect(Object.keys(all.packs[0]?.rows ?? {})).toHaveLength(40);
    expect(all.calls).toEqual(one.calls);
    expect(all.calls).toEqual({ lists: LISTS, confirming: 0, rowless: 0, throttled: 0 });
    expect(rig.calls()).toEqual(Array.from({ length: LISTS }, () => ROWS));
  });

  test('are read to the last page, past empty ones', async () => {
    const rig = await withPacks([{ name: 'Baseline' }], { configPageSize: 2, emptyPageRate: 0.6 });
    const accounts = join(rig, 9);
    for (const accountId of accounts) setRow(rig, accountId, 'UPDATE_IN_PROGRESS');
    const seen = await lookAtOne(rig, { lists: true }, { accounts });
    expect(Object.keys(seen.rows).toSorted()).toEqual(accounts.toSorted());
    expect(rig.calls(ROWS).length).toBeGreaterThan(LISTS + 4);
  });

  test('begin anew where a token expires in the middle', async () => {
    const rig = await withPacks([{ name: 'Baseline' }], { configPageSize: 1, emptyPageRate: 0 });
    const accounts = join(rig, 3);
    for (const accountId of accounts) setRow(rig, accountId, 'CREATE_IN_PROGRESS');
    rig.simulator.inject(refuse(ROWS, 'InvalidNextTokenException', { nth: 2 }));
    const seen = await lookAtOne(rig, { lists: true }, { accounts });
    expect(Object.keys(seen.rows).toSorted()).toEqual(accounts.toSorted());
    expect(seen).not.toHaveProperty('fault');
  });

  test("carry AWS's code, its text without addresses and not at length, and the time", async () => {
    const rig = await withPacks([{ name: 'Baseline' }]);
    const accountId = joinOne(rig);
    rig.simulator.setPackRow({
      region: REGION,
      pack: 'Baseline',
      accountId,
      status: 'CREATE_FAILED',
      errorCode: 'InsufficientPermissions',
      errorMessage: `role/Admin/ada@example.com may not pass the role ${'x'.repeat(2_000)}`,
    });
    const seen = await lookAtOne(rig, { lists: true }, { accounts: [accountId] });
    expect(seen.rows[accountId]).toEqual({
      status: 'CREATE_FAILED',
      errorCode: 'InsufficientPermissions',
      errorMessage: expect.stringContaining('may not pass the role'),
      lastUpdateTime: new Date(rig.clock.now()).toISOString(),
    });
    expect(JSON.stringify(seen)).not.toContain('@');
    // Told for thousands of accounts it has to stay below Temporal's 2 MB.
    expect(JSON.stringify(seen).length).toBeLessThan(600);
  });

  test.each([
    [100, 300],
    [4_500, 100],
    [8_000, 0],
  ])(
    'of %d rows that all failed, each has at most %d characters: Temporal takes 2 MiB',
    (count, most) => {
      const row = {
        status: 'CREATE_FAILED',
        errorCode: 'NoAvailableConfigurationRecorder',
        errorMessage: 'x'.repeat(300),
        lastUpdateTime: '2026-11-22T05:00:00.000Z',
      };
      const ids = Array.from({ length: count }, (_, n) => String(n).padStart(12, '0'));
      const rows = Object.fromEntries(ids.map((id) => [id, { ...row }]));
      const [pack] = shortened([{ pack: 'Baseline', rows, rowless: {} }]);
      expect(Buffer.byteLength(JSON.stringify(pack))).toBeLessThan(1_900_000);
      const lengths = Object.values(pack?.rows ?? {}).map((one) => one.errorMessage?.length ?? 0);
      expect(new Set(lengths)).toEqual(new Set([most]));
    },
  );

  test('are not read where they are not asked for', async () => {
    const rig = await withPacks([{ name: 'Baseline' }], LARGE);
    const accountId = joinOne(rig);
    const { calls } = await look(rig, [{ confirm: [accountId] }], { accounts: [accountId] });
    expect(calls).toEqual({ lists: 0, confirming: 1, rowless: 0, throttled: 0 });
  });
});

describe('an account that is confirmed', () => {
  test('has no row, then one in progress, then a successful one, with its time', async () => {
    const rig = await withPacks([{ name: 'Baseline', rowDelayMs: MINUTE, deployMs: MINUTE }]);
    const accountId = joinOne(rig);
    const confirmed = () => lookAtOne(rig, { confirm: [accountId] });
    expect(await confirmed()).toEqual({
      pack: 'Baseline',
      rows: {},
      rowless: { [accountId]: {} },
    });
    rig.clock.advance(MINUTE);
    expect(statusesOf(await confirmed())).toEqual({ [accountId]: 'CREATE_IN_PROGRESS' });
    rig.clock.advance(MINUTE);
    expect(await confirmed()).toEqual({
      pack: 'Baseline',
      rows: {
        [accountId]: {
          status: 'CREATE_SUCCESSFUL',
          lastUpdateTime: new Date(rig.clock.now()).toISOString(),
        },
      },
      rowless: {},
    });
  });

  test('is found behind empty pages', async () => {
    const rig = await withPacks([{ name: 'Baseline' }], { emptyPageRate: 0.7 });
    const confirm = [joinOne(rig)];
    expect(Object.keys((await lookAtOne(rig, { confirm })).rows)).toEqual(confirm);
    expect(rig.calls(ROWS).length).toBeGreaterThan(1);
  });

  test('is told of itself alone', async () => {
    const rig = await withPacks([{ name: 'Baseline', rowDelayMs: MINUTE }], LARGE);
    const [asked = '', other = ''] = join(rig, 2);
    setRow(rig, other, 'CREATE_SUCCESSFUL');
    const seen = await lookAtOne(rig, { confirm: [asked] });
    expect(seen.rows).toEqual({});
    expect(seen.rowless).toEqual({ [asked]: {} });
  });

  test('is not asked for where a list shows it', async () => {
    const rig = await withPacks([{ name: 'Baseline' }], LARGE);
    const accounts = join(rig, 3);
    const [listed = '', ready = '', failed = ''] = accounts;
    setRow(rig, listed, 'CREATE_IN_PROGRESS');
    setRow(rig, failed, 'CREATE_FAILED');
    const { packs, calls } = await look(
      rig,
      [{ lists: true, confirm: [listed, ready], again: [failed] }],
      { accounts },
    );
    expect(calls).toEqual({ lists: LISTS, confirming: 1, rowless: 0, throttled: 0 });
    expect(packs.map(statusesOf)).toEqual([
      {
        [listed]: 'CREATE_IN_PROGRESS',
        [ready]: 'CREATE_SUCCESSFUL',
        [failed]: 'CREATE_FAILED',
      },
    ]);
  });

  test('does not bring about that the whole pack is read where a list shows it', async () => {
    const rig = await withPacks([{ name: 'Baseline' }], LARGE);
    const listed = join(rig, 10);
    for (const accountId of listed) setRow(rig, accountId, 'UPDATE_IN_PROGRESS');
    const [ready = '', again = ''] = join(rig, 2);
    const accounts = [...listed, ready, again];
    const plan = {
      lists: true,
      confirm: [...listed.slice(0, 5), ready],
      again: [...listed.slice(5), again],
    };
    for (const part of [plan, { ...plan, confirm: [ready] }, { ...plan, again: [again] }]) {
      const { packs, calls } = await look(rig, [part], { accounts });
      expect(calls).toEqual({ lists: LISTS, confirming: 1, rowless: 1, throttled: 0 });
      expect(Object.keys(packs[0]?.rows ?? {})).toHaveLength(12);
    }
  });

  test('costs one call, where there are few', async () => {
    const rig = await withPacks([{ name: 'Baseline' }], LARGE);
    const confirm = join(rig, 3);
    const { packs, calls } = await look(rig, [{ confirm }]);
    expect(calls.confirming).toBe(3);
    expect(Object.keys(packs[0]?.rows ?? {}).toSorted()).toEqual(confirm.toSorted());
    expect(packs[0]).not.toHaveProperty('pages');
  });

  test('shares the rows of the whole pack with many others, whose pages are remembered', async () => {
    const rig = await withPacks([{ name: 'Baseline' }], { configPageSize: 10, emptyPageRate: 0 });
    const [stranger = '', ...confirm] = join(rig, 25);
    const absent = confirm.at(-1) ?? '';
    rig.simulator.setPackRow({ region: REGION, pack: 'Baseline', accountId: absent, absent: true });
    const { packs, calls } = await look(rig, [{ confirm }]);
    expect(calls.confirming).toBe(3);
    expect(packs[0]).toMatchObject({ pages: 3, rowless: { [absent]: {} } });
    expect(Object.keys(packs[0]?.rowless ?? {})).toEqual([absent]);
    expect(Object.keys(packs[0]?.rows ?? {})).toHaveLength(23);
    expect(packs[0]?.rows).not.toHaveProperty(stranger);
  });

  test.each([
    { accounts: 2, pages: 1, calls: 1 },
    { accounts: 5, pages: 4, calls: 1 },
    { accounts: 4, pages: 4, calls: 4 },
    { accounts: 4, pages: 5, calls: 4 },
  ])('of $accounts, the pack having $pages pages: $calls calls', async (given) => {
    const rig = await withPacks([{ name: 'Baseline' }], LARGE);
    const confirm = join(rig, given.accounts);
    const { packs, calls } = await look(rig, [{ confirm, pages: given.pages }]);
    expect(calls.confirming).toBe(given.calls);
    expect(Object.keys(packs[0]?.rows ?? {}).toSorted()).toEqual(confirm.toSorted());
  });

  test('is asked for by itself where the pack has more pages than there are accounts', async () => {
    const rig = await withPacks([{ name: 'Baseline' }], { configPageSize: 2, emptyPageRate: 0 });
    const [early = ''] = join(rig, 20);
    const confirm = [early, ...join(rig, 4)];
    const absent = confirm.at(-1) ?? '';
    rig.simulator.setPackRow({ region: REGION, pack: 'Baseline', accountId: absent, absent: true });
    const { packs, calls } = await look(rig, [{ confirm }]);
    // Five pages and no more; the account that they showed is not asked for again.
    expect(calls.confirming).toBe(5 + 4);
    expect(Object.keys(packs[0]?.rows ?? {}).toSorted()).toEqual(confirm.slice(0, 4).toSorted());
    expect(packs[0]?.rowless).toEqual({ [absent]: {} });

    // So it is not tried for as many the next time, nor for one more.
    const { pages = 0 } = packs[0] ?? {};
    expect(pages).toBeGreaterThan(5);
    const next = await look(rig, [{ confirm, pages }]);
    expect(next.calls.confirming).toBe(5);
  });
});

describe('calls are counted by what they are for', () => {
  test('an account without a row is rowless when it is asked for again', async () => {
    const rig = await withPacks([{ name: 'Baseline', rowDelayMs: MINUTE }], LARGE);
    const [newcomer = '', absent = ''] = join(rig, 2);
    const { packs, calls } = await look(rig, [{ confirm: [newcomer], again: [absent] }]);
    // One call more tells whom the pack leaves out.
    expect(calls).toEqual({ lists: 0, confirming: 1, rowless: 1 + 1, throttled: 0 });
    expect(packs[0]?.rowless).toEqual({ [newcomer]: {}, [absent]: {} });
  });

  test('also where all rows of the pack are read for it', async () => {
    const rig = await withPacks([{ name: 'Baseline' }], LARGE);
    const again = join(rig, 10);
    const { packs, calls } = await look(rig, [{ again }]);
    expect(calls).toEqual({ lists: 0, confirming: 0, rowless: 1, throttled: 0 });
    expect(Object.keys(packs[0]?.rows ?? {})).toHaveLength(10);
    const both = await look(rig, [{ confirm: again.slice(5), again: again.slice(0, 5) }]);
    expect(both.calls).toEqual({ lists: 0, confirming: 1, rowless: 0, throttled: 0 });
    expect(Object.keys(both.packs[0]?.rows ?? {})).toHaveLength(10);
  });
});

describe('a pack that leaves an account out', () => {
  test('says so, and only of this account', async () => {
    const rig = await withPacks([{ name: 'Baseline', rowDelayMs: MINUTE }]);
    const [left = '', unasked = ''] = join(rig, 2);
    rig.simulator.putConformancePack({
      name: 'Picky',
      region: REGION,
      excludedAccounts: [left, unasked],
      rowDelayMs: MINUTE,
    });
    const other = joinOne(rig);
    const confirm = [left, other];
    const { packs } = await look(rig, [{ confirm }, { pack: 'Picky', confirm }]);
    expect(packs.map(({ rowless }) => rowless)).toEqual([
      { [left]: {}, [other]: {} },
      { [left]: { excluded: true }, [other]: {} },
    ]);
  });

  test('is told among more packs than one call takes', async () => {
    const names = Array.from({ length: 27 }, (_, n) => `Pack-${n}`);
    const rig = await withPacks(
      names.map((name) => ({ name, rowDelayMs: MINUTE })),
      LARGE,
    );
    const accountId = joinOne(rig);
    for (const name of ['Pack-0', 'Pack-26']) {
      rig.simulator.putConformancePack({ name, region: REGION, excludedAccounts: [accountId] });
    }
    const { packs } = await look(
      rig,
      names.map((pack) => ({ pack, confirm: [accountId] })),
    );
    expect(
      packs.filter(({ rowless }) => rowless[accountId]?.excluded).map(({ pack }) => pack),
    ).toEqual(['Pack-0', 'Pack-26']);
    expect(rig.calls(PACKS)).toHaveLength(2);
  });

  test('is not asked for where every account has its row', async () => {
    const rig = await withPacks([{ name: 'Baseline' }]);
    await look(rig, [{ lists: true, confirm: join(rig, 2) }]);
    expect(rig.calls(PACKS)).toEqual([]);
  });
});

describe('a pack that is gone', () => {
  test.each([false, true])(
    'does not hide the others (with the aggregate: %p)',
    async (withAggregate) => {
      const rig = await withPacks([{ name: 'Baseline' }, { name: 'Slow', rowDelayMs: MINUTE }]);
      const accountId = joinOne(rig);
      rig.simulator.putConformancePack({
        name: 'Picky',
        region: REGION,
        excludedAccounts: [accountId],
      });
      const names = ['Baseline', 'Gone', 'Slow', 'Picky'];
      const { packs } = await look(
        rig,
        names.map((pack) => ({ pack, lists: true, confirm: [accountId] })),
        { accounts: [accountId], withAggregate },
      );
      expect(packs.map(({ pack, gone, fault }) => ({ pack, gone, fault }))).toEqual(
        names.map((pack) => ({ pack, gone: pack === 'Gone' || undefined, fault: undefined })),
      );
      expect(packs.map(({ rows }) => Object.keys(rows).length)).toEqual([1, 0, 0, 0]);
      expect(packs.map(({ rowless }) => rowless[accountId])).toEqual([
        undefined,
        undefined,
        {},
        { excluded: true },
      ]);
      expect(packs.filter(({ aggregate }) => aggregate)).toHaveLength(withAggregate ? 3 : 0);
    },
  );

  test('in the middle of a look costs the answers of one call, and is no fault', async () => {
    const rig = await withPacks([{ name: 'Baseline', rowDelayMs: MINUTE }]);
    const confirm = [joinOne(rig)];
    for (const operation of [PACKS, STATUSES]) {
      rig.simulator.inject(refuse(operation, 'NoSuchOrganizationConformancePackException'));
    }
    const { packs } = await look(rig, [{ confirm }], { withAggregate: true });
    expect(packs).toEqual([{ pack: 'Baseline', rows: {}, rowless: { [confirm[0] ?? '']: {} } }]);
  });

  test('may be there in another region', async () => {
    const rig = await withPacks([{ name: 'Baseline' }]);
    const confirm = [joinOne(rig)];
    const { packs } = await look(rig, [{ confirm }], { region: 'us-east-1' });
    expect(packs).toEqual([{ pack: 'Baseline', rows: {}, rowless: {}, gone: true }]);
  });
});

describe('the organization-wide status', () => {
  test('is asked for only where it counts', async () => {
    const rig = await withPacks([{ name: 'Baseline' }]);
    const seen = await lookAtOne(rig, { lists: true, confirm: [joinOne(rig)] });
    expect(seen).not.toHaveProperty('aggregate');
    expect(rig.calls(STATUSES)).toEqual([]);
  });

  test('is read beside the rows, and is another thing', async () => {
    const rig = await withPacks([{ name: 'Baseline' }, { name: 'Other' }], LARGE);
    const accountId = joinOne(rig);
    const error = { errorCode: 'NoRole', errorMessage: 'Summary: [NoRole in 1 account(s), ]' };
    rig.simulator.setPackStatus(REGION, 'Baseline', 'UPDATE_FAILED', error);
    const { packs, calls } = await look(
      rig,
      [{ confirm: [accountId] }, { pack: 'Other', confirm: [accountId] }],
      { withAggregate: true },
    );
    expect(packs).toMatchObject([
      {
        rows: { [accountId]: { status: 'CREATE_SUCCESSFUL' } },
        aggregate: { status: 'UPDATE_FAILED', errorCode: 'NoRole' },
      },
      { aggregate: { status: 'UPDATE_SUCCESSFUL' } },
    ]);
    expect(calls).toEqual({ lists: 1, confirming: 2, rowless: 0, throttled: 0 });
  });

  test('is asked for 25 packs a call', async () => {
    const names = Array.from({ length: 51 }, (_, n) => `Pack-${n}`);
    const rig = await withPacks(names.map((name) => ({ name })));
    const confirm = [joinOne(rig)];
    const { packs } = await look(
      rig,
      names.map((pack) => ({ pack, confirm })),
      { withAggregate: true },
    );
    expect(packs.every(({ aggregate }) => aggregate !== undefined)).toBe(true);
    expect(rig.calls(STATUSES)).toHaveLength(3);
  });
});

describe('a refusal is part of the answer', () => {
  test.each([
    [ROWS, 'AccessDeniedException'],
    [ROWS, 'OrganizationAccessDeniedException'],
    [STATUSES, 'AccessDeniedException'],
    [PACKS, 'AccessDeniedException'],
  ])('%s: %s, asked for once', async (operation, name) => {
    const rig = await withPacks([{ name: 'Baseline', rowDelayMs: MINUTE }], LARGE);
    rig.simulator.inject(refuse(operation, name));
    const confirm = [joinOne(rig)];
    const seen = await lookAtOne(rig, { confirm }, { withAggregate: true });
    expect(seen.fault).toMatchObject({ operation, name, outcome: 'rejected' });
    expect(rig.calls(operation)).toHaveLength(1);
  });

  test('throttling that passes is only counted', async () => {
    const rig = await withPacks([{ name: 'Baseline' }], LARGE);
    rig.simulator.inject(refuse(ROWS, 'ThrottlingException', { times: 3 }));
    const accountId = joinOne(rig);
    const { packs, calls } = await look(rig, [{ confirm: [accountId] }]);
    expect(packs.map(statusesOf)).toEqual([{ [accountId]: 'CREATE_SUCCESSFUL' }]);
    expect(packs[0]).not.toHaveProperty('fault');
    expect(calls).toEqual({ lists: 0, confirming: 4, rowless: 0, throttled: 3 });
  });

  test('throttling that lasts is told, and AWS is left alone', async () => {
    const rig = await withPacks([{ name: 'Baseline' }, { name: 'Other' }]);
    rig.simulator.inject(refuse(ROWS, 'ThrottlingException', { times: 'always' }));
    const confirm = [joinOne(rig)];
    const { packs, calls } = await look(rig, [{ confirm }, { pack: 'Other', confirm }]);
    expect(packs.map(({ fault }) => fault?.name)).toEqual([
      'ThrottlingException',
      'ThrottlingException',
    ]);
    expect(calls.throttled).toBe(4);
    expect(rig.calls()).toHaveLength(1 + 4);
  });

  test('an answer that is lost is asked for again', async () => {
    const rig = await withPacks([{ name: 'Baseline' }], LARGE);
    rig.simulator.inject({ operation: ROWS, kind: 'reset', times: 2 });
    const confirm = [joinOne(rig)];
    const { packs, calls } = await look(rig, [{ confirm }]);
    expect(Object.keys(packs[0]?.rows ?? {})).toEqual(confirm);
    expect(calls).toEqual({ lists: 0, confirming: 3, rowless: 0, throttled: 0 });
    rig.simulator.inject({ operation: ROWS, kind: 'reset', times: 'always' });
    expect((await lookAtOne(rig, { confirm })).fault).toMatchObject({ outcome: 'unknown' });
  });

  test('what was seen before is told: the packs before, and the rows before', async () => {
    const rig = await withPacks(['First', 'Second', 'Third'].map((name) => ({ name })));
    const accounts = join(rig, 2);
    const [creating = '', failed = ''] = accounts;
    for (const pack of ['First', 'Second', 'Third']) {
      setRow(rig, creating, 'CREATE_IN_PROGRESS', pack);
      setRow(rig, failed, 'CREATE_FAILED', pack);
    }
    const contains = 'CREATE_FAILED';
    rig.simulator.inject(
      refuse(ROWS, 'AccessDeniedException', { match: { pack: 'Second', contains } }),
    );
    const { packs } = await look(
      rig,
      ['First', 'Second', 'Third'].map((pack) => ({ pack, lists: true })),
      { accounts },
    );
    expect(packs.map(statusesOf)).toEqual([
      { [creating]: 'CREATE_IN_PROGRESS', [failed]: 'CREATE_FAILED' },
      { [creating]: 'CREATE_IN_PROGRESS' },
      {},
    ]);
    expect(packs.map(({ fault }) => fault?.name)).toEqual([
      undefined,
      'AccessDeniedException',
      'AccessDeniedException',
    ]);
  });

  test('of the packs themselves leaves the rows as they were seen', async () => {
    const rig = await withPacks([{ name: 'Baseline' }, { name: 'Slow', rowDelayMs: MINUTE }]);
    rig.simulator.inject(refuse(PACKS, 'AccessDeniedException'));
    const accountId = joinOne(rig);
    const { packs } = await look(rig, [
      { confirm: [accountId] },
      { pack: 'Slow', confirm: [accountId] },
    ]);
    expect(packs).toMatchObject([
      { rows: { [accountId]: { status: 'CREATE_SUCCESSFUL' } } },
      { rowless: { [accountId]: {} }, fault: { name: 'AccessDeniedException' } },
    ]);
  });
});

describe('the organization of the vend', () => {
  test('is not that of the credentials: every pack says so, and AWS Config is not asked', async () => {
    const rig = await withPacks([{ name: 'Baseline' }, { name: 'Other' }]);
    const confirm = [joinOne(rig)];
    const { packs, calls } = await look(
      rig,
      [
        { lists: true, confirm },
        { pack: 'Other', confirm },
      ],
      { organizationId: 'o-anotherorg1', withAggregate: true, checkMembership: confirm },
    );
    expect(packs.map(({ pack, fault }) => [pack, fault?.name])).toEqual([
      ['Baseline', OwnReason.WRONG_ORGANIZATION],
      ['Other', OwnReason.WRONG_ORGANIZATION],
    ]);
    expect(configCalls(rig)).toEqual([]);
    expect(rig.calls('DescribeAccount')).toEqual([]);
    expect(calls).toEqual({ lists: 0, confirming: 0, rowless: 0, throttled: 0 });
  });
});

describe('membership', () => {
  const DescribeAccount = 'DescribeAccount';
  async function withRowless(options?: RigOptions) {
    const rig = await withPacks([{ name: 'Baseline', rowDelayMs: MINUTE }], {}, options);
    return { rig, accountId: joinOne(rig) };
  }
  const checked = async (rig: Rig, accountId: string) =>
    (await lookAtOne(rig, { again: [accountId] }, { checkMembership: [accountId] })).rowless[
      accountId
    ];

  test('of an account that has left the organization', async () => {
    const { rig, accountId } = await withRowless();
    rig.simulator.removeAccount(accountId);
    expect(await checked(rig, accountId)).toEqual({
      departed: { reason: 'AccountNotFoundException', what: expect.stringContaining('no member') },
    });
  });

  test.each(['SUSPENDED', 'PENDING_CLOSURE', 'CLOSED'])('of one that is %s', async (state) => {
    const rig = await withPacks([{ name: 'Baseline' }]);
    const accountId = rig.simulator.addAccount({ email: 'ending@example.com', state });
    expect(await checked(rig, accountId)).toEqual({
      departed: { reason: OwnReason.ACCOUNT_NOT_ACTIVE, what: expect.stringContaining(state) },
    });
  });

  test('in order is told as well', async () => {
    const { rig, accountId } = await withRowless();
    expect(await checked(rig, accountId)).toEqual({ isMember: true });
  });

  test('of an account in a state that nobody knows is in order', async () => {
    const { rig, accountId } = await withRowless();
    rig.simulator.inject({ operation: DescribeAccount, kind: 'unknown-enum' });
    expect(await checked(rig, accountId)).toEqual({ isMember: true });
  });

  test('that AWS does not tell is not known: neither in order nor ended, and no fault', async () => {
    const { rig, accountId } = await withRowless();
    rig.simulator.inject(refuse(DescribeAccount, 'AccessDeniedException', { times: 'always' }));
    const [other = ''] = join(rig);
    rig.simulator.removeAccount(other);
    const checkMembership = [accountId, other];
    const seen = await lookAtOne(rig, { again: checkMembership }, { checkMembership });
    expect(seen.rowless).toEqual({ [accountId]: {}, [other]: {} });
    expect(seen).not.toHaveProperty('fault');
  });

  test('refused for one account is told of the others', async () => {
    const { rig, accountId } = await withRowless();
    rig.simulator.inject(
      refuse(DescribeAccount, 'AccessDeniedException', { match: { accountId } }),
    );
    const [other = ''] = join(rig);
    const checkMembership = [accountId, other];
    const seen = await lookAtOne(rig, { again: checkMembership }, { checkMembership });
    expect(seen.rowless).toEqual({ [accountId]: {}, [other]: { isMember: true } });
  });

  test('is asked for once for all packs of an account without a row, and not where it is left out', async () => {
    const rig = await withPacks(['First', 'Second'].map((name) => ({ name, rowDelayMs: MINUTE })));
    const [doubted = '', left = '', ready = '', unasked = ''] = join(rig, 4);
    rig.simulator.putConformancePack({
      name: 'Picky',
      region: REGION,
      excludedAccounts: [left],
      rowDelayMs: MINUTE,
    });
    for (const pack of ['First', 'Second', 'Picky']) setRow(rig, ready, 'CREATE_SUCCESSFUL', pack);
    rig.simulator.removeAccount(doubted);
    const { packs } = await look(
      rig,
      [
        { pack: 'First', again: [doubted, ready, unasked] },
        { pack: 'Second', again: [doubted] },
        { pack: 'Picky', again: [left] },
      ],
      { checkMembership: [doubted, left, ready] },
    );
    expect(rig.calls(DescribeAccount)).toHaveLength(1);
    const departed = expect.objectContaining({ reason: 'AccountNotFoundException' });
    expect(packs.map(({ rowless }) => rowless)).toEqual([
      { [doubted]: { departed }, [unasked]: {} },
      { [doubted]: { departed } },
      { [left]: { excluded: true } },
    ]);
  });
});

describe('owners', () => {
  const OWNER = '111122223333';
  const OTHER = '444455556666';
  const roleOf = (accountId: string) => ({ roleArn: `arn:aws:iam::${accountId}:role/PackReader` });

  async function withOwners(
    owners: object[],
    packs: Omit<PackSetup, 'region'>[],
    knobs: Partial<SimulatorKnobs> = {},
  ): Promise<Rig> {
    return withPacks(packs, knobs, {
      configuration: { conformance: { owners } },
      simulator: {
        knobs,
        organization: {
          accounts: [
            { id: OWNER, email: 'owner@example.com' },
            { id: OTHER, email: 'other-owner@example.com' },
          ],
        },
      },
    });
  }

  test('packs of one name at two owners are two', async () => {
    const rig = await withOwners(
      [roleOf(OWNER)],
      [
        { name: 'Baseline', rowDelayMs: MINUTE },
        { name: 'Baseline', ownerAccountId: OWNER },
      ],
    );
    const accountId = joinOne(rig);
    rig.simulator.setPackStatus(REGION, 'Baseline', 'UPDATE_SUCCESSFUL');
    const confirm = [accountId];
    const { packs } = await look(rig, [{ confirm }, { owner: OWNER, confirm }], {
      withAggregate: true,
    });
    expect(namesOf(packs)).toEqual(['/Baseline', `${OWNER}/Baseline`]);
    expect(packs.map(({ rows, rowless }) => [Object.keys(rows), Object.keys(rowless)])).toEqual([
      [[], [accountId]],
      [[accountId], []],
    ]);
    expect(packs.every(({ aggregate }) => aggregate !== undefined)).toBe(true);
    const callers = new Set(configCalls(rig).map(({ callerAccountId }) => callerAccountId));
    expect([...callers]).toEqual([rig.simulator.managementAccountId, OWNER]);
  });

  test("an owner's pack leaves out whom it leaves out, whatever its namesake does", async () => {
    const rig = await withOwners([roleOf(OWNER)], [{ name: 'Baseline', rowDelayMs: MINUTE }]);
    const accountId = joinOne(rig);
    rig.simulator.putConformancePack({
      name: 'Baseline',
      region: REGION,
      ownerAccountId: OWNER,
      excludedAccounts: [accountId],
    });
    const confirm = [accountId];
    const { packs } = await look(rig, [{ confirm }, { owner: OWNER, confirm }]);
    expect(packs.map(({ rowless }) => rowless[accountId])).toEqual([{}, { excluded: true }]);
  });

  test('that the configuration does not name any more: told, without a call, of this owner alone', async () => {
    const rig = await withOwners(
      [roleOf(OTHER)],
      [{ name: 'Baseline' }, { name: 'Theirs', ownerAccountId: OWNER }],
    );
    const confirm = [joinOne(rig)];
    const { packs } = await look(rig, [{ pack: 'Theirs', owner: OWNER, confirm }, { confirm }]);
    expect(packs.map(({ fault }) => fault?.name)).toEqual([
      OwnReason.CONFORMANCE_OWNER_UNKNOWN,
      undefined,
    ]);
    expect(packs[0]?.fault?.message).toContain(OWNER);
    expect(Object.keys(packs[1]?.rows ?? {})).toEqual(confirm);
    expect(rig.calls('AssumeRole')).toEqual([]);
  });

  test('whose account has not enabled the Region: told of this owner alone', async () => {
    const region = 'af-south-1';
    const rig = await withOwners([roleOf(OWNER)], [{ name: 'Theirs', ownerAccountId: OWNER }]);
    const { packs } = await look(rig, [{ pack: 'Theirs', owner: OWNER, lists: true }], { region });
    expect(packs[0]?.fault?.name).toBe(OwnReason.CONFORMANCE_REGION_NOT_ENABLED);
    expect(packs[0]?.fault?.message).toContain(`(in account ${OWNER}) ${region} does not know`);
  });

  test('whose role cannot be assumed: told of this owner alone', async () => {
    const GONE = '777788889999';
    const rig = await withOwners(
      [roleOf(GONE), roleOf(OWNER)],
      [{ name: 'Baseline' }, { name: 'Theirs', ownerAccountId: OWNER }],
    );
    const confirm = [joinOne(rig)];
    const { packs } = await look(rig, [
      { pack: 'Lost', owner: GONE, confirm },
      { pack: 'Theirs', owner: OWNER, confirm },
      { confirm },
    ]);
    expect(packs.map(({ fault }) => fault?.name)).toEqual(['AccessDenied', undefined, undefined]);
    expect(packs.map(({ rows }) => Object.keys(rows).length)).toEqual([0, 1, 1]);
  });

  test("a fault of one stops that owner's packs at once, and not the other's", async () => {
    const names = ['One', 'Two', 'Three'];
    const rig = await withOwners(
      [roleOf(OWNER)],
      names.flatMap((name) => [{ name: `Own-${name}` }, { name, ownerAccountId: OWNER }]),
      LARGE,
    );
    rig.simulator.inject(refuse(ROWS, 'AccessDeniedException', { match: { pack: 'One' } }));
    const confirm = [joinOne(rig)];
    const { packs } = await look(
      rig,
      names.flatMap((name) => [
        { pack: name, owner: OWNER, confirm },
        { pack: `Own-${name}`, confirm },
      ]),
      { withAggregate: true },
    );
    const refused = packs.filter(({ fault }) => fault?.name === 'AccessDeniedException');
    expect(namesOf(refused)).toEqual(names.map((name) => `${OWNER}/${name}`));
    const seen = packs.filter(({ fault }) => !fault);
    expect(seen.map(({ rows }) => Object.keys(rows))).toEqual(names.map(() => confirm));
    expect(seen.every(({ aggregate }) => aggregate !== undefined)).toBe(true);
    const calls = configCalls(rig).filter(({ callerAccountId }) => callerAccountId === OWNER);
    expect(calls).toHaveLength(1);
  });

  test('names are not mixed up in one call', async () => {
    const rig = await withOwners(
      [roleOf(OWNER), roleOf(OTHER)],
      [
        { name: 'Baseline' },
        { name: 'Mine', ownerAccountId: OWNER },
        { name: 'Theirs', ownerAccountId: OTHER },
      ],
    );
    const confirm = [joinOne(rig)];
    const { packs } = await look(
      rig,
      [
        { confirm },
        { pack: 'Mine', owner: OWNER, confirm },
        { pack: 'Theirs', owner: OTHER, confirm },
      ],
      { withAggregate: true },
    );
    expect(packs.map(({ aggregate }) => aggregate?.status)).toEqual([
      'UPDATE_SUCCESSFUL',
      'UPDATE_SUCCESSFUL',
      'UPDATE_SUCCESSFUL',
    ]);
    expect(rig.calls(STATUSES)).toHaveLength(3);
  });
});

test('a look tells how often the configuration wants one', async () => {
  const configuration = { conformance: { poll: { initial: '7s', max: '9s' } } };
  const rig = await withPacks([], {}, { configuration });
  expect((await look(rig, [])).poll).toMatchObject({ initialMs: 7_000, maxMs: 9_000 });
});

test('a look changes nothing', async () => {
  const rig = await withPacks([{ name: 'Baseline', rowDelayMs: MINUTE }]);
  const accounts = join(rig, 5);
  await look(rig, [{ lists: true, confirm: accounts }], {
    accounts,
    withAggregate: true,
    checkMembership: accounts,
  });
  const writes = rig.calls().filter((operation) => !/^(?:Get|Describe)/.test(operation));
  expect(writes).toEqual([]);
});

describe('a Region that does not know the credentials', () => {
  const UNKNOWN = 'UnrecognizedClientException';

  test('where AWS knows them elsewhere: the Region is not enabled, and that is told', async () => {
    const rig = await startRig();
    const { packs } = await look(rig, [{ lists: true }], { region: 'af-south-1' });
    expect(packs[0]?.fault).toMatchObject({
      name: OwnReason.CONFORMANCE_REGION_NOT_ENABLED,
      message: expect.stringContaining('af-south-1'),
    });
  });

  test.each(['TooManyRequestsException', 'AccessDeniedException', 'ServiceException'])(
    'where AWS Organizations says %s: it knows them, or nobody can tell',
    async (name) => {
      const rig = await withPacks([{ name: 'Baseline' }]);
      await lookAtOne(rig, { lists: true });
      rig.simulator.inject(refuse(ROWS, UNKNOWN, { times: 'always' }));
      rig.simulator.inject(refuse('DescribeOrganization', name, { times: 'always' }));
      const seen = await lookAtOne(rig, { lists: true });
      expect(seen.fault?.name).toBe(OwnReason.CONFORMANCE_REGION_NOT_ENABLED);
    },
  );

  test('where nobody knows them: the credentials are lost', async () => {
    const rig = await withPacks([{ name: 'Baseline' }]);
    await lookAtOne(rig, { lists: true });
    rig.simulator.inject(refuse(ROWS, UNKNOWN, { times: 'always' }));
    rig.simulator.inject(refuse('DescribeOrganization', UNKNOWN, { times: 'always' }));
    const seen = await lookAtOne(rig, { lists: true });
    expect(seen.fault?.name).toBe(UNKNOWN);
  });
});
