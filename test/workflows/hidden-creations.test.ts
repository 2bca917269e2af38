import { SearchAttribute, stateQuery } from '../../src/contract';
import { forget } from '../support/forgotten';
import { shownAfter } from '../support/shown-after';
import { refuse } from '../support/refuse';
import { aRequest } from '../support/skipped';
import { reset } from '../support/reset';
import { startingAgain } from '../support/starting-again';
import type { DevServer } from '../support/temporal';
import type { Vending, VendHandle } from '../support/vending';

// What AWS hides of an earlier run, which is begun again with another address.

let dev: DevServer;
let vending: Vending;

const { present, ended, untilIs, forgetPlace } = startingAgain();
beforeEach(() => {
  ({ dev, vending } = present());
});

const TEN_MINUTES = 10 * 60_000;
const DAY = 24 * 60 * 60_000;
const other = (id: string) => ({ ...aRequest(id), email: `${id}-other@example.com` });

/** AWS had accepted its creation, and the vend hears of no end. */
async function torn(id: string, behaviour?: string) {
  const first = await vending.begin(aRequest(id, behaviour));
  await vending.until(first, ({ createAccountRequestIds: ids }) => ids.length === 1);
  await first.terminate();
  await untilIs(id, 'Terminated');
  return first;
}
async function unasked(again: VendHandle) {
  await again.result();
  const { history } = await again.query(stateQuery);
  expect(history.some(({ note }) => note?.startsWith('escalated'))).toBe(false);
}

test("a lost answer, and a stranger's creation of the same name that fails: looked for in full all the same", async () => {
  vending.simulator.set(shownAfter(TEN_MINUTES));
  vending.simulator.inject({ operation: 'CreateAccount', kind: 'reset', phase: 'after' });
  const first = await vending.begin(aRequest('hid'));
  await vending.until(first, ({ history }) =>
    history.some(({ note }) => /answer to CreateAccount was lost/.test(note ?? '')),
  );
  await first.cancel();
  await ended(first);
  await untilIs('hid', 'Canceled');
  vending.simulator.set(shownAfter(0));
  const { accountName } = aRequest('hid');
  const stranger = await vending.begin({
    ...aRequest('strange', 'slow-40+fail-invalid-email'),
    accountName,
  });
  await vending.until(stranger, ({ attempts }) => attempts === 1);
  const again = await vending.begin(other('hid'));
  await vending.until(again, ({ stage }) => stage === 'done');
  expect(vending.simulator.createdAccounts()).toEqual({ hid: 1 });
  await stranger.terminate();
});

test('a creation that AWS had accepted: followed to its end, and nothing is sent meanwhile', async () => {
  vending.simulator.set(shownAfter(TEN_MINUTES));
  const first = await vending.begin(aRequest('veil'));
  await vending.until(first, ({ createAccountRequestIds: ids }) => ids.length === 1);
  await first.cancel();
  await ended(first);
  await untilIs('veil', 'Canceled');
  vending.simulator.set(shownAfter(0));
  const result = await vending.vend(other('veil'));
  expect(result).toMatchObject({ adopted: true });
  expect(vending.simulator.createdAccounts()).toEqual({ veil: 1 });
});

test('a creation that AWS had accepted, and never shows: a person permits another one', async () => {
  vending.simulator.set(shownAfter(100 * TEN_MINUTES));
  await torn('gone');
  await forgetPlace();
  const again = await vending.begin(other('gone'));
  await vending.escalated(again, 'OUTCOME_UNCLEAR');
  expect(vending.calls('CreateAccount')).toBe(1);
  vending.simulator.set(shownAfter(0));
  await vending.resolve(again, { action: 'retry' });
  await again.result();
  expect(vending.calls('CreateAccount')).toBe(2);
});

test('a creation that AWS has ended as FAILED: the other address is sent, and nobody is asked', async () => {
  await torn('fell', 'slow-60+fail-invalid-email');
  await forgetPlace();
  const again = await vending.begin(other('fell'));
  await unasked(again);
  expect(vending.simulator.createdAccounts()).toEqual({ fell: 1 });
});

test("a creation that AWS ends as FAILED, beside a stranger's of the same name: nobody is asked", async () => {
  await torn('side', 'slow-60+fail-invalid-email');
  const { accountName } = aRequest('side');
  const stranger = await vending.begin({ ...aRequest('beside', 'slow-120'), accountName });
  await vending.until(stranger, ({ createAccountRequestIds: ids }) => ids.length === 1);
  await forgetPlace();
  const again = await vending.begin(other('side'));
  await unasked(again);
  expect(vending.simulator.createdAccounts()).toMatchObject({ side: 1 });
  await stranger.result();
});

