import { resolve } from 'node:path';
import { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { TASK_QUEUE } from '../../src/contract';
import { startFakeVending } from '../../src/testing';
import type { FakeVending } from '../../src/testing';
import type { answer, askState, onboard } from '../nexus/caller';
import { aRequest } from '../support/skipped';
import { startDevServer } from '../support/temporal';
import type { DevServer } from '../support/temporal';

/* A caller in another namespace meets the fake as it meets the real one. */

const TEAMS = 'teams';
const endpoint = 'account-vending';
let dev: DevServer;
let vending: FakeVending;
let teams: Client;
let worker: Worker;
let running: Promise<void>;

beforeAll(async () => {
  dev = await startDevServer({ ui: false, extraArgs: ['--namespace', TEAMS] });
  vending = await startFakeVending({ address: dev.address, namespace: dev.namespace });
  const target = { worker: { namespace: dev.namespace, taskQueue: TASK_QUEUE } };
  const spec = { name: endpoint, target };
  await dev.connection.operatorService.createNexusEndpoint({ spec });
  teams = new Client({ connection: dev.connection, namespace: TEAMS });
  worker = await Worker.create({
    connection: dev.nativeConnection,
    namespace: TEAMS,
    taskQueue: 'teams',
    workflowsPath: resolve(__dirname, '../nexus/callers.ts'),
  });
  running = worker.run();
});
afterAll(async () => {
  worker?.shutdown();
  await running;
  await vending?.close();
  await dev?.close();
});

const options = (workflowId: string) => ({ taskQueue: 'teams', workflowId });

test('it asks by Nexus, looks, answers, and hears how that ended', async () => {
  vending.script({ byRequestId: { mended: { escalated: 'EMAIL_ALREADY_EXISTS' } } });
  const caller = await teams.workflow.start<typeof onboard>('onboard', {
    ...options('caller'),
    args: [{ endpoint, input: aRequest('mended') }],
  });
  await vending.escalated('mended');
  const seen = await teams.workflow.execute<typeof askState>('askState', {
    ...options('looks'),
    args: [{ endpoint, input: { requestId: 'mended' } }],
  });
  expect(seen.value?.escalation).toMatchObject({ reason: 'EMAIL_ALREADY_EXISTS' });
  const changes = { email: 'other@example.com' };
  const answered = await teams.workflow.execute<typeof answer>('answer', {
    ...options('answers'),
    args: [{ endpoint, input: { requestId: 'mended', resolution: { action: 'amend', changes } } }],
  });
  expect(answered.value).toMatchObject({ action: 'amend', by: 'teams/answers' });
  const { value } = await caller.result();
  expect(value).toMatchObject({ requestId: 'mended', decisions: [{ action: 'amend' }] });
  expect(value?.accountId).toMatch(/^\d{12}$/);
});

test('it hears of a failure by its type, and its cancellation goes through', async () => {
  vending.script({ byRequestId: { lost: { fails: 'VendAbandoned' }, endless: 'never' } });
  const lost = await teams.workflow.execute<typeof onboard>('onboard', {
    ...options('loses'),
    args: [{ endpoint, input: aRequest('lost') }],
  });
  expect(lost.failure).toMatchObject({
    type: 'VendAbandoned',
    details: [expect.objectContaining({ requestId: 'lost', stage: 'abandoned' })],
  });
  const caller = await teams.workflow.start<typeof onboard>('onboard', {
    ...options('gives-up'),
    args: [{ endpoint, input: aRequest('endless') }],
  });
  await vending.until('endless', ({ stage }) => stage === 'creating');
  await caller.cancel();
  expect(await caller.result()).toMatchObject({ cancelled: true });
});
