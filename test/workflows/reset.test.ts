import { randomUUID } from 'node:crypto';
import { gateWorkflowId } from '../../src/contract';
import { aRequest } from '../support/skipped';
import { startDevServer } from '../support/temporal';
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

/** A `Long` of the protocol's library. */
type EventId = NonNullable<
  Parameters<
    DevServer['connection']['workflowService']['resetWorkflowExecution']
  >[0]['workflowTaskFinishEventId']
>;

/** The events to which a run can be reset: where a workflow task was completed. */
async function resetPoints(workflowId: string, runId: string): Promise<EventId[]> {
  const { events } = await dev.client.workflow.getHandle(workflowId, runId).fetchHistory();
  return (events ?? [])
    .filter(({ workflowTaskCompletedEventAttributes: task }) => task)
    .map(({ eventId }) => eventId as EventId);
}

async function reset(workflowId: string, runId: string, eventId: EventId): Promise<string> {
  const { runId: again } = await dev.connection.workflowService.resetWorkflowExecution({
    namespace: dev.namespace,
    workflowExecution: { workflowId, runId },
    reason: 'test',
    workflowTaskFinishEventId: eventId,
    requestId: randomUUID(),
  });
  return again;
}

test('a vend that is done, reset to any earlier point: the same account', async () => {
  const handle = await vending.begin({ ...aRequest('again'), organizationalUnit: 'Sandbox' });
  const { accountId } = await handle.result();
  const { workflowId, firstExecutionRunId: runId } = handle;
  const points = await resetPoints(workflowId, runId);
  expect(points.length).toBeGreaterThan(6);
  for (const point of points) {
    const again = await reset(workflowId, runId, point);
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
  const [first] = await resetPoints(workflowId, runId);
  if (!first) throw new Error('a run begins with a workflow task');
  const again = await reset(workflowId, runId, first);
  const result = await dev.client.workflow.getHandle(workflowId, again).result();
  expect(result).toMatchObject({ accountId, adopted: true });
  expect(vending.simulator.createdAccounts()).toEqual({ amended: 1 });
});

test('a vend that creates, reset while AWS is at it: followed, and not made again', async () => {
  vending.simulator.set({ creationMs: 3_000 });
  const handle = await vending.begin(aRequest('during'));
  await vending.until(handle, ({ createAccountRequestIds }) => createAccountRequestIds.length > 0);
  const { workflowId, firstExecutionRunId: runId } = handle;
  for (const point of (await resetPoints(workflowId, runId)).slice(0, 4)) {
    await reset(workflowId, runId, point);
  }
  const result = await dev.client.workflow.getHandle(workflowId).result();
  expect(result).toMatchObject({ requestId: 'during' });
  expect(vending.simulator.committedCreations()).toEqual({ during: 1 });
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
    const points = await resetPoints(gateId, runId);
    const middle = points[Math.floor(points.length / 2)];
    if (middle) await reset(gateId, runId, middle);
  }
  await Promise.all(handles.map((handle) => handle.result()));
  expect(vending.simulator.committedCreations()).toEqual(
    Object.fromEntries(ids.map((id) => [id, 1])),
  );
});
