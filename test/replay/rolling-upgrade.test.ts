import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  batchWorkflowId,
  gateStateQuery,
  gateWorkflowId,
  vendWorkflowId,
  watchWorkflowId,
} from '../../src/contract';
import { version } from '../../package.json';
import type { vendAccount, vendBatch } from '../../src/workflows';
import { aRequest } from '../support/skipped';
import { fastForward } from '../support/skipping-client';
import { startDevServer } from '../support/temporal';
import type { DevServer } from '../support/temporal';
import { releases } from './corpus';
import { until } from '../support/until';
import { DEPLOYMENT, Fleet } from './fleet';
import type { WorkerKind } from './fleet';

// Workers of an older release, from the workflows that it left behind, and those of today: what is
// under way on one goes on with the other. docs/upgrading.md.

const folder = mkdtempSync(join(tmpdir(), 'vend-rolling-'));
// The coming release may be recorded already.
const old =
  releases().findLast((release) => !version.startsWith(`${release}.`)) ?? releases().at(-1);
const REGION = 'us-east-1';
let dev: DevServer;
let fleet: Fleet;
let fleets = 100;

beforeAll(async () => {
  dev = await startDevServer({ ui: false });
});
afterAll(async () => {
  await dev?.close();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  fleet = await Fleet.start(dev, folder, (fleets += 1));
});
afterEach(async () => fleet?.close());

const ids = (word: string, count: number) => Array.from({ length: count }, (_, n) => `${word}${n}`);
const begin = (all: string[]) => Promise.all(all.map((id) => fleet.begin(aRequest(id))));
const gateId = () => gateWorkflowId(fleet.simulator.organizationId);
const gate = () => dev.client.workflow.getHandle(gateId()).query(gateStateQuery);

test.each<[string, WorkerKind, WorkerKind]>([
  ['an older worker hands over to a newer one', { release: old }, {}],
  ['a newer one is taken back', {}, { release: old }],
])('without worker versioning, %s: all go on', async (_what, before, after) => {
  const word = before.release ? 'up' : 'back';
  const stop = await fleet.worker(before);
  fleet.simulator.putConformancePack({ name: 'Slow', region: REGION, deployMs: 3_000 });
  const conforming = { ...aRequest(`${word}-conforms`), conformance: {} };
  const covered = await fleet.begin(conforming);
  await fleet.until(covered, ({ stage }) => stage === 'conforming');
  const asking = await fleet.begin(aRequest(`${word}-asks`, 'fail-invalid-email'));
  await fleet.until(asking, ({ escalation }) => escalation !== undefined);
  const ofBatch = ids(`${word}-batch-`, 2);
  const batch = await dev.client.workflow.start<typeof vendBatch>('vendBatch', {
    taskQueue: fleet.taskQueue,
    workflowId: batchWorkflowId(word),
    args: [{ name: word, accounts: ofBatch.map((id) => aRequest(id)) }],
  });
  const olds = ids(`${word}-old-`, 7);
  const handles = await begin(olds);
  await until(gate, ({ inProgress, waiting }) => inProgress === 5 && waiting > 0);
  await stop();

  await fleet.worker(after);
  const news = ids(`${word}-new-`, 3);
  handles.push(...(await begin(news)), covered);
  await fleet.resolve(asking, { action: 'amend', changes: { email: `${word}@example.com` } });
  await Promise.all([...handles, asking].map((handle) => handle.result()));
  expect((await batch.result()).counts).toMatchObject({ done: 2, total: 2 });
  const { requestId } = conforming;
  expect(fleet.simulator.createdAccounts()).toMatchObject({ [`${word}-asks`]: 1 });
  const calls = fleet.simulator.committedCreations();
  // The refused one was sent, and then the amended one.
  expect(calls[`${word}-asks`]).toBe(2);
  delete calls[`${word}-asks`];
  const all = [...olds, ...news, ...ofBatch, requestId];
  expect(calls).toEqual(Object.fromEntries(all.map((id) => [id, 1])));
  expect(await fleet.failedTasks()).toEqual([]);
  const { inProgress, waiting } = await gate();
  expect({ inProgress, waiting }).toEqual({ inProgress: 0, waiting: 0 });
});

async function setCurrent(buildId: string): Promise<void> {
  // A version is known when its worker has polled.
  await until(
    () =>
      dev.connection.workflowService.setWorkerDeploymentCurrentVersion({
        namespace: dev.namespace,
        deploymentName: DEPLOYMENT,
        buildId,
        identity: 'test',
      }),
    () => true,
  );
}

/** As a person does who wants a run to stay where it is. */
async function pin(workflowId: string, buildId: string): Promise<void> {
  await dev.connection.workflowService.updateWorkflowExecutionOptions({
    namespace: dev.namespace,
    workflowExecution: { workflowId },
    workflowExecutionOptions: {
      versioningOverride: {
        // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- the enum is in no package of ours
        pinned: { behavior: 1, version: { deploymentName: DEPLOYMENT, buildId } },
      },
    },
    updateMask: { paths: ['versioning_override'] },
  });
}

/** On which version a run is, and what becomes of it. */
async function versionOf(workflowId: string): Promise<{ on: string; behavior: string }> {
  const { raw } = await dev.client.workflow.getHandle(workflowId).describe();
  const info = raw.workflowExecutionInfo?.versioningInfo;
  const behaviors = ['unversioned', 'pinned', 'auto-upgrade'];
  return {
    on: info?.deploymentVersion?.buildId ?? '',
    behavior: behaviors[info?.behavior ?? 0] ?? '',
  };
}

