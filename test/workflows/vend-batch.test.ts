import { randomUUID } from 'node:crypto';
import { WorkflowFailedError, WorkflowUpdateFailedError } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import {
  batchApplyUpdate,
  batchStateQuery,
  batchWorkflowId,
  vendWorkflowId,
} from '../../src/contract';
import type { ApplyManifest, BatchState } from '../../src/contract';
import type { vendBatch } from '../../src/workflows';
import { untilAskedToCancel } from '../support/cancel-requests';
import { aRequest } from '../support/skipped';
import { startDevServer } from '../support/temporal';
import type { DevServer } from '../support/temporal';
import { Vending } from '../support/vending';
import { until as untilSo } from '../support/until';

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
      configuration: {
        creation: { poll: { initial: '100ms', max: '200ms' }, reconcile: { settle: '100ms' } },
      },
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

const until = (handle: BatchHandle, test: (state: BatchState) => boolean) =>
  untilSo(() => handle.query(batchStateQuery), test);

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
  const info = await dev.client.workflow.getHandle(vendWorkflowId(names[0]!)).describe();
  expect(info.memo).toEqual({ batch: handle.workflowId, requestedBy: 'ada' });
  expect(await info.staticSummary()).toBe(`standard account for request ${names[0]}`);
});

test('what slipped into a wrong field stands in no summary: many see it', async () => {
  const [id = ''] = ids(1);
  const kind = 'anna@example.com' as unknown as 'standard';
  const handle = await begin({ accounts: [{ ...aRequest(id), kind }] });
  const result = await handle.result();
  expect(result.accounts[0]).toMatchObject({ status: 'FAILED', failure: 'InvalidVendRequest' });
  const info = await dev.client.workflow.getHandle(vendWorkflowId(id)).describe();
  expect(await info.staticSummary()).toBe(`standard account for request ${id}`);
});

test('those that need a person stop no other, and the page says what to type', async () => {
  const bad = ids(3);
  const good = ids(3);
  const twin = bad[0]!;
  // Each has the address of an AWS account elsewhere.
  for (const id of bad) vending.simulator.takeEmail(`${id}@example.com`);
  const handle = await begin({ accounts: [...bad, ...good].map((id) => aRequest(id)) });
  const state = await until(handle, ({ counts }) => counts.done === 3 && counts.needPerson === 3);
  expect(state.counts).toMatchObject({ waiting: 0, needPerson: bad.length, endedOtherwise: 0 });
  expect(state.accounts[0]).toMatchObject({
    requestId: twin,
    status: 'RUNNING',
    escalation: 'EMAIL_ALREADY_EXISTS',
  });
  expect(state.waitingFor).toBe(`a person: ${bad.length} vends asked`);

  const details = await currentDetails(handle);
  expect(details).toContain(
    `### Batch ${state.name}: 3 of ${bad.length + 3} done, ${bad.length} need a person`,
  );
  expect(details).toContain(
    `\`vend resolve ${twin} --amend email=NEW_ADDRESS\` or \`vend show ${twin}\``,
  );
  expect(details).not.toContain('@');

  for (const id of bad) {
    const vend = dev.client.workflow.getHandle(vendWorkflowId(id));
    await vending.resolve(vend, { action: 'abandon', reason: 'x' });
  }
  const result = await handle.result();
  expect(result.counts).toMatchObject({ done: 3, endedOtherwise: bad.length, needPerson: 0 });
  expect(result.accounts[0]).toMatchObject({ status: 'FAILED', failure: 'VendAbandoned' });
  expect(result.accounts[0]).not.toHaveProperty('escalation');
});

