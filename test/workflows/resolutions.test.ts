import { resolveSignal, stateQuery } from '../../src/contract';
import type { Resolution } from '../../src/contract';
import { aRequest, withSkippedTime } from '../support/skipped';
import type { Vending, VendHandle } from '../support/vending';

const { vending: startVending } = withSkippedTime();

async function escalatedVend(word = 'fail-email-already-exists'): Promise<[Vending, VendHandle]> {
  const vending = await startVending();
  const handle = await vending.begin(aRequest('vend', word));
  await vending.escalated(handle);
  return [vending, handle];
}

test('an amended e-mail address goes on where it stopped', async () => {
  const [vending, handle] = await escalatedVend();
  const decision = await vending.resolve(handle, {
    action: 'amend',
    changes: { email: 'fresh@example.com' },
    escalationId: 'e1',
    by: 'ada',
    reason: 'the old one is taken',
  });
  expect(decision).toMatchObject({
    action: 'amend',
    by: 'ada',
    via: 'update',
    escalationId: 'e1',
    reason: 'the old one is taken',
  });
  const result = await handle.result();
  expect(result.decisions).toEqual([decision]);
  const account = vending.simulator.snapshot().accounts.find(({ id }) => id === result.accountId);
  expect(account?.email).toBe('fresh@example.com');
  expect(vending.simulator.createdAccounts()).toEqual({ vend: 1 });
});

test('what the configuration says stays as it was at the start, but for what is amended', async () => {
  const defaults = { roleName: 'FirstRole', iamUserAccessToBilling: 'DENY' };
  const vending = await startVending({
    configuration: { defaults, tags: { Owner: 'first' }, placement: { organizationalUnit: 'A' } },
    simulator: { organization: { organizationalUnits: ['A', 'B'] } },
  });
  const handle = await vending.begin(aRequest('vend', 'fail-email-already-exists'));
  await vending.escalated(handle);
  Object.assign(vending.configuration, {
    installation: 'other',
    defaults: { ...vending.configuration.defaults, roleName: 'LaterRole' },
    tags: { Owner: 'later' },
    placement: { organizationalUnit: 'B' },
  });
  const email = 'fresh@example.com';
  await vending.resolve(handle, { action: 'amend', changes: { email } });
  const { accountId } = await handle.result();
  const { accounts, organizationalUnits } = vending.simulator.snapshot();
  expect(accounts.find(({ id }) => id === accountId)).toMatchObject({
    email,
    tags: { Owner: 'first', 'account-vending:request-id': 'vend' },
    parentId: organizationalUnits.find(({ name }) => name === 'A')?.id,
  });
});

test('a bad amendment is refused with the field, and the escalation stays open', async () => {
  const [vending, handle] = await escalatedVend();
  await expect(
    vending.resolve(handle, { action: 'amend', changes: { email: 'not an address' } }),
  ).rejects.toMatchObject({ cause: { message: expect.stringMatching(/^email /) } });
  const { escalation, decisions } = await handle.query(stateQuery);
  expect(escalation).toMatchObject({ id: 'e1', reason: 'EMAIL_ALREADY_EXISTS' });
  expect(decisions).toEqual([]);
  expect(vending.calls('CreateAccount')).toBe(1);
});

test('abandon ends the vend with its last state', async () => {
  const [vending, handle] = await escalatedVend();
  await vending.resolve(handle, { action: 'abandon', reason: 'not needed any more' });
  await expect(handle.result()).rejects.toMatchObject({
    cause: {
      type: 'VendAbandoned',
      message: expect.stringContaining('not needed any more'),
      details: [{ stage: 'abandoned', decisions: [{ action: 'abandon' }] }],
    },
  });
});

test('a signal answers as well, for parents that cannot send updates', async () => {
  const [, handle] = await escalatedVend();
  await handle.signal(resolveSignal, {
    action: 'amend',
    changes: { email: 'fresh@example.com' },
    by: 'parent',
  });
  const { decisions } = await handle.result();
  expect(decisions).toMatchObject([{ via: 'signal', by: 'parent', action: 'amend' }]);
});

