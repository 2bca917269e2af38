import { stateQuery } from '../../src/contract';
import type { VendRequest } from '../../src/contract';
import { aRequest, withSkippedTime } from '../support/skipped';
import type { Vending, VendHandle } from '../support/vending';

const { vending: startVending } = withSkippedTime();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const REGION = 'af-south-1';
const SEVEN = ['ap-east-1', 'ap-south-2', 'ca-west-1', 'eu-south-1', 'me-south-1', 'eu-south-2'];
const contact = { name: 'Ada Lovelace', title: 'CFO', email: 'ada@example.org', phone: '030 123' };
const PERSONAL = /Lovelace|CFO|ada@|030 123/;

const accountOf = (vending: Vending, id = '') =>
  vending.simulator.snapshot().accounts.find((account) => account.id === id);

const stagesOf = async (handle: VendHandle) =>
  (await handle.query(stateQuery)).history
    .filter(({ note }) => note === undefined)
    .map(({ stage }) => stage);

async function begin(
  request: Partial<VendRequest>,
  knobs = {},
  configuration = {},
): Promise<[Vending, VendHandle]> {
  const vending = await startVending({ simulator: { knobs }, configuration });
  return [vending, await vending.begin({ ...aRequest('vend'), ...request })];
}

test('not asked for: the stage does not appear', async () => {
  const [vending, handle] = await begin({});
  await handle.result();
  expect(await stagesOf(handle)).not.toContain('settling');
  expect(vending.calls('PutAlternateContact') + vending.calls('GetRegionOptStatus')).toBe(0);
});

test('contacts are put, regions are enabled and awaited; both are visible', async () => {
  const [vending, handle] = await begin(
    { alternateContacts: { billing: contact, security: contact }, regions: [REGION, 'eu-west-1'] },
    { regionOptMs: 20 * MINUTE },
  );
  const waiting = await vending.until(handle, ({ waitingFor }) => !!waitingFor?.includes(REGION));
  expect(waiting.stage).toBe('settling');
  expect(waiting.waitingFor).toMatch(
    /^opt-in regions to be enabled: af-south-1 \(ENABLING\); since 20\S+, next look at 20\S+$/,
  );
  const { accountId, decisions } = await handle.result();
  expect(accountOf(vending, accountId)).toMatchObject({
    alternateContacts: { BILLING: contact, SECURITY: contact },
    regions: { [REGION]: 'ENABLED' },
  });
  expect(vending.calls('PutAlternateContact')).toBe(2);
  expect(vending.calls('EnableRegion')).toBe(1);
  expect(await stagesOf(handle)).toEqual([
    'queued',
    'creating',
    'placing',
    'settling',
    'conforming',
    'done',
  ]);
  expect(decisions).toEqual([]);
  expect(JSON.stringify(await handle.query(stateQuery))).not.toMatch(PERSONAL);
});

test("what a request leaves out is the configuration's", async () => {
  const [vending, handle] = await begin(
    {},
    {},
    {
      defaults: { alternateContacts: { operations: contact }, regions: [REGION] },
    },
  );
  const { accountId } = await handle.result();
  expect(accountOf(vending, accountId)).toMatchObject({
    alternateContacts: { OPERATIONS: contact },
    regions: { [REGION]: 'ENABLED' },
  });
});

test('regions are there before packs in them are waited for', async () => {
  const vending = await startVending({ simulator: { knobs: { regionOptMs: 10 * MINUTE } } });
  vending.simulator.putConformancePack({ name: 'Baseline', region: REGION });
  const result = await vending.vend({
    ...aRequest('vend'),
    regions: [REGION],
    conformance: { regions: [REGION] },
  });
  expect(result.conformance).toMatchObject([{ region: REGION, status: 'CREATE_SUCCESSFUL' }]);
});

test('more than six regions: AWS changes six at a time', async () => {
  const [vending, handle] = await begin(
    { regions: [...SEVEN, REGION] },
    { regionOptMs: 5 * MINUTE },
  );
  await handle.result();
  expect(vending.calls('EnableRegion')).toBe(7);
  const refused = vending.simulator.journal().filter(({ error }) => error !== undefined);
  expect(refused).toEqual([]);
});

test("at AWS's own rates nobody has to be asked", async () => {
  const contacts = { billing: contact, operations: contact, security: contact };
  const [vending, handle] = await begin(
    { alternateContacts: contacts, regions: ['ap-east-1', 'ca-west-1', REGION] },
    { regionOptMs: 5 * MINUTE, rateFactor: 1 },
  );
  const { accountId } = await handle.result();
  expect(Object.values(accountOf(vending, accountId)?.regions ?? {})).toEqual([
    'ENABLED',
    'ENABLED',
    'ENABLED',
  ]);
  const { history } = await handle.query(stateQuery);
  expect(history.filter(({ note }) => note?.startsWith('escalated'))).toEqual([]);
});

