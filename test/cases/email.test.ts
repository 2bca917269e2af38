import { CreateAccountCommand } from '@aws-sdk/client-organizations';
import { REQUEST_TAG } from '../../src/contract';
import { destroyClients, organizationsClient } from '../simulator/clients';
import {
  allFollowed,
  asked,
  creates,
  escalationsOf,
  expectAsAsked,
  followed,
  saysWhatItWaitsFor,
  withCases,
} from './support';
import { untilTrue } from '../support/until';

const { start } = withCases();
afterEach(() => destroyClients());

test('case 6 · EMAIL_ALREADY_EXISTS, the account is ours by its tag: adopted, nobody is asked', async () => {
  const vending = await start();
  const request = asked('ours');
  // As an earlier installation left it: AWS may have kept the address in other letters.
  const id = vending.simulator.addAccount({
    email: 'OURS@Example.com',
    tags: { ...request.tags, [REQUEST_TAG]: 'ours' },
  });
  const handle = await vending.begin(request);
  const result = await followed(vending, handle);
  expect(vending.simulator.snapshot().requests).toMatchObject([
    { state: 'FAILED', failureReason: 'EMAIL_ALREADY_EXISTS' },
  ]);
  expect(result).toMatchObject({ accountId: id, adopted: true });
  expect(await escalationsOf(handle)).toEqual([]);
  expectAsAsked(vending, [request, result]);
});

describe('case 7 · EMAIL_ALREADY_EXISTS, the account is in our organization and not ours: a person decides', () => {
  async function foreign(tags: Record<string, string> = {}) {
    const vending = await start();
    const id = vending.simulator.addAccount({ email: 'Shared@example.com', tags });
    const handle = await vending.begin(asked('shared'));
    const { escalation, accountId } = await vending.escalated(handle);
    expect(escalation).toMatchObject({ reason: 'ACCOUNT_NOT_OURS', scope: 'request' });
    expect(escalation?.actions).toEqual(['retry', 'amend', 'adopt', 'abandon']);
    expect(accountId).toBeUndefined();
    // What can be adopted is named: nobody has to look for it.
    expect(escalation).toMatchObject({
      foundAccountId: id,
      message: expect.stringContaining(id),
      runbook: 'docs/runbook.md#account_not_ours',
    });
    return { vending, handle, id };
  }

  test('they adopt it: it gets our tags and is placed', async () => {
    const { vending, handle, id } = await foreign();
    await vending.resolve(handle, { action: 'adopt', accountId: id, by: 'ada' });
    const result = await followed(vending, handle);
    expect(result).toMatchObject({ accountId: id, decisions: [{ action: 'adopt', by: 'ada' }] });
    expect(vending.simulator.createdAccounts()).toEqual({});
    expectAsAsked(vending, [asked('shared'), result]);
  });

  test("another vend's account cannot even be adopted; with another address it goes on", async () => {
    const { vending, handle, id } = await foreign({ [REQUEST_TAG]: 'another' });
    await expect(vending.resolve(handle, { action: 'adopt', accountId: id })).rejects.toMatchObject(
      { cause: { message: expect.stringContaining('belongs to the vend another') } },
    );
    const changes = { email: 'own@example.com' };
    await vending.resolve(handle, { action: 'amend', changes });
    const result = await followed(vending, handle);
    expect(result.accountId).not.toBe(id);
    expectAsAsked(vending, [{ ...asked('shared'), ...changes }, result]);
  });
});

test('case 8 · EMAIL_ALREADY_EXISTS, the account is nowhere in our organization: back to the requester', async () => {
  const vending = await start();
  vending.simulator.takeEmail('taken@example.com');
  const handle = await vending.begin(asked('taken'));
  const state = await vending.escalated(handle);
  expect(state.escalation).toMatchObject({ reason: 'EMAIL_ALREADY_EXISTS', scope: 'request' });
  expect(state.escalation?.amendable).toContain('email');
  expect(saysWhatItWaitsFor(state)).toBe(true);
  expect(creates(vending)).toHaveLength(1);
  const changes = { email: 'free@example.com' };
  await vending.resolve(handle, { action: 'amend', changes });
  const result = await followed(vending, handle);
  expect(result.createAccountRequestIds).toHaveLength(2);
  expectAsAsked(vending, [{ ...asked('taken'), ...changes }, result]);
});

