import { resolveSignal, stateQuery } from '../../src/contract';
import type { VendRequest } from '../../src/contract';
import { shownAfter } from '../support/shown-after';
import { refuse } from '../support/refuse';
import { aRequest, withSkippedTime } from '../support/skipped';
import type { Vending } from '../support/vending';

const { vending: startVending } = withSkippedTime();
const HOUR = 3_600_000;
const causeOf = (error: { cause?: { type?: string } }) => error.cause?.type;
const creates = (vending: Vending) =>
  vending.simulator.journal().filter(({ operation }) => operation === 'CreateAccount');

test('a creation that AWS does not know any more: never another CreateAccount without a person', async () => {
  const vending = await startVending({
    simulator: {
      knobs: {
        creationMs: 3 * HOUR,
        ...shownAfter(5 * HOUR),
      },
    },
  });
  const handle = await vending.begin(aRequest('vend'));
  const state = await vending.until(handle, (s) => s.escalation !== undefined || s.attempts > 1);
  expect(creates(vending)).toHaveLength(1);
  expect(state.escalation?.reason).toBe('OUTCOME_UNCLEAR');
});

test("AWS forgets a stranger's creation of the same name as well: a person is asked all the same", async () => {
  const vending = await startVending({
    simulator: {
      knobs: {
        creationMs: 3 * HOUR,
        ...shownAfter(5 * HOUR),
      },
    },
  });
  const name = { accountName: 'Same' };
  const handle = await vending.begin({ ...aRequest('vend'), ...name });
  const noted = (what: string, times = 1) =>
    vending.until(
      handle,
      ({ history }) => history.filter(({ note }) => note?.includes(what)).length >= times,
    );
  await noted('does not know');
  vending.simulator.set({ creationMs: 30 * 60_000, ...shownAfter(0) });
  await vending.begin({ ...aRequest('stranger'), ...name });
  await noted('is in progress under this name');
  vending.simulator.inject({
    operation: 'DescribeCreateAccountStatus',
    kind: 'error',
    times: 'always',
    error: { name: 'CreateAccountStatusNotFoundException', message: 'unknown' },
  });
  await noted('does not know', 2);
  vending.simulator.clearFaults();
  const state = await vending.until(handle, (s) => s.escalation !== undefined || s.attempts > 1);
  expect(state).toMatchObject({ attempts: 1, escalation: { reason: 'OUTCOME_UNCLEAR' } });
});

async function lookingForALostAnswer() {
  const vending = await startVending({ configuration: { creation: { recheck: '60s' } } });
  const handle = await vending.begin(aRequest('vend', 'fail-pending-business-validation-1x'));
  await vending.escalated(handle, 'PENDING_BUSINESS_VALIDATION');
  vending.simulator.inject({ operation: 'CreateAccount', kind: 'reset', phase: 'before' });
  for (let i = 0; i < 60; i += 1) {
    const { history } = await handle.query(stateQuery);
    if (history.some(({ note }) => note?.includes('was lost'))) break;
    await vending.pass(2_000);
  }
  expect((await handle.query(stateQuery)).escalation?.reason).toBe('PENDING_BUSINESS_VALIDATION');
  return { vending, handle };
}

test('abandon while a lost answer is looked for is obeyed', async () => {
  const { vending, handle } = await lookingForALostAnswer();
  await handle.signal(resolveSignal, { action: 'abandon', reason: 'enough' });
  const outcome = await handle.result().then(() => 'done', causeOf);
  const times = creates(vending).map(({ time }) => time);
  expect(outcome).toBe('VendAbandoned');
  expect(times).toHaveLength(2);
});

test('retry while a lost answer is looked for does not shorten the looks', async () => {
  const { vending, handle } = await lookingForALostAnswer();
  await handle.signal(resolveSignal, { action: 'retry' });
  await handle.result();
  const times = creates(vending).map(({ time }) => time);
  expect((times[2] ?? 0) - (times[1] ?? 0)).toBeGreaterThanOrEqual(150_000);
});

test('a failed look is no evidence: no other address after it', async () => {
  const vending = await startVending();
  vending.simulator.inject({ operation: 'CreateAccount', kind: 'reset', phase: 'before' });
  const handle = await vending.begin(aRequest('vend', 'fail-email-already-exists'));
  await vending.escalated(handle, 'EMAIL_ALREADY_EXISTS');
  vending.simulator.inject(refuse('ListAccounts', 'AccessDeniedException', { times: 'always' }));
  await vending.pass(16 * 60_000);
  await vending.until(handle, (state) => state.escalation?.nextCheckAt === undefined);
  await expect(
    vending.resolve(handle, { action: 'amend', changes: { email: 'other@example.com' } }),
  ).rejects.toMatchObject({
    cause: { message: expect.stringContaining('must be one of abandon') },
  });
});

