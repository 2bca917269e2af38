import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import {
  batchApplyUpdate,
  batchStateQuery,
  batchWorkflowId,
  vendWorkflowId,
} from '../../src/contract';
import type { BatchState } from '../../src/contract';
import { startSimulator } from '../../src/simulator';
import type { Simulator } from '../../src/simulator';
import type { vendBatch } from '../../src/workflows';
import { aRequest } from '../support/skipped';
import { continuingAfter, startDevServer } from '../support/temporal';
import type { DevServer } from '../support/temporal';
import { WorkerProcess } from '../support/worker-process';
import { until as untilSo } from '../support/until';

// What comes while no worker is there comes all at once, in one task, when there is one again.

const folder = mkdtempSync(join(tmpdir(), 'vend-batch-away-'));
let dev: DevServer;
let simulator: Simulator;
let worker: WorkerProcess;

async function startWorker(): Promise<void> {
  const config = join(folder, 'vending.yaml');
  const creation = {
    perSecond: 1_000,
    burst: 1_000,
    poll: { initial: '100ms', max: '300ms' },
    reconcile: { settle: '50ms' },
  };
  writeFileSync(config, JSON.stringify({ creation }));
  worker = new WorkerProcess({
    TEMPORAL_ADDRESS: dev.address,
    AWS_ENDPOINT_URL: simulator.url,
    VEND_CONFIG: config,
  });
  await worker.ready();
}

beforeAll(async () => {
  dev = await startDevServer({
    ui: false,
    ...continuingAfter(60),
  });
  simulator = await startSimulator({ profile: 'test', knobs: { pageSize: 20 } });
  await startWorker();
});
afterAll(async () => {
  await worker?.stop();
  await dev?.close();
  await simulator?.close();
  rmSync(folder, { recursive: true });
});

type BatchHandle = WorkflowHandle<typeof vendBatch>;

/** Two accounts whose addresses belong to others: both ask a person. */
async function beginHeld(name: string, more: string[] = []): Promise<[BatchHandle, string[]]> {
  const ids = ['one', 'two'].map((word) => `${name}-${word}`);
  for (const id of ids) simulator.takeEmail(`${id}@example.com`);
  const workflowId = batchWorkflowId(name);
  await dev.client.workflow.start<typeof vendBatch>('vendBatch', {
    taskQueue: 'account-vending',
    workflowId,
    args: [{ name, accounts: [...ids, ...more].map((id) => aRequest(id)) }],
  });
  const handle: BatchHandle = dev.client.workflow.getHandle(workflowId);
  await until(handle, ({ counts }) => counts.needPerson === 2 && counts.done === more.length);
  return [handle, ids];
}

const mended = (id: string) => ({ ...aRequest(id), email: `${id}-mended@example.com` });

const until = (handle: BatchHandle, test: (state: BatchState) => boolean) =>
  untilSo(() => handle.query(batchStateQuery), test);

test('an end and the restart of it in one task: it is started again', async () => {
  const name = 'same-task';
  const [handle, [one = '', two = '']] = await beginHeld(name);
  await worker.stop('SIGKILL');
  await dev.client.workflow.getHandle(vendWorkflowId(one)).terminate();
  const message = { name, accounts: [mended(one)], restart: [one] };
  const receipt = handle.executeUpdate(batchApplyUpdate, { args: [message] });
  await new Promise((resolve) => setTimeout(resolve, 500));
  await startWorker();
  expect(await receipt).toEqual({ added: 1, replaced: 0 });
  await until(handle, ({ counts }) => counts.done === 1);
  await dev.client.workflow.getHandle(vendWorkflowId(two)).cancel();
  const { accounts } = await handle.result();
  expect(accounts.map(({ status }) => status)).toEqual(['COMPLETED', 'CANCELED']);
});

test('terminated after the batch has continued as new, which hears of it from nobody: started again at once', async () => {
  const more = Array.from({ length: 10 }, (_, n) => `continued-${n}`);
  const name = 'continued';
  const [handle, [one = '', two = '']] = await beginHeld(name, more);
  const { runId } = await handle.describe();
  // Signals, until it has a run that has started neither.
  for (let n = 0; (await handle.describe()).runId === runId; n += 1) {
    if (n > 200) throw new Error('it never continued as new');
    await handle.signal('vendNotice', { requestId: 'nobody' });
  }
  await dev.client.workflow.getHandle(vendWorkflowId(one)).terminate();
  const message = { name, accounts: [mended(one)], restart: [one] };
  expect(await handle.executeUpdate(batchApplyUpdate, { args: [message] })).toEqual({
    added: 1,
    replaced: 0,
  });
  await until(handle, ({ counts }) => counts.done === more.length + 1);
  await dev.client.workflow.getHandle(vendWorkflowId(two)).cancel();
  expect((await handle.result()).counts).toMatchObject({ done: 11, endedOtherwise: 1 });
});

test('a cancellation and an apply in one task: nothing is accepted that is not started', async () => {
  const name = 'cancelled';
  const [handle] = await beginHeld(name);
  await worker.stop('SIGKILL');
  await handle.cancel();
  const message = { name, accounts: [aRequest('cancelled-late')] };
  const receipt = handle.executeUpdate(batchApplyUpdate, { args: [message] }).then(
    ({ added }) => `added ${added}`,
    (error: Error) => (error.cause as Error | undefined)?.message ?? error.message,
  );
  await new Promise((resolve) => setTimeout(resolve, 500));
  await startWorker();
  expect(await receipt).toMatch(/the batch is being cancelled/);
  await handle.result().catch(() => undefined);
  expect((await handle.describe()).status.name).toBe('CANCELLED');
});

test('signals that are no notices do not stop it', async () => {
  const name = 'noise';
  const [handle, ids] = await beginHeld(name);
  const escalation = { id: 'e1', scope: 'request', reason: 'X' };
  for (const wrong of [
    undefined,
    'x',
    { requestId: ids[0], stage: 'creating', escalation },
    { requestId: ids[0], stage: 'creating', escalation: null },
    { requestId: ids[0] },
  ]) {
    await handle.signal('vendNotice', wrong);
  }
  await handle.signal('vendNotice');
  const message = { name, accounts: [aRequest('noise-more')] };
  await handle.executeUpdate(batchApplyUpdate, { args: [message] });
  await until(handle, ({ counts }) => counts.done === 1 && counts.needPerson === 2);
  for (const id of ids) await dev.client.workflow.getHandle(vendWorkflowId(id)).cancel();
  expect((await handle.result()).counts).toMatchObject({ done: 1, endedOtherwise: 2 });
});

test('workflow ids that nobody has end as unknown, and what is no id is refused', async () => {
  const [handle, ids] = await beginHeld('there');
  const message = {
    name: 'there',
    accounts: [],
    there: { 'there-long': 'x'.repeat(1_000), 'there-none': 'parent/none' },
  };
  await handle.executeUpdate(batchApplyUpdate, { args: [message] });
  const { accounts } = await until(handle, ({ counts }) => counts.endedOtherwise === 2);
  expect(accounts.slice(2)).toMatchObject([{ status: 'UNKNOWN' }, { status: 'UNKNOWN' }]);
  await expect(
    handle.executeUpdate(batchApplyUpdate, {
      args: [{ name: 'there', accounts: [], there: { 'bob@example.com': 'x' } }],
    }),
  ).rejects.toMatchObject({ cause: { message: expect.stringMatching(/^there, entry 1/) } });
  for (const id of ids) await dev.client.workflow.getHandle(vendWorkflowId(id)).cancel();
  await handle.result();
});
