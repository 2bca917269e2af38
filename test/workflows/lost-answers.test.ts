import type { WorkflowUpdateFailedError } from '@temporalio/client';
import { stateQuery } from '../../src/contract';
import type { FaultRule } from '../../src/simulator';
import { shownAfter } from '../support/shown-after';
import { aRequest, withSkippedTime } from '../support/skipped';
import type { Vending, VendHandle } from '../support/vending';

const { vending: startVending } = withSkippedTime();

const on = (fault: Partial<FaultRule> & { kind: FaultRule['kind'] }) =>
  ({ operation: 'CreateAccount', ...fault }) as FaultRule;
const serverError = (phase: 'before' | 'after') =>
  on({ kind: 'error', phase, error: { name: 'ServiceException', message: 'oops' } });

test.each<[string, FaultRule]>([
  ['connection dropped after the commit', on({ kind: 'reset', phase: 'after' })],
  ['500 after the commit', serverError('after')],
  ['503 HTML after the commit', on({ kind: 'html', phase: 'after' })],
  ['body cut', on({ kind: 'cut-body' })],
])(
  '%s: the account is found by its tag, and no second CreateAccount is sent',
  async (_what, fault) => {
    const vending = await startVending({ simulator: { knobs: { creationMs: 20_000 } } });
    vending.simulator.inject(fault);
    const result = await vending.vend(aRequest('vend'));
    expect(vending.calls('CreateAccount')).toBe(1);
    expect(vending.simulator.committedCreations()).toEqual({ vend: 1 });
    expect(result.adopted).toBe(true);
    expect(result.createAccountRequestIds).toEqual([vending.simulator.snapshot().requests[0]?.id]);
  },
);

test.each<[string, FaultRule]>([
  ['connection dropped before the commit', on({ kind: 'reset', phase: 'before' })],
  ['500 before the commit', serverError('before')],
])('%s: sent again only after four empty looks', async (_what, fault) => {
  const vending = await startVending();
  vending.simulator.inject(fault);
  const result = await vending.vend(aRequest('vend'));
  expect(vending.calls('CreateAccount')).toBe(2);
  expect(vending.simulator.committedCreations()).toEqual({ vend: 1 });
  const [first, second] = vending.simulator
    .journal()
    .filter(({ operation }) => operation === 'CreateAccount')
    .map(({ time }) => time);
  expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(150_000);
  // Both are calls of the day, and have taken their token.
  expect(await vending.gateState()).toMatchObject({ callsToday: 2 });
  expect(result.adopted).toBe(false);
});

test('an account that AWS shows late is waited for, not made again', async () => {
  const vending = await startVending({
    simulator: {
      knobs: {
        creationMs: 3_000,
        listVisibleMs: 30_000,
        describeVisibleMs: 30_000,
        statusVisibleMs: 15_000,
      },
    },
  });
  vending.simulator.inject(on({ kind: 'reset', phase: 'after' }));
  await vending.vend(aRequest('vend'));
  expect(vending.calls('CreateAccount')).toBe(1);
});

test('the looks themselves fail: no evidence, so a person is asked and nothing is sent', async () => {
  const vending = await startVending();
  vending.simulator.inject(on({ kind: 'reset', phase: 'after' }));
  vending.simulator.inject({
    operation: 'ListCreateAccountStatus',
    kind: 'error',
    times: 'always',
    error: { name: 'AccessDeniedException', message: 'no' },
  });
  const handle = await vending.begin(aRequest('vend'));
  const { escalation } = await vending.escalated(handle);
  expect(escalation).toMatchObject({ reason: 'AccessDeniedException', scope: 'organization' });
  expect(escalation?.actions).not.toContain('amend');
  expect(vending.calls('CreateAccount')).toBe(1);
  vending.simulator.clearFaults();
  await vending.resolveOrganization({ action: 'retry' });
  await expect(handle.result()).resolves.toMatchObject({ adopted: true });
  expect(vending.calls('CreateAccount')).toBe(1);
});

test('lost on the way there, twice: sent again, and carried out once', async () => {
  const vending = await startVending();
  vending.simulator.inject(on({ kind: 'reset', phase: 'before', times: 2 }));
  await vending.vend(aRequest('vend'));
  expect(vending.simulator.committedCreations()).toEqual({ vend: 1 });
});

