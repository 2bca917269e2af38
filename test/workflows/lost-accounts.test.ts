import { CloseAccountCommand, TagResourceCommand } from '@aws-sdk/client-organizations';
import { MockActivityEnvironment } from '@temporalio/testing';
import { readRun } from '../../src/activities/read-run';
import { createAwsClients } from '../../src/aws/clients';
import { REQUEST_TAG, stateQuery } from '../../src/contract';
import { forget } from '../support/forgotten';
import { shownAfter } from '../support/shown-after';
import { refuse } from '../support/refuse';
import { aRequest } from '../support/skipped';
import { startingAgain } from '../support/starting-again';
import type { DevServer } from '../support/temporal';
import { until } from '../support/until';
import type { Vending, VendHandle } from '../support/vending';

// An account that an earlier run knew as this request's, and that the request has lost: a request means one account
// for ever, so another one is made only where a person says so.

let dev: DevServer;
let vending: Vending;

const { present, ended, untilIs, forgetPlace } = startingAgain();
beforeEach(() => {
  ({ dev, vending } = present());
});

const DAY = 24 * 60 * 60_000;
const refusedOnce = (id: string) => aRequest(id, 'fail-invalid-email-1x');
const other = (id: string) => ({ ...aRequest(id), email: `${id}-other@example.com` });

/** A vend that has its account, and waits for a pack for ever. */
async function conforming(request: ReturnType<typeof aRequest>) {
  vending.simulator.putConformancePack({ name: 'Never', region: 'us-east-1', rowDelayMs: DAY });
  return vending.begin({ ...request, conformance: {} });
}

async function terminated(vend: VendHandle, id: string): Promise<string> {
  await vending.until(vend, ({ stage }) => stage === 'conforming');
  const { accountId = '' } = await vend.query(stateQuery);
  await vend.terminate();
  await untilIs(id, 'Terminated');
  return accountId;
}

/** A person had another account adopted, whose address nobody asked for. */
async function adopting(id: string): Promise<VendHandle> {
  const vend = await conforming(refusedOnce(id));
  await vending.escalated(vend, 'INVALID_EMAIL');
  const accountId = vending.simulator.addAccount({ email: `given-${id}@example.com` });
  await vending.resolve(vend, { action: 'adopt', accountId, allowOtherEmail: true });
  return vend;
}

type Organizations = ReturnType<typeof createAwsClients>['organizations'];

/** What somebody does at AWS. */
async function atAws(work: (organizations: Organizations) => Promise<unknown>): Promise<void> {
  const aws = createAwsClients(vending.configuration.aws);
  await work(aws.organizations);
  aws.destroy();
}

const close = (AccountId: string) =>
  atAws((organizations) => organizations.send(new CloseAccountCommand({ AccountId })));

/** AWS Support has made it active again, or it has been invited. */
function backAgain(id: string, requestId: string, email: string): void {
  if (vending.simulator.snapshot().accounts.some((account) => account.id === id)) {
    vending.simulator.removeAccount(id);
  }
  vending.simulator.addAccount({ id, email, tags: { [REQUEST_TAG]: requestId } });
}

/** Looks until a person is asked or it is done: nothing more may have been sent. */
async function askedFor(vend: VendHandle, accountId: string) {
  const sent = vending.calls('CreateAccount');
  const state = await vending.until(
    vend,
    ({ escalation, stage }) => escalation !== undefined || stage === 'done',
  );
  expect(state.escalation?.message).toContain(accountId);
  expect(vending.calls('CreateAccount')).toBe(sent);
  return state.escalation;
}

test.each([
  ['the same address', refusedOnce],
  ['another address', other],
])('adopted, and closed since: a person is asked before %s is sent', async (which, asked) => {
  const id = which === 'another address' ? 'closed-other' : 'closed-same';
  const accountId = await terminated(await adopting(id), id);
  await close(accountId);
  const again = await vending.begin(asked(id));
  const escalation = await askedFor(again, accountId);
  expect(escalation?.reason).toBe('ACCOUNT_NOT_ACTIVE');
});

test('gone from the organization, and AWS has forgotten its creation: sent only where a person says so', async () => {
  const accountId = await terminated(await conforming(aRequest('own')), 'own');
  vending.simulator.set({ requestRetentionMs: 1 });
  vending.simulator.removeAccount(accountId);
  await forgetPlace();
  const again = await vending.begin(other('own'));
  const escalation = await askedFor(again, accountId);
  expect(escalation?.reason).toBe('OUTCOME_UNCLEAR');
  await vending.resolve(again, { action: 'retry' });
  const result = await again.result();
  expect(result.accountId).not.toBe(accountId);
});

test('somebody has given it the tag of another request: a person is asked before another address is sent', async () => {
  const accountId = await terminated(await adopting('bare'), 'bare');
  const Tags = [{ Key: REQUEST_TAG, Value: 'another' }];
  await atAws((organizations) =>
    organizations.send(new TagResourceCommand({ ResourceId: accountId, Tags })),
  );
  const again = await vending.begin(other('bare'));
  const escalation = await askedFor(again, accountId);
  expect(escalation?.reason).toBe('OUTCOME_UNCLEAR');
});

test('the run that had it is forgotten, and the one between only asked: a person is asked again', async () => {
  vending.simulator.putConformancePack({ name: 'Never', region: 'us-east-1', rowDelayMs: DAY });
  const first = await vending.begin({ ...aRequest('fading'), conformance: {} });
  const accountId = await terminated(first, 'fading');
  await forgetPlace();
  const Tags = [{ Key: REQUEST_TAG, Value: 'another' }];
  await atAws((organizations) =>
    organizations.send(new TagResourceCommand({ ResourceId: accountId, Tags })),
  );
  const between = await vending.begin(other('fading'));
  await askedFor(between, accountId);
  await between.cancel();
  await ended(between);
  await untilIs('fading', 'Canceled');
  await forget(dev, 'fading', [first], 1);
  const again = await vending.begin(other('fading'));
  const escalation = await askedFor(again, accountId);
  expect(escalation?.reason).toBe('OUTCOME_UNCLEAR');
});

