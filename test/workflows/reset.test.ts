import { gateWorkflowId, stateQuery } from '../../src/contract';
import { refuse } from '../support/refuse';
import { aRequest } from '../support/skipped';
import { reset, resetPoints } from '../support/reset';
import { startDevServer } from '../support/temporal';
import { until } from '../support/until';
import type { DevServer } from '../support/temporal';
import { Vending } from '../support/vending';

// The Web UI's Reset: a run goes back to an earlier point, and forgets what was done since.

let dev: DevServer;
let vending: Vending;

beforeAll(async () => {
  dev = await startDevServer({ ui: false });
});
afterAll(async () => dev?.close());
beforeEach(async () => {
  vending = await Vending.start(
    { client: dev.client, nativeConnection: dev.nativeConnection },
    {
      skipped: false,
      configuration: {
        creation: {
          poll: { initial: '100ms', max: '200ms' },
          reconcile: { settle: '50ms', attempts: 2 },
        },
      },
      simulator: {
        knobs: { creationMs: 400 },
        organization: { organizationalUnits: ['Sandbox'] },
      },
    },
  );
});
afterEach(async () => vending?.close());

test('a vend that is done, reset to any earlier point: the same account', async () => {
  const handle = await vending.begin({ ...aRequest('again'), organizationalUnit: 'Sandbox' });
  const { accountId } = await handle.result();
  const { workflowId, firstExecutionRunId: runId } = handle;
  const points = await resetPoints(dev, workflowId, runId);
  expect(points.length).toBeGreaterThan(6);
  for (const point of points) {
    const again = await reset(dev, workflowId, runId, point);
    const result = await dev.client.workflow.getHandle(workflowId, again).result();
    expect(result).toMatchObject({ accountId });
  }
  expect(vending.simulator.committedCreations()).toEqual({ again: 1 });
});

test('a vend whose address was amended, reset to before: its account is found all the same', async () => {
  const handle = await vending.begin(aRequest('amended', 'fail-invalid-email'));
  await vending.escalated(handle, 'INVALID_EMAIL');
  await vending.resolve(handle, { action: 'amend', changes: { email: 'mended@example.com' } });
  const { accountId } = await handle.result();
  const { workflowId, firstExecutionRunId: runId } = handle;
  const [first] = await resetPoints(dev, workflowId, runId);
  if (!first) throw new Error('a run begins with a workflow task');
  const again = await reset(dev, workflowId, runId, first);
  const result = await dev.client.workflow.getHandle(workflowId, again).result();
  expect(result).toMatchObject({ accountId, adopted: true });
  expect(vending.simulator.createdAccounts()).toEqual({ amended: 1 });
});

test('a vend that creates, reset while AWS is at it: followed, and not made again', async () => {
  vending.simulator.set({ creationMs: 3_000 });
  const handle = await vending.begin(aRequest('during'));
  await vending.until(handle, ({ createAccountRequestIds }) => createAccountRequestIds.length > 0);
  const { workflowId, firstExecutionRunId: runId } = handle;
  for (const point of (await resetPoints(dev, workflowId, runId)).slice(0, 4)) {
    await reset(dev, workflowId, runId, point);
  }
  const result = await dev.client.workflow.getHandle(workflowId).result();
  expect(result).toMatchObject({ requestId: 'during' });
  expect(vending.simulator.committedCreations()).toEqual({ during: 1 });
});

test('a pair that is reset when it is done, or abandoned and asked for again: both accounts are told', async () => {
  const request = { ...aRequest('pair'), kind: 'govcloud' as const, accountName: 'pair' };
  const handle = await vending.begin(request);
  const { accountId, govCloudAccountId } = await handle.result();
  expect(govCloudAccountId).toMatch(/^\d{12}$/);
  const { workflowId, firstExecutionRunId: runId } = handle;
  const points = await resetPoints(dev, workflowId, runId);
  for (const point of [points[0], points[3]]) {
    if (!point) throw new Error('a run has workflow tasks');
    const again = await reset(dev, workflowId, runId, point);
    const result = await dev.client.workflow.getHandle(workflowId, again).result();
    expect(result).toMatchObject({ accountId, govCloudAccountId });
  }
  const elsewhere = await vending.begin(request, 'parent-of-the-pair');
  await expect(elsewhere.result()).resolves.toMatchObject({ accountId, govCloudAccountId });
  expect(vending.simulator.committedCreations()).toEqual({ pair: 1 });
});

test('a vend that is reset, and cancelled while it looks for what it had done: its account is known', async () => {
  const handle = await vending.begin(aRequest('lost'));
  const { accountId } = await handle.result();
  const { workflowId, firstExecutionRunId: runId } = handle;
  vending.simulator.inject(refuse('DescribeAccount', 'AccessDeniedException', { times: 'always' }));
  const [first] = await resetPoints(dev, workflowId, runId);
  if (!first) throw new Error('a run begins with a workflow task');
  const again = dev.client.workflow.getHandle(
    workflowId,
    await reset(dev, workflowId, runId, first),
  );
  await until(
    () => again.query(stateQuery),
    ({ waitingFor }) => /look at the account: it said AccessDenied/.test(waitingFor ?? ''),
  );
  await again.cancel();
  vending.simulator.clearFaults();
  await expect(again.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  expect(await again.query(stateQuery)).toMatchObject({ stage: 'cancelled', accountId });
});

test('the gate, reset while vends create and wait: one account each, and nobody is stuck', async () => {
  vending.simulator.set({ creationMs: 1_500 });
  const ids = Array.from({ length: 9 }, (_, n) => `r${n}`);
  const handles = await Promise.all(ids.map((id) => vending.begin(aRequest(id))));
  const gateId = gateWorkflowId(vending.simulator.organizationId);
  for (const handle of handles.slice(0, 3)) {
    await vending.until(
      handle,
      ({ createAccountRequestIds }) => createAccountRequestIds.length > 0,
    );
    const { runId } = await dev.client.workflow.getHandle(gateId).describe();
    const points = await resetPoints(dev, gateId, runId);
    const middle = points[Math.floor(points.length / 2)];
    if (middle) await reset(dev, gateId, runId, middle);
  }
  await Promise.all(handles.map((handle) => handle.result()));
  expect(vending.simulator.committedCreations()).toEqual(
    Object.fromEntries(ids.map((id) => [id, 1])),
  );
});
