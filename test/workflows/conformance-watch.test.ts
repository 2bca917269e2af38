import { stateQuery } from '../../src/contract';
import type { VendState } from '../../src/contract';
import { WATCH_PROTOCOL } from '../../src/domain/watch/messages';
import type { Subscribe } from '../../src/domain/watch/messages';
import { aRequest, withSkippedTime } from '../support/skipped';
import { until } from '../support/until';
import type { Vending, VendHandle } from '../support/vending';

const { vending: startVending } = withSkippedTime();
const REGION = 'us-east-1';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const ROWS = 'GetOrganizationConformancePackDetailedStatus';

type Pack = Parameters<Vending['simulator']['putConformancePack']>[0];

async function withPacks(...packs: Partial<Pack>[]): Promise<Vending> {
  const vending = await startVending({
    simulator: { knobs: { configPageSize: 100, emptyPageRate: 0 } },
  });
  for (const pack of packs) {
    vending.simulator.putConformancePack({ name: 'Baseline', region: REGION, ...pack });
  }
  return vending;
}

function conforming(vending: Vending, id: string): Promise<VendHandle> {
  return vending.begin({ ...aRequest(id), conformance: {} });
}

const isConforming = ({ stage }: VendState) => stage === 'conforming';

test('the first round comes as soon as the configuration says, and not after a minute', async () => {
  const vending = await startVending({
    configuration: { conformance: { poll: { initial: '2s', max: '4s' } } },
  });
  vending.simulator.putConformancePack({ name: 'Quick', region: REGION, deployMs: 5_000 });
  const handle = await conforming(vending, 'quick');
  const { createdAt, completedAt } = await handle.result();
  expect(Date.parse(completedAt) - Date.parse(createdAt)).toBeLessThan(30_000);
});

test.each(['cancelled', 'abandoned', 'terminated'])(
  'a vend that is %s is not waited for any more',
  async (how) => {
    const vending = await withPacks({
      failWith: { errorCode: 'InsufficientPermissions', errorMessage: 'no role' },
    });
    const handle = await conforming(vending, 'leaves');
    await vending.escalated(handle);
    if (how === 'cancelled') await handle.cancel();
    else if (how === 'terminated') await handle.terminate();
    else await vending.resolve(handle, { action: 'abandon', reason: 'not needed' });
    await handle.result().catch(() => undefined);
    // Nobody says it of one that was terminated: it is found when it is told of something.
    if (how === 'terminated') await vending.pass(7 * HOUR);
    await vending.pass(MINUTE);
    await expect(vending.watchState()).resolves.toMatchObject({ waiting: 0 });
  },
);

test('a verdict that nobody wants any more is answered, and not sent again', async () => {
  const vending = await withPacks({ rowDelayMs: HOUR });
  const handle = await conforming(vending, 'wants-one');
  // Answered once, ours says nothing for a quarter of an hour; unanswered, it would ask again after five minutes.
  const { accountId = '' } = await vending.until(
    handle,
    ({ stage, waitingFor }) =>
      stage === 'conforming' && /to begin with this account/.test(waitingFor ?? ''),
  );
  // A subscription of an execution that is over, under the same workflow id.
  const { workflowId } = handle;
  const subscribe: Subscribe = {
    v: WATCH_PROTOCOL,
    holder: { workflowId, firstExecutionRunId: 'gone', requestId: 'wants-one' },
    ticket: 7,
    accountId,
    packs: [{ pack: 'Baseline' }],
    scope: 'account',
  };
  await vending
    .watch()
    .signal('mail', { v: WATCH_PROTOCOL, subscribe: [subscribe], unsubscribe: [] });
  await vending.pass(10 * MINUTE);
  await expect(vending.watchState()).resolves.toMatchObject({ waiting: 0 });
  // Ours asks again by itself.
  const { conformance } = await handle.result();
  expect(conformance).toMatchObject([{ status: 'CREATE_SUCCESSFUL' }]);
});

