import { stateQuery } from '../../src/contract';
import type { ConformanceRequest } from '../../src/contract';
import { aRequest, withSkippedTime } from '../support/skipped';
import type { Vending, VendHandle } from '../support/vending';

const { vending: startVending } = withSkippedTime();
const REGION = 'us-east-1';
const HOUR = 3_600_000;

interface Setup {
  packs?: Parameters<Vending['simulator']['putConformancePack']>[0][];
  conformance?: ConformanceRequest;
  configuration?: Record<string, unknown>;
}

/** A vend that waits for packs; `Baseline` where none is named. */
async function conformingVend(setup: Setup = {}): Promise<[Vending, VendHandle]> {
  const { configuration } = setup;
  const vending = await startVending(configuration ? { configuration } : {});
  for (const pack of setup.packs ?? [{ name: 'Baseline', region: REGION }]) {
    vending.simulator.putConformancePack(pack);
  }
  const handle = await vending.begin({
    ...aRequest('vend'),
    conformance: setup.conformance ?? {},
  });
  return [vending, handle];
}

test('no row yet, then in progress, then successful: ready only then', async () => {
  const [vending, handle] = await conformingVend({
    packs: [{ name: 'Slow', region: REGION, rowDelayMs: 600_000, deployMs: 1_200_000 }],
  });
  const waiting = await vending.until(handle, ({ stage }) => stage === 'conforming');
  expect(waiting.conformance).toEqual([{ region: REGION, pack: 'Slow', status: 'NO_ROW' }]);
  expect(waiting.waitingFor).toMatch(
    /1 of 1 conformance packs: us-east-1\/Slow .*conformance-watch-.* looks every 60 s to 5 min/,
  );
  const result = await handle.result();
  expect(Date.parse(result.completedAt) - Date.parse(result.createdAt)).toBeGreaterThan(1_800_000);
  expect(result.conformance).toMatchObject([{ pack: 'Slow', status: 'CREATE_SUCCESSFUL' }]);
});

test('the organization-wide status says SUCCESSFUL from before: the own row decides', async () => {
  const [vending, handle] = await conformingVend({
    packs: [{ name: 'Old', region: REGION, status: 'CREATE_SUCCESSFUL', rowDelayMs: HOUR }],
  });
  await vending.until(handle, ({ stage }) => stage === 'conforming');
  await vending.pass(HOUR / 2);
  expect((await handle.query(stateQuery)).stage).toBe('conforming');
  await handle.result();
});

test.each(['CREATE_FAILED', 'CREATE_IN_PROGRESS'])(
  'an organization-wide %s because of others does not hold this account back, unless asked for',
  async (status) => {
    const packs = [{ name: 'Shared', region: REGION, status }];
    const [, alone] = await conformingVend({ packs });
    await alone.result();
    const [vending, together] = await conformingVend({
      packs,
      conformance: { scope: 'organization' },
    });
    await vending.until(together, ({ stage }) => stage === 'conforming');
    await vending.pass(HOUR);
    expect((await together.query(stateQuery)).stage).toBe('conforming');
    vending.simulator.setPackStatus(REGION, 'Shared', 'UPDATE_SUCCESSFUL');
    await together.result();
  },
);

test('every region, every pack; several pages', async () => {
  const regions = [REGION, 'eu-west-1'];
  const names = ['A', 'B', 'C', 'D', 'E'];
  const [, handle] = await conformingVend({
    packs: regions.flatMap((region) => names.map((name) => ({ name, region }))),
    conformance: { regions },
  });
  const { conformance } = await handle.result();
  expect(conformance.map(({ region, pack }) => `${region}/${pack}`).sort()).toEqual(
    regions.flatMap((region) => names.map((name) => `${region}/${name}`)).sort(),
  );
});

test('named packs only, and region/name for one region alone', async () => {
  const [, handle] = await conformingVend({
    packs: [
      { name: 'A', region: REGION },
      { name: 'Broken', region: REGION, failWith: { errorCode: 'X', errorMessage: 'x' } },
      { name: 'B', region: 'eu-west-1' },
    ],
    conformance: { packs: [`${REGION}/A`, 'eu-west-1/B'], regions: [REGION, 'eu-west-1'] },
  });
  const { conformance } = await handle.result();
  expect(conformance.map(({ region, pack }) => `${region}/${pack}`)).toEqual([
    `${REGION}/A`,
    'eu-west-1/B',
  ]);
});

