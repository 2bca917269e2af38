import { approveUpdate, stateQuery } from '../../src/contract';
import type { vendAccount } from '../../src/workflows';
import { aRequest } from '../support/skipped';
import { fastForward } from '../support/skipping-client';
import { reset, resetPoints } from '../support/reset';
import { continuingAfter, startDevServer } from '../support/temporal';
import type { DevServer } from '../support/temporal';
import { Vending } from '../support/vending';
import type { VendHandle } from '../support/vending';

// One request under two workflow ids (a parent chose its own): one account, whatever becomes of the first meanwhile.

let dev: DevServer;
let vending: Vending;

beforeAll(async () => {
  dev = await startDevServer({ ui: false, ...continuingAfter(60) });
});
afterAll(async () => dev?.close());
afterEach(async () => vending?.close());

async function startVending(configuration: Record<string, unknown> = {}): Promise<void> {
  vending = await Vending.start(
    { client: dev.client, nativeConnection: dev.nativeConnection },
    {
      skipped: false,
      configuration: {
        creation: { poll: { initial: '100ms', max: '200ms' } },
        conformance: { deadline: '300d', poll: { initial: '100ms', max: '200ms' } },
        ...configuration,
      },
      simulator: { knobs: { creationMs: 300 } },
    },
  );
}

/** AWS refuses the address of this request once, so that a person amends it. */
const refusedOnce = (requestId: string) => aRequest(requestId, 'fail-invalid-email-1x');

/** With the address amended, AWS itself would not stop a second account. */
async function amend(handle: VendHandle, email: string): Promise<void> {
  await vending.escalated(handle, 'INVALID_EMAIL');
  await vending.resolve(handle, { action: 'amend', changes: { email } });
}

const present = ({ workflowId }: VendHandle) =>
  dev.client.workflow.getHandle<typeof vendAccount>(workflowId);
const runOf = async (handle: VendHandle) => (await present(handle).describe()).runId;
const realTime = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const pass = async ({ workflowId }: VendHandle, time: '10m' | '2h') => {
  await fastForward({ connection: dev.connection }, workflowId, time);
  await realTime(500);
};

async function continuesAsNew(handle: VendHandle): Promise<void> {
  const before = await runOf(handle);
  for (let tries = 0; (await runOf(handle)) === before; tries += 1) {
    if (tries > 40) throw new Error('it did not continue as new');
    await pass(handle, '2h');
  }
}

/** The first has its account and waits for a pack; the second waits for the first. */
async function firstAndSecond(requestId: string): Promise<[VendHandle, VendHandle]> {
  await startVending();
  vending.simulator.putConformancePack({
    name: 'Broken',
    region: 'us-east-1',
    failWith: { errorCode: 'Broken', errorMessage: 'broken' },
  });
  const first = await vending.begin(
    { ...refusedOnce(requestId), conformance: {} },
    `${requestId}-first`,
  );
  await amend(first, `${requestId}@example.com`);
  await vending.escalated(first, 'Broken');
  // A new one has no ledger that knows the account.
  await vending.gate.terminate();
  const second = await vending.begin(refusedOnce(requestId), `${requestId}-second`);
  await waitsForTheFirst(second, first);
  return [first, second];
}

async function waitsForTheFirst(second: VendHandle, first: VendHandle): Promise<void> {
  await vending.until(
    second,
    ({ waitingFor }) => waitingFor?.includes(`under workflow id ${first.workflowId}`) ?? false,
  );
}

/** However often the second looks, it waits; the first is done then. The account ids of both. */
async function bothDone(first: VendHandle, second: VendHandle): Promise<string[]> {
  for (let looks = 0; looks < 3; looks += 1) {
    await pass(second, '10m');
    await waitsForTheFirst(second, first);
  }
  await vending.resolve(present(first), { action: 'waive', pack: 'Broken', reason: 'known' });
  const done = await present(first).result();
  const hurry = setInterval(() => void pass(second, '10m').catch(() => undefined), 1_000);
  const result = await second.result().finally(() => clearInterval(hurry));
  return [done.accountId, result.accountId];
}

test('the first continues as new while the second waits: the second goes on waiting, and adopts', async () => {
  const [first, second] = await firstAndSecond('moved');
  await continuesAsNew(first);
  const [account, same] = await bothDone(first, second);
  expect(same).toBe(account);
  // The first was refused.
  expect(vending.calls('CreateAccount')).toBe(2);
});

