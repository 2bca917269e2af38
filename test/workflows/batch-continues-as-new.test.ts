import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batchStateQuery, batchWorkflowId } from '../../src/contract';
import { startSimulator } from '../../src/simulator';
import type { Simulator } from '../../src/simulator';
import type { vendBatch } from '../../src/workflows';
import { aRequest } from '../support/skipped';
import { continuingAfter, startDevServer } from '../support/temporal';
import type { DevServer } from '../support/temporal';
import { WorkerProcess } from '../support/worker-process';
import { untilTrue } from '../support/until';

// With the built worker in a process of its own, so that it can be killed.

const folder = mkdtempSync(join(tmpdir(), 'vend-batch-'));
let dev: DevServer;
let simulator: Simulator;
let worker: WorkerProcess;

function startWorker(): WorkerProcess {
  const config = join(folder, 'vending.yaml');
  const creation = {
    perSecond: 1_000,
    burst: 1_000,
    poll: { initial: '100ms', max: '300ms' },
    reconcile: { settle: '50ms' },
  };
  writeFileSync(config, JSON.stringify({ creation }));
  return new WorkerProcess({
    TEMPORAL_ADDRESS: dev.address,
    AWS_ENDPOINT_URL: simulator.url,
    VEND_CONFIG: config,
  });
}

beforeAll(async () => {
  dev = await startDevServer({
    ui: false,
    ...continuingAfter(60),
  });
  simulator = await startSimulator({ profile: 'test', knobs: { pageSize: 20 } });
  worker = startWorker();
  await worker.ready();
});
afterAll(async () => {
  await worker?.stop();
  await dev?.close();
  await simulator?.close();
  rmSync(folder, { recursive: true });
});

const ids = Array.from({ length: 60 }, (_, n) => `n${String(n).padStart(2, '0')}`);

test('60 accounts, continued as new again and again, the worker killed in between: none lost, none twice', async () => {
  const workflowId = batchWorkflowId('sixty');
  const handle = await dev.client.workflow.start<typeof vendBatch>('vendBatch', {
    taskQueue: 'account-vending',
    workflowId,
    args: [{ name: 'sixty', accounts: ids.map((id) => aRequest(id)) }],
  });
  await untilTrue(async () => (await handle.query(batchStateQuery)).counts.done >= 20);
  await worker.stop('SIGKILL');
  worker = startWorker();
  await worker.ready();
  const result = await dev.client.workflow.getHandle<typeof vendBatch>(workflowId).result();
  expect(result.counts).toMatchObject({ total: 60, done: 60 });
  expect(result.accounts.map(({ requestId }) => requestId)).toEqual(ids);
  expect(simulator.committedCreations()).toEqual(Object.fromEntries(ids.map((id) => [id, 1])));

  const runs: string[] = [];
  for await (const run of dev.client.workflow.list({ query: `WorkflowId = '${workflowId}'` })) {
    runs.push(run.runId);
  }
  expect(runs.length).toBeGreaterThan(3);
  // Each was started by one command only.
  const started: string[] = [];
  for (const runId of runs) {
    const { events } = await dev.client.workflow.getHandle(workflowId, runId).fetchHistory();
    for (const { startChildWorkflowExecutionInitiatedEventAttributes: child } of events ?? []) {
      if (child?.workflowId) started.push(child.workflowId);
    }
  }
  expect(started.sort()).toEqual(ids.map((id) => `vend-${id}`));
});
