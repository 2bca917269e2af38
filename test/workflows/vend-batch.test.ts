import { randomUUID } from 'node:crypto';
import { WorkflowFailedError } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import {
  batchApplyUpdate,
  batchStateQuery,
  batchWorkflowId,
  stateQuery,
  vendWorkflowId,
} from '../../src/contract';
import type { ApplyManifest, BatchState, VendRequest } from '../../src/contract';
import { WINDOW } from '../../src/domain/batch/batch';
import type { vendBatch } from '../../src/workflows';
import { aRequest } from '../support/skipped';
import { startDevServer } from '../support/temporal';
import type { DevServer } from '../support/temporal';
import { Vending } from '../support/vending';

// On the development server, in real time: Temporal's test server does not survive a crowd.

const TAKEN = 'taken@example.com';
let dev: DevServer;
let vending: Vending;

beforeAll(async () => {
  dev = await startDevServer({ ui: false });
  vending = await Vending.start(
    { client: dev.client, nativeConnection: dev.nativeConnection },
    {
      skipped: false,
      configuration: { creation: { poll: { initial: '100ms', max: '200ms' } } },
    },
  );
  vending.simulator.takeEmail(TAKEN);
});
afterAll(async () => {
  await vending?.close();
  await dev?.close();
});

type BatchHandle = WorkflowHandle<typeof vendBatch>;

/** Ids of this test alone: a request that was seen before finds what it has left. */
function ids(count: number, word = randomUUID().slice(0, 8)): string[] {
  return Array.from({ length: count }, (_, n) => `${word}-${n}`);
}

function begin(manifest: Omit<ApplyManifest, 'name'>, name = `b-${randomUUID().slice(0, 8)}`) {
  return dev.client.workflow.start<typeof vendBatch>('vendBatch', {
    taskQueue: vending.taskQueue,
    workflowId: batchWorkflowId(name),
    args: [{ name, ...manifest }],
  });
}

async function until(
  handle: BatchHandle,
  test: (state: BatchState) => boolean,
): Promise<BatchState> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const state = await handle.query(batchStateQuery);
    if (test(state)) return state;
    if (Date.now() > deadline) throw new Error(`not so: ${JSON.stringify(state, null, 1)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test('each account is vended once, and the result has a row for each, in order', async () => {
  const names = ids(12);
  const handle = await begin({ accounts: names.map((id) => aRequest(id)), requestedBy: 'ada' });
  const result = await handle.result();
  expect(result.counts).toEqual({
    total: 12,
    waiting: 0,
    running: 0,
    needPerson: 0,
    done: 12,
    endedOtherwise: 0,
  });
  expect(result.accounts.map(({ requestId }) => requestId)).toEqual(names);
  for (const row of result.accounts) {
    expect(row).toMatchObject({ status: 'COMPLETED', stage: 'done' });
    expect(row.accountId).toMatch(/^\d{12}$/);
    expect(vending.simulator.createdAccounts()[row.requestId]).toBe(1);
  }
  const { memo, staticSummary } = await (async () => {
    const info = await dev.client.workflow.getHandle(vendWorkflowId(names[0]!)).describe();
    return { memo: info.memo, staticSummary: await info.staticSummary() };
  })();
  expect(memo).toEqual({ batch: handle.workflowId, requestedBy: 'ada' });
  expect(staticSummary).toBe(`standard account for request ${names[0]}`);
});