test('after a lost answer the address may not change for a quarter of an hour', async () => {
  const vending = await startVending();
  vending.simulator.inject(on({ kind: 'reset', phase: 'before' }));
  const handle = await vending.begin(aRequest('vend', 'fail-email-already-exists'));
  const { escalation } = await vending.escalated(handle, 'EMAIL_ALREADY_EXISTS');
  expect(escalation?.nextCheckAt).toBeDefined();
  await expect(
    vending.resolve(handle, { action: 'amend', changes: { email: 'other@example.com' } }),
  ).rejects.toMatchObject({
    cause: { message: expect.stringContaining('email cannot be amended now') },
  });
  await vending.pass(16 * 60_000);
  await vending.until(handle, (state) => state.escalation?.nextCheckAt === undefined);
  await vending.resolve(handle, { action: 'amend', changes: { email: 'other@example.com' } });
  await handle.result();
  expect(vending.simulator.createdAccounts()).toEqual({ vend: 1 });
});

test('CONCURRENT_ACCOUNT_MODIFICATION: the sibling is waited for, and adopted by its tag', async () => {
  const vending = await startVending({ simulator: { knobs: { creationMs: 90_000 } } });
  // The first call is carried out, its answer lost; AWS hides it, so the second one meets it.
  vending.simulator.inject(on({ kind: 'reset', phase: 'after' }));
  const result = await vending.vend(aRequest('vend'));
  expect(result.adopted).toBe(true);
  expect(vending.simulator.createdAccounts()).toEqual({ vend: 1 });
});

test('EMAIL_ALREADY_EXISTS for our own earlier account: adopted', async () => {
  const vending = await startVending();
  const id = vending.simulator.addAccount({
    email: 'VEND@example.com',
    tags: { 'account-vending:request-id': 'vend' },
  });
  const result = await vending.vend(aRequest('vend'));
  expect(result).toMatchObject({ accountId: id, adopted: true });
  expect(vending.simulator.createdAccounts()).toEqual({});
});

test('EMAIL_ALREADY_EXISTS for an account of somebody else: never adopted, a person decides', async () => {
  const vending = await startVending();
  vending.simulator.addAccount({
    email: 'vend@example.com',
    tags: { 'account-vending:request-id': 'another' },
  });
  const handle = await vending.begin(aRequest('vend'));
  const { escalation, accountId } = await vending.escalated(handle);
  expect(escalation?.reason).toBe('ACCOUNT_NOT_OURS');
  expect(accountId).toBeUndefined();
});

test("a lost answer for an address of another's account: another address is free after a quarter of an hour", async () => {
  const vending = await startVending();
  vending.simulator.addAccount({ email: 'vend@example.com' });
  await vending.pass(5 * 60_000);
  vending.simulator.inject(on({ kind: 'reset', phase: 'before' }));
  const handle = await vending.begin(aRequest('vend'));
  const { escalation } = await vending.escalated(handle, 'ACCOUNT_NOT_OURS');
  expect(escalation?.amendable ?? []).not.toContain('email');
  await vending.pass(16 * 60_000);
  await vending.until(handle, (state) => state.escalation?.nextCheckAt === undefined);
  expect(await amended(vending, handle, 'fresh@example.com')).toBeUndefined();
  await handle.result();
  expect(vending.simulator.createdAccounts()).toEqual({ vend: 1 });
  // What AWS cannot take is not sent again.
  expect(vending.calls('CreateAccount')).toBe(2);
});

test("a creation that AWS had accepted and knows no more, for an address of another's account: a person permits another one first", async () => {
  const vending = await startVending({
    simulator: { knobs: { statusVisibleMs: 30 * 24 * 3_600_000 } },
  });
  vending.simulator.addAccount({ email: 'vend@example.com' });
  await vending.pass(5 * 60_000);
  const handle = await vending.begin(aRequest('vend'));
  const { escalation } = await vending.escalated(handle, 'OUTCOME_UNCLEAR');
  expect(escalation?.actions).not.toContain('amend');
  vending.simulator.set({ statusVisibleMs: 0 });
  await vending.resolve(handle, { action: 'retry' });
  await vending.escalated(handle, 'ACCOUNT_NOT_OURS');
  await vending.until(handle, (state) => state.escalation?.amendable?.includes('email') ?? false);
  expect(await amended(vending, handle, 'fresh@example.com')).toBeUndefined();
  await handle.result();
  expect(vending.simulator.createdAccounts()).toEqual({ vend: 1 });
});

