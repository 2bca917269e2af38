import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { WorkflowFailedError } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker, bundleWorkflowCode } from '@temporalio/worker';
import { startFakeVending } from 'account-vending/testing';
import type { FakeVending, Outcomes } from 'account-vending/testing';
import * as activities from '../src/activities';
import type { TeamRequest } from '../src/team';
import type { onboardTeam } from '../src/workflows';

/*
 * What becomes of the accounts, these tests say: account-vending's fake answers `vendAccount`. No AWS, no
 * worker of account-vending.
 */

let env: TestWorkflowEnvironment;
let vending: FakeVending;
let worker: Worker;
let running: Promise<void>;

before(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const path = process.env['TEMPORAL_CLI'];
  env = await TestWorkflowEnvironment.createLocal({
    server: {
      ...(path ? { executable: { type: 'existing-path', path } } : {}),
      extraArgs: [
        // Continue-as-new is suggested after a few events, instead of thousands.
        ...['--dynamic-config-value', 'limit.historyCount.suggestContinueAsNew=40'],
        ...['--dynamic-config-value', 'history.timerProcessorMaxTimeShift="1ms"'],
      ],
    },
  });
  vending = await startFakeVending({ address: env.address });
  worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue: 'onboarding',
    workflowBundle: await bundleWorkflowCode({
      workflowsPath: require.resolve('../src/workflows'),
      logger: new DefaultLogger('ERROR'),
    }),
    activities,
  });
  running = worker.run();
});
afterEach(() => vending.reset());
after(async () => {
  worker?.shutdown();
  await running;
  await vending?.close();
  await env?.teardown();
});

let onboardings = 0;

function onboard(byRequestId: Extract<Outcomes, { byRequestId: unknown }>['byRequestId']) {
  vending.script({ byRequestId });
  onboardings += 1;
  const team: TeamRequest = {
    team: 'team-a',
    emails: {
      dev: ['dev@example.com'],
      stage: ['stage@example.com'],
      prod: ['prod@example.com', 'prod+2@example.com', 'prod+3@example.com'],
    },
    lookEvery: '1s',
  };
  return env.client.workflow.start<typeof onboardTeam>('onboardTeam', {
    taskQueue: 'onboarding',
    workflowId: `onboard-${onboardings}`,
    args: [team],
  });
}

const READY = /^\d{12}$/;

test('a team gets three accounts', async () => {
  const { accounts, without } = await (await onboard({})).result();
  assert.deepEqual(Object.keys(accounts), ['dev', 'stage', 'prod']);
  for (const accountId of Object.values(accounts)) assert.match(accountId, READY);
  assert.deepEqual(without, []);
  assert.deepEqual(vending.requestIds.toSorted(), ['team-a-dev', 'team-a-prod', 'team-a-stage']);
});

test('an address that is taken is replaced by the next, as long as there is one', async () => {
  const onboarding = await onboard({
    'team-a-prod': [
      { escalated: 'EMAIL_ALREADY_EXISTS' },
      { escalated: 'EMAIL_ALREADY_EXISTS' },
      { escalated: 'EMAIL_ALREADY_EXISTS' },
    ],
  });
  const state = await vending.until('team-a-prod', ({ decisions, escalation }) => {
    return decisions.length === 2 && escalation !== undefined;
  });
  assert.deepEqual(
    state.decisions.map(({ action, by, via }) => ({ action, by, via })),
    Array(2).fill({ action: 'amend', by: 'onboardTeam', via: 'signal' }),
  );
  // The third is left to people, and said so.
  await until(async () => (await detailsOf(onboarding)).includes('needs a person'));
  await vending.resolve('team-a-prod', { action: 'retry' });
  assert.match((await onboarding.result()).accounts.prod ?? '', READY);
});

test('it goes on without an account that somebody gives up, or that cannot be made', async () => {
  const onboarding = await onboard({
    'team-a-dev': { fails: 'InvalidVendRequest' },
    'team-a-stage': { escalated: 'ACCOUNT_LIMIT_EXCEEDED' },
  });
  await vending.escalated('team-a-stage');
  await vending.resolve('team-a-stage', { action: 'abandon', reason: 'not this quarter' });
  const { accounts, without } = await onboarding.result();
  assert.deepEqual(Object.keys(accounts), ['prod']);
  assert.deepEqual(without, [
    { environment: 'dev', failure: 'InvalidVendRequest' },
    { environment: 'stage', failure: 'VendAbandoned' },
  ]);
});

test('an account that was made before its vend was given up is told', async () => {
  const onboarding = await onboard({
    'team-a-dev': { escalated: 'CONFORMANCE_DEADLINE' },
  });
  await vending.escalated('team-a-dev');
  await vending.resolve('team-a-dev', { action: 'abandon', reason: 'no pack will come' });
  const [dev] = (await onboarding.result()).without;
  assert.equal(dev?.failure, 'VendAbandoned');
  assert.match(dev.accountId ?? '', READY);
});

test('a vend that was terminated says nothing, and is found out', async () => {
  const onboarding = await onboard({ 'team-a-dev': 'never' });
  await vending.until('team-a-dev', ({ stage }) => stage === 'creating');
  await vending.handle('team-a-dev').terminate();
  const { without } = await onboarding.result();
  assert.deepEqual(without, [{ environment: 'dev', failure: 'TerminatedFailure' }]);
});

test('it continues as new while its children run, and loses none of them', async () => {
  const onboarding = await onboard({
    'team-a-prod': [{ escalated: 'OVERDUE' }, { escalated: 'EMAIL_ALREADY_EXISTS' }],
  });
  await vending.escalated('team-a-prod', 'OVERDUE');
  const first = onboarding.firstExecutionRunId;
  const now = () => env.client.workflow.getHandle(onboarding.workflowId).describe();
  await until(async () => (await now()).runId !== first);
  await vending.resolve('team-a-prod', { action: 'retry' });
  // Another run than the one that has started it hears of it, and answers.
  const { accounts } = await onboarding.result();
  assert.deepEqual(Object.keys(accounts), ['dev', 'stage', 'prod']);
  assert.equal(vending.requests.length, 3);
});

test('cancelled, it cancels what it has started, and ends when that has wound down', async () => {
  const onboarding = await onboard({ 'team-a-prod': 'never' });
  await vending.until('team-a-prod', ({ stage }) => stage === 'creating');
  await onboarding.cancel();
  await assert.rejects(onboarding.result(), (error) => {
    return error instanceof WorkflowFailedError && error.cause instanceof CancelledFailure;
  });
  const state = await vending.state('team-a-prod');
  assert.equal(state.stage, 'cancelled');
  // AWS was at it: the account is there, and the vend says which.
  assert.match(state.accountId ?? '', READY);
});

/** What the Web UI shows. */
async function detailsOf(handle: { query<T>(name: string): Promise<T> }): Promise<string> {
  const metadata = await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  return metadata.currentDetails ?? '';
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let looks = 0; looks < 200; looks += 1) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail('it did not come so far within ten seconds');
}
