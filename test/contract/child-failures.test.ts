import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { VendFailure, vendWorkflowId } from '../../src/contract';
import type { VendRequest, VendState } from '../../src/contract';
import { rejectChildSignal } from '../support/parent-workflow';
import type { CallOutcome, callVend } from '../support/parent-workflow';
import { aRequest } from '../support/skipped';
import { startParents } from '../support/parents';
import type { Parents } from '../support/parents';
import type { DevServer } from '../support/temporal';
import { Vending } from '../support/vending';
import type { VendingOptions } from '../support/vending';

/*
 * What a parent sees of a vend that comes to no good: each row of the table in
 * docs/child-workflow.md, made to happen.
 */

let parents: Parents;
let dev: DevServer;
const rows: string[] = [];

beforeAll(async () => {
  parents = await startParents();
  ({ dev } = parents);
});
afterAll(() => parents?.close());

/** Vends for one group of tests: one at a time, since they share the environment. */
function withVending(options: VendingOptions): () => Vending {
  let vending: Vending;
  beforeAll(async () => {
    vending = await Vending.start(
      { client: dev.client, nativeConnection: dev.nativeConnection },
      { skipped: false, ...options },
    );
  });
  afterAll(() => vending?.close());
  return () => vending;
}

let started = 0;

/** Starts a parent that calls a vend. */
function startParent(vending: Vending, request: VendRequest, childId?: string) {
  started += 1;
  return dev.client.workflow.start<typeof callVend>('callVend', {
    taskQueue: parents.taskQueue,
    workflowId: `parent-${started}`,
    args: [
      {
        request,
        taskQueue: vending.taskQueue,
        childId: childId ?? vendWorkflowId(request.requestId),
      },
    ],
  });
}

async function call(vending: Vending, request: VendRequest, childId?: string) {
  return (await startParent(vending, request, childId)).result();
}

const childOf = ({ requestId }: VendRequest) =>
  dev.client.workflow.getHandle(vendWorkflowId(requestId));

/** What it was is a row of the table; the last state came with it. */
function expectFailure(outcome: CallOutcome, type: VendFailure, state: Partial<VendState>): void {
  expect(outcome).toMatchObject({
    error: 'ChildWorkflowFailure',
    cause: 'ApplicationFailure',
    type,
    details: [expect.objectContaining(state), ...(outcome.details ?? []).slice(1)],
  });
  rows.push(`ApplicationFailure ${type}`);
}

const QUICK = { poll: { initial: '100ms', max: '300ms' } };

describe('as vends end', () => {
  const vendings = withVending({
    simulator: { knobs: { creationMs: 200 } },
    configuration: { creation: QUICK },
  });

  test('a request that breaks a rule, or names what is not there', async () => {
    const { email: _, ...request } = aRequest('faulty');
    const outcome = await call(vendings(), { ...request, tags: { 'aws:x': 'y' } });
    expectFailure(outcome, VendFailure.InvalidVendRequest, { stage: 'failed' });
    const problems = outcome.details?.[1] as { field: string }[];
    expect(problems.map(({ field }) => field).toSorted()).toEqual(['email', 'tags.aws:x']);
  });

  test('a requestId that was used with another address', async () => {
    const first = await call(vendings(), aRequest('used'));
    expect(first.accountId).toMatch(/^\d{12}$/);
    const other = { ...aRequest('used'), email: 'other@example.com' };
    const outcome = await call(vendings(), other);
    expectFailure(outcome, VendFailure.RequestConflict, { stage: 'failed' });
    expect(outcome.details?.[1]).toMatchObject([{ field: 'email' }]);
  });

  test('the same request again, and under another id: the same account', async () => {
    const { accountId } = await call(vendings(), aRequest('same'));
    expect(await call(vendings(), aRequest('same'))).toEqual({ accountId });
    const again = await call(vendings(), aRequest('same'), 'an-id-of-its-own');
    expect(again).toEqual({ accountId });
    expect(vendings().simulator.createdAccounts()).toMatchObject({ same: 1 });
  });

  test('given up by a person', async () => {
    const request = { ...aRequest('given-up'), email: 'given-up+fail-invalid-email@example.com' };
    const outcome = call(vendings(), request);
    const handle = childOf(request);
    await vendings().escalated(handle);
    await vendings().resolve(handle, { action: 'abandon', reason: 'not needed' });
    const given = await outcome;
    expectFailure(given, VendFailure.VendAbandoned, { stage: 'abandoned' });
    expect(given.details?.[0]).toMatchObject({ decisions: [{ reason: 'not needed' }] });
  });

  test('terminated', async () => {
    const request = { ...aRequest('ended'), email: 'ended+fail-invalid-email@example.com' };
    const outcome = call(vendings(), request);
    const handle = childOf(request);
    await vendings().escalated(handle);
    await handle.terminate();
    expect(await outcome).toEqual({ error: 'ChildWorkflowFailure', cause: 'TerminatedFailure' });
    rows.push('TerminatedFailure');
  });
});