test("a stranger's creation of the same name that another look meets leaves a question with a way on", async () => {
  const vending = await startVending({ simulator: { knobs: { creationMs: 60_000 } } });
  vending.simulator.addAccount({ email: 'vend@example.com' });
  await vending.pass(5 * 60_000);
  vending.simulator.inject(on({ kind: 'reset', phase: 'before' }));
  const { accountName } = aRequest('vend');
  const handle = await vending.begin(aRequest('vend'));
  await vending.until(handle, ({ history }) =>
    history.some(({ note }) => note?.includes('was lost')),
  );
  const other = await vending.begin({ ...aRequest('other'), accountName });
  await vending.until(handle, ({ history }) =>
    history.some(({ note }) => note?.includes('in progress under this name')),
  );
  await vending.escalated(handle, 'ACCOUNT_NOT_OURS');
  await vending.pass(16 * 60_000);
  await vending.until(other, ({ stage }) => stage === 'done');
  await vending.until(handle, (state) => state.escalation?.amendable?.includes('email') ?? false);
  expect(await amended(vending, handle, 'fresh@example.com')).toBeUndefined();
  await handle.result();
  expect(vending.simulator.createdAccounts()).toEqual({ vend: 1, other: 1 });
});

const OURS = { 'account-vending:request-id': 'vend' };

test('what AWS shows while a person thinks is taken, and no other address is sent', async () => {
  const vending = await startVending();
  const request = aRequest('vend', 'fail-internal-failure');
  const handle = await vending.begin(request);
  await vending.escalated(handle);
  const id = vending.simulator.addAccount({ email: request.email, tags: OURS });
  await expect(
    vending.resolve(handle, { action: 'amend', changes: { email: 'other@example.com' } }),
  ).rejects.toMatchObject({ cause: { message: expect.stringContaining('was found just now') } });
  await expect(handle.result()).resolves.toMatchObject({ accountId: id, adopted: true });
  expect(vending.calls('CreateAccount')).toBe(5);
});

test('where AWS refuses the look, the address stays, and the question open', async () => {
  const vending = await startVending();
  const handle = await vending.begin(aRequest('vend', 'fail-internal-failure'));
  await vending.escalated(handle);
  vending.simulator.inject({
    operation: 'ListAccounts',
    kind: 'error',
    times: 'always',
    error: { name: 'AccessDeniedException', message: 'no' },
  });
  const amendment = { action: 'amend', changes: { email: 'other@example.com' } } as const;
  await expect(vending.resolve(handle, amendment)).rejects.toMatchObject({
    cause: { message: expect.stringContaining('AccessDeniedException') },
  });
  vending.simulator.clearFaults();
  await vending.resolve(handle, amendment);
  await handle.result();
  expect(vending.simulator.createdAccounts()).toEqual({ vend: 1 });
});

test('what was asked for under the address before the amendment is still looked for', async () => {
  const vending = await startVending();
  const request = aRequest('vend', 'fail-internal-failure');
  const handle = await vending.begin(request);
  await vending.escalated(handle);
  vending.simulator.inject(on({ kind: 'reset', phase: 'before' }));
  await vending.resolve(handle, { action: 'amend', changes: { email: 'other@example.com' } });
  const id = vending.simulator.addAccount({ email: request.email, tags: OURS });
  await expect(handle.result()).resolves.toMatchObject({ accountId: id, adopted: true });
  expect(vending.calls('CreateAccount')).toBe(6);
  expect(vending.simulator.createdAccounts()).toEqual({});
});

test.each(['CLOSED', 'SUSPENDED', 'PENDING_CLOSURE'] as const)(
  'the account of this request is %s: named, and taken when it is active again',
  async (state) => {
    const vending = await startVending();
    const email = 'vend@example.com';
    const id = vending.simulator.addAccount({ email, tags: OURS, state });
    const handle = await vending.begin(aRequest('vend'));
    const { escalation } = await vending.escalated(handle);
    expect(escalation).toMatchObject({
      reason: 'ACCOUNT_NOT_ACTIVE',
      scope: 'request',
      message: expect.stringMatching(new RegExp(`${id}.* ${state}`)),
    });
    // An answer that says to give another address would be refused.
    expect(escalation?.message).not.toContain('Give another address');
    vending.simulator.removeAccount(id);
    vending.simulator.addAccount({ id, email, tags: OURS });
    await vending.resolve(handle, { action: 'retry' });
    await expect(handle.result()).resolves.toMatchObject({ accountId: id, adopted: true });
    expect(vending.simulator.createdAccounts()).toEqual({});
  },
);

