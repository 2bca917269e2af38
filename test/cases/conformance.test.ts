import { PutOrganizationConformancePackCommand } from '@aws-sdk/client-config-service';
import { stateQuery } from '../../src/contract';
import type { ConformanceRequest } from '../../src/contract';
import { configClient, destroyClients } from '../simulator/clients';
import type { Vending } from '../support/vending';
import {
  asked,
  escalationsOf,
  expectAsAsked,
  followed,
  saysWhatItWaitsFor,
  withCases,
} from './support';

const { start } = withCases();
afterEach(() => destroyClients());

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const region = 'us-east-1';
const NO_RECORDER = {
  errorCode: 'NoAvailableConfigurationRecorderException',
  errorMessage: 'Configuration recorder is not available.',
};

type Pack = Parameters<Vending['simulator']['putConformancePack']>[0];

/** A vend that has its account and waits for the pack `Baseline`. */
async function waiting(pack: Partial<Pack> = {}, conformance: ConformanceRequest = {}) {
  // Fewer looks than by default, as hours are waited for.
  const vending = await start({
    configuration: { conformance: { poll: { initial: '5m', max: '15m' } } },
  });
  const put = (more: Partial<Pack> = {}) =>
    vending.simulator.putConformancePack({ name: 'Baseline', region, ...more });
  put(pack);
  const request = { ...asked('covered'), conformance };
  const handle = await vending.begin(request);
  const { accountId = '' } = await vending.until(handle, ({ stage }) => stage === 'conforming');
  return { vending, request, handle, accountId, put };
}

test('case 23 · the aggregate says SUCCESSFUL, and there is no row for the account: not ready', async () => {
  const { vending, request, handle } = await waiting({
    status: 'UPDATE_SUCCESSFUL',
    rowDelayMs: 2 * HOUR,
  });
  await vending.pass(HOUR);
  const state = await handle.query(stateQuery);
  expect(state).toMatchObject({ stage: 'conforming', conformance: [{ status: 'NO_ROW' }] });
  expect(saysWhatItWaitsFor(state)).toBe(true);
  const result = await followed(vending, handle);
  expect(result.conformance).toMatchObject([{ pack: 'Baseline', status: 'CREATE_SUCCESSFUL' }]);
  const took = Date.parse(result.completedAt) - Date.parse(result.createdAt);
  expect(took).toBeGreaterThanOrEqual(2 * HOUR);
  expectAsAsked(vending, [request, result]);
});

test('case 23 · the row FAILED without a recorder, mended after three hours: told, and it goes on by itself', async () => {
  const { vending, request, handle, put } = await waiting({ failWith: NO_RECORDER });
  const { escalation } = await vending.escalated(handle);
  expect(escalation).toMatchObject({ reason: NO_RECORDER.errorCode, scope: 'request' });
  await vending.pass(3 * HOUR);
  expect((await handle.query(stateQuery)).stage).toBe('conforming');
  put();
  const result = await followed(vending, handle);
  expect(result.decisions).toEqual([]);
  expect(await escalationsOf(handle)).toEqual([NO_RECORDER.errorCode]);
  expectAsAsked(vending, [request, result]);
});

test('case 23 · the seven hours have passed: the recorder alone mends nothing, the pack put again does', async () => {
  const { vending, request, handle, put } = await waiting(
    { failWith: NO_RECORDER },
    { deadline: '2d' },
  );
  const { escalation } = await vending.escalated(handle);
  expect(escalation?.message).toMatch(/seven hours.*deployed again/);
  await vending.pass(8 * HOUR);
  put();
  await vending.pass(HOUR);
  expect(await handle.query(stateQuery)).toMatchObject({
    stage: 'conforming',
    escalation: { id: escalation?.id, reason: NO_RECORDER.errorCode },
  });
  await configClient(vending.simulator.url).send(
    new PutOrganizationConformancePackCommand({
      OrganizationConformancePackName: 'Baseline',
      TemplateS3Uri: 's3://packs/baseline.yaml',
    }),
  );
  const result = await followed(vending, handle);
  expect(result.conformance).toMatchObject([{ status: 'UPDATE_SUCCESSFUL' }]);
  expect(result.decisions).toEqual([]);
  expectAsAsked(vending, [request, result]);
});

