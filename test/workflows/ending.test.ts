import { WorkflowFailedError } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { stateQuery } from '../../src/contract';
import { refuse } from '../support/refuse';
import { aRequest, withSkippedTime } from '../support/skipped';
import type { VendHandle } from '../support/vending';

const { vending: startVending } = withSkippedTime();

async function cancelledBy(handle: VendHandle): Promise<void> {
  const error: unknown = await handle.result().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(WorkflowFailedError);
  expect((error as WorkflowFailedError).cause).toBeInstanceOf(CancelledFailure);
}

test('cancelled while a creation is in progress: followed to its end, the account is known', async () => {
  const vending = await startVending({ simulator: { knobs: { creationMs: 300_000 } } });
  const handle = await vending.begin(aRequest('vend'));
  await vending.until(handle, ({ attempts }) => attempts === 1);
  await handle.cancel();
  const during = await vending.until(handle, ({ stage }) => stage === 'cancelling');
  expect(during.waitingFor).toContain('create the account');
  await cancelledBy(handle);
  const state = await handle.query(stateQuery);
  expect(state.stage).toBe('cancelled');
  const { accounts } = vending.simulator.snapshot();
  expect(accounts.map(({ id }) => id)).toContain(state.accountId);
  expect(vending.calls('MoveAccount')).toBe(0);
});

test('cancelled after an answer was lost: one full reconcile, and the account is known', async () => {
  const vending = await startVending({ simulator: { knobs: { creationMs: 60_000 } } });
  vending.simulator.inject({ operation: 'CreateAccount', kind: 'reset', phase: 'after' });
  const handle = await vending.begin(aRequest('vend'));
  await vending.until(handle, ({ attempts }) => attempts === 1);
  await handle.cancel();
  await cancelledBy(handle);
  const state = await handle.query(stateQuery);
  expect(state.accountId).toMatch(/^\d{12}$/);
  expect(vending.calls('CreateAccount')).toBe(1);
});

test('cancelled while AWS refuses: ends at once, nothing was created', async () => {
  const vending = await startVending();
  vending.simulator.inject(
    refuse('CreateAccount', 'TooManyRequestsException', { times: 'always' }),
  );
  const handle = await vending.begin(aRequest('vend'));
  await vending.until(handle, () => vending.calls('CreateAccount') > 0);
  await handle.cancel();
  await cancelledBy(handle);
  expect(vending.simulator.createdAccounts()).toEqual({});
});

test('cancelled while escalated, and while it waits for packs', async () => {
  const vending = await startVending();
  const escalated = await vending.begin(aRequest('one', 'fail-invalid-email'));
  await vending.escalated(escalated);
  await escalated.cancel();
  await cancelledBy(escalated);
  expect((await escalated.query(stateQuery)).escalation).toBeUndefined();

  vending.simulator.putConformancePack({
    name: 'Slow',
    region: 'us-east-1',
    rowDelayMs: 9_000_000,
  });
  const conforming = await vending.begin({ ...aRequest('two'), conformance: {} });
  await vending.until(conforming, ({ stage }) => stage === 'conforming');
  await conforming.cancel();
  await cancelledBy(conforming);
  expect(await conforming.query(stateQuery)).toMatchObject({
    stage: 'cancelled',
    accountId: expect.stringMatching(/^\d{12}$/),
  });
});

test('abandoned while AWS is overdue: followed to its end first', async () => {
  const vending = await startVending({ simulator: { knobs: { creationMs: 3_600_000 } } });
  const handle = await vending.begin(aRequest('vend'));
  await vending.escalated(handle, 'OVERDUE');
  await vending.resolve(handle, { action: 'abandon', reason: 'too late' });
  const during = await vending.until(handle, ({ stage }) => stage === 'cancelling');
  expect(during.escalation).toBeUndefined();
  await expect(handle.result()).rejects.toMatchObject({
    cause: {
      type: 'VendAbandoned',
      details: [{ stage: 'abandoned', accountId: expect.stringMatching(/^\d{12}$/) }],
    },
  });
});

test('cancelled while AWS takes a day: looked at seldom, since such a run cannot continue as new', async () => {
  const vending = await startVending({
    simulator: { knobs: { creationMs: 24 * 3_600_000 } },
    configuration: { creation: { poll: { initial: '5m', max: '5m' } } },
  });
  const handle = await vending.begin(aRequest('vend'));
  await vending.until(handle, ({ attempts }) => attempts === 1);
  await handle.cancel();
  await cancelledBy(handle);
  // Six hours every five minutes, as all that are slow, and then two in an hour; unless it does, 288.
  expect(vending.calls('DescribeCreateAccountStatus')).toBeLessThan(120);
  expect((await handle.query(stateQuery)).accountId).toMatch(/^\d{12}$/);
});