test('waived and retried, the watch looks anew, and for what is wanted now', async () => {
  const failWith = { errorCode: 'X', errorMessage: 'x' };
  const vending = await withPacks({ name: 'Broken', failWith }, { name: 'Slow', rowDelayMs: HOUR });
  const handle = await conforming(vending, 'waives');
  await vending.escalated(handle, 'X');
  const before = vending.calls(ROWS);
  await vending.resolve(handle, { action: 'retry' });
  await vending.escalated(handle, 'X');
  expect(vending.calls(ROWS)).toBeGreaterThan(before);
  await vending.resolve(handle, { action: 'waive', pack: 'Broken', reason: 'later', by: 'ada' });
  await vending.until(handle, ({ escalation }) => escalation === undefined);
  await vending.pass(MINUTE);
  const { accounts } = await vending.watchState();
  expect(accounts.map(({ open }) => open)).toEqual([[expect.stringMatching(/^Slow /)]]);
  await handle.result();
});

test('after a waiver, a pack that AWS refuses to show counts no more by what was seen before', async () => {
  const failWith = { errorCode: 'X', errorMessage: 'x' };
  const vending = await withPacks({ name: 'Broken', failWith }, { name: 'Good' });
  const handle = await conforming(vending, 'unseen');
  await vending.escalated(handle, 'X');
  await vending.until(
    handle,
    ({ conformance = [] }) =>
      conformance.find(({ pack }) => pack === 'Good')?.status === 'CREATE_SUCCESSFUL',
  );
  vending.simulator.inject({
    operation: ROWS,
    kind: 'error',
    times: 'always',
    error: { name: 'AccessDeniedException', message: 'no' },
  });
  // The next look is refused, and that was not a quarter of an hour ago.
  await vending.pass(6 * MINUTE);
  await vending.resolve(handle, { action: 'waive', pack: 'Broken', reason: 'later', by: 'ada' });
  await vending.pass(MINUTE);
  expect((await handle.query(stateQuery)).stage).toBe('conforming');
  vending.simulator.clearFaults();
  await handle.result();
});

test('regions that were ready hours apart are looked at once more: ready means all of them now', async () => {
  const vending = await startVending();
  vending.simulator.putConformancePack({ name: 'Fast', region: REGION });
  vending.simulator.putConformancePack({ name: 'Late', region: 'eu-west-1', rowDelayMs: 3 * HOUR });
  const handle = await vending.begin({
    ...aRequest('apart'),
    conformance: { regions: [REGION, 'eu-west-1'] },
  });
  const { accountId = '' } = await vending.until(
    handle,
    ({ conformance }) => conformance?.[0]?.status === 'CREATE_SUCCESSFUL',
  );
  // Somebody deploys the first pack anew, while the second region is waited for.
  const row = { region: REGION, pack: 'Fast', accountId };
  vending.simulator.setPackRow({ ...row, status: 'UPDATE_IN_PROGRESS' });
  await vending.pass(4 * HOUR);
  expect((await handle.query(stateQuery)).stage).toBe('conforming');
  vending.simulator.setPackRow({ ...row, status: 'UPDATE_SUCCESSFUL' });
  const { conformance } = await handle.result();
  expect(conformance.map(({ status }) => status)).toEqual([
    'UPDATE_SUCCESSFUL',
    'CREATE_SUCCESSFUL',
  ]);
});

test('the page of the watch says who waits, for what, and when it looks next', async () => {
  const vending = await withPacks({ rowDelayMs: HOUR });
  const handle = await conforming(vending, 'shown');
  const { accountId } = await vending.until(handle, isConforming);
  await vending.pass(2 * MINUTE);
  const state = await until(
    () => vending.watchState(),
    ({ waitingFor }) => waitingFor !== 'AWS Config to answer',
  );
  expect(state).toMatchObject({
    region: REGION,
    waiting: 1,
    packs: [{ pack: 'Baseline', waiting: 1 }],
    accounts: [{ requestId: 'shown', accountId, open: ['Baseline (NO_ROW)'] }],
    waitingFor: expect.stringMatching(/^the next look at 20\d\d-/),
  });
  expect(state.looks).toBeGreaterThan(1);
});