test('a waived placing tells where the account really stands', async () => {
  const vending = await startVending({
    simulator: { organization: { organizationalUnits: ['Sandbox'] } },
  });
  vending.simulator.inject(refuse('MoveAccount', 'AccessDeniedException', { times: 'always' }));
  const handle = await vending.begin({ ...aRequest('vend'), organizationalUnit: 'Sandbox' });
  await vending.escalated(handle);
  await vending.resolve(handle, { action: 'waive', stage: 'placing', reason: 'later' });
  const result = await handle.result();
  const account = vending.simulator.snapshot().accounts.find(({ id }) => id === result.accountId);
  expect(result.organizationalUnitId).toBe(account?.parentId);
});

test.each<[string, unknown]>([
  ['null', null],
  ['a number as requestId', { ...aRequest('x'), requestId: 5 }],
  ['a long requestId', { ...aRequest('x'), requestId: 'x'.repeat(5_000) }],
  ['an object as requestId', { ...aRequest('x'), requestId: { a: 1 } }],
  ['notifyWorkflow without ids', { ...aRequest('x'), notifyWorkflow: {} }],
  [
    'notifyWorkflow of nobody',
    { ...aRequest('x'), notifyWorkflow: { workflowId: '', signal: 'x' } },
  ],
  [
    'a signal without a name',
    { ...aRequest('x'), notifyWorkflow: { workflowId: 'x', signal: '' } },
  ],
  [
    'an id of more bytes than Temporal takes',
    { ...aRequest('x'), notifyWorkflow: { workflowId: 'ü'.repeat(600), signal: 'x' } },
  ],
  ['notifyWorkflow of numbers', { ...aRequest('x'), notifyWorkflow: { workflowId: 5, signal: 6 } }],
])('bad input ends as InvalidVendRequest: %s', async (what, request) => {
  const vending = await startVending();
  const handle = await vending.begin((request ?? null) as VendRequest, `bad-${Math.random()}`);
  expect(await handle.result().then(() => 'done', causeOf)).toBe('InvalidVendRequest');
});

test('a request may not have its notices sent to the gate: it is refused, and not even that is told', async () => {
  const vending = await startVending();
  const notifyWorkflow = { workflowId: vending.gate.workflowId, signal: 'foreign' };
  const handle = await vending.begin({ ...aRequest('vend'), notifyWorkflow });
  expect(await handle.result().catch(causeOf)).toBe('InvalidVendRequest');
  const { events } = await handle.fetchHistory();
  const sent = events?.flatMap(
    (one) => one.signalExternalWorkflowExecutionInitiatedEventAttributes,
  );
  expect(sent?.filter(Boolean)).toEqual([]);
});

test('OVERDUE stays one escalation when a look is throttled', async () => {
  const vending = await startVending({ simulator: { knobs: { creationMs: 5 * HOUR } } });
  const handle = await vending.begin(aRequest('vend'));
  await vending.escalated(handle, 'OVERDUE');
  vending.simulator.inject(
    refuse('DescribeCreateAccountStatus', 'TooManyRequestsException', { times: 3 }),
  );
  const looks = () => vending.calls('DescribeCreateAccountStatus');
  const before = looks();
  const { escalation } = await vending.until(handle, () => looks() > before + 3);
  expect(escalation).toMatchObject({ id: 'e1', reason: 'OVERDUE' });
});

test('a throttled look is looked again, not believed', async () => {
  const vending = await startVending();
  const id = vending.simulator.addAccount({
    email: 'vend@example.com',
    tags: { 'account-vending:request-id': 'vend' },
  });
  vending.simulator.inject(refuse('ListAccounts', 'TooManyRequestsException', { times: 3 }));
  const handle = await vending.begin(aRequest('vend'));
  const state = await vending.until(
    handle,
    (s) => s.escalation !== undefined || s.stage === 'done',
  );
  expect(state.escalation).toBeUndefined();
  await expect(handle.result()).resolves.toMatchObject({ accountId: id });
});

test.each(['cancel', 'abandon'])(
  '%s after a lost answer ends with the account known',
  async (how) => {
    const vending = await startVending({
      simulator: {
        knobs: {
          sameEmailReason: 'EMAIL_ALREADY_EXISTS',
          ...shownAfter(10 * 60_000),
        },
      },
    });
    vending.simulator.inject({ operation: 'CreateAccount', kind: 'reset', phase: 'after' });
    const handle = await vending.begin(aRequest('vend'));
    for (let i = 0; i < 60 && vending.calls('CreateAccount') < 1; i += 1) await vending.pass(500);
    vending.simulator.set({ statusVisibleMs: 0 });
    await vending.escalated(handle);
    await vending.pass(9 * 60_000);
    if (how === 'cancel') await handle.cancel();
    else await vending.resolve(handle, { action: 'abandon', reason: 'enough' });
    await handle.result().catch(() => undefined);
    const { accountId } = await handle.query(stateQuery);
    expect(accountId).toMatch(/^\d{12}$/);
  },
);