test('a pack that leaves the account out is EXCLUDED, and not waited for', async () => {
  const vending = await startVending();
  const id = vending.simulator.addAccount({ email: 'old@example.com' });
  vending.simulator.putConformancePack({ name: 'Not', region: REGION, excludedAccounts: [id] });
  const result = await vending.vend({ requestId: 'old', existingAccountId: id, conformance: {} });
  expect(result.conformance).toEqual([{ region: REGION, pack: 'Not', status: 'EXCLUDED' }]);
});

test("FAILED in this account: AWS's code and text at the second look; mended, it goes on by itself", async () => {
  const [vending, handle] = await conformingVend({
    packs: [
      {
        name: 'Baseline',
        region: REGION,
        failWith: { errorCode: 'InsufficientPermissions', errorMessage: 'no role' },
      },
    ],
  });
  const { escalation, accountId, conformance } = await vending.escalated(handle);
  expect(escalation).toMatchObject({
    reason: 'InsufficientPermissions',
    scope: 'request',
    actions: ['retry', 'waive', 'abandon'],
  });
  expect(escalation?.message).toContain('no role');
  expect(conformance).toMatchObject([
    { status: 'CREATE_FAILED', errorCode: 'InsufficientPermissions' },
  ]);
  vending.simulator.setPackRow({
    region: REGION,
    pack: 'Baseline',
    accountId: accountId ?? '',
    status: 'UPDATE_SUCCESSFUL',
  });
  const result = await handle.result();
  expect(result.decisions).toEqual([]);
});

test('one failed look is not believed', async () => {
  const [vending, handle] = await conformingVend({
    packs: [{ name: 'Baseline', region: REGION, rowDelayMs: 10 * HOUR }],
  });
  const { accountId = '' } = await vending.until(handle, ({ stage }) => stage === 'conforming');
  const row = { region: REGION, pack: 'Baseline', accountId };
  vending.simulator.setPackRow({ ...row, status: 'CREATE_FAILED', errorCode: 'Blip' });
  await vending.until(handle, ({ conformance }) => conformance?.[0]?.status === 'CREATE_FAILED');
  expect((await handle.query(stateQuery)).escalation).toBeUndefined();
  vending.simulator.setPackRow({ ...row, status: 'CREATE_SUCCESSFUL' });
  const { history } = await vending.until(handle, ({ stage }) => stage === 'done');
  expect(history.some(({ note }) => note?.startsWith('escalated'))).toBe(false);
});

test('waived: kept in the result with reason and by, the other packs are still waited for', async () => {
  const [vending, handle] = await conformingVend({
    packs: [
      { name: 'Broken', region: REGION, failWith: { errorCode: 'X', errorMessage: 'x' } },
      { name: 'Fine', region: REGION },
    ],
  });
  await vending.escalated(handle);
  await expect(
    vending.resolve(handle, { action: 'waive', pack: 'Nope', reason: 'because' }),
  ).rejects.toMatchObject({ cause: { message: expect.stringContaining('us-east-1/Broken') } });
  // The result and notifications tell it, and name no account.
  const reason = 'Account vend is a sandbox';
  await vending.resolve(handle, { action: 'waive', pack: 'Broken', reason, by: 'ada' });
  const { conformance } = await handle.result();
  expect(conformance).toMatchObject([
    {
      pack: 'Broken',
      status: 'WAIVED',
      reason: '[hidden] is a sandbox',
      by: 'ada',
      errorCode: 'X',
    },
    { pack: 'Fine', status: 'CREATE_SUCCESSFUL' },
  ]);
});