test('an answer of EnableRegion that is lost', async () => {
  const vending = await startVending({ simulator: { knobs: { regionOptMs: 5 * MINUTE } } });
  vending.simulator.inject({ operation: 'EnableRegion', kind: 'reset', phase: 'after', times: 3 });
  const { accountId } = await vending.vend({ ...aRequest('vend'), regions: [REGION] });
  expect(accountOf(vending, accountId)?.regions).toEqual({ [REGION]: 'ENABLED' });
});

test('still enabling after two hours: a person is told, and it ends by itself', async () => {
  const [vending, handle] = await begin({ regions: [REGION] }, { regionOptMs: 5 * HOUR });
  const { escalation, stage } = await vending.escalated(handle);
  expect(stage).toBe('settling');
  expect(escalation).toMatchObject({
    reason: 'REGIONS_DEADLINE',
    scope: 'request',
    actions: ['retry', 'amend', 'waive', 'abandon'],
  });
  expect(escalation?.amendable).not.toContain('regions');
  expect(escalation?.message).toContain('af-south-1 (ENABLING)');
  await vending.resolve(handle, { action: 'retry' });
  const again = await vending.escalated(handle);
  expect(again.escalation?.id).toBe('e2');
  const { decisions } = await handle.result();
  expect(decisions).toMatchObject([{ action: 'retry' }]);
});

test('denied: this request alone is told, with the permissions; granted, it goes on by itself', async () => {
  const [vending, handle] = await begin({ regions: [REGION] }, { accountTrustedAccess: false });
  const { escalation } = await vending.escalated(handle);
  expect(escalation).toMatchObject({ reason: 'AccessDeniedException', scope: 'request' });
  expect(escalation?.message).toContain('account:EnableRegion');
  expect((await vending.gateState()).escalations).toEqual([]);
  vending.simulator.set({ accountTrustedAccess: true });
  expect((await handle.result()).decisions).toEqual([]);
});

test('denied contacts: waived, the regions too are gone on without', async () => {
  const [vending, handle] = await begin(
    { alternateContacts: { billing: contact }, regions: [REGION] },
    { accountTrustedAccess: false },
  );
  const { escalation } = await vending.escalated(handle);
  expect(escalation).toMatchObject({ reason: 'AccessDeniedException', scope: 'request' });
  expect(escalation?.message).toContain('account:PutAlternateContact');
  await vending.resolve(handle, { action: 'waive', stage: 'settling', reason: 'by hand' });
  const { accountId, decisions } = await handle.result();
  expect(decisions).toMatchObject([{ action: 'waive', reason: 'by hand' }]);
  expect(accountOf(vending, accountId)?.regions).toBeUndefined();
});

test("contacts that AWS refuses: its words without the person's, and amended ones go on", async () => {
  const vending = await startVending();
  vending.simulator.inject({
    operation: 'PutAlternateContact',
    kind: 'error',
    error: {
      name: 'ValidationException',
      message: `refused: ${contact.name}, ${contact.title}, ${contact.email}, ${contact.phone}`,
    },
  });
  const handle = await vending.begin({
    ...aRequest('vend'),
    alternateContacts: { billing: contact },
  });
  const state = await vending.escalated(handle, 'ValidationException');
  expect(state.escalation?.amendable).toEqual(
    expect.arrayContaining(['alternateContacts', 'regions']),
  );
  expect(state.escalation?.message).toContain('refused: [hidden]');
  expect(JSON.stringify(state)).not.toMatch(PERSONAL);
  const security = { ...contact, name: 'Bob' };
  await vending.resolve(handle, {
    action: 'amend',
    changes: { alternateContacts: { security }, regions: [REGION] },
  });
  const { accountId } = await handle.result();
  expect(accountOf(vending, accountId)).toMatchObject({
    alternateContacts: { SECURITY: security },
    regions: { [REGION]: 'ENABLED' },
  });
});

test('a region that AWS does not know is amended', async () => {
  const [vending, handle] = await begin({ regions: [REGION, 'xx-north-9'] });
  const { escalation, accountId } = await vending.escalated(handle);
  expect(escalation).toMatchObject({ reason: 'ValidationException', scope: 'request' });
  expect(accountOf(vending, accountId)?.regions).toBeUndefined();
  await vending.resolve(handle, { action: 'amend', changes: { regions: ['ap-east-1'] } });
  await handle.result();
  expect(accountOf(vending, accountId)?.regions).toEqual({ 'ap-east-1': 'ENABLED' });
});

test('GovCloud: the commercial account is settled, and it alone', async () => {
  const vending = await startVending();
  const result = await vending.vend({
    ...aRequest('gov'),
    accountName: 'gov',
    kind: 'govcloud',
    regions: [REGION],
  });
  expect(accountOf(vending, result.accountId)?.regions).toEqual({ [REGION]: 'ENABLED' });
});