/** What an `amend` of the address is told, or undefined where it was taken. */
async function amended(vending: Vending, handle: VendHandle, email: string) {
  return vending.resolve(handle, { action: 'amend', changes: { email } }).then(
    () => undefined,
    (error: WorkflowUpdateFailedError) => error.cause?.message,
  );
}

test("another's account under the present address does not hide ours under the one before", async () => {
  const vending = await startVending();
  const request = aRequest('vend', 'fail-internal-failure');
  const handle = await vending.begin(request);
  await vending.escalated(handle);
  vending.simulator.addAccount({ email: 'theirs@example.com' });
  expect(await amended(vending, handle, 'theirs@example.com')).toBeUndefined();
  await vending.escalated(handle, 'ACCOUNT_NOT_OURS');
  const id = vending.simulator.addAccount({
    email: request.email,
    tags: OURS,
    state: 'SUSPENDED',
  });
  expect(await amended(vending, handle, 'third@example.com')).toContain(id);
  const { escalation } = await vending.escalated(handle, 'ACCOUNT_NOT_ACTIVE');
  expect(escalation?.amendable).not.toContain('email');
  expect(vending.simulator.createdAccounts()).toEqual({});
});

describe('under another address nothing is sent while the account of the one before is not ruled out', () => {
  /** The address was amended; AWS refuses the new one, and shows ours under the one before. */
  async function amendedTo(email: string, state: string) {
    const vending = await startVending();
    const request = aRequest('vend', 'fail-internal-failure');
    const handle = await vending.begin(request);
    await vending.escalated(handle);
    expect(await amended(vending, handle, email)).toBeUndefined();
    const account = { email: request.email, tags: OURS };
    const id = vending.simulator.addAccount({ ...account, state });
    return { vending, handle, id, account };
  }

  test.each([
    ['SUSPENDED', 'ACCOUNT_NOT_ACTIVE'],
    ['A_NEW_WORD', 'OUTCOME_UNCLEAR'],
  ])(
    '%s, and AWS ends the next one with INTERNAL_FAILURE: no attempt more',
    async (state, reason) => {
      const next = 'vend+slow-60+fail-internal-failure-1x@example.com';
      const { vending, handle } = await amendedTo(next, state);
      await vending.escalated(handle, reason);
      expect(vending.simulator.createdAccounts()).toEqual({});
    },
  );

  test('SUSPENDED, and made active again: retry takes it', async () => {
    const next = 'vend+slow-60+fail-invalid-email-1x@example.com';
    const { vending, handle, id, account } = await amendedTo(next, 'SUSPENDED');
    await vending.escalated(handle, 'ACCOUNT_NOT_ACTIVE');
    vending.simulator.removeAccount(id);
    vending.simulator.addAccount({ id, ...account });
    await vending.resolve(handle, { action: 'retry' });
    await expect(handle.result()).resolves.toMatchObject({ accountId: id, adopted: true });
    expect(vending.simulator.createdAccounts()).toEqual({});
  });

  test('what AWS shows late and in full is in the way of no other address', async () => {
    const next = 'vend+slow-60+fail-invalid-email-1x@example.com';
    const { vending, handle, id } = await amendedTo(next, 'A_NEW_WORD');
    await vending.escalated(handle, 'INVALID_EMAIL');
    vending.simulator.removeAccount(id);
    await vending.until(handle, (state) => state.escalation?.amendable?.includes('email') ?? false);
    expect(await amended(vending, handle, 'third@example.com')).toBeUndefined();
    await handle.result();
    expect(vending.simulator.createdAccounts()).toEqual({ vend: 1 });
  });

  test.each(['cancel', 'abandon'])(
    '%s while an answer is lost: a closed account under the one before ends no look',
    async (how) => {
      const vending = await startVending({ simulator: { knobs: { creationMs: 5_000 } } });
      const request = aRequest('vend', 'fail-internal-failure');
      const handle = await vending.begin(request);
      await vending.escalated(handle);
      vending.simulator.set(shownAfter(60_000));
      vending.simulator.inject(on({ kind: 'reset', phase: 'after' }));
      expect(await amended(vending, handle, 'fresh@example.com')).toBeUndefined();
      const id = vending.simulator.addAccount({
        email: request.email,
        tags: OURS,
        state: 'CLOSED',
      });
      await vending.until(handle, ({ history }) =>
        history.some(({ note }) => note?.includes('CreateAccount was lost')),
      );
      if (how === 'cancel') await handle.cancel();
      else
        await vending
          .resolve(handle, { action: 'abandon', reason: 'enough' })
          .catch(() => undefined);
      await handle.result().catch(() => undefined);
      const { accountId } = await handle.query(stateQuery);
      expect(accountId).toMatch(/^\d{12}$/);
      expect(accountId).not.toBe(id);
    },
  );
});