describe('case 9 · two requests with one address at once', () => {
  test.each([
    ['in the same letters', 'pair@example.com'],
    ['in letters of another case', 'PAIR@Example.COM'],
  ])('%s: one account; the second is refused while the first is on its way', async (_, email) => {
    const vending = await start({ simulator: { knobs: { creationMs: 30_000 } } });
    const first = { ...asked('first'), email: 'pair@example.com' };
    const handle = await vending.begin(first);
    await untilTrue(() => creates(vending).length === 1);
    const second = { ...asked('second'), email };
    const refused = await vending.begin(second);
    await expect(followed(vending, refused)).rejects.toMatchObject({
      cause: { type: 'EmailInFlight', details: [{ requestId: 'second', stage: 'failed' }] },
    });
    const result = await followed(vending, handle);
    expect(creates(vending)).toHaveLength(1);
    expectAsAsked(vending, [first, result]);
    // Nothing of it is left: with another address the same request is vended.
    const changed = { ...second, email: 'other@example.com' };
    const other = await followed(vending, await vending.begin(changed));
    expectAsAsked(vending, [first, result], [changed, other]);
  });

  test('the first one waits for a person: its address stays its own', async () => {
    const vending = await start();
    const first = asked('first', 'fail-internal-failure-5x');
    const handle = await vending.begin(first);
    await vending.escalated(handle);
    const second = await vending.begin({ ...asked('second'), email: first.email.toUpperCase() });
    await expect(followed(vending, second)).rejects.toMatchObject({
      cause: { type: 'EmailInFlight' },
    });
    await vending.resolve(handle, { action: 'retry' });
    expectAsAsked(vending, [first, await followed(vending, handle)]);
  });

  test('amended to an address that is on its way: asked again, and not ended', async () => {
    const vending = await start();
    vending.simulator.takeEmail('taken@example.com');
    const requests = [asked('first', 'slow-1800'), asked('second')] as const;
    const first = await vending.begin(requests[0]);
    await untilTrue(() => creates(vending).length === 1);
    const second = await vending.begin({ ...requests[1], email: 'taken@example.com' });
    await vending.escalated(second, 'EMAIL_ALREADY_EXISTS');
    const { email } = requests[0];
    await vending.resolve(second, { action: 'amend', changes: { email } });
    const { escalation } = await vending.escalated(second, 'EmailInFlight');
    expect(escalation).toMatchObject({ scope: 'request' });
    const changes = { email: 'free@example.com' };
    await vending.resolve(second, { action: 'amend', changes });
    const results = await allFollowed(vending, [first, second]);
    expectAsAsked(
      vending,
      [requests[0], results[0]!],
      [{ ...requests[1], ...changes }, results[1]!],
    );
  });

  test.each(['CONCURRENT_ACCOUNT_MODIFICATION', 'EMAIL_ALREADY_EXISTS'] as const)(
    'another tool is creating with the address (AWS says %s): waited for, and its account never taken',
    async (sameEmailReason) => {
      const vending = await start({
        simulator: { knobs: { sameEmailReason, creationMs: 60_000 } },
      });
      await organizationsClient(vending.simulator.url).send(
        new CreateAccountCommand({ Email: 'Pair@example.com', AccountName: 'Theirs' }),
      );
      const request = { ...asked('pair'), email: 'pair@example.com' };
      const handle = await vending.begin(request);
      const { escalation, accountId } = await vending.escalated(handle);
      expect(escalation).toMatchObject({ reason: 'ACCOUNT_NOT_OURS', scope: 'request' });
      expect(accountId).toBeUndefined();
      expect(vending.simulator.createdAccounts()).toEqual({ '': 1 });
    },
  );
});

describe('case 10 · CONCURRENT_ACCOUNT_MODIFICATION', () => {
  test('the lost request is still on its way: it is waited for, and adopted', async () => {
    const vending = await start({
      // AWS hides the first request from four looks, so it is sent again and meets itself.
      simulator: { knobs: { creationMs: 600_000, statusVisibleMs: 200_000 } },
    });
    const request = asked('twin', 'drop-after-commit');
    const handle = await vending.begin(request);
    await vending.until(handle, ({ attempts }) => attempts === 1);
    vending.simulator.set({ creationMs: 60_000, statusVisibleMs: 0 });
    const waiting = await vending.until(handle, ({ history }) =>
      history.some(({ note = '' }) => note.includes('is in progress under this name')),
    );
    expect(waiting.attempts).toBe(2);
    const result = await followed(vending, handle);
    const [first, second] = vending.simulator.snapshot().requests;
    expect(second).toMatchObject({ failureReason: 'CONCURRENT_ACCOUNT_MODIFICATION' });
    expect(first).toMatchObject({ state: 'SUCCEEDED', accountId: result.accountId });
    expect(result.adopted).toBe(true);
    expect(await escalationsOf(handle)).toEqual([]);
    expectAsAsked(vending, [request, result]);
  });

  test("the sibling is a stranger's of the same name: its end is waited for, its account never taken", async () => {
    const vending = await start({ simulator: { knobs: { creationMs: 90_000 } } });
    const name = { accountName: 'Same' };
    const stranger = { ...asked('stranger'), ...name };
    const request = { ...asked('mine', 'fail-concurrent-account-modification-1x'), ...name };
    const handles = [await vending.begin(stranger), await vending.begin(request)] as const;
    const results = await allFollowed(vending, handles);
    expect(results[1]?.accountId).not.toBe(results[0]?.accountId);
    expectAsAsked(vending, [stranger, results[0]!], [request, results[1]!]);
  });
});