test('cancelled: what AWS has begun is followed to its end, the others wind down, and so does the batch', async () => {
  vending.simulator.set({ creationMs: 3_600_000 });
  const before = vending.calls('CreateAccount');
  const names = ids(8);
  const handle = await begin({ accounts: names.map((id) => aRequest(id)) });
  await untilSo(
    () => vending.calls('CreateAccount'),
    (calls) => calls >= before + 5,
  );
  await handle.cancel();
  vending.simulator.set({ creationMs: 50 });
  await until(handle, ({ cancelling }) => cancelling === true);
  const begun = Object.keys(vending.simulator.committedCreations());
  await Promise.all(
    names
      .filter((id) => begun.includes(id))
      .map((id) => untilAskedToCancel(dev.client.workflow.getHandle(vendWorkflowId(id)))),
  );
  vending.simulator.advance(3_600_000);
  const { name } = await handle.query(batchStateQuery);
  const message = { name, accounts: [aRequest('too-late')] };
  await expect(handle.executeUpdate(batchApplyUpdate, { args: [message] })).rejects.toThrow(
    WorkflowUpdateFailedError,
  );
  await expect(handle.result()).rejects.toThrow(WorkflowFailedError);
  expect((await handle.describe()).status.name).toBe('CANCELLED');
  const { accounts } = await handle.query(batchStateQuery);
  expect(accounts.map(({ status }) => status)).toEqual(names.map(() => 'CANCELED'));
  const made = Object.keys(vending.simulator.createdAccounts()).filter((id) => names.includes(id));
  expect(made.length).toBeGreaterThanOrEqual(5);
  expect(accounts.filter(({ accountId }) => accountId).map(({ requestId }) => requestId)).toEqual(
    names.filter((id) => made.includes(id)),
  );
});

test('cancelled, it leaves the vends alone that it has not started', async () => {
  const [theirs = ''] = ids(1);
  vending.simulator.takeEmail(`${theirs}@example.com`);
  const vend = await vending.begin(aRequest(theirs), vendWorkflowId(theirs));
  const handle = await begin({ accounts: [aRequest(theirs)] });
  // It is looked at, since it says nothing to this batch.
  await until(handle, ({ counts }) => counts.needPerson === 1);
  await handle.cancel();
  await expect(handle.result()).rejects.toThrow(WorkflowFailedError);
  expect((await vend.describe()).status.name).toBe('RUNNING');
});

test('a bad entry is a row: what the vend refuses, and what was terminated', async () => {
  const [bad = '', good = '', gone = ''] = ids(3);
  vending.simulator.takeEmail(`${gone}@example.com`);
  const handle = await begin({
    accounts: [{ ...aRequest(bad), organizationalUnit: 'No/Such' }, aRequest(good), aRequest(gone)],
  });
  await until(handle, ({ counts }) => counts.needPerson === 1);
  await dev.client.workflow.getHandle(vendWorkflowId(gone)).terminate();
  const { accounts } = await handle.result();
  expect(accounts).toMatchObject([
    { requestId: bad, status: 'FAILED', stage: 'failed', failure: 'InvalidVendRequest' },
    { requestId: good, status: 'COMPLETED' },
    { requestId: gone, status: 'TERMINATED' },
  ]);
});

test('vends that are there are followed and never started: under their own id, or told by workflow id', async () => {
  const [own = '', other = '', done = '', failed = ''] = ids(4);
  vending.simulator.takeEmail(`${failed}@example.com`);
  await vending.begin(aRequest(done), vendWorkflowId(done)).then((vend) => vend.result());
  const ends = await vending.begin(aRequest(failed), vendWorkflowId(failed));
  await vending.escalated(ends);
  await vending.resolve(ends, { action: 'abandon', reason: 'x' });
  await ends.result().catch(() => undefined);
  await vending.begin(aRequest(own), vendWorkflowId(own));
  await vending.begin(aRequest(other), `parent/${other}`);
  const handle = await begin({
    accounts: [aRequest(own), aRequest(done), aRequest(failed)],
    there: { [other]: `parent/${other}` },
  });
  const { accounts } = await handle.result();
  expect(accounts).toMatchObject([
    { requestId: other, workflowId: `parent/${other}`, status: 'COMPLETED' },
    { requestId: own, status: 'COMPLETED' },
    { requestId: done, status: 'COMPLETED', accountId: expect.stringMatching(/^\d{12}$/) },
    { requestId: failed, status: 'FAILED', failure: 'VendAbandoned' },
  ]);
  await expect(dev.client.workflow.getHandle(vendWorkflowId(other)).describe()).rejects.toThrow(
    /not found/,
  );

  // Only where it is asked for, one that ended otherwise is started again.
  const mended = { ...aRequest(failed), email: `${failed}-mended@example.com` };
  const again = await begin({ accounts: [mended], restart: [failed] }, handle.workflowId.slice(11));
  expect((await again.result()).accounts).toMatchObject([{ status: 'COMPLETED' }]);
});

