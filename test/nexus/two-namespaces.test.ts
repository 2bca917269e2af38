import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Client } from '@temporalio/client';
import type { History } from '@temporalio/common/lib/proto-utils';
import { Worker } from '@temporalio/worker';
import {
  approveUpdate,
  resolveUpdate,
  SearchAttribute,
  stateQuery,
  vendWorkflowId,
} from '../../src/contract';
import type { VendRequest, VendState } from '../../src/contract';
import type { ResolveInput, StateInput } from '../../src/nexus';
import { startSimulator } from '../../src/simulator';
import type { Simulator } from '../../src/simulator';
import type { vendAccount } from '../../src/workflows';
import type { onboardTeam } from '../../examples/nexus-caller/onboard-team';
import { cancelRequests, untilAskedToCancel } from '../support/cancel-requests';
import { aRequest } from '../support/skipped';
import { startDevServer } from '../support/temporal';
import type { DevServer } from '../support/temporal';
import { until, untilListed, untilTrue } from '../support/until';
import { WorkerProcess } from '../support/worker-process';
import type { answer, askState, Call, onboard } from './caller';

// The vends live in `default`, with the worker as it is built; their callers in `teams`.
const TEAMS = 'teams';
const OTHER_TEAMS = 'other-teams';
const ENDPOINT = 'account-vending';
const OTHER_ENDPOINT = 'account-vending-for-others';
const QUEUE = 'teams-queue';
const TASK_QUEUE = 'account-vending';

let dev: DevServer;
let simulator: Simulator;
let folder: string;
let vends: WorkerProcess;
let env: Record<string, string>;
let teams: Client;
let otherTeams: Client;
/** Of workers that have ended. */
const logs: string[] = [];
const callers: { worker: Worker; running: Promise<void> }[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vend-nexus-'));
  const config = join(folder, 'vending.yaml');
  writeFileSync(
    config,
    JSON.stringify({
      creation: {
        perSecond: 1_000,
        burst: 1_000,
        poll: { initial: '100ms', max: '300ms' },
        reconcile: { settle: '100ms' },
      },
    }),
  );
  simulator = await startSimulator({ profile: 'test', knobs: { creationMs: 200 } });
  dev = await startDevServer({
    ui: false,
    // The server suggests to continue as new after 60 events instead of 4,096.
    extraArgs: [TEAMS, OTHER_TEAMS]
      .flatMap((namespace) => ['--namespace', namespace])
      .concat('--dynamic-config-value', 'limit.historyCount.suggestContinueAsNew=60'),
  });
  env = {
    TEMPORAL_ADDRESS: dev.address,
    AWS_ENDPOINT_URL: simulator.url,
    VEND_CONFIG: config,
    TEMPORAL_NAMESPACE: 'default',
  };
  vends = new WorkerProcess(env);
  await Promise.all([vends.ready(), createEndpoints(), startCallers()]);
});