function unusable(match: { contains?: string } = {}): void {
  const error = { name: 'AccessDenied' };
  fleet.simulator.inject({ operation: 'AssumeRole', match, kind: 'error', times: 'always', error });
}

test('with worker versioning: gate and watch go over at once, a vend stays, or goes over where it continues as new', async () => {
  await fleet.worker({ release: old, buildId: 'old' });
  await setCurrent('old');
  // Its role cannot be assumed for long: it looks every five minutes.
  unusable();
  const patient = await fleet.begin({ ...aRequest('v-patient') });
  const { accountId = '' } = await fleet.until(patient, ({ stage }) => stage === 'readying');
  const { runId } = await patient.describe();
  const kept = await fleet.begin(aRequest('v-kept'));
  const { accountId: keptId = '' } = await fleet.until(kept, ({ stage }) => stage === 'readying');
  await pin(kept.workflowId, 'old');
  fleet.simulator.clearFaults();
  unusable({ contains: accountId });
  unusable({ contains: keptId });
  fleet.simulator.putConformancePack({ name: 'Late', region: REGION, deployMs: 3_600_000 });
  const covered = await fleet.begin({ ...aRequest('v-conforms'), conformance: {} });
  await fleet.until(covered, ({ stage }) => stage === 'conforming');
  // What a person is asked about waits where it is: docs/upgrading.md moves it.
  const asking = await fleet.begin(aRequest('v-asks', 'fail-invalid-email-1x'));
  await fleet.until(asking, ({ escalation }) => escalation !== undefined);
  const olds = ids('v-old-', 7);
  const handles = await begin(olds);
  await until(gate, ({ inProgress, waiting }) => inProgress === 5 && waiting > 0);

  await fleet.worker({ buildId: 'new' });
  await setCurrent('new');
  const news = ids('v-new-', 3);
  handles.push(...(await begin(news)));
  await Promise.all(handles.map((handle) => handle.result()));
  // Where they began, or where they went over as they waited for their turn or for AWS.
  for (const id of olds) {
    expect(await versionOf(vendWorkflowId(id))).toMatchObject({ behavior: 'pinned' });
  }
  expect(await versionOf(asking.workflowId)).toEqual({ on: 'old', behavior: 'pinned' });
  await fleet.resolve(asking, { action: 'retry' });
  await asking.result();
  for (const id of news) {
    expect(await versionOf(vendWorkflowId(id))).toEqual({ on: 'new', behavior: 'pinned' });
  }
  expect(await versionOf(gateId())).toEqual({ on: 'new', behavior: 'auto-upgrade' });

  const watchId = watchWorkflowId(fleet.simulator.organizationId, REGION);
  await until(
    () => versionOf(watchId),
    ({ on }) => on === 'new',
  );
  await fastForward(dev, patient.workflowId, '6m');
  await until(
    () => versionOf(patient.workflowId),
    ({ on }) => on === 'new',
  );
  // Pinned by hand, it stays, and does not continue as new at every look.
  for (let looks = 0; looks < 4; looks += 1) {
    await fastForward(dev, kept.workflowId, '6m');
    await new Promise((done) => setTimeout(done, 500));
  }
  expect(await versionOf(kept.workflowId)).toMatchObject({ on: 'old' });
  // Lists lag about a second.
  await new Promise((done) => setTimeout(done, 1_500));
  const { count } = await dev.client.workflow.count(`WorkflowId = '${kept.workflowId}'`);
  expect(count).toBeLessThanOrEqual(2);
  fleet.simulator.clearFaults();
  await fastForward(dev, kept.workflowId, '6m');
  await fastForward(dev, patient.workflowId, '6m');
  const goneOn = dev.client.workflow.getHandle<typeof vendAccount>(patient.workflowId);
  await expect(goneOn.result()).resolves.toMatchObject({ accountId });
  expect((await goneOn.describe()).runId).not.toBe(runId);

  // Taken back: who looks on the new one goes back, and the gate is the old one's again.
  unusable();
  const [late] = await begin(['v-late']);
  await fleet.until(late!, ({ stage }) => stage === 'readying');
  expect(await versionOf('vend-v-late')).toMatchObject({ on: 'new' });
  await setCurrent('old');
  await fastForward(dev, 'vend-v-late', '6m');
  await until(
    () => versionOf('vend-v-late'),
    ({ on }) => on === 'old',
  );
  fleet.simulator.clearFaults();
  await fastForward(dev, 'vend-v-late', '6m');
  const [back] = await begin(['v-back']);
  await Promise.all([late?.result(), back?.result()]);
  await dev.client.workflow.getHandle(kept.workflowId).result();
  expect(await versionOf(vendWorkflowId('v-back'))).toMatchObject({ on: 'old' });
  expect(await versionOf(gateId())).toMatchObject({ on: 'old' });
  await covered.terminate();
  expect(fleet.simulator.committedCreations()['v-asks']).toBe(2);
  const one = [...olds, ...news, 'v-patient', 'v-kept', 'v-conforms', 'v-asks', 'v-late', 'v-back'];
  expect(fleet.simulator.createdAccounts()).toEqual(Object.fromEntries(one.map((id) => [id, 1])));
  expect(await fleet.failedTasks()).toEqual([]);
});