describe('case 23 · another account fails, and so does the aggregate', () => {
  async function withFailing(conformance: ConformanceRequest) {
    const vending = await start();
    const { simulator } = vending;
    const accountId = simulator.addAccount({ email: 'other@example.com' });
    simulator.putConformancePack({ name: 'Baseline', region });
    const row = { region, pack: 'Baseline', accountId };
    simulator.setPackRow({ ...row, status: 'CREATE_FAILED', errorCode: 'ResourceInUse' });
    expect(simulator.snapshot().packs).toMatchObject([{ status: 'CREATE_FAILED' }]);
    const request = { ...asked('covered'), conformance };
    return { vending, row, request, handle: await vending.begin(request) };
  }

  test('where the own row counts: ready', async () => {
    const { vending, request, handle } = await withFailing({});
    const result = await followed(vending, handle);
    expect(await escalationsOf(handle)).toEqual([]);
    expectAsAsked(vending, [request, result]);
  });

  test('where the organization counts: told, and ready when the other one is mended', async () => {
    const { vending, row, request, handle } = await withFailing({ scope: 'organization' });
    const { escalation, conformance } = await vending.escalated(handle);
    expect(escalation).toMatchObject({ reason: 'ResourceInUse', scope: 'request' });
    expect(conformance).toMatchObject([{ status: 'CREATE_SUCCESSFUL' }]);
    vending.simulator.clearPackRow(row.region, row.pack, row.accountId);
    const result = await followed(vending, handle);
    expectAsAsked(vending, [request, result]);
  });
});

test('case 23 · the aggregate is stuck for ever: the own row decides', async () => {
  const { vending, request, handle } = await waiting({
    status: 'CREATE_IN_PROGRESS',
    rowDelayMs: MINUTE,
  });
  const result = await followed(vending, handle);
  expect(result.conformance).toMatchObject([{ status: 'CREATE_SUCCESSFUL' }]);
  expectAsAsked(vending, [request, result]);
});

test('case 23 · the pack leaves the account out: not waited for, and the result says so', async () => {
  const { vending, request, handle, accountId, put } = await waiting({ rowDelayMs: 7 * HOUR });
  put({ rowDelayMs: 7 * HOUR, excludedAccounts: [accountId] });
  const result = await followed(vending, handle);
  expect(result.conformance).toEqual([{ region, pack: 'Baseline', status: 'EXCLUDED' }]);
  expectAsAsked(vending, [request, result]);
});

test('case 23 · the pack was renamed: a person is asked; it is not silently done, nor "not yet"', async () => {
  const { vending, request, handle, put } = await waiting({ rowDelayMs: 7 * HOUR });
  vending.simulator.removeConformancePack(region, 'Baseline');
  put({ name: 'Baseline-v2' });
  const { escalation } = await vending.escalated(handle);
  expect(escalation).toMatchObject({
    reason: 'NoSuchOrganizationConformancePackException',
    actions: ['retry', 'waive', 'abandon'],
  });
  await vending.resolve(handle, { action: 'waive', pack: 'Baseline', reason: 'it is Baseline-v2' });
  const result = await followed(vending, handle);
  expect(result.conformance).toMatchObject([
    { pack: 'Baseline', status: 'WAIVED', reason: 'it is Baseline-v2' },
  ]);
  expectAsAsked(vending, [request, result]);
});

test('a pack that is added meanwhile is not waited for: only those count that were there', async () => {
  const { vending, request, handle } = await waiting({ rowDelayMs: HOUR });
  vending.simulator.putConformancePack({ name: 'Newer', region, rowDelayMs: 100 * HOUR });
  const result = await followed(vending, handle);
  expect(result.conformance.map(({ pack }) => pack)).toEqual(['Baseline']);
  expectAsAsked(vending, [request, result]);
});

test('the account leaves the organization while it is waited for: told, and ready once it is back', async () => {
  const { vending, handle, accountId } = await waiting({ deployMs: 100 * HOUR });
  await vending.until(
    handle,
    ({ conformance }) => conformance?.[0]?.status === 'CREATE_IN_PROGRESS',
  );
  vending.simulator.removeAccount(accountId);
  const { escalation } = await vending.escalated(handle);
  expect(escalation).toMatchObject({
    reason: 'AccountNotFoundException',
    scope: 'request',
    actions: ['retry', 'waive', 'abandon'],
  });
  expect(escalation?.message).toMatch(/no member of the organization any more/);
  vending.simulator.addAccount({ id: accountId, email: 'back@example.com' });
  vending.simulator.setPackRow({ region, pack: 'Baseline', accountId });
  const result = await followed(vending, handle);
  expect(result.decisions).toEqual([]);
});

describe('a region where AWS Config refuses', () => {
  const denied = {
    operation: 'GetOrganizationConformancePackDetailedStatus',
    times: 'always',
    kind: 'error',
    error: { name: 'AccessDeniedException', message: 'no' },
  } as const;

  test('is told after two minutes, creation goes on for others, and it ends by itself', async () => {
    const { vending, request, handle } = await waiting({ rowDelayMs: HOUR });
    vending.simulator.inject(denied);
    const { escalation } = await vending.escalated(handle);
    expect(escalation).toMatchObject({ reason: 'AccessDeniedException', scope: 'request' });
    expect(escalation?.message).toContain('config:GetOrganizationConformancePackDetailedStatus');
    const other = { ...asked('another'), conformance: false as const };
    const another = await vending.vend(other);
    vending.simulator.clearFaults();
    const result = await followed(vending, handle);
    expect(result.decisions).toEqual([]);
    expectAsAsked(vending, [request, result], [other, another]);
  });
});