test('another account that is brought in with its address: a RequestConflict, and no tag', async () => {
  vending.simulator.set({ creationMs: 30_000, ...shownAfter(TEN_MINUTES), statusVisibleMs: 0 });
  await torn('rift');
  const email = 'given@example.com';
  const id = vending.simulator.addAccount({ email });
  const request = {
    requestId: 'rift',
    existingAccountId: id,
    email,
    conformance: false as const,
  };
  const again = await vending.begin(request);
  await expect(again.result()).rejects.toMatchObject({ cause: { type: 'RequestConflict' } });
  const [given] = vending.simulator.snapshot().accounts.filter((account) => account.id === id);
  expect(given?.tags).toEqual({});
});

test.each(['follows it', 'waits for a person'])(
  'a creation of a run that Temporal has forgotten, where a run between them %s: nothing is sent',
  async (what) => {
    const follows = what === 'follows it';
    const id = follows ? 'long' : 'shy';
    vending.simulator.set(follows ? { creationMs: 300 * DAY } : shownAfter(100 * TEN_MINUTES));
    const first = await torn(id);
    await forgetPlace();
    const between = await vending.begin(aRequest(id));
    await vending.until(between, ({ waitingFor = '', escalation }) =>
      follows ? /in progress for/.test(waitingFor) : escalation?.reason === 'OUTCOME_UNCLEAR',
    );
    await between.terminate();
    await untilIs(id, 'Terminated', 2);
    await forget(dev, id, [first], 1);
    const again = await vending.begin(other(id));
    await vending.until(again, ({ waitingFor = '', escalation }) =>
      follows ? /in progress for/.test(waitingFor) : escalation?.reason === 'OUTCOME_UNCLEAR',
    );
    expect(vending.calls('CreateAccount')).toBe(1);
  },
);

test('an exception that nobody knows is no proof that nothing was made', async () => {
  vending.simulator.set(shownAfter(TEN_MINUTES));
  vending.simulator.inject({
    operation: 'CreateAccount',
    kind: 'error',
    phase: 'after',
    error: { name: 'UnheardOfException', message: 'x' },
  });
  const first = await vending.begin(aRequest('odd'));
  await vending.until(first, ({ attempts }) => attempts === 1);
  await first.terminate();
  await untilIs('odd', 'Terminated');
  await forgetPlace();
  await vending.vend(other('odd'));
  expect(vending.simulator.createdAccounts()).toEqual({ odd: 1 });
});

test('another account is not brought in while AWS hides what it had accepted', async () => {
  vending.simulator.set({ creationMs: 30_000, ...shownAfter(TEN_MINUTES) });
  await torn('rifts');
  const existingAccountId = vending.simulator.addAccount({ email: 'given2@example.com' });
  const request = { requestId: 'rifts', existingAccountId, conformance: false as const };
  const again = await vending.begin(request);
  await expect(again.result()).rejects.toMatchObject({ cause: { type: 'RequestConflict' } });
});

test('another account is brought in at once where AWS has ended the creation as FAILED', async () => {
  await torn('sunk', 'slow-1+fail-invalid-email');
  vending.simulator.advance(TEN_MINUTES);
  const existingAccountId = vending.simulator.addAccount({ email: 'given3@example.com' });
  const request = { requestId: 'sunk', existingAccountId, conformance: false as const };
  const { createdAt, completedAt } = await vending.vend(request);
  expect(Date.parse(completedAt) - Date.parse(createdAt)).toBeLessThan(TEN_MINUTES);
});

test("an account of a stranger's creation of the same name that has left: a person says so", async () => {
  const { accountName } = aRequest('wait');
  const stranger = await vending.begin({ ...aRequest('leaver'), accountName });
  const { accountId } = await stranger.result();
  vending.simulator.removeAccount(accountId);
  vending.simulator.inject({ operation: 'CreateAccount', kind: 'reset', phase: 'before' });
  const first = await vending.begin(aRequest('wait'));
  await vending.until(first, ({ history }) =>
    history.some(({ note }) => /answer to CreateAccount was lost/.test(note ?? '')),
  );
  await first.terminate();
  await untilIs('wait', 'Terminated');
  await forgetPlace();
  const again = await vending.begin(aRequest('wait'));
  const { escalation } = await vending.escalated(again, 'OUTCOME_UNCLEAR');
  expect(escalation?.message).toContain(accountId);
  await vending.resolve(again, { action: 'retry' });
  // Soon after AWS has made it, an account that is not there may merely be shown late.
  await vending.escalated(again, 'OUTCOME_UNCLEAR');
  await vending.resolve(again, { action: 'retry' });
  await again.result();
  expect(vending.simulator.createdAccounts()).toMatchObject({ wait: 1 });
});

