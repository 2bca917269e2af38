import { startVend } from '../../src/cli/vends/start-vend';
import { SearchAttribute } from '../../src/contract';
import { forget } from '../support/forgotten';
import { refuse } from '../support/refuse';
import { aRequest } from '../support/skipped';
import { startingAgain } from '../support/starting-again';
import type { DevServer } from '../support/temporal';
import type { Vending } from '../support/vending';

let dev: DevServer;
let vending: Vending;

const { present, renew, ended, untilIs, forgetPlace } = startingAgain();
beforeEach(() => {
  ({ dev, vending } = present());
});

test('after a cancel that left an account: the same account, also with another address', async () => {
  const first = await vending.begin(aRequest('twice'));
  await vending.until(first, ({ attempts }) => attempts === 1);
  await first.cancel();
  await ended(first);
  await untilIs('twice', 'Canceled');

  const again = await vending.vend({ ...aRequest('twice'), email: 'other@example.com' });
  const { accounts, requests } = vending.simulator.snapshot();
  const [account] = accounts.filter(({ tags }) => tags['account-vending:request-id']);
  expect(again).toMatchObject({
    accountId: account?.id,
    adopted: true,
    createAccountRequestIds: requests.map(({ id }) => id),
  });
  expect(vending.simulator.committedCreations()).toEqual({ twice: 1 });
});

test.each(['cancelled', 'abandoned'])(
  'after one that was %s under another address, and when Temporal has forgotten both: the same account',
  async (how) => {
    const id = `forgotten-${how}`;
    const first = await vending.begin(aRequest(id, 'slow-600'));
    await vending.until(first, ({ attempts }) => attempts === 1);
    if (how === 'cancelled') await first.cancel();
    else {
      vending.simulator.inject(
        refuse('DescribeCreateAccountStatus', 'AccessDeniedException', { times: 'always' }),
      );
      await vending.escalated(first);
      await vending.resolve(first, { action: 'abandon', reason: 'x' });
      vending.simulator.clearFaults();
    }
    await ended(first);
    await untilIs(id, how === 'cancelled' ? 'Canceled' : 'Failed');
    const request = { ...aRequest(id), email: `${id}-other@example.com` };
    const second = await vending.begin(request);
    const { accountId } = await second.result();
    await forget(dev, id, [first, second]);
    const third = await vending.vend(request);
    expect(third).toMatchObject({ accountId, adopted: true });
    expect(vending.simulator.createdAccounts()).toEqual({ [id]: 1 });
  },
);

test('terminated while AWS creates: the next start waits for that creation and adopts it', async () => {
  const first = await vending.begin(aRequest('killed', 'slow-600'));
  await vending.until(first, ({ attempts }) => attempts === 1);
  await first.terminate();
  await untilIs('killed', 'Terminated');

  const again = await vending.vend({ ...aRequest('killed'), email: 'other@example.com' });
  expect(again.adopted).toBe(true);
  const [creation] = vending.simulator.snapshot().requests;
  expect(again.createAccountRequestIds).toEqual([creation?.id]);
  expect(vending.simulator.committedCreations()).toEqual({ killed: 1 });
});

test('every creation that was sent for the request is told, also of earlier runs, the oldest first', async () => {
  const first = await vending.begin(aRequest('ids', 'fail-invalid-email-2x'));
  await vending.escalated(first, 'INVALID_EMAIL');
  await vending.resolve(first, { action: 'abandon', reason: 'enough' });
  await ended(first);
  await untilIs('ids', 'Failed');
  const second = await vending.begin(aRequest('ids', 'fail-invalid-email-2x'));
  await vending.escalated(second, 'INVALID_EMAIL');
  await vending.resolve(second, { action: 'retry' });
  const result = await second.result();
  const { requests } = vending.simulator.snapshot();
  expect(requests).toHaveLength(3);
  expect(result).toMatchObject({
    adopted: false,
    createAccountRequestIds: requests.map(({ id }) => id),
  });
});

