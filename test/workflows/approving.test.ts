import type { ApplicationFailure } from '@temporalio/common';
import {
  approveSignal,
  approveUpdate,
  rejectSignal,
  rejectUpdate,
  stateQuery,
} from '../../src/contract';
import type { VendState } from '../../src/contract';
import { aRequest, withSkippedTime } from '../support/skipped';
import type { Vending, VendHandle } from '../support/vending';

const { vending: startVending } = withSkippedTime();

async function begin(
  more: { requestedBy?: string; approval?: Record<string, unknown> } = {},
): Promise<[Vending, VendHandle]> {
  const vending = await startVending({
    configuration: { approval: { required: true, ...more.approval } },
  });
  const handle = await vending.begin(aRequest('vend'), undefined, more.requestedBy);
  await vending.until(handle, ({ stage }) => stage === 'approving');
  return [vending, handle];
}

const approve = (handle: VendHandle, verdict: unknown) =>
  handle.executeUpdate(approveUpdate, { args: [verdict as { by: string }] });
const reject = (handle: VendHandle, verdict: unknown) =>
  handle.executeUpdate(rejectUpdate, { args: [verdict as { by: string }] });

/** What is written at AWS: nothing of it may happen before the approval. */
const writes = (vending: Vending) =>
  vending.simulator
    .journal()
    .map(({ operation }) => operation)
    .filter((operation) => !/^(?:List|Describe|Get)/.test(operation));

async function refusal(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return (error as { cause?: Error })?.cause?.message ?? 'was taken';
}

async function failureOf(
  handle: VendHandle,
): Promise<{ failure: ApplicationFailure; state: VendState }> {
  const error: unknown = await handle.result().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const failure = (error as { cause: ApplicationFailure }).cause;
  return { failure, state: failure.details?.[0] as VendState };
}

const stagesOf = ({ history }: VendState) =>
  history.filter(({ note }) => note === undefined).map(({ stage }) => stage);

test('waits before the first write at AWS, says so, and goes on when it is approved', async () => {
  const [vending, handle] = await begin();
  await vending.pass(3_600_000);
  expect(writes(vending)).toEqual([]);
  const waiting = await handle.query(stateQuery);
  expect(waiting.waitingFor).toMatch(/^an approval, until 20\d\d-/);
  expect(stagesOf(waiting)).toEqual(['approving']);
  const decision = await approve(handle, { by: 'ada', reason: 'budget of ada@example.org' });
  expect(decision).toMatchObject({ action: 'approve', by: 'ada', via: 'update' });
  const { decisions, accountId } = await handle.result();
  expect(accountId).toMatch(/^\d{12}$/);
  expect(decisions).toEqual([{ ...decision, reason: 'budget of [hidden]' }]);
  expect(stagesOf(await handle.query(stateQuery))).toEqual([
    'approving',
    'queued',
    'creating',
    'placing',
    'conforming',
    'done',
  ]);
});

test('not asked for: nobody is waited for, and a verdict is refused', async () => {
  const vending = await startVending();
  const handle = await vending.begin(aRequest('vend', 'fail-invalid-email'));
  const state = await vending.escalated(handle);
  expect(stagesOf(state)).not.toContain('approving');
  expect(await refusal(approve(handle, { by: 'ada' }))).toBe(
    'no approval is waited for: the vend is creating',
  );
});

test('what is wrong with the request is found before anybody is asked', async () => {
  const vending = await startVending({ configuration: { approval: { required: true } } });
  const handle = await vending.begin({ ...aRequest('vend'), organizationalUnit: 'No/Such' });
  const { failure, state } = await failureOf(handle);
  expect(failure.type).toBe('InvalidVendRequest');
  expect(stagesOf(state)).toEqual(['queued', 'failed']);
});