test("an account of a stranger's creation that has left: an amendment is possible where a person has passed it over", async () => {
  const { accountName } = aRequest('lone');
  const stranger = await vending.begin({ ...aRequest('leaver2'), accountName });
  const { accountId } = await stranger.result();
  vending.simulator.removeAccount(accountId);
  const vend = await vending.begin(aRequest('lone', 'fail-invalid-email'));
  const { escalation } = await vending.escalated(vend, 'INVALID_EMAIL');
  expect(escalation?.message).toContain(accountId);
  expect(escalation?.amendable).not.toContain('email');
  await vending.resolve(vend, { action: 'retry' });
  await vending.until(vend, (state) => state.escalation?.amendable?.includes('email') ?? false);
  await vending.resolve(vend, { action: 'amend', changes: { email: 'lone2@example.com' } });
  await vend.result();
  expect(vending.simulator.createdAccounts()).toMatchObject({ lone: 1 });
});

test("a stranger's account of the same name that leaves while a person is asked: the refused amendment names it", async () => {
  const { accountName } = aRequest('later');
  const vend = await vending.begin(aRequest('later', 'fail-invalid-email'));
  await vending.escalated(vend, 'INVALID_EMAIL');
  const stranger = await vending.begin({ ...aRequest('leaver3'), accountName });
  const { accountId } = await stranger.result();
  vending.simulator.removeAccount(accountId);
  const amendment = { action: 'amend', changes: { email: 'later2@example.com' } } as const;
  const refused = await vending.resolve(vend, amendment).catch((error: Error) => error.cause);
  expect(String(refused)).toContain(accountId);
  const { escalation } = await vend.query(stateQuery);
  expect(escalation?.message).toContain(accountId);
});

test('the own account, which has left the organization: another address is sent only where a person says so', async () => {
  vending.simulator.putConformancePack({ name: 'Never', region: 'us-east-1', rowDelayMs: DAY });
  const first = await vending.begin({ ...aRequest('left'), conformance: {} });
  await vending.until(first, ({ stage }) => stage === 'conforming');
  const { accountId = '' } = await first.query(stateQuery);
  await first.terminate();
  await untilIs('left', 'Terminated');
  vending.simulator.removeAccount(accountId);
  await forgetPlace();
  const again = await vending.begin(other('left'));
  const { escalation } = await vending.escalated(again, 'OUTCOME_UNCLEAR');
  expect(escalation?.message).toContain(accountId);
  expect(vending.calls('CreateAccount')).toBe(1);
});

test('cancelled while AWS refuses the first look: what it had accepted is followed by its id', async () => {
  await torn('cut');
  vending.simulator.inject(
    refuse('ListCreateAccountStatus', 'TooManyRequestsException', { times: 'always' }),
  );
  const again = await vending.begin(aRequest('cut'));
  await vending.until(again, ({ history }) =>
    history.some(({ note }) => /earlier run of this request/.test(note ?? '')),
  );
  await again.cancel();
  await ended(again);
  vending.simulator.clearFaults();
  const { typedSearchAttributes } = await again.describe();
  expect(typedSearchAttributes.get(SearchAttribute.accountId)).toBeDefined();
});

test('reset to before it sent another address: the proof of the run before is not its own, and nothing is sent', async () => {
  vending.simulator.inject({ operation: 'CreateAccount', kind: 'reset', phase: 'before' });
  const handle = await vending.begin(aRequest('proven', 'fail-invalid-email-1x'));
  await vending.until(
    handle,
    ({ escalation }) => escalation?.amendable?.includes('email') ?? false,
  );
  await vending.resolve(handle, { action: 'amend', changes: { email: 'mended2@example.com' } });
  const { accountId } = await handle.result();
  const { workflowId, firstExecutionRunId: runId } = handle;
  const { events } = await dev.client.workflow.getHandle(workflowId, runId).fetchHistory();
  const sends = (events ?? [])
    .map(({ activityTaskScheduledEventAttributes: scheduled }) => scheduled)
    .filter((scheduled) => scheduled?.activityType?.name === 'createAccount');
  const point = sends[1]?.workflowTaskCompletedEventId;
  if (!point) throw new Error('it was sent once more after the proof');
  const again = await reset(dev, workflowId, runId, point, { signals: false });
  const result = await dev.client.workflow.getHandle(workflowId, again).result();
  expect(result).toMatchObject({ accountId, adopted: true });
  expect(vending.simulator.createdAccounts()).toEqual({ proven: 1 });
});
