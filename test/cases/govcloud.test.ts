import { stateQuery } from '../../src/contract';
import type { VendRequest } from '../../src/contract';
import { asked, creates, escalationsOf, expectAsAsked, followed, withCases } from './support';

// The rest of case 25 (joining the GovCloud organization, handshakes) is not built yet.

const { start } = withCases();

const pair = (word = ''): VendRequest => ({
  ...asked('pair', word),
  kind: 'govcloud',
  accountName: 'pair-1',
});

test('case 25 · SUCCEEDED without GovCloudAccountId at first: looked at until both ids are known', async () => {
  const vending = await start({ simulator: { knobs: { govCloudIdLagLooks: 4 } } });
  const handle = await vending.begin(pair());
  const result = await followed(vending, handle);
  const [account] = vending.simulator.snapshot().accounts.filter((one) => one.govCloudAccountId);
  expect(result).toMatchObject({
    accountId: account?.id,
    govCloudAccountId: account?.govCloudAccountId,
  });
  expect(creates(vending).map(({ operation }) => operation)).toEqual(['CreateGovCloudAccount']);
  expect(await escalationsOf(handle)).toEqual([]);
  const { history } = await handle.query(stateQuery);
  expect(history.filter(({ note }) => note?.includes('standalone'))).toHaveLength(1);
  expectAsAsked(vending, [pair(), result]);
});

test('case 25 · the answer is lost: both accounts are found again, and no second pair is made', async () => {
  const vending = await start();
  const request = pair('drop-after-commit');
  const result = await followed(vending, await vending.begin(request));
  const [account] = vending.simulator.snapshot().accounts.filter((one) => one.govCloudAccountId);
  expect(result).toMatchObject({
    accountId: account?.id,
    govCloudAccountId: account?.govCloudAccountId,
    adopted: true,
  });
  expect(creates(vending)).toHaveLength(1);
  expectAsAsked(vending, [request, result]);
});

test('case 25 · the commercial account is done, the other one stays unknown: kept, told, nothing is closed', async () => {
  const vending = await start({ simulator: { knobs: { govCloudIdLagLooks: 10_000 } } });
  const handle = await vending.begin(pair());
  const { escalation, accountId } = await vending.escalated(handle);
  expect(escalation).toMatchObject({ reason: 'GOVCLOUD_ACCOUNT_UNKNOWN', scope: 'request' });
  await vending.resolve(handle, { action: 'abandon', reason: 'the pair is enough' });
  await expect(handle.result()).rejects.toMatchObject({
    cause: { type: 'VendAbandoned', details: [{ stage: 'abandoned', accountId }] },
  });
  const { accounts } = vending.simulator.snapshot();
  expect(accounts.find(({ id }) => id === accountId)).toMatchObject({ state: 'ACTIVE' });
  expect(vending.calls('CloseAccount')).toBe(0);
  expect(creates(vending)).toHaveLength(1);
});