test('rejected: it ends with the reason, and nothing was created', async () => {
  const [vending, handle] = await begin();
  await reject(handle, { by: 'ada', reason: 'no budget for Account vend, ask ada@example.org' });
  const { failure, state } = await failureOf(handle);
  expect(failure.type).toBe('ApprovalRefused');
  expect(failure.message).toBe(
    'The approval was refused: no budget for [hidden], ask [hidden]. Nothing was created.',
  );
  expect(state).toMatchObject({ stage: 'failed', decisions: [{ action: 'reject', by: 'ada' }] });
  expect(writes(vending)).toEqual([]);
});

test('nobody decides: it expires after approval.expiresAfter, and not before', async () => {
  const [vending, handle] = await begin({ approval: { expiresAfter: '3d' } });
  await vending.pass(71 * 3_600_000);
  expect((await handle.query(stateQuery)).stage).toBe('approving');
  await vending.pass(2 * 3_600_000);
  const { failure } = await failureOf(handle);
  expect(failure.type).toBe('ApprovalExpired');
  expect(failure.message).toContain('Nothing was created');
  expect(writes(vending)).toEqual([]);
});

test("the requester's own approval does not count; their refusal does", async () => {
  const [, handle] = await begin({ requestedBy: 'Grace' });
  for (const by of ['Grace', ' grace ', 'grace@example.org']) {
    expect(await refusal(approve(handle, { by }))).toContain('somebody else has to approve');
  }
  await handle.signal(approveSignal, { by: 'GRACE' });
  const state = await handle.query(stateQuery);
  expect(state.stage).toBe('approving');
  expect(state.history.at(-1)?.note).toContain('a signal approve was refused: by is who asked');
  await reject(handle, { by: 'grace', reason: 'not needed' });
  expect((await failureOf(handle)).failure.type).toBe('ApprovalRefused');
});

test('unless the configuration allows it', async () => {
  const [, handle] = await begin({ requestedBy: 'grace', approval: { allowRequester: true } });
  await approve(handle, { by: 'grace' });
  expect((await handle.result()).decisions).toMatchObject([{ by: 'grace', action: 'approve' }]);
});

test('somebody else approves, by signal as well', async () => {
  const [, handle] = await begin({ requestedBy: 'grace' });
  await handle.signal(approveSignal, { by: 'ada' });
  expect((await handle.result()).decisions).toMatchObject([{ by: 'ada', via: 'signal' }]);
});

test('a signal rejects', async () => {
  const [, handle] = await begin();
  await handle.signal(rejectSignal, { by: 'ada' });
  const { failure } = await failureOf(handle);
  expect(failure).toMatchObject({
    type: 'ApprovalRefused',
    message: 'The approval was refused. Nothing was created.',
  });
});

test.each([
  ['nothing', null, 'one JSON object is needed'],
  ['no name', {}, 'by is required'],
  ['an empty name', { by: '  ' }, 'by is required'],
  ['a field too many', { by: 'ada', reasons: 'x' }, 'reasons is not a field here'],
  [
    'an address as a field',
    { by: 'ada', 'a@example.org': 1 },
    'one of the fields is not a field here',
  ],
  ['a reason that is no text', { by: 'ada', reason: 5 }, 'reason must be a text'],
])('%s is refused, and the vend waits on', async (_, verdict, why) => {
  const [, handle] = await begin();
  expect(await refusal(approve(handle, verdict))).toContain(why);
  expect(await refusal(reject(handle, verdict))).toContain(why);
  expect((await handle.query(stateQuery)).stage).toBe('approving');
});

test('cancelled while it waits: nothing was created', async () => {
  const [vending, handle] = await begin();
  await handle.cancel();
  await expect(handle.result()).rejects.toThrow('Workflow execution');
  expect((await handle.describe()).status.name).toBe('CANCELLED');
  expect((await handle.query(stateQuery)).stage).toBe('cancelled');
  expect(writes(vending)).toEqual([]);
});

test('the second verdict is refused: the first one holds', async () => {
  const [, handle] = await begin();
  const both = await Promise.allSettled([
    approve(handle, { by: 'ada' }),
    reject(handle, { by: 'bob', reason: 'no' }),
  ]);
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
});
