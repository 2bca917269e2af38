import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulator } from '../../src/simulator';
import type { Simulator } from '../../src/simulator';
import {
  approveUpdate,
  batchStateQuery,
  gateWorkflowId,
  resolveUpdate,
  stateQuery,
} from '../../src/contract';
import type { VendState } from '../../src/contract';
import type { vendAccount, vendBatch } from '../../src/workflows';
import { startReceiver } from '../support/receiver';
import type { Receiver } from '../support/receiver';
import { startDevServer } from '../support/temporal';
import type { DevServer } from '../support/temporal';
import { until } from '../support/until';
import { WorkerProcess } from '../support/worker-process';

const NAME = 'Sunflower Ledger';
const EMAIL = 'sunflower-owner@example.com';
const SECOND = 'sunflower-second@example.com';
const CONTACT = {
  name: 'Sunflower Keeper',
  title: 'Head of Sunflowers',
  email: 'keeper@sunflower.example',
  phone: '+1 555 0142 4711',
};
const PERSONAL = /sunflower|0142 4711/i;

const folder = mkdtempSync(join(tmpdir(), 'vend-privacy-'));
let dev: DevServer;
let receiver: Receiver;
let simulator: Simulator;
let worker: WorkerProcess;

beforeAll(async () => {
  simulator = await startSimulator({ profile: 'test' });
  dev = await startDevServer({ ui: false });
  receiver = await startReceiver();
  const config = join(folder, 'vending.yaml');
  const notify = ['json', 'slack'].map((format) => ({
    type: 'webhook',
    url: receiver.url,
    format,
  }));
  writeFileSync(config, JSON.stringify({ approval: { required: true }, escalation: { notify } }));
  worker = new WorkerProcess({
    TEMPORAL_ADDRESS: dev.address,
    TEMPORAL_NAMESPACE: dev.namespace,
    AWS_ENDPOINT_URL: simulator.url,
    VEND_LOG_LEVEL: 'trace',
    VEND_CONFIG: config,
  });
  await worker.ready();
});
afterAll(async () => {
  await worker?.stop();
  await dev?.close();
  await simulator?.close();
  await receiver?.close();
  rmSync(folder, { recursive: true });
});

test('no address and no account name where more people look than at the request', async () => {
  // AWS quotes what it refuses.
  simulator.inject({
    operation: 'CreateAccount',
    kind: 'error',
    error: {
      name: 'InvalidInputException',
      reason: 'INVALID_PATTERN',
      message: `${EMAIL} of ${NAME} does not match`,
    },
  });
  simulator.inject({
    operation: 'PutAlternateContact',
    kind: 'error',
    error: {
      name: 'ValidationException',
      message: `${Object.values(CONTACT).join(' or ')} does not match`,
    },
  });
  const request = { requestId: 'private', accountName: NAME, email: EMAIL } as const;
  const handle = await dev.client.workflow.start<typeof vendAccount>('vendAccount', {
    taskQueue: 'account-vending',
    workflowId: 'vend-private',
    args: [{ ...request, alternateContacts: { security: CONTACT }, conformance: false }],
  });
  const stateWhere = (test: (state: VendState) => boolean) =>
    until(() => handle.query(stateQuery), test);
  await stateWhere(({ stage }) => stage === 'approving');
  const approval = { by: SECOND, reason: `${EMAIL} may have it` };
  await handle.executeUpdate(approveUpdate, { args: [approval] });
  let state = await stateWhere(({ escalation }) => escalation !== undefined);
  // Who decided is kept as it was given.
  const undecided = () => JSON.stringify({ ...state, decisions: [] });
  const open = [await details(handle.workflowId), undecided()];
  await handle.executeUpdate(resolveUpdate, {
    args: [{ action: 'amend', changes: { email: SECOND }, by: SECOND }],
  });
  state = await stateWhere(({ escalation }) => escalation?.reason === 'ValidationException');
  open.push(await details(handle.workflowId), undecided());
  await handle.executeUpdate(resolveUpdate, { args: [{ action: 'retry' }] });
  await handle.result();

  const { searchAttributes, memo } = await handle.describe();
  const { events } = await handle.fetchHistory();
  const summaries = (events ?? []).map((event) => plain(JSON.stringify(event.userMetadata ?? {})));
  const upserts = (events ?? []).map((event) =>
    plain(JSON.stringify(event.upsertWorkflowSearchAttributesEventAttributes ?? {})),
  );
  expect(summaries.join()).toContain('create (standard)');
  expect(upserts.join()).toContain('ValidationException');
  const closed = await details(handle.workflowId);
  for (const text of [...open, closed, JSON.stringify({ searchAttributes, memo })]) {
    expect(text).not.toMatch(PERSONAL);
  }
  for (const text of [...summaries, ...upserts]) expect(text).not.toMatch(PERSONAL);
  // Contacts go from the request into activities, and come back from none.
  const places = (events ?? []).filter((event) => plain(JSON.stringify(event)).includes('Keeper'));
  const goesIn = places.filter(
    (event) =>
      event.workflowExecutionStartedEventAttributes ?? event.activityTaskScheduledEventAttributes,
  );
  expect(goesIn.length).toBeGreaterThan(1);
  expect(places).toEqual(goesIn);
  expect(open[0]).toContain('INVALID_PATTERN');
  expect(worker.lines.length).toBeGreaterThan(5);
  expect(worker.output).not.toMatch(PERSONAL);
});