test('before anything is created: a region without packs, and a name that is not everywhere', async () => {
  const vending = await start();
  vending.simulator.putConformancePack({ name: 'Baseline', region });
  const refusal = (conformance: ConformanceRequest) =>
    vending.vend({ ...asked('refused'), conformance }).catch((error: unknown) => error);
  const nowhere = await refusal({ regions: [region, 'eu-west-1'] });
  const partly = await refusal({ packs: ['Baseline'], regions: [region, 'eu-west-1'] });
  for (const [refused, field] of [
    [nowhere, 'conformance.regions'],
    [partly, 'conformance.packs[0]'],
  ] as const) {
    expect(refused).toMatchObject({
      cause: {
        type: 'InvalidVendRequest',
        message: expect.stringMatching(/eu-west-1/),
        details: [expect.anything(), [expect.objectContaining({ field })]],
      },
    });
  }
  expect(vending.calls('CreateAccount')).toBe(0);
});

describe('packs of a delegated administrator', () => {
  const OWNER = '555566667777';
  const roleArn = `arn:aws:iam::${OWNER}:role/Packs`;

  async function owned(pack: Partial<Pack>, conformance: ConformanceRequest = {}) {
    const vending = await start({ configuration: { conformance: { owners: [{ roleArn }] } } });
    const { simulator } = vending;
    simulator.addAccount({ id: OWNER, email: 'security@example.com' });
    simulator.putConformancePack({ name: 'Baseline', region });
    simulator.putConformancePack({ name: 'Theirs', region, ownerAccountId: OWNER, ...pack });
    const request = { ...asked('owned'), conformance };
    return { vending, request, handle: await vending.begin(request) };
  }

  test('count like the others, also where their organization-wide status is stuck', async () => {
    const { vending, request, handle } = await owned({ rowDelayMs: HOUR });
    vending.simulator.set({ aggregateStuckForDelegated: true });
    const state = await vending.until(
      handle,
      ({ conformance }) =>
        conformance?.some(({ status }) => status === 'CREATE_SUCCESSFUL') ?? false,
    );
    expect(state).toMatchObject({ stage: 'conforming' });
    expect(saysWhatItWaitsFor(state)).toBe(true);
    const result = await followed(vending, handle);
    expect(result.conformance).toMatchObject([
      { pack: 'Baseline', status: 'CREATE_SUCCESSFUL' },
      { pack: 'Theirs', owner: OWNER, status: 'CREATE_SUCCESSFUL' },
    ]);
    expectAsAsked(vending, [request, result]);
  });

  test('that fail are told with whose they are, and can be waived', async () => {
    const { vending, handle } = await owned({
      failWith: { errorCode: 'ResourceInUse', errorMessage: 'busy' },
    });
    const { escalation } = await vending.escalated(handle);
    expect(escalation).toMatchObject({ reason: 'ResourceInUse' });
    expect(escalation?.message).toContain(`us-east-1/Theirs of ${OWNER}`);
    await vending.resolve(handle, { action: 'waive', pack: 'Theirs', reason: 'theirs', by: 'ada' });
    const { conformance } = await handle.result();
    expect(conformance).toMatchObject([
      { pack: 'Baseline', status: 'CREATE_SUCCESSFUL' },
      { pack: 'Theirs', owner: OWNER, status: 'WAIVED', reason: 'theirs', by: 'ada' },
    ]);
  });

  test('a role that cannot be assumed is told before anything is created', async () => {
    const vending = await start({ configuration: { conformance: { owners: [{ roleArn }] } } });
    vending.simulator.putConformancePack({ name: 'Baseline', region });
    const handle = await vending.begin({ ...asked('early'), conformance: {} });
    const { escalation } = await vending.escalated(handle);
    expect(escalation).toMatchObject({ reason: 'AccessDenied', scope: 'request' });
    expect(vending.calls('CreateAccount')).toBe(0);
    expect(escalation?.message).toContain(OWNER);
    vending.simulator.addAccount({ id: OWNER, email: 'security@example.com' });
    vending.simulator.putConformancePack({ name: 'Theirs', region, ownerAccountId: OWNER });
    await vending.resolve(handle, { action: 'retry' });
    const { conformance } = await handle.result();
    expect(conformance.map(({ pack }) => pack)).toEqual(['Baseline', 'Theirs']);
  });
});