test('the end of a stranger of the same name is no proof', async () => {
  const vending = await startVending();
  const stranger = await vending.begin({
    ...aRequest('b', 'slow-25+fail-invalid-email'),
    accountName: 'Same',
  });
  await vending.until(stranger, (s) => s.attempts === 1);
  vending.simulator.inject({ operation: 'CreateAccount', kind: 'reset', phase: 'before' });
  const handle = await vending.begin({ ...aRequest('vend'), accountName: 'Same' });
  await handle.result();
  const times = creates(vending)
    .filter((e) => e.requestTag !== 'b')
    .map(({ time }) => time);
  expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(150_000);
});

test('no address in a failure message', async () => {
  const vending = await startVending();
  const handle = await vending.begin(aRequest('vend', 'fail-email-already-exists'));
  await vending.escalated(handle);
  await vending.resolve(handle, {
    action: 'abandon',
    reason: 'vend+x@example.com belongs to jane@corp.example',
  });
  const error = await handle.result().catch((e) => e);
  expect(error.cause.message).not.toContain('@');
});

test('expired credentials while looking concern the organization', async () => {
  const vending = await startVending();
  vending.simulator.inject({ operation: 'CreateAccount', kind: 'reset', phase: 'after' });
  vending.simulator.inject(
    refuse('ListCreateAccountStatus', 'ExpiredTokenException', { times: 'always' }),
  );
  const handle = await vending.begin(aRequest('vend'));
  const { escalation } = await vending.escalated(handle);
  expect(escalation).toMatchObject({ scope: 'organization', reason: 'ExpiredTokenException' });
});

test('a govcloud account found by its tag is not done without its pair', async () => {
  const vending = await startVending();
  vending.simulator.addAccount({
    email: 'vend@example.com',
    tags: { 'account-vending:request-id': 'vend' },
  });
  const handle = await vending.begin({ ...aRequest('vend'), accountName: 'Gov', kind: 'govcloud' });
  const state = await vending.until(
    handle,
    (s) => s.escalation !== undefined || s.stage === 'done',
  );
  expect(state.escalation?.reason).toBe('GOVCLOUD_ACCOUNT_UNKNOWN');
});

test('an answer is never accepted without being carried out', async () => {
  const hidden = 14 * 60_000;
  const vending = await startVending({
    simulator: {
      knobs: {
        sameEmailReason: 'EMAIL_ALREADY_EXISTS',
        creationMs: 3 * HOUR,
        statusVisibleMs: hidden,
        listVisibleMs: hidden,
      },
    },
  });
  vending.simulator.inject({ operation: 'CreateAccount', kind: 'reset', phase: 'after' });
  const handle = await vending.begin(aRequest('vend'));
  await vending.until(handle, (s) =>
    s.history.some(({ note }) => note?.includes('was lost') ?? false),
  );
  vending.simulator.set({ creationMs: 1_000, statusVisibleMs: 0 });
  await vending.escalated(handle, 'EMAIL_ALREADY_EXISTS');
  await vending.pass(16 * 60_000);
  await vending.until(handle, (s) =>
    s.history.some(({ note }) => note?.includes('is in progress under this name') ?? false),
  );
  const adopt = await vending.resolve(handle, { action: 'adopt', accountId: '999999999999' }).then(
    () => 'accepted',
    () => 'refused',
  );
  expect(adopt).toBe('refused');
});

test('retry at OUTCOME_UNCLEAR looks first', async () => {
  const vending = await startVending({ configuration: { creation: { retry: { attempts: 1 } } } });
  vending.simulator.inject({ operation: 'CreateAccount', kind: 'reset', phase: 'before' });
  const handle = await vending.begin(aRequest('vend'));
  await vending.escalated(handle, 'OUTCOME_UNCLEAR');
  const looks = vending.calls('ListAccounts');
  await vending.resolve(handle, { action: 'retry' });
  await handle.result();
  const journal = vending.simulator.journal();
  const last = journal.findLastIndex(({ operation }) => operation === 'CreateAccount');
  const before = journal
    .slice(0, last)
    .filter(({ operation }) => operation === 'ListAccounts').length;
  expect(before).toBeGreaterThan(looks);
});