test('one that is there with other values is a RequestConflict, and its account not that of the row', async () => {
  const [done = '', open = '', same = '', amended = ''] = ids(4);
  await vending.begin(aRequest(done), vendWorkflowId(done)).then((vend) => vend.result());
  const takenBy = (id: string) => `taken-by-${id}@example.com`;
  for (const id of [open, amended]) vending.simulator.takeEmail(takenBy(id));
  const asks = await vending.begin(
    { ...aRequest(open), email: takenBy(open) },
    vendWorkflowId(open),
  );
  await vending.escalated(asks);
  await vending.begin(aRequest(same), vendWorkflowId(same));
  const mended = await vending.begin(
    { ...aRequest(amended), email: takenBy(amended) },
    vendWorkflowId(amended),
  );
  await vending.escalated(mended);
  const { email } = aRequest(amended);
  await vending.resolve(mended, { action: 'amend', changes: { email } });
  const handle = await begin({
    accounts: [
      { ...aRequest(done), email: `other-${done}@example.com` },
      aRequest(open),
      { ...aRequest(same), email: `${same}@EXAMPLE.com`, tags: { Team: 'A' } },
      aRequest(amended),
    ],
  });
  const { accounts } = await handle.result();
  const conflict = { status: 'FAILED', failure: 'RequestConflict' };
  expect(accounts).toMatchObject([
    { requestId: done, ...conflict },
    { requestId: open, ...conflict },
    { requestId: same, status: 'COMPLETED' },
    { requestId: amended, status: 'COMPLETED' },
  ]);
  for (const row of accounts.slice(0, 2)) expect(row).not.toHaveProperty('accountId');
  // The one that is there goes on.
  expect((await asks.describe()).status.name).toBe('RUNNING');
  await vending.resolve(asks, { action: 'abandon', reason: 'x' });
});

test('applying while it runs adds what is new, replaces what has not begun, and changes nothing else', async () => {
  const [held = '', first = '', second = ''] = ids(3);
  vending.simulator.takeEmail(`${held}@example.com`);
  const handle = await begin({ accounts: [aRequest(held), aRequest(first)] });
  const { name } = await until(handle, ({ counts }) => counts.done === 1);
  const apply = (message: Partial<ApplyManifest>) =>
    handle.executeUpdate(batchApplyUpdate, { args: [{ name, accounts: [], ...message }] });
  const same = [aRequest(held), { ...aRequest(first), email: 'x@example.com' }];
  expect(await apply({ accounts: same })).toEqual({ added: 0, replaced: 0, left: [first] });
  expect(await apply({ accounts: [aRequest(second)] })).toEqual({ added: 1, replaced: 0 });
  await until(handle, ({ counts }) => counts.done === 2);
  await expect(apply({ name: 'other' })).rejects.toThrow(WorkflowUpdateFailedError);
  await expect(apply({ accounts: [{ requestId: 'UP' }] })).rejects.toThrow(
    WorkflowUpdateFailedError,
  );

  await handle.cancel();
  await expect(handle.result()).rejects.toThrow(WorkflowFailedError);
  const state = await handle.query(batchStateQuery);
  expect(state.accounts).toMatchObject([
    { requestId: held, status: 'CANCELED' },
    { requestId: first, status: 'COMPLETED' },
    { requestId: second, status: 'COMPLETED' },
  ]);
});

test('what is no manifest ends at once, and says why', async () => {
  const handle = await begin({ accounts: [{ requestId: 'Not One' }] });
  const error = await handle.result().catch((reason: unknown) => reason);
  expect((error as WorkflowFailedError).cause).toMatchObject({
    type: 'InvalidVendRequest',
    message: expect.stringContaining('accounts[0].requestId'),
  });
});

test('what Temporal takes, and the next run of the batch could not be given, is refused at once', async () => {
  const tags = { Note: '顧客'.repeat(150) };
  const accounts = ids(1_950).map((id) => ({ ...aRequest(id), tags }));
  const handle = await begin({ accounts });
  const error = await handle.result().catch((reason: unknown) => reason);
  expect((error as WorkflowFailedError).cause).toMatchObject({
    type: 'InvalidVendRequest',
    message: expect.stringContaining('too large for one batch; split it'),
  });
});

/** What the Web UI shows under "Current Details". */
async function currentDetails(handle: BatchHandle): Promise<string> {
  const metadata = await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  return metadata.currentDetails ?? '';
}