describe('while AWS creates', () => {
  const vendings = withVending({
    simulator: { knobs: { creationMs: 10_000 } },
    configuration: { creation: QUICK },
  });

  test('cancelled by its parent: it follows what was begun, then ends as cancelled', async () => {
    const request = aRequest('cancelled');
    const parent = await startParent(vendings(), request);
    await vendings().until(childOf(request), ({ attempts }) => attempts === 1);
    await parent.cancel();
    expect(await parent.result()).toEqual({
      error: 'ChildWorkflowFailure',
      cause: 'CancelledFailure',
    });
    expect(vendings().simulator.createdAccounts()).toMatchObject({ cancelled: 1 });
    rows.push('CancelledFailure');
  });

  test('another request with its address on the way; and an id that is taken', async () => {
    const first = call(vendings(), aRequest('first'));
    await vendings().until(childOf(aRequest('first')), ({ stage }) => stage === 'creating');
    const [second, taken, joined] = await Promise.all([
      call(vendings(), { ...aRequest('second'), email: 'FIRST@example.com' }),
      call(vendings(), aRequest('first')),
      call(vendings(), aRequest('first'), 'joins-the-first'),
    ]);
    expectFailure(second, VendFailure.EmailInFlight, { stage: 'failed' });
    expect(taken).toEqual({ error: 'WorkflowExecutionAlreadyStartedError' });
    const { accountId } = await first;
    expect(accountId).toMatch(/^\d{12}$/);
    expect(joined).toEqual({ accountId });
    expect(vendings().simulator.createdAccounts()).toMatchObject({ first: 1 });
  });
});

describe('where approval is required', () => {
  const vendings = withVending({
    // Long enough that the rejection comes first on a busy machine, too.
    configuration: { approval: { required: true, expiresAfter: '15s' } },
  });

  test('rejected, by signal', async () => {
    const request = aRequest('refused');
    const parent = await startParent(vendings(), request);
    await vendings().until(childOf(request), ({ stage }) => stage === 'approving');
    await parent.signal(rejectChildSignal);
    const outcome = await parent.result();
    expectFailure(outcome, VendFailure.ApprovalRefused, { stage: 'failed' });
    const decisions = [{ action: 'reject', by: 'a parent', via: 'signal' }];
    expect(outcome.details?.[0]).toMatchObject({ decisions });
  });

  test('nobody approves in time', async () => {
    const outcome = await call(vendings(), aRequest('expired'));
    expectFailure(outcome, VendFailure.ApprovalExpired, { stage: 'failed' });
    expect(vendings().simulator.createdAccounts()).toEqual({});
  });
});

test('these are the rows of docs/child-workflow.md, and all failures that there are', () => {
  const page = readFileSync(resolve(__dirname, '../../docs/child-workflow.md'), 'utf8');
  const told = [...page.matchAll(/^\| `(\w+Failure)` +\| (?:`(\w+)`)? +\|/gm)];
  const documented = told.map(([, cause, type]) => (type ? `${cause} ${type}` : cause));
  expect(new Set(rows)).toEqual(new Set(documented));
  const types = rows.map((row) => row.split(' ')[1]).filter(Boolean);
  expect(new Set(types)).toEqual(new Set(Object.values(VendFailure)));
});