test('the first is reset while the second waits: the second goes on waiting, and adopts', async () => {
  const [first, second] = await firstAndSecond('set-back');
  const { workflowId } = first;
  const runId = await runOf(first);
  const last = (await resetPoints(dev, workflowId, runId)).at(-1);
  if (!last) throw new Error('a run begins with a workflow task');
  await reset(dev, workflowId, runId, last);
  await vending.escalated(present(first), 'Broken');
  const [account, same] = await bothDone(first, second);
  expect(same).toBe(account);
  expect(vending.calls('CreateAccount')).toBe(2);
});

test('one that was reset continues as new in the queue: what it made before the reset is found', async () => {
  await startVending({ creation: { maxInProgress: 1, poll: { initial: '100ms', max: '200ms' } } });
  const handle = await vending.begin(refusedOnce('forgetful'), 'forgetful');
  await amend(handle, 'forgetful@example.com');
  const { accountId } = await handle.result();
  // The gate would know better; a new one does not, and somebody else has the only place.
  await vending.gate.terminate();
  vending.simulator.set({ creationMs: 600_000 });
  const other = await vending.begin(aRequest('in-the-way'), 'in-the-way');
  await vending.until(other, ({ stage }) => stage === 'creating');
  const runId = handle.firstExecutionRunId;
  const [queued] = await resetPoints(dev, 'forgetful', runId, 'listEarlierRuns');
  if (!queued) throw new Error('it looked for earlier runs');
  // With its signals it would hear of the place that it had, and look.
  await reset(dev, 'forgetful', runId, queued, { signals: false });
  await continuesAsNew(handle);
  await vending.until(present(handle), ({ stage }) => stage === 'queued');
  const before = vending.calls('CreateAccount');
  vending.simulator.set({ creationMs: 300 });
  vending.simulator.advance(600_000);
  const hurry = setInterval(() => void pass(handle, '10m').catch(() => undefined), 1_000);
  const result = await present(handle)
    .result()
    .finally(() => clearInterval(hurry));
  expect(result).toMatchObject({ accountId, adopted: true });
  expect(vending.calls('CreateAccount')).toBe(before);
  expect(vending.simulator.createdAccounts()).toMatchObject({ forgetful: 1 });
});

test('the second is approved and creates before the first is: the first takes that account', async () => {
  await startVending({ approval: { required: true } });
  const isAsked = ({ stage }: { stage: string | null }) => stage === 'approving';
  const first = await vending.begin(refusedOnce('overtaken'), 'overtaken-first');
  await vending.until(first, isAsked);
  const second = await vending.begin(refusedOnce('overtaken'), 'overtaken-second');
  await vending.until(second, isAsked);
  await second.executeUpdate(approveUpdate, { args: [{ by: 'Ada' }] });
  await amend(second, 'overtaken@example.com');
  const { accountId } = await second.result();
  expect((await first.query(stateQuery)).stage).toBe('approving');
  await first.executeUpdate(approveUpdate, { args: [{ by: 'Ada' }] });
  await expect(first.result()).resolves.toMatchObject({ accountId, adopted: true });
  expect(vending.simulator.createdAccounts()).toEqual({ overtaken: 1 });
});

test('under way with another address: a RequestConflict at once that names the field, and amendments count as equal', async () => {
  await startVending();
  const first = await vending.begin(refusedOnce('under-way'), 'under-way-first');
  await vending.escalated(first, 'INVALID_EMAIL');
  const other = await vending.begin(
    { ...aRequest('under-way'), email: 'other@example.com' },
    'under-way-other',
  );
  await expect(other.result()).rejects.toMatchObject({
    cause: { type: 'RequestConflict', details: [{ stage: 'failed' }, [{ field: 'email' }]] },
  });
  expect((await first.describe()).status.name).toBe('RUNNING');
  await vending.resolve(first, { action: 'amend', changes: { email: 'under-way@example.com' } });
  const { accountId } = await first.result();
  for (const request of [aRequest('under-way'), refusedOnce('under-way')]) {
    await expect(vending.vend(request)).resolves.toMatchObject({ accountId, adopted: true });
  }
});