afterAll(async () => {
  for (const { worker } of callers) worker.shutdown();
  await Promise.all(callers.map(({ running }) => running));
  await vends?.stop();
  await dev?.close();
  await simulator?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** As an operator does it, once by the command line and once by the API. */
async function createEndpoints(): Promise<void> {
  const command = `operator nexus endpoint create --name ${ENDPOINT} --target-namespace default --target-task-queue ${TASK_QUEUE}`;
  const cli = process.env['TEMPORAL_CLI'] ?? 'temporal';
  await promisify(execFile)(cli, [...command.split(' '), '--address', dev.address]);
  const worker = { namespace: 'default', taskQueue: TASK_QUEUE };
  const spec = { name: OTHER_ENDPOINT, target: { worker } };
  await dev.connection.operatorService.createNexusEndpoint({ spec });
}

/** Each namespace calls by an endpoint of its own, so that it can be told apart and taken away. */
function endpointOf(from: Client): string {
  return from === teams ? ENDPOINT : OTHER_ENDPOINT;
}

async function startCallers(): Promise<void> {
  const { connection, nativeConnection } = dev;
  teams = new Client({ connection, namespace: TEAMS });
  otherTeams = new Client({ connection, namespace: OTHER_TEAMS });
  for (const namespace of [TEAMS, OTHER_TEAMS]) {
    const worker = await Worker.create({
      connection: nativeConnection,
      namespace,
      taskQueue: QUEUE,
      workflowsPath: resolve(__dirname, 'callers.ts'),
    });
    callers.push({ worker, running: worker.run() });
  }
}

function startOnboarding(
  input: VendRequest,
  more: Partial<Call<VendRequest>> = {},
  from: Client = teams,
  workflowId = `onboard-${randomUUID()}`,
) {
  return from.workflow.start<typeof onboard>('onboard', {
    taskQueue: QUEUE,
    workflowId,
    args: [{ endpoint: endpointOf(from), input, ...more }],
  });
}

async function onboarded(input: VendRequest, from?: Client) {
  return (await startOnboarding(input, {}, from)).result();
}

function stateOf(input: StateInput, from: Client = teams) {
  return from.workflow.execute<typeof askState>('askState', {
    taskQueue: QUEUE,
    workflowId: `state-${randomUUID()}`,
    args: [{ endpoint: endpointOf(from), input }],
  });
}

function answered(input: ResolveInput, from: Client = teams) {
  return from.workflow.execute<typeof answer>('answer', {
    taskQueue: QUEUE,
    workflowId: `answer-${randomUUID()}`,
    args: [{ endpoint: endpointOf(from), input }],
  });
}

const vendOf = (requestId: string) =>
  dev.client.workflow.getHandle<typeof vendAccount>(vendWorkflowId(requestId));

const inState = (requestId: string, test: (state: VendState) => boolean) =>
  until(() => vendOf(requestId).query(stateQuery), test);
const escalated = (requestId: string) =>
  inState(requestId, ({ escalation }) => escalation !== undefined);

/** So many callers wait for it, as Temporal counts them. */
const waitedFor = (requestId: string, count: number) =>
  until(
    () => vendOf(requestId).describe(),
    ({ raw }) => raw.callbacks?.length === count,
  );
const begun = async (handle: { query(name: string): Promise<unknown> }) =>
  untilTrue(async () => (await handle.query('started')) === true);
const statusOf = async (requestId: string) => (await vendOf(requestId).describe()).status.name;

/** What `slow-60` in an address is for: nothing is done before the test says so. */
const awsIsDone = () => simulator.advance(60_000);

test('an account is vended for a workflow of another namespace', async () => {
  const caller = await startOnboarding(aRequest('straight'));
  const { value } = await caller.result();
  expect(value).toMatchObject({
    requestId: 'straight',
    accountId: expect.stringMatching(/^\d{12}$/),
  });
  const vend = await vendOf('straight').describe();
  expect(vend.typedSearchAttributes.get(SearchAttribute.requestId)).toBe('straight');
  expect(vend.typedSearchAttributes.get(SearchAttribute.accountId)).toBe(value?.accountId);
  expect(vend.memo).toMatchObject({ requestedBy: `teams/${caller.workflowId}` });
  expect(await vend.staticSummary()).toBe('standard account for request straight');
});

test('the example of the documentation does as it says', async () => {
  const caller = await teams.workflow.start<typeof onboardTeam>('onboardTeam', {
    taskQueue: QUEUE,
    workflowId: 'onboard-example',
    args: [aRequest('example', 'fail-invalid-email')],
  });
  await escalated('example');
  const resolution = { action: 'abandon', reason: 'no longer' } as const;
  await answered({ requestId: 'example', resolution });
  expect(await caller.result()).toBe('given up after 1 attempts: no longer');
});

test('what is done is handed out as it is, and the page of the caller links to it', async () => {
  const first = await onboarded(aRequest('straight'));
  const runId = (await vendOf('straight').describe()).runId;
  const again = await startOnboarding({ ...aRequest('straight'), organizationalUnit: 'Elsewhere' });
  expect((await again.result()).value).toEqual(first.value);
  expect((await vendOf('straight').describe()).runId).toBe(runId);
  expect(await linksOf(again)).toContainEqual({
    namespace: 'default',
    workflowId: 'vend-straight',
  });
  expect(simulator.createdAccounts()).toMatchObject({ straight: 1 });
});

test('another account under the same requestId is a RequestConflict that names the fields', async () => {
  const { failure, chain } = await onboarded({ ...aRequest('straight'), email: 'b@example.com' });
  expect(failure).toMatchObject({
    type: 'RequestConflict',
    message: expect.stringMatching(/email/),
  });
  expect(failure?.details).toMatchObject([
    { requestId: 'straight', stage: 'failed', attempts: 0 },
    [{ field: 'email', message: expect.stringMatching(/differs from the vend that is there/) }],
  ]);
  expect(chain).toEqual([
    'NexusOperationFailure',
    'ApplicationFailure:OperationError',
    'ApplicationFailure:RequestConflict',
  ]);
});

test('callers at the same moment are one vend, and each gets the account', async () => {
  const request = aRequest('at-once');
  const all = await Promise.all([
    onboarded(request),
    onboarded(request),
    onboarded(request, otherTeams),
  ]);
  const ids = all.map(({ value }) => value?.accountId);
  expect(new Set(ids).size).toBe(1);
  expect(ids[0]).toMatch(/^\d{12}$/);
  expect(simulator.createdAccounts()).toMatchObject({ 'at-once': 1 });
});

test('of two accounts under one requestId at the same moment one is vended, the other refused', async () => {
  const outcomes = await Promise.all([
    onboarded(aRequest('contested')),
    onboarded({ ...aRequest('contested'), email: 'another@example.com' }),
  ]);
  expect(outcomes.filter(({ value }) => value)).toHaveLength(1);
  expect(outcomes.find(({ failure }) => failure)?.failure?.type).toBe('RequestConflict');
});

describe('a request that cannot be vended', () => {
  test('fails as it would for a child workflow, field by field', async () => {
    const { failure, chain } = await onboarded({ ...aRequest('bad-email'), email: 'nonsense' });
    expect(failure?.type).toBe('InvalidVendRequest');
    expect(failure?.details).toMatchObject([
      { requestId: 'bad-email', stage: 'failed' },
      [{ field: 'email' }],
    ]);
    expect(chain).toEqual(['NexusOperationFailure', 'ApplicationFailure:InvalidVendRequest']);
  });

  test.each([
    ['an id that is none', { ...aRequest('x'), requestId: 'Not An Id' }, 'requestId'],
    ['nothing at all', undefined, '(whole input)'],
    ['an ear in the namespace of the vends', foreignEar('with-ear'), 'notifyWorkflow'],
  ])('%s: nothing is started', async (_, request, field) => {
    const { failure } = await onboarded(request as VendRequest);
    expect(failure?.type).toBe('InvalidVendRequest');
    expect(failure?.details?.[1]).toMatchObject([{ field }]);
    expect(JSON.stringify(failure)).not.toContain('Not An Id');
    await expect(vendOf('with-ear').describe()).rejects.toThrow(/not found/);
  });

  test('an id that would be that of a batch joins no batch', async () => {
    await dev.client.workflow.start('vendBatch', {
      workflowId: 'vend-batch-teams',
      taskQueue: 'nobody',
    });
    const { failure } = await onboarded(aRequest('batch-teams'));
    expect(failure).toMatchObject({
      type: 'InvalidVendRequest',
      message: expect.stringMatching(/requestId .* is a vendBatch/),
    });
  });
});

test('a vend that runs under the id of its parent is joined there', async () => {
  const request = aRequest('of-a-parent', 'fail-invalid-email');
  await dev.client.workflow.start('vendAccount', {
    workflowId: 'parents-own-id',
    taskQueue: TASK_QUEUE,
    args: [request],
  });
  const query = `VendRequestId = 'of-a-parent' AND VendEscalation = 'INVALID_EMAIL'`;
  await untilListed(dev.client, query);
  const joined = await startOnboarding(request);
  await begun(joined);
  const parents = dev.client.workflow.getHandle('parents-own-id');
  await parents.executeUpdate(resolveUpdate, {
    args: [{ action: 'amend', changes: { email: 'of-a-parent@example.com' } }],
  });
  expect((await joined.result()).value?.requestId).toBe('of-a-parent');
  await expect(vendOf('of-a-parent').describe()).rejects.toThrow(/not found/);
});

describe('an escalation', () => {
  test('is seen by `state` and answered by `resolve`; whoever knows the amended request joins', async () => {
    const caller = await startOnboarding(aRequest('mended', 'fail-invalid-email'));
    await escalated('mended');
    const { value: state } = await stateOf({ requestId: 'mended' });
    expect(state?.escalation).toMatchObject({ id: 'e1', reason: 'INVALID_EMAIL' });
    const { value: decision } = await answered({
      requestId: 'mended',
      resolution: {
        action: 'amend',
        changes: { email: 'mended+slow-60@example.com' },
        escalationId: 'e1',
        by: 'ann@example.com',
      },
    });
    expect(decision).toMatchObject({ action: 'amend', via: 'update' });
    // What it says of itself stands behind what Temporal says, and without its address.
    expect(decision?.by).toMatch(/^teams\/answer-[\w-]+ \(\[hidden\]\)$/);
    const joined = await startOnboarding(aRequest('mended', 'slow-60'));
    await waitedFor('mended', 2);
    awsIsDone();
    const [first, second] = await Promise.all([caller.result(), joined.result()]);
    expect(first.value?.decisions).toMatchObject([{ action: 'amend' }]);
    expect(second.value).toEqual(first.value);
  });

  test('given up: the caller sees VendAbandoned with the last state', async () => {
    const caller = await startOnboarding(aRequest('given-up', 'fail-invalid-email'));
    await escalated('given-up');
    const resolution = { action: 'abandon', reason: 'not needed' } as const;
    const { value } = await answered({ requestId: 'given-up', resolution });
    expect(value?.by).toMatch(/^teams\/answer-/);
    const { failure, chain } = await caller.result();
    expect(failure).toMatchObject({
      type: 'VendAbandoned',
      details: [{ requestId: 'given-up', stage: 'abandoned', attempts: 1 }],
    });
    expect(chain).toEqual(['NexusOperationFailure', 'ApplicationFailure:VendAbandoned']);
  });

  test('may be called again after a bad end, and begins anew', async () => {
    const caller = await startOnboarding(aRequest('given-up', 'fail-invalid-email'));
    await escalated('given-up');
    await vendOf('given-up').executeUpdate(resolveUpdate, {
      args: [{ action: 'amend', changes: { email: 'given-up@example.com' } }],
    });
    expect((await caller.result()).value?.requestId).toBe('given-up');
  });

  test('begins anew only for the namespace that began it: another one would get what the first has left', async () => {
    const requestId = 'left-behind';
    await startOnboarding(aRequest(requestId, 'fail-invalid-email'));
    await escalated(requestId);
    const { value } = await answered({
      requestId,
      resolution: { action: 'abandon', reason: 'not needed' },
    });
    expect(value?.action).toBe('abandon');
    await until(
      () => statusOf(requestId),
      (status) => status === 'FAILED',
    );
    const { failure } = await onboarded(aRequest(requestId), otherTeams);
    expect(failure).toMatchObject({
      type: 'RequestConflict',
      message: expect.stringMatching(/^left-behind was begun elsewhere, as vend-left-behind, and/),
      details: [
        { requestId },
        [{ field: 'requestId', message: 'is that of a vend that was begun elsewhere' }],
      ],
    });
    expect(await statusOf(requestId)).toBe('FAILED');
    expect((await onboarded(aRequest(requestId))).value?.requestId).toBe(requestId);
  });

  test('nor where it began only one of several that have ended', async () => {
    const requestId = 'both-began';
    await startOnboarding(aRequest(requestId, 'fail-invalid-email'));
    await escalated(requestId);
    const resolution = { action: 'abandon', reason: 'not needed' } as const;
    await answered({ requestId, resolution });
    const parents = await dev.client.workflow.start<typeof vendAccount>('vendAccount', {
      taskQueue: TASK_QUEUE,
      workflowId: 'of-a-parent',
      args: [aRequest(requestId, 'fail-invalid-email')],
    });
    await until(
      () => parents.query(stateQuery),
      ({ escalation }) => escalation !== undefined,
    );
    await parents.executeUpdate(resolveUpdate, { args: [resolution] });
    await untilListed(
      dev.client,
      `VendRequestId = '${requestId}' AND ExecutionStatus = 'Failed'`,
      2,
    );
    const { failure } = await onboarded(aRequest(requestId));
    expect(failure).toMatchObject({
      type: 'RequestConflict',
      message: expect.stringMatching(/^both-began was begun elsewhere, as of-a-parent, and/),
    });
  });

  test('does not amend what was approved: the asking side could not have approved it', async () => {
    const config = join(folder, 'approving.yaml');
    const given = JSON.parse(readFileSync(env['VEND_CONFIG'] ?? '', 'utf8')) as object;
    writeFileSync(config, JSON.stringify({ ...given, approval: { required: true } }));
    await vends.stop();
    vends = new WorkerProcess({ ...env, VEND_CONFIG: config });
    await vends.ready();
    const requestId = 'approved';
    const caller = await startOnboarding(aRequest(requestId, 'fail-invalid-email'));
    await inState(requestId, ({ stage }) => stage === 'approving');
    await vendOf(requestId).executeUpdate(approveUpdate, { args: [{ by: 'ada' }] });
    await escalated(requestId);
    const resolution = { action: 'amend', changes: { email: 'approved@example.com' } } as const;
    const { failure } = await answered({ requestId, resolution });
    expect(failure).toMatchObject({
      type: 'ResolutionRefused',
      message: expect.stringMatching(/^approved was approved as it was asked for: a person/),
    });
    await vendOf(requestId).executeUpdate(resolveUpdate, { args: [resolution] });
    expect((await caller.result()).value?.requestId).toBe(requestId);
    await vends.stop();
    vends = new WorkerProcess(env);
    await vends.ready();
  });

  test('gives nobody an account that is there already', async () => {
    const request = { ...aRequest('not-theirs'), existingAccountId: '111122223333' };
    const { failure } = await onboarded(request);
    expect(failure).toMatchObject({
      type: 'InvalidVendRequest',
      details: [
        expect.anything(),
        [{ field: 'existingAccountId', message: expect.stringMatching(/new ones alone/) }],
      ],
    });
  });

  test('is answered only by a namespace that began it, and only as fits', async () => {
    await startOnboarding(aRequest('guarded', 'fail-invalid-email'));
    await escalated('guarded');
    const requestId = 'guarded';
    const abandon = { action: 'abandon', reason: 'theirs' } as const;
    const refusals = [
      await answered({ requestId, resolution: abandon }, otherTeams),
      await answered({ requestId, resolution: { ...abandon, escalationId: 'e9' } }),
      await answered({ requestId, resolution: { action: 'waive', pack: 'p', reason: 'r' } }),
      await answered({ requestId, resolution: { action: 'amend', changes: foreignEar('x') } }),
      await answered({ requestId, resolution: { action: 'adopt', accountId: '111122223333' } }),
      await answered({ requestId, resolution: null as never }),
      await answered({ requestId: 'straight', resolution: abandon }),
      await answered({ requestId: 'nobody-knows', resolution: abandon }),
    ];
    expect(refusals.map(({ failure }) => failure?.type)).toEqual([
      ...Array.from({ length: 7 }, () => 'ResolutionRefused'),
      'VendNotFound',
    ]);
    expect(refusals.map(({ failure }) => failure?.message)).toEqual([
      expect.stringMatching(/not begun from your namespace/),
      expect.stringMatching(/is not that of the open escalation, which is e1/),
      expect.stringMatching(/action must be one of/),
      expect.stringMatching(/changes.notifyWorkflow/),
      expect.stringMatching(/^adopt names an account that is there: /),
      expect.stringMatching(/one JSON object/),
      expect.stringMatching(/straight has ended/),
      expect.stringMatching(/no vend of nobody-knows/),
    ]);
    expect((await vendOf('guarded').query(stateQuery)).escalation?.id).toBe('e1');
  });

  test('of a vend that has ended or never was: `state` says so', async () => {
    expect((await stateOf({ requestId: 'straight' })).value?.stage).toBe('done');
    expect((await stateOf({ requestId: 'nobody-knows' })).failure?.type).toBe('VendNotFound');
    expect((await stateOf(undefined as never)).failure?.type).toBe('VendNotFound');
  });
});

describe('a caller that is cancelled', () => {
  test('cancels the vend; what AWS had begun is followed to its end first', async () => {
    const caller = await startOnboarding(aRequest('called-off', 'slow-60'));
    await inState(
      'called-off',
      ({ createAccountRequestIds }) => createAccountRequestIds.length > 0,
    );
    await caller.cancel();
    await untilAskedToCancel(vendOf('called-off'));
    awsIsDone();
    const outcome = await caller.result();
    expect(outcome).toEqual({
      cancelled: true,
      chain: ['NexusOperationFailure', 'CancelledFailure'],
    });
    const { status, typedSearchAttributes } = await vendOf('called-off').describe();
    expect(status.name).toBe('CANCELLED');
    expect(typedSearchAttributes.get(SearchAttribute.accountId)).toMatch(/^\d{12}$/);
  });

  test('takes the account from nobody else: the vend goes on for those who still want it', async () => {
    const request = aRequest('shared', 'fail-invalid-email');
    const first = await startOnboarding(request);
    await escalated('shared');
    const second = await startOnboarding(request, {}, otherTeams);
    await waitedFor('shared', 2);
    await first.cancel();
    await inState('shared', ({ history }) =>
      history.some(({ note }) => /does not want it any more/.test(note ?? '')),
    );
    expect(await statusOf('shared')).toBe('RUNNING');
    await answered({
      requestId: 'shared',
      resolution: { action: 'amend', changes: { email: 'shared@example.com' } },
    });
    // The first one waits for the end, by default, and hears of the account that there is now.
    const outcomes = await Promise.all([first.result(), second.result()]);
    expect(outcomes.map(({ value }) => value?.requestId)).toEqual(['shared', 'shared']);
  });

  test('the last one of several cancels it', async () => {
    const request = aRequest('all-off', 'fail-invalid-email');
    const first = await startOnboarding(request);
    await escalated('all-off');
    const second = await startOnboarding(request, {}, otherTeams);
    await waitedFor('all-off', 2);
    await second.cancel();
    await first.cancel();
    const outcomes = await Promise.all([first.result(), second.result()]);
    expect(outcomes.map(({ cancelled }) => cancelled)).toEqual([true, true]);
    expect(await statusOf('all-off')).toBe('CANCELLED');
  });

  test('and had joined what a person began: the vend goes on, and the caller need not wait', async () => {
    const request = aRequest('of-a-person', 'fail-invalid-email');
    await dev.client.workflow.start('vendAccount', {
      workflowId: vendWorkflowId('of-a-person'),
      taskQueue: TASK_QUEUE,
      args: [request],
    });
    await escalated('of-a-person');
    const joined = await startOnboarding(request, {
      cancellationType: 'WAIT_CANCELLATION_REQUESTED',
    });
    await begun(joined);
    await joined.cancel();
    expect((await joined.result()).cancelled).toBe(true);
    expect(await cancelRequests(vendOf('of-a-person'))).toEqual([]);
  });
});

test('a vend that continues as new knows who waits for it, and who does not any more', async () => {
  const request = aRequest('long', 'slow-60');
  const first = await startOnboarding(request);
  await inState('long', ({ createAccountRequestIds }) => createAccountRequestIds.length > 0);
  const second = await startOnboarding(request, {}, otherTeams);
  await waitedFor('long', 2);
  const { runId } = await vendOf('long').describe();
  await first.cancel();
  await untilTrue(async () => (await vendOf('long').describe()).runId !== runId);
  await waitedFor('long', 2);
  expect((await vendOf('long').describe()).memo).toMatchObject({ nexusNamespace: TEAMS });
  await second.cancel();
  await untilAskedToCancel(vendOf('long'));
  awsIsDone();
  const outcomes = await Promise.all([first.result(), second.result()]);
  expect(outcomes.map(({ cancelled }) => cancelled)).toEqual([true, true]);
  expect(await statusOf('long')).toBe('CANCELLED');
});

test('an answer that is sent once more is the one that was given, also to the next run', async () => {
  await startOnboarding(aRequest('repeated', 'fail-invalid-email'));
  await escalated('repeated');
  const { runId } = await vendOf('repeated').describe();
  const { email } = aRequest('repeated', 'slow-60');
  const send = (updateId: string) =>
    vendOf('repeated').executeUpdate(resolveUpdate, {
      args: [{ action: 'amend', changes: { email }, escalationId: 'e1', by: 'ann' }],
      updateId,
    });
  const decision = await send('first');
  await untilTrue(async () => (await vendOf('repeated').describe()).runId !== runId);
  expect(await send('first')).toEqual(decision);
  // The same words as another answer: it may mean something else, and is refused.
  await expect(send('second')).rejects.toMatchObject({
    cause: { type: 'ResolutionRefused', message: expect.stringMatching(/no escalation is open/) },
  });
  const { decisions } = await vendOf('repeated').query(stateQuery);
  expect(decisions).toEqual([decision]);
  await vendOf('repeated').terminate();
});

test('an answer that ended the vend is still the answer when it is sent once more', async () => {
  await startOnboarding(aRequest('ended', 'fail-invalid-email'));
  await escalated('ended');
  const send = () =>
    vendOf('ended').executeUpdate(resolveUpdate, {
      args: [{ action: 'abandon', reason: 'enough' }],
      updateId: 'only',
    });
  const decision = await send();
  await vendOf('ended')
    .result()
    .catch(() => undefined);
  expect(await send()).toEqual(decision);
});

test('a caller whose time is up lets go; the vend goes on, and is joined by calling again', async () => {
  const request = aRequest('patience', 'fail-invalid-email');
  const hasty = await startOnboarding(request, { timeout: '6s' });
  await escalated('patience');
  expect(await hasty.result()).toEqual({ chain: ['NexusOperationFailure', 'TimeoutFailure'] });
  expect(await statusOf('patience')).toBe('RUNNING');
  const patient = await startOnboarding(request);
  await begun(patient);
  await vendOf('patience').terminate();
  expect((await patient.result()).chain).toEqual(['NexusOperationFailure', 'TerminatedFailure']);
});

test('who called before, in vain, is one caller: it can cancel what it has called again', async () => {
  const request = aRequest('hasty', 'fail-invalid-email');
  const hasty = await startOnboarding(request, { timeout: '6s' }, teams, 'hasty-caller');
  await escalated('hasty');
  await hasty.result();
  const again = await startOnboarding(request, {}, teams, 'hasty-caller');
  await waitedFor('hasty', 2);
  await again.cancel();
  expect((await again.result()).cancelled).toBe(true);
  expect(await statusOf('hasty')).toBe('CANCELLED');
});

test('who has cancelled and calls again wants it again: another one cannot cancel it', async () => {
  const request = aRequest('wanted', 'fail-invalid-email');
  const atOnce = { cancellationType: 'WAIT_CANCELLATION_REQUESTED' } as const;
  const other = await startOnboarding(request, atOnce, otherTeams);
  await escalated('wanted');
  const first = await startOnboarding(request, atOnce, teams, 'changes-its-mind');
  await waitedFor('wanted', 2);
  await first.cancel();
  await first.result();
  const again = await startOnboarding(request, {}, teams, 'changes-its-mind');
  await waitedFor('wanted', 3);
  await other.cancel();
  expect((await other.result()).cancelled).toBe(true);
  expect(await statusOf('wanted')).toBe('RUNNING');
  await again.cancel();
  expect((await again.result()).cancelled).toBe(true);
  expect(await statusOf('wanted')).toBe('CANCELLED');
});

test('who wants it again still wants it after the vend has continued as new', async () => {
  const request = aRequest('kept', 'slow-60');
  const atOnce = { cancellationType: 'WAIT_CANCELLATION_REQUESTED' } as const;
  const other = await startOnboarding(request, atOnce, otherTeams);
  await inState('kept', ({ createAccountRequestIds }) => createAccountRequestIds.length > 0);
  const first = await startOnboarding(request, atOnce, teams, 'keeps-it');
  await waitedFor('kept', 2);
  await first.cancel();
  await first.result();
  const again = await startOnboarding(request, {}, teams, 'keeps-it');
  await waitedFor('kept', 3);
  const { runId } = await vendOf('kept').describe();
  await untilTrue(async () => (await vendOf('kept').describe()).runId !== runId);
  await other.cancel();
  expect((await other.result()).cancelled).toBe(true);
  awsIsDone();
  expect((await again.result()).value?.requestId).toBe('kept');
});

test('the worker may go and come back while callers wait, or before it has heard of them', async () => {
  const waiting = await startOnboarding(aRequest('waits', 'fail-invalid-email'));
  await escalated('waits');
  expect(await vends.stop()).toBe(0);
  logs.push(vends.output);
  const meanwhile = await startOnboarding(aRequest('meanwhile'));
  vends = new WorkerProcess(env);
  await vends.ready();
  const resolution = {
    action: 'amend',
    changes: { email: 'waits@example.com' },
    escalationId: 'e1',
  } as const;
  await answered({ requestId: 'waits', resolution });
  const outcomes = await Promise.all([waiting.result(), meanwhile.result()]);
  expect(outcomes.map(({ value }) => value?.requestId)).toEqual(['waits', 'meanwhile']);
});

test('an operator resets the vend: its caller hears how the new run ends', async () => {
  const caller = await startOnboarding(aRequest('reset', 'fail-invalid-email'));
  await escalated('reset');
  const workflowExecution = { workflowId: vendWorkflowId('reset') };
  const { events } = await vendOf('reset').fetchHistory();
  const afterFirst = events?.find((event) => event.workflowTaskCompletedEventAttributes);
  await dev.client.workflowService.resetWorkflowExecution({
    namespace: 'default',
    workflowExecution,
    workflowTaskFinishEventId: afterFirst?.eventId ?? null,
    requestId: randomUUID(),
    reason: 'test',
  });
  await inState('reset', ({ history }) =>
    history.some(({ note }) => /earlier run of this vend/.test(note ?? '')),
  );
  await escalated('reset');
  await answered({ requestId: 'reset', resolution: { action: 'abandon', reason: 'enough' } });
  expect((await caller.result()).failure?.type).toBe('VendAbandoned');
});

test('no address and no name of an account is in what Temporal lists or the worker logs', async () => {
  const seen: string[] = [...logs, vends.output];
  for await (const run of dev.client.workflow.list()) {
    seen.push(JSON.stringify([run.workflowId, run.memo, run.searchAttributes]));
  }
  expect(seen.length).toBeGreaterThan(10);
  // The one that a message gives as an example is nobody's.
  const telling = /(?<!aws\+team-a)@example\.com|Account [a-z]/;
  expect(seen.filter((text) => telling.test(text))).toEqual([]);
});

function foreignEar(requestId: string): VendRequest {
  return { ...aRequest(requestId), notifyWorkflow: { workflowId: 'somebody', signal: 'hello' } };
}

/** What the events of a caller's run link to. */
async function linksOf(handle: { fetchHistory(): Promise<History> }) {
  const { events } = await handle.fetchHistory();
  return (events ?? [])
    .flatMap(({ links }) => links ?? [])
    .map(({ workflowEvent }) => ({
      namespace: workflowEvent?.namespace,
      workflowId: workflowEvent?.workflowId,
    }));
}