test("a stranger's creation that the first look meets, where nothing was lost: another address is free", async () => {
  const vending = await startVending({ simulator: { knobs: { creationMs: 60_000 } } });
  const { accountName } = aRequest('vend');
  const other = await vending.begin({ ...aRequest('other', 'slow-300'), accountName });
  await vending.until(other, ({ createAccountRequestIds: ids }) => ids.length > 0);
  // As young as the request itself.
  vending.simulator.addAccount({ email: 'vend@example.com' });
  const handle = await vending.begin(aRequest('vend'));
  const { escalation } = await vending.escalated(handle, 'ACCOUNT_NOT_OURS');
  expect(escalation?.message).not.toContain('the lost call');
  expect(await amended(vending, handle, 'fresh@example.com')).toBeUndefined();
  await vending.pass(5 * 60_000);
  await vending.until(handle, ({ stage }) => stage === 'done');
  expect(vending.simulator.createdAccounts()).toMatchObject({ vend: 1 });
});

test('after a refused amendment the vend still says that it waits for a person', async () => {
  const vending = await startVending();
  const handle = await vending.begin(aRequest('vend', 'fail-internal-failure'));
  const { waitingFor } = await vending.escalated(handle);
  expect(await amended(vending, handle, 'no address')).toMatch(/^email/);
  await vending.until(handle, (state) => state.waitingFor === waitingFor);
});

test("an amendment waits for the end of a stranger's creation of the same name, and is no retry", async () => {
  const vending = await startVending({ simulator: { knobs: { creationMs: 120_000 } } });
  const handle = await vending.begin(aRequest('vend', 'fail-internal-failure'));
  const { escalation } = await vending.escalated(handle);
  const { accountName } = aRequest('vend');
  const other = await vending.begin({ ...aRequest('other'), accountName });
  await vending.until(other, ({ createAccountRequestIds: ids }) => ids.length > 0);
  const before = vending.calls('CreateAccount');
  expect(await amended(vending, handle, 'fresh@example.com')).toMatch(/^a creation of this name/);
  expect((await handle.query(stateQuery)).escalation?.id).toBe(escalation?.id);
  // Not until its result: with nothing else to wait for, the test server's time leaps past this one's end.
  await vending.pass(5 * 60_000);
  await vending.until(other, ({ stage }) => stage === 'done');
  expect(vending.calls('CreateAccount')).toBe(before);
  expect(await amended(vending, handle, 'fresh@example.com')).toBeUndefined();
  await handle.result();
  expect(vending.simulator.createdAccounts()).toEqual({ vend: 1, other: 1 });
});

test('what AWS does not show in full is looked at again by itself, and then the address is free', async () => {
  const vending = await startVending();
  const request = aRequest('vend', 'fail-email-already-exists');
  const ours = vending.simulator.addAccount({
    email: request.email,
    tags: OURS,
    state: 'A_NEW_WORD',
  });
  const handle = await vending.begin(request);
  const { escalation } = await vending.escalated(handle);
  expect(escalation?.nextCheckAt).toBeDefined();
  expect(escalation?.amendable).not.toContain('email');
  vending.simulator.removeAccount(ours);
  await vending.until(handle, (state) => state.escalation?.nextCheckAt === undefined);
  expect(await amended(vending, handle, 'fresh@example.com')).toBeUndefined();
  await handle.result();
  expect(vending.simulator.createdAccounts()).toEqual({ vend: 1 });
});