test('no configuration recorder: waited for visibly, told after the grace, mended by itself', async () => {
  const [vending, handle] = await conformingVend({
    packs: [{ name: 'Baseline', region: REGION, rowDelayMs: 100 * HOUR }],
  });
  const { accountId = '' } = await vending.until(handle, ({ stage }) => stage === 'conforming');
  const row = { region: REGION, pack: 'Baseline', accountId };
  vending.simulator.setPackRow({
    ...row,
    status: 'CREATE_FAILED',
    errorCode: 'NoAvailableConfigurationRecorderException',
    errorMessage: 'no recorder',
  });
  const visible = await vending.until(
    handle,
    ({ conformance }) => conformance?.[0]?.errorCode !== undefined,
  );
  expect(visible.escalation).toBeUndefined();
  await vending.until(handle, ({ waitingFor }) => waitingFor?.includes('recorder') ?? false);
  const { escalation } = await vending.escalated(handle);
  expect(escalation?.reason).toBe('NoAvailableConfigurationRecorderException');
  expect(escalation?.message).toContain('seven hours');
  vending.simulator.setPackRow({ ...row, status: 'CREATE_SUCCESSFUL' });
  await handle.result();
});

test('deadline: the last rows are told, retry waits as long again', async () => {
  const [vending, handle] = await conformingVend({
    packs: [{ name: 'Slow', region: REGION, rowDelayMs: 5 * HOUR }],
    conformance: { deadline: '2h' },
  });
  const first = await vending.escalated(handle);
  expect(first.escalation).toMatchObject({ reason: 'CONFORMANCE_DEADLINE', id: 'e1' });
  expect(first.escalation?.message).toContain('us-east-1/Slow (NO_ROW)');
  await vending.resolve(handle, { action: 'retry' });
  const second = await vending.escalated(handle);
  expect(second.escalation?.id).toBe('e2');
  const since = (state: typeof first) => Date.parse(state.escalation?.since ?? '');
  expect(since(second) - since(first)).toBeGreaterThanOrEqual(2 * HOUR);
  // AWS moves on: nobody has to answer.
  const result = await handle.result();
  expect(result.decisions).toHaveLength(1);
});

test('a pack that is deleted meanwhile asks a person, and never counts as "not yet"', async () => {
  const [vending, handle] = await conformingVend({
    packs: [{ name: 'Gone', region: REGION, rowDelayMs: HOUR }],
  });
  await vending.until(handle, ({ stage }) => stage === 'conforming');
  vending.simulator.removeConformancePack(REGION, 'Gone');
  const { escalation } = await vending.escalated(handle);
  expect(escalation?.reason).toBe('NoSuchOrganizationConformancePackException');
  await vending.resolve(handle, { action: 'waive', pack: 'Gone', reason: 'replaced' });
  await handle.result();
});

test('denied access is told, and it goes on by itself when access is back', async () => {
  const [vending, handle] = await conformingVend({
    packs: [{ name: 'Baseline', region: REGION, rowDelayMs: 60_000 }],
  });
  vending.simulator.inject({
    operation: 'GetOrganizationConformancePackDetailedStatus',
    kind: 'error',
    times: 'always',
    error: { name: 'AccessDeniedException', message: 'no' },
  });
  const { escalation } = await vending.escalated(handle);
  expect(escalation).toMatchObject({ reason: 'AccessDeniedException', scope: 'request' });
  vending.simulator.clearFaults();
  const result = await handle.result();
  expect(result.decisions).toEqual([]);
});

test('a region without packs is fine where the configuration allows it', async () => {
  const [, handle] = await conformingVend({
    packs: [],
    configuration: { conformance: { allowNone: true } },
  });
  await expect(handle.result()).resolves.toMatchObject({ conformance: [] });
});

test('a Region that is not enabled is the concern of who asks for its packs, and of nobody else', async () => {
  const vending = await startVending();
  const asking = await vending.begin({
    ...aRequest('asking'),
    conformance: { regions: ['af-south-1'] },
  });
  const { escalation } = await vending.escalated(asking, 'CONFORMANCE_REGION_NOT_ENABLED');
  expect(escalation).toMatchObject({ scope: 'request', actions: ['retry', 'abandon'] });
  expect(escalation?.message).toContain('af-south-1');
  expect(vending.calls('CreateAccount')).toBe(0);
  await vending.vend(aRequest('other'));
  expect(vending.simulator.createdAccounts()).toEqual({ other: 1 });
});