test('cancelled while it looks for what was left: that is followed to its end all the same', async () => {
  const first = await vending.begin(aRequest('left-behind', 'slow-600'));
  await vending.until(first, ({ attempts }) => attempts === 1);
  await first.terminate();
  await untilIs('left-behind', 'Terminated');
  vending.simulator.inject(
    refuse('ListCreateAccountStatus', 'TooManyRequestsException', { times: 'always' }),
  );
  const again = await vending.begin(aRequest('left-behind', 'slow-600'));
  await vending.until(again, ({ history }) =>
    history.some(({ note }) => /earlier run of this request/.test(note ?? '')),
  );
  await again.cancel();
  vending.simulator.clearFaults();
  await expect(again.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  const [account] = vending.simulator
    .snapshot()
    .accounts.filter(({ tags }) => tags['account-vending:request-id']);
  expect(account).toBeDefined();
  const { typedSearchAttributes } = await again.describe();
  expect(typedSearchAttributes.get(SearchAttribute.accountId)).toBe(account?.id);
});

test('under two workflow ids at once: the second waits, and takes what the first made', async () => {
  const first = await vending.begin(aRequest('both', 'fail-internal-failure-1x'), 'parent-a');
  await vending.until(first, ({ attempts }) => attempts === 1);
  await untilIs('both', 'Running');
  const second = await vending.begin(
    { ...aRequest('both'), email: 'second@example.com' },
    'parent-b',
  );
  const error: unknown = await second.result().catch((reason: unknown) => reason);
  // It told another address than the one that is under way.
  expect(error).toMatchObject({ cause: { type: 'RequestConflict' } });
  expect((await first.describe()).status.name).toBe('RUNNING');
  const third = await vending.begin(aRequest('both', 'fail-internal-failure-1x'), 'parent-c');
  const [one, same] = await Promise.all([first.result(), third.result()]);
  expect(same).toMatchObject({ accountId: one.accountId, adopted: true });
  expect(vending.simulator.createdAccounts()).toEqual({ both: 1 });
});

test('done under another workflow id, with other content: a RequestConflict that names the fields', async () => {
  await (await vending.begin(aRequest('done'), 'parent-done')).result();
  await untilIs('done', 'Completed');
  const again = await vending.begin({ ...aRequest('done'), accountName: 'Another' });
  await expect(again.result()).rejects.toMatchObject({
    cause: {
      type: 'RequestConflict',
      message: expect.stringContaining('accountName'),
      details: [{ requestId: 'done', stage: 'failed' }, [{ field: 'accountName' }]],
    },
  });
  expect(vending.calls('CreateAccount')).toBe(1);
});

test('as it was amended, where no worker answers: its history tells, and what was refused is none', async () => {
  const request = aRequest('silent', 'fail-invalid-email');
  const handle = await vending.begin(request, 'vend-silent');
  await vending.escalated(handle, 'INVALID_EMAIL');
  const refused = 'not an address';
  await expect(
    vending.resolve(handle, { action: 'amend', changes: { email: refused } }),
  ).rejects.toMatchObject({ cause: { message: expect.stringMatching(/^email /) } });
  const email = 'heard@example.com';
  await vending.resolve(handle, { action: 'amend', changes: { email } });
  await handle.result();
  await vending.close();
  vending = await renew();
  const as = { taskQueue: vending.taskQueue, requestedBy: 'test' };
  for (const again of [request, { ...request, email }]) {
    const found = await startVend(vending.client, again, as);
    expect(found).toMatchObject({ started: false, changed: [] });
  }
  const other = { ...request, email: refused };
  await expect(startVend(vending.client, other, as)).rejects.toThrow('RequestConflict');
});

describe('an account that is brought in', () => {
  let accounts = 0;
  const anAccount = () => {
    accounts += 1;
    return vending.simulator.addAccount({ email: `there-${accounts}@example.com` });
  };
  const bringIn = (requestId: string, id: string) => ({
    requestId,
    existingAccountId: id,
    conformance: false as const,
  });
  const tagsOf = (id: string) =>
    vending.simulator.snapshot().accounts.find((account) => account.id === id)?.tags;
  const CONFLICT = {
    cause: {
      type: 'RequestConflict',
      details: [{ stage: 'failed' }, [{ field: 'existingAccountId' }]],
    },
  };

  test('after the request was done with another one: a RequestConflict, and no tag', async () => {
    await (await vending.begin(aRequest('one'), 'parent-one')).result();
    await untilIs('one', 'Completed');
    const other = anAccount();
    const again = await vending.begin(bringIn('one', other));
    await expect(again.result()).rejects.toMatchObject(CONFLICT);
    expect(tagsOf(other)).toEqual({});
  });

  test('after a vend of the request that was terminated while AWS made another one: the same', async () => {
    const first = await vending.begin(aRequest('torn', 'slow-600'));
    await vending.until(first, ({ attempts }) => attempts === 1);
    await first.terminate();
    await untilIs('torn', 'Terminated');
    const other = anAccount();
    const again = await vending.begin(bringIn('torn', other));
    await expect(again.result()).rejects.toMatchObject(CONFLICT);
    expect(tagsOf(other)).toEqual({});
    // What it made is the account of the request, and may be named.
    const [own] = vending.simulator
      .snapshot()
      .accounts.filter(({ tags }) => tags['account-vending:request-id']);
    const named = await vending.vend(bringIn('torn', own?.id ?? ''));
    expect(named).toMatchObject({ accountId: own?.id });
  });

  test('twice under two workflow ids, two accounts: the second one is refused', async () => {
    const [one, other] = [anAccount(), anAccount()];
    vending.simulator.inject(refuse('TagResource', 'TooManyRequestsException', { times: 3 }));
    const first = await vending.begin(bringIn('pair', one), 'first');
    await untilIs('pair', 'Running');
    const second = await vending.begin(bringIn('pair', other), 'second');
    await expect(second.result()).rejects.toMatchObject(CONFLICT);
    await expect(first.result()).resolves.toMatchObject({ accountId: one });
    expect(tagsOf(other)).toEqual({});
  });

  test('by two requests: while the first one is refused the tag, the second one takes it, and keeps it', async () => {
    const id = anAccount();
    const deny = { name: 'AccessDeniedException', message: 'no' };
    vending.simulator.inject({
      operation: 'TagResource',
      kind: 'error',
      times: 'always',
      error: deny,
    });
    const first = await vending.begin(bringIn('slow', id));
    const { escalation } = await vending.escalated(first, 'AccessDeniedException');
    expect(escalation?.message).toContain('organizations:TagResource');
    vending.simulator.clearFaults();
    await vending.vend(bringIn('quick', id));
    await vending.resolve(first, { action: 'retry' });
    await expect(first.result()).rejects.toMatchObject({
      cause: { type: 'InvalidVendRequest', message: expect.stringContaining('the vend quick') },
    });
    expect(tagsOf(id)).toMatchObject({ 'account-vending:request-id': 'quick' });
  });
});

test('after a request that was refused: nothing was sent, so nothing is looked for', async () => {
  await ended(await vending.begin({ ...aRequest('typo'), organizationalUnit: 'Nowhere' }));
  await untilIs('typo', 'Failed');
  const result = await vending.vend(aRequest('typo'));
  expect(result.adopted).toBe(false);
  expect(vending.calls('ListAccounts')).toBe(0);
});

test('after an abandoned vend whose address was amended: both addresses are looked for', async () => {
  const first = await vending.begin(aRequest('left', 'fail-email-already-exists'));
  await vending.escalated(first);
  await vending.resolve(first, {
    action: 'amend',
    changes: { email: 'left+fail-internal-failure@example.com' },
  });
  await vending.escalated(first, 'INTERNAL_FAILURE');
  await vending.resolve(first, { action: 'abandon', reason: 'enough' });
  await ended(first);
  await untilIs('left', 'Failed');
  // AWS had made one after all, for the amended address, and says so late.
  const id = vending.simulator.addAccount({
    email: 'LEFT+fail-internal-failure@example.com',
    tags: { 'account-vending:request-id': 'left' },
  });
  const result = await vending.vend({ ...aRequest('left'), email: 'third@example.com' });
  expect(result).toMatchObject({ accountId: id, adopted: true });
});

test('after a lost answer, with another address: nothing is sent for a quarter of an hour, AWS may show it late', async () => {
  vending.simulator.inject({ operation: 'CreateAccount', kind: 'reset', phase: 'before' });
  const first = await vending.begin(aRequest('late'));
  await vending.until(first, ({ history }) =>
    history.some(({ note }) => /answer to CreateAccount was lost/.test(note ?? '')),
  );
  await first.terminate();
  await untilIs('late', 'Terminated');
  await forgetPlace();
  const again = await vending.begin({ ...aRequest('late'), email: 'other@example.com' });
  await again.result();
  // Time is skipped, and how long it waits before the look that clears the other address is on record.
  const { events } = await again.fetchHistory();
  const waits = (events ?? []).map(({ timerStartedEventAttributes: timer }) =>
    Number(timer?.startToFireTimeout?.seconds ?? 0),
  );
  expect(Math.max(...waits)).toBeGreaterThan(10 * 60);
});

describe('an address that is no text, told before, is no address', () => {
  const bad = { action: 'amend', changes: { email: 5 } } as never;

  test('by an amendment that was refused', async () => {
    const first = await vending.begin(aRequest('five', 'fail-invalid-email'));
    await vending.escalated(first);
    await expect(vending.resolve(first, bad)).rejects.toMatchObject({
      cause: { type: 'ResolutionRefused' },
    });
    await vending.resolve(first, { action: 'abandon', reason: 'enough' });
    await ended(first);
    await untilIs('five', 'Failed');
    await expect(vending.vend(aRequest('five'))).resolves.toMatchObject({ requestId: 'five' });
  });

  test('by a start that was refused', async () => {
    await ended(await vending.begin({ ...aRequest('num'), email: 5 } as never));
    await untilIs('num', 'Failed');
    const second = await vending.begin(aRequest('num', 'slow-60'));
    await vending.until(second, ({ attempts }) => attempts === 1);
    await second.cancel();
    await ended(second);
    await untilIs('num', 'Canceled');
    await expect(vending.vend(aRequest('num', 'slow-60'))).resolves.toMatchObject({
      adopted: true,
    });
  });
});