test('a signal that does not fit changes nothing, is noted, and is never kept for later', async () => {
  const vending = await startVending({ simulator: { knobs: { creationMs: 60_000 } } });
  const handle = await vending.begin(aRequest('vend', 'fail-email-already-exists'));
  await vending.until(handle, ({ stage }) => stage === 'creating');
  await handle.signal(resolveSignal, { action: 'abandon', reason: 'too early' });
  const { history, stage, decisions } = await vending.escalated(handle);
  expect(stage).toBe('creating');
  expect(decisions).toEqual([]);
  expect(history.some(({ note }) => note?.includes('resolve signal was refused'))).toBe(true);
});

test.each<[string, unknown, RegExp]>([
  ['another escalation', { action: 'retry', escalationId: 'e9' }, /escalationId is not that/],
  ['an action that is not offered', { action: 'waive', pack: 'x', reason: 'y' }, /must be one of/],
  ['no object', 'retry', /one JSON object/],
  ['an unknown field to amend', { action: 'amend', changes: { mail: 'x' } }, /changes\.mail/],
  ['a prototype field to amend', { action: 'amend', changes: { constructor: 'x' } }, /constructor/],
  ['abandon without a reason', { action: 'abandon' }, /reason must say why/],
  ['a bad account id', { action: 'adopt', accountId: '12' }, /twelve digits/],
  ['by that is no text', { action: 'retry', by: { a: 1 } }, /^by must be/],
])('refused by the validator: %s', async (_what, resolution, why) => {
  const [vending, handle] = await escalatedVend();
  await expect(vending.resolve(handle, resolution as Resolution)).rejects.toMatchObject({
    cause: { message: expect.stringMatching(why) },
  });
  expect((await handle.query(stateQuery)).escalation?.id).toBe('e1');
});

test('adopt takes an account that fits, and tags it', async () => {
  const [vending, handle] = await escalatedVend();
  const { email } = aRequest('vend', 'fail-email-already-exists');
  const id = vending.simulator.addAccount({ email: email.toUpperCase() });
  await vending.resolve(handle, { action: 'adopt', accountId: id });
  const result = await handle.result();
  expect(result).toMatchObject({ accountId: id, adopted: true });
  const account = vending.simulator.snapshot().accounts.find((candidate) => candidate.id === id);
  expect(account?.tags).toMatchObject({ 'account-vending:request-id': 'vend' });
  expect(vending.calls('CreateAccount')).toBe(1);
});

test('adopt is refused for what is not ours to take', async () => {
  const [vending, handle] = await escalatedVend();
  const { simulator } = vending;
  const { email } = aRequest('vend', 'fail-email-already-exists');
  const foreign = simulator.addAccount({ email: 'x@example.com' });
  const tagged = simulator.addAccount({
    email: 'y@example.com',
    tags: { 'account-vending:request-id': 'another' },
  });
  const closed = simulator.addAccount({ email, state: 'SUSPENDED' });
  const adopt = (accountId: string, allowOtherEmail = false) =>
    vending.resolve(handle, { action: 'adopt', accountId, allowOtherEmail });
  const why = (text: string) => ({ cause: { message: expect.stringContaining(text) } });
  await expect(adopt(foreign)).rejects.toMatchObject(why('another e-mail address'));
  await expect(adopt(tagged, true)).rejects.toMatchObject(why('belongs to the vend another'));
  await expect(adopt(closed)).rejects.toMatchObject(why('SUSPENDED'));
  await expect(adopt(simulator.managementAccountId, true)).rejects.toMatchObject(why('management'));
  await expect(adopt('999999999999')).rejects.toMatchObject(why('not a member'));
  await adopt(foreign, true);
  await expect(handle.result()).resolves.toMatchObject({ accountId: foreign });
});

test('two answers at once: one is carried out, the other hears why not', async () => {
  const [vending, handle] = await escalatedVend();
  const answers = await Promise.allSettled([
    vending.resolve(handle, { action: 'amend', changes: { email: 'one@example.com' } }),
    vending.resolve(handle, { action: 'amend', changes: { email: 'two@example.com' } }),
  ]);
  expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const result = await handle.result();
  expect(result.decisions).toHaveLength(1);
  expect(vending.simulator.createdAccounts()).toEqual({ vend: 1 });
});