test('a run that ended before it could say its account tells no end of its creation: that is followed', async () => {
  const vend = await vending.begin(aRequest('mute'));
  const { accountId, createAccountRequestIds } = await vend.result();
  const { workflowId, firstExecutionRunId: runId } = vend;
  const environment = new MockActivityEnvironment({}, { client: dev.client });
  const run = { workflowId, runId, status: 'TERMINATED' };
  expect(await environment.run(readRun, run)).toMatchObject({ createAccountRequestIds, ended: [] });
  expect(await environment.run(readRun, { ...run, accountId })).toMatchObject({
    ended: createAccountRequestIds,
  });
});

test('terminated while it tagged what a person had adopted: the next one takes that, and sends nothing', async () => {
  const vend = await conforming(refusedOnce('half'));
  await vending.escalated(vend, 'INVALID_EMAIL');
  vending.simulator.inject({
    operation: 'TagResource',
    kind: 'reset',
    phase: 'after',
    times: 'always',
  });
  const accountId = vending.simulator.addAccount({ email: 'given-half@example.com' });
  await vending.resolve(vend, { action: 'adopt', accountId, allowOtherEmail: true });
  await until(() => vending.calls('TagResource'), Boolean);
  await vend.terminate();
  await untilIs('half', 'Terminated');
  vending.simulator.clearFaults();
  const sent = vending.calls('CreateAccount');
  const again = await vending.begin(other('half'));
  await expect(again.result()).resolves.toMatchObject({ accountId, adopted: true });
  expect(vending.calls('CreateAccount')).toBe(sent);
});

test('what was taken for a closed account stays the account of the request, also where that is active again', async () => {
  const closed = await terminated(await conforming(aRequest('twice')), 'twice');
  await close(closed);
  await forgetPlace();
  const second = await vending.begin(aRequest('twice'));
  await vending.escalated(second, 'ACCOUNT_NOT_ACTIVE');
  const accountId = vending.simulator.addAccount({ email: 'given-twice@example.com' });
  await vending.resolve(second, { action: 'adopt', accountId, allowOtherEmail: true });
  await second.result();
  await untilIs('twice', 'Completed');
  backAgain(closed, 'twice', aRequest('twice').email);
  const third = await vending.begin(aRequest('twice'));
  await expect(third.result()).resolves.toMatchObject({ accountId });
});

test('only a run that asked knew the account, which is back: another one is not brought in', async () => {
  const first = await conforming(aRequest('back'));
  const lost = await terminated(first, 'back');
  vending.simulator.set({ requestRetentionMs: 1 });
  vending.simulator.removeAccount(lost);
  await forgetPlace();
  const second = await vending.begin(other('back'));
  await askedFor(second, lost);
  await second.cancel();
  await ended(second);
  await untilIs('back', 'Canceled');
  await forget(dev, 'back', [first], 1);
  backAgain(lost, 'back', 'changed-at-aws@example.com');
  const existingAccountId = vending.simulator.addAccount({ email: 'given-back@example.com' });
  const third = await vending.begin({
    requestId: 'back',
    existingAccountId,
    conformance: false as const,
  });
  await expect(third.result()).rejects.toMatchObject({ cause: { type: 'RequestConflict' } });
});

test('only the gate remembers it, and it is closed: a person is asked', async () => {
  const first = await adopting('kept');
  await vending.until(first, ({ stage }) => stage === 'conforming');
  const { accountId = '' } = await first.query(stateQuery);
  await first.cancel();
  await ended(first);
  await close(accountId);
  await forget(dev, 'kept', [first]);
  const again = await vending.begin(refusedOnce('kept'));
  const escalation = await askedFor(again, accountId);
  expect(escalation?.reason).toBe('ACCOUNT_NOT_ACTIVE');
});

test("nothing was lost, the address is the same, and a stranger's account of that name has left: nobody is asked", async () => {
  const { accountName } = refusedOnce('same');
  const stranger = await vending.begin({ ...aRequest('leaver'), accountName });
  const { accountId } = await stranger.result();
  vending.simulator.removeAccount(accountId);
  const first = await vending.begin(refusedOnce('same'));
  await vending.escalated(first, 'INVALID_EMAIL');
  await first.cancel();
  await ended(first);
  await untilIs('same', 'Canceled');
  const again = await vending.begin(refusedOnce('same'));
  const { escalation } = await vending.until(
    again,
    ({ escalation: asked, stage }) => asked !== undefined || stage === 'done',
  );
  expect(escalation).toBeUndefined();
});

test('cancelled, known by its id, and shown late: looked at until AWS shows it', async () => {
  vending.simulator.set({ ...shownAfter(5 * 60_000), statusVisibleMs: 0 });
  const first = await vending.begin(aRequest('late'));
  await vending.until(first, ({ createAccountRequestIds: ids }) => ids.length === 1);
  await first.terminate();
  await untilIs('late', 'Terminated');
  vending.simulator.inject(
    refuse('ListCreateAccountStatus', 'TooManyRequestsException', { times: 'always' }),
  );
  const again = await vending.begin(other('late'));
  await vending.until(again, ({ history }) =>
    history.some(({ note }) => /earlier run of this request/.test(note ?? '')),
  );
  await again.cancel();
  await ended(again);
  const { accountId, createAccountRequestIds } = await again.query(stateQuery);
  expect(accountId).toMatch(/^\d{12}$/);
  expect(createAccountRequestIds).toHaveLength(1);
});