test('nor in the failure of a request that is refused', async () => {
  const handle = await dev.client.workflow.start<typeof vendAccount>('vendAccount', {
    taskQueue: 'account-vending',
    workflowId: 'vend-refused',
    args: [{ requestId: 'refused', accountName: `${NAME}\u00e9`, email: `${EMAIL} ` }],
  });
  const error: unknown = await handle.result().catch((reason: unknown) => reason);
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toMatch(PERSONAL);
  expect(JSON.stringify((error as Error).cause)).toContain('accountName');
  expect(JSON.stringify((error as Error).cause)).not.toMatch(PERSONAL);
});

test('nor at a batch: its state, page, memo, result, and what it shows of its vends', async () => {
  simulator.takeEmail(`batch-${EMAIL}`);
  const accounts = [
    { requestId: 'of-batch', accountName: NAME, email: `of-batch-${EMAIL}` },
    { requestId: 'of-batch-bad', accountName: `${NAME}\u00e9`, email: `bad-${EMAIL}` },
    { requestId: 'of-batch-taken', accountName: NAME, email: `batch-${EMAIL}` },
  ].map((request) => ({ ...request, conformance: false as const }));
  const handle = await dev.client.workflow.start<typeof vendBatch>('vendBatch', {
    taskQueue: 'account-vending',
    workflowId: 'vend-batch-private',
    args: [{ name: 'private', accounts, requestedBy: 'ada' }],
  });
  for (const id of ['vend-of-batch', 'vend-of-batch-taken']) {
    const vend = dev.client.workflow.getHandle(id);
    await until(
      () => vend.query(stateQuery),
      ({ stage }) => stage === 'approving',
    );
    await vend.executeUpdate(approveUpdate, { args: [{ by: 'bob' }] });
  }
  const told: string[] = [];
  const look = async () => {
    const state = await handle.query(batchStateQuery);
    told.push(await details(handle.workflowId), JSON.stringify(state));
    return state.counts;
  };
  await until(look, (counts) => counts.needPerson >= 1 && counts.endedOtherwise >= 1);
  const taken = dev.client.workflow.getHandle('vend-of-batch-taken');
  await taken.executeUpdate(resolveUpdate, { args: [{ action: 'abandon', reason: EMAIL }] });
  told.push(JSON.stringify(await handle.result()));
  for (const id of ['vend-batch-private', 'vend-of-batch']) {
    const { searchAttributes, memo } = await dev.client.workflow.getHandle(id).describe();
    told.push(JSON.stringify({ searchAttributes, memo }));
  }
  const { events = [] } = await handle.fetchHistory();
  for (const event of events ?? []) {
    told.push(plain(JSON.stringify(event.userMetadata ?? {})));
    told.push(plain(JSON.stringify(event.workflowExecutionSignaledEventAttributes ?? {})));
    // What vends answer; their requests are in what started them.
    told.push(plain(JSON.stringify(event.activityTaskCompletedEventAttributes ?? {})));
  }
  for (const text of told) expect(text).not.toMatch(PERSONAL);
  expect(told.join()).toContain('EMAIL_ALREADY_EXISTS');
  expect(worker.output).not.toMatch(PERSONAL);
});

test('nor in a notification, or what any workflow of the namespace shows of itself', async () => {
  // Approving, escalated, resolved, escalated, resolved, completed; and the refused one: in two formats.
  await receiver.until(14);
  const told = receiver.received.map(({ body, headers }) => JSON.stringify([body, headers]));
  expect(told.join()).toContain('vend.completed');
  expect(told.join()).toContain('needs a person: INVALID_PATTERN');
  for (const text of told) expect(text).not.toMatch(PERSONAL);
  const kinds = new Set<string>();
  for await (const run of dev.client.workflow.list()) {
    kinds.add(run.type);
    const { workflowId, memo, searchAttributes } = run;
    const shown = JSON.stringify({ workflowId, memo, searchAttributes });
    expect(shown + (await details(workflowId))).not.toMatch(PERSONAL);
  }
  expect([...kinds].toSorted()).toEqual([
    'deliverNotification',
    'organizationGate',
    'vendAccount',
    'vendBatch',
  ]);
  expect(worker.output).not.toMatch(PERSONAL);
});

test("nor anywhere in the gate's history: an address is only told apart there", async () => {
  const gateId = gateWorkflowId(simulator.organizationId);
  const { events = [] } = await dev.client.workflow.getHandle(gateId).fetchHistory();
  const text = plain(JSON.stringify(events));
  expect(text).toContain('emailKey');
  expect(text).not.toMatch(PERSONAL);
  expect(await details(gateId)).not.toMatch(PERSONAL);
});

/** A history as text; payloads are JSON in base64. */
function plain(history: string): string {
  return history.replaceAll(/"data":"([A-Za-z0-9+/=]+)"/g, (_, data: string) =>
    Buffer.from(data, 'base64').toString(),
  );
}

/** The page of the vend in the Web UI: its current details. */
async function details(workflowId: string): Promise<string> {
  const metadata = await dev.client.workflow
    .getHandle(workflowId)
    .query('__temporal_workflow_metadata');
  return JSON.stringify(metadata);
}
