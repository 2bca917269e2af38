import { requestQuery, stateQuery } from '../../src/contract';
import { aRequest, withSkippedTime } from '../support/skipped';

const { vending: startVending } = withSkippedTime();

test('a request becomes an account: created once, tagged, placed and covered', async () => {
  const vending = await startVending({ simulator: { knobs: { creationMs: 60_000 } } });
  const unit = vending.simulator.addOrganizationalUnit('Workloads/Prod');
  for (const name of ['Baseline', 'Encryption']) {
    vending.simulator.putConformancePack({ name, region: 'us-east-1' });
  }

  const handle = await vending.begin({
    ...aRequest('team-a'),
    conformance: {},
    organizationalUnit: 'Workloads/Prod',
    tags: { CostCenter: '42' },
  });
  const result = await handle.result();

  const { accounts } = vending.simulator.snapshot();
  const account = accounts.find(({ id }) => id === result.accountId);
  expect(account).toMatchObject({
    email: 'team-a@example.com',
    parentId: unit,
    tags: { CostCenter: '42', 'account-vending:request-id': 'team-a' },
  });
  expect(result).toMatchObject({
    requestId: 'team-a',
    organizationId: vending.simulator.organizationId,
    createAccountRequestIds: [account?.createAccountRequestId],
    adopted: false,
    organizationalUnitId: unit,
    decisions: [],
  });
  expect(result.conformance.map(({ region, pack, status }) => [region, pack, status])).toEqual([
    ['us-east-1', 'Baseline', 'CREATE_SUCCESSFUL'],
    ['us-east-1', 'Encryption', 'CREATE_SUCCESSFUL'],
  ]);
  expect(Date.parse(result.completedAt)).toBeGreaterThanOrEqual(Date.parse(result.createdAt));
  expect(Date.parse(result.createdAt)).toBeGreaterThan(Date.parse(result.requestedAt));
  expect(vending.calls('CreateAccount')).toBe(1);
  expect(vending.calls('DescribeCreateAccountStatus')).toBeLessThanOrEqual(6);

  const state = await handle.query(stateQuery);
  expect(state.stage).toBe('done');
  expect(state.waitingFor).toBeUndefined();
  expect(state.history.map(({ stage }) => stage)).toEqual([
    'queued',
    'creating',
    'placing',
    'conforming',
    'done',
  ]);
});

test('a GovCloud vend ends with both accounts, and places only the commercial one', async () => {
  const vending = await startVending({ simulator: { knobs: { govCloudIdLagLooks: 3 } } });
  const unit = vending.simulator.addOrganizationalUnit('Gov');
  const result = await vending.vend({
    ...aRequest('gov'),
    kind: 'govcloud',
    accountName: 'gov-1',
    organizationalUnit: unit,
  });
  expect(result.govCloudAccountId).toMatch(/^\d{12}$/);
  expect(result.govCloudAccountId).not.toBe(result.accountId);
  expect(result.organizationalUnitId).toBe(unit);
  expect(vending.calls('CreateGovCloudAccount')).toBe(1);
  expect(vending.calls('CreateAccount')).toBe(0);
});

test('an account that exists is brought in: nothing is created, and it is tagged and placed', async () => {
  const vending = await startVending();
  const unit = vending.simulator.addOrganizationalUnit('Workloads');
  const id = vending.simulator.addAccount({ email: 'old@example.com', name: 'Old' });
  const result = await vending.vend({
    requestId: 'old',
    existingAccountId: id,
    organizationalUnit: 'Workloads',
    conformance: false,
  });
  expect(result).toMatchObject({ accountId: id, adopted: true, organizationalUnitId: unit });
  expect(vending.calls('CreateAccount')).toBe(0);
  const account = vending.simulator.snapshot().accounts.find((candidate) => candidate.id === id);
  expect(account).toMatchObject({ parentId: unit, tags: { 'account-vending:request-id': 'old' } });
});

test('without an organizational unit the account stays in the root, and nothing is moved', async () => {
  const vending = await startVending();
  const result = await vending.vend(aRequest('rooted'));
  expect(result.organizationalUnitId).toBe(vending.simulator.rootId);
  expect(vending.calls('MoveAccount')).toBe(0);
});

test('the request can be read back', async () => {
  const vending = await startVending();
  const handle = await vending.begin(aRequest('read-back'));
  await handle.result();
  expect(await handle.query(requestQuery)).toEqual(aRequest('read-back'));
});

test.each([
  ['an unknown organizational unit', { organizationalUnit: 'Nowhere' }, 'organizationalUnit'],
  ['a wrong organization', { organizationId: 'o-aaaaaaaaaa' }, 'organizationId'],
  ['an unknown conformance pack', { conformance: { packs: ['Nope'] } }, 'conformance.packs[0]'],
  ['an address that AWS would not take', { email: 'a b@example.com' }, 'email'],
  ['a region without any pack', { conformance: {} }, 'conformance.regions'],
  ['an account that is not there', { existingAccountId: '999999999999' }, 'existingAccountId'],
])('%s is refused before anything is created', async (_what, change, field) => {
  const vending = await startVending();
  const handle = await vending.begin({ ...aRequest('bad'), ...change });
  await expect(handle.result()).rejects.toMatchObject({
    cause: { type: 'InvalidVendRequest', details: [{ stage: 'failed' }, [{ field }]] },
  });
  expect(vending.calls('CreateAccount')).toBe(0);
});
