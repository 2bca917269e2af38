import { stateQuery } from '../../src/contract';
import { refuse } from '../support/refuse';
import { aRequest, withSkippedTime } from '../support/skipped';

const { vending: startVending } = withSkippedTime();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A worker that waits until accounts can be used, with what the simulator does about it. */
function start(knobs = {}, readiness = {}, more = {}) {
  return startVending({
    simulator: { knobs },
    configuration: { readiness: { assumeRole: true, ...readiness }, ...more },
  });
}

const stagesOf = async (handle: Awaited<ReturnType<Awaited<ReturnType<typeof start>>['begin']>>) =>
  (await handle.query(stateQuery)).history
    .filter(({ note }) => note === undefined)
    .map(({ stage }) => stage);

test('not asked for: the stage does not appear, and no role is assumed', async () => {
  const vending = await startVending({ simulator: { knobs: { usableMs: HOUR } } });
  const handle = await vending.begin(aRequest('vend'));
  await handle.result();
  expect(await stagesOf(handle)).not.toContain('readying');
  expect(vending.calls('AssumeRole')).toBe(0);
});

test('asked for: ready only when the role works and AWS Config answers; visible meanwhile', async () => {
  const vending = await start({ usableMs: 9 * MINUTE, serviceUsableMs: 20 * MINUTE });
  const handle = await vending.begin(aRequest('vend'));
  const denied = await vending.until(handle, ({ waitingFor }) => !!waitingFor?.includes('Denied'));
  expect(denied.stage).toBe('readying');
  expect(denied.waitingFor).toMatch(
    /^the account to be usable: AWS said AccessDenied to AssumeRole; since 20\S+, next look at 20\S+$/,
  );
  await vending.until(handle, ({ waitingFor }) => !!waitingFor?.includes('SubscriptionRequired'));
  const result = await handle.result();
  const took = Date.parse(result.completedAt) - Date.parse(result.createdAt);
  expect(took).toBeGreaterThanOrEqual(20 * MINUTE);
  expect(took).toBeLessThan(26 * MINUTE);
  expect(await stagesOf(handle)).toEqual([
    'queued',
    'creating',
    'placing',
    'readying',
    'conforming',
    'done',
  ]);
  // Growing from 15 s: twenty minutes are no eighty looks.
  expect(vending.calls('AssumeRole')).toBeLessThan(13);
  expect(result.decisions).toEqual([]);
});

test("the role of the request, else the configuration's", async () => {
  const named = await start();
  await named.vend({ ...aRequest('vend'), roleName: 'Admin' });
  expect(named.calls('DescribeConfigurationRecorders')).toBe(1);
  const defaulted = await start({}, {}, { defaults: { roleName: 'House' } });
  await defaulted.vend(aRequest('vend'));
  expect(defaulted.calls('DescribeConfigurationRecorders')).toBe(1);
});

test('deadline: a person is told what AWS says; it ends by itself when AWS moves on', async () => {
  const vending = await start({ usableMs: 4 * HOUR });
  const handle = await vending.begin(aRequest('vend'));
  const { escalation, stage } = await vending.escalated(handle);
  expect(stage).toBe('readying');
  expect(escalation).toMatchObject({
    reason: 'READINESS_DEADLINE',
    scope: 'request',
    actions: ['retry', 'waive', 'abandon'],
    nextCheckAt: expect.any(String),
  });
  expect(escalation?.message).toContain('AWS said AccessDenied to AssumeRole');
  expect(escalation?.message).toContain('sts:AssumeRole');
  const result = await handle.result();
  expect(result.decisions).toEqual([]);
});

test('retry waits as long again', async () => {
  const vending = await start({ usableMs: 20 * HOUR }, { deadline: '3h' });
  const handle = await vending.begin(aRequest('vend'));
  const first = await vending.escalated(handle);
  await vending.resolve(handle, { action: 'retry' });
  const second = await vending.escalated(handle);
  expect([first.escalation?.id, second.escalation?.id]).toEqual(['e1', 'e2']);
  const since = (state: typeof first) => Date.parse(state.escalation?.since ?? '');
  expect(since(second) - since(first)).toBeGreaterThanOrEqual(3 * HOUR);
});

test('waived: the vend goes on without it, and the decision says why', async () => {
  const vending = await start({ usableMs: 20 * HOUR });
  const handle = await vending.begin(aRequest('vend'));
  await vending.escalated(handle);
  await expect(
    vending.resolve(handle, { action: 'waive', stage: 'settling', reason: 'no' }),
  ).rejects.toMatchObject({ cause: { message: expect.stringContaining('readying') } });
  await vending.resolve(handle, { action: 'waive', stage: 'readying', reason: 'no role here' });
  const result = await handle.result();
  expect(result.decisions).toMatchObject([{ action: 'waive', reason: 'no role here' }]);
  expect(await stagesOf(handle)).toContain('conforming');
});

test('an account that was brought in may lack the role: the same wait, the same waiver', async () => {
  const vending = await start();
  const id = vending.simulator.addAccount({ email: 'old@example.com' });
  vending.simulator.inject({
    operation: 'AssumeRole',
    match: { accountId: `*${id}*` },
    kind: 'error',
    times: 'always',
    error: { name: 'AccessDenied' },
  });
  const handle = await vending.begin({
    requestId: 'old',
    existingAccountId: id,
    conformance: false,
  });
  expect((await vending.escalated(handle)).escalation?.reason).toBe('READINESS_DEADLINE');
  await vending.resolve(handle, { action: 'waive', stage: 'readying', reason: 'invited' });
  await handle.result();
});

test("the worker's own credentials expire: the organization's trouble, and it goes on when they are renewed", async () => {
  const vending = await start({ usableMs: HOUR });
  const handle = await vending.begin(aRequest('vend'));
  await vending.until(handle, ({ waitingFor }) => !!waitingFor?.includes('Denied'));
  vending.simulator.inject(refuse('AssumeRole', 'ExpiredToken', { times: 'always' }));
  const { escalation } = await vending.escalated(handle);
  expect(escalation).toMatchObject({ reason: 'ExpiredToken', scope: 'organization' });
  await vending.pass(3 * HOUR);
  expect((await handle.query(stateQuery)).stage).toBe('readying');
  vending.simulator.clearFaults();
  const result = await handle.result();
  expect(result.decisions).toEqual([]);
  expect((await vending.gateState()).escalations).toEqual([]);
});

test('cancelled meanwhile: the vend ends, and its account is known', async () => {
  const vending = await start({ usableMs: 20 * HOUR });
  const handle = await vending.begin(aRequest('vend'));
  const { accountId } = await vending.until(handle, ({ stage }) => stage === 'readying');
  await handle.cancel();
  await expect(handle.result()).rejects.toMatchObject({
    message: expect.stringContaining('cancel'),
  });
  expect(await handle.query(stateQuery)).toMatchObject({ stage: 'cancelled', accountId });
});

test('a word that nobody knows asks at once, while the looks go on', async () => {
  const vending = await start();
  vending.simulator.inject(
    refuse('DescribeConfigurationRecorders', 'NeverSeenException', { times: 'always' }),
  );
  const handle = await vending.begin(aRequest('vend'));
  const { escalation } = await vending.escalated(handle);
  expect(escalation).toMatchObject({ reason: 'NeverSeenException', scope: 'request' });
  vending.simulator.clearFaults();
  expect((await handle.result()).decisions).toEqual([]);
});
