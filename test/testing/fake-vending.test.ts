import { resolve } from 'node:path';
import { Client } from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import { SearchAttribute, VendFailure, WorkflowType } from '../../src/contract';
import type { VendRequest, VendState } from '../../src/contract';
import { startFakeVending } from '../../src/testing';
import type { FakeVending, FakeVendingOptions, Outcomes } from '../../src/testing';
import { aRequest } from '../support/skipped';
import { startDevServer } from '../support/temporal';
import type { DevServer } from '../support/temporal';
import type { observer } from './observer-workflow';

let dev: DevServer;
let vending: FakeVending;
let worker: Worker;
let running: Promise<void>;

beforeAll(async () => {
  // As a caller's environment is: nobody has registered our search attributes.
  dev = await startDevServer({ ui: false, searchAttributes: [] });
  vending = await startFakeVending({ address: dev.address });
  worker = await Worker.create({
    connection: dev.nativeConnection,
    taskQueue: 'parents',
    workflowsPath: resolve(__dirname, 'observer-workflow.ts'),
  });
  running = worker.run();
});
afterEach(async () => vending?.reset());
afterAll(async () => {
  worker?.shutdown();
  await running;
  await vending?.close();
  await dev?.close();
});

let parents = 0;

/** A parent that vends one account, where time is skipped while nothing happens. */
function start(requestId: string, outcome?: Outcomes, more: Partial<VendRequest> = {}) {
  if (outcome !== undefined) vending.script(outcome);
  parents += 1;
  const request = { ...aRequest(requestId), ...more };
  return dev.skipping.start<typeof observer>('observer', {
    taskQueue: 'parents',
    workflowId: `parent-${parents}`,
    args: [{ request, taskQueue: vending.taskQueue }],
  });
}

async function run(...given: Parameters<typeof start>) {
  return (await start(...given)).result();
}

test('which requests came is remembered, and each account is another one, for ever', async () => {
  const first = await run('team-a-dev', 'done');
  const second = await run('team-a-prod');
  expect(vending.requestIds).toEqual(['team-a-dev', 'team-a-prod']);
  expect(vending.requests[0]).toMatchObject(aRequest('team-a-dev'));
  expect(vending.vends[1]).toMatchObject({ workflowId: `parent-${parents}-vend` });
  expect(first.result?.accountId).toMatch(/^\d{12}$/);
  expect(first.result?.accountId).not.toBe(second.result?.accountId);
  await vending.reset();
  expect(vending.requestIds).toEqual([]);
  const again = await run('team-a-dev');
  expect(again.result).toMatchObject({ accountId: first.result?.accountId, adopted: false });
});

test('a result is as the test says, and so is what the parent hears before', async () => {
  const { result, notices } = await run('told', {
    done: { accountId: '111122223333', organizationId: 'o-0123456789', adopted: true },
  });
  expect(result).toMatchObject({
    accountId: '111122223333',
    organizationId: 'o-0123456789',
    adopted: true,
  });
  expect(notices.map(({ accountId }) => accountId)).toEqual(['111122223333', '111122223333']);
});

test('outcomes by request id, or by a function of the request that may take its time', async () => {
  const byRequestId = { 'team-b-prod': { fails: 'EmailInFlight' } } as const;
  expect((await run('team-b-prod', { byRequestId })).failure?.type).toBe('EmailInFlight');
  expect((await run('team-b-dev')).result?.requestId).toBe('team-b-dev');
  const later = async ({ requestId }: VendRequest) => {
    await new Promise((done) => setTimeout(done, 10));
    return requestId === 'slow' ? ('cancelled' as const) : undefined;
  };
  expect(await run('slow', later)).toMatchObject({ cancelled: true });
  expect((await run('quick')).result?.requestId).toBe('quick');
});

test('a person answers through the test, and hears why an answer does not fit', async () => {
  const parent = await start('asked', [
    { escalated: 'EMAIL_ALREADY_EXISTS' },
    { escalated: 'OVERDUE' },
  ]);
  const { escalation } = await vending.escalated('asked', 'EMAIL_ALREADY_EXISTS');
  expect(escalation).toMatchObject({
    scope: 'request',
    actions: ['retry', 'amend', 'adopt', 'abandon'],
    message: expect.stringContaining('Give another address') as string,
  });
  await expect(
    vending.resolve('asked', { action: 'waive', stage: 'placing', reason: 'no' }),
  ).rejects.toMatchObject({
    cause: { message: expect.stringContaining('action must be one of retry') as string },
  });
  await expect(
    vending.resolve('asked', { action: 'amend', changes: { email: 'mended@example.com' } }),
  ).resolves.toMatchObject({ via: 'update', action: 'amend', escalationId: 'e1' });
  await vending.escalated('asked', 'OVERDUE');
  await vending.resolve('asked', { action: 'retry' });
  const { result } = await parent.result();
  expect(result?.decisions.map(({ action }) => action)).toEqual(['amend', 'retry']);
  expect(await vending.state('asked')).toMatchObject({ stage: 'done' });
});

test.each([
  ['OUTCOME_UNCLEAR', ['retry', 'adopt', 'abandon']],
  ['GOVCLOUD_ACCOUNT_UNKNOWN', ['retry', 'abandon']],
])('%s: the address stays, as AWS may have made the account', async (reason, actions) => {
  const parent = await start(`unclear-${actions.length}`, { escalated: reason });
  const { escalation } = await vending.escalated(`unclear-${actions.length}`, reason);
  expect(escalation).toMatchObject({ actions });
  expect(escalation).not.toHaveProperty('amendable');
  await vending.resolve(`unclear-${actions.length}`, { action: 'abandon', reason: 'x' });
  expect((await parent.result()).failure?.type).toBe('VendAbandoned');
});

test('where nothing was looked for, the address stays as well, and the rest may be amended', async () => {
  const parent = await start('busy', { escalated: 'ConcurrentModificationException' });
  const { escalation } = await vending.escalated('busy', 'ConcurrentModificationException');
  expect(escalation?.amendable).toEqual(expect.arrayContaining(['roleName', 'tags']));
  expect(escalation?.amendable).not.toContain('email');
  await vending.resolve('busy', { action: 'retry' });
  expect((await parent.result()).result?.requestId).toBe('busy');
});

test('a person of the script answers after a while, and hours pass in a moment', async () => {
  const began = Date.now();
  const { result, notices } = await run('hours', [
    { takes: '3h' },
    {
      escalated: 'INVALID_EMAIL',
      answer: { action: 'amend', changes: { email: 'mended@example.com' }, by: 'ada' },
      answerAfter: '2d',
    },
    { escalated: 'ACCOUNT_LIMIT_EXCEEDED', endsAfter: '5h' },
    { takes: '1h', stage: 'conforming' },
  ]);
  expect(Date.now() - began).toBeLessThan(60_000);
  const { requestedAt = '', completedAt = '' } = result ?? {};
  expect(Date.parse(completedAt) - Date.parse(requestedAt)).toBeGreaterThan(57 * 3_600_000);
  expect(result?.decisions).toMatchObject([{ action: 'amend', by: 'ada', via: 'update' }]);
  expect(notices.map(({ stage, escalation }) => escalation?.reason ?? stage)).toEqual([
    'INVALID_EMAIL',
    'creating',
    'ACCOUNT_LIMIT_EXCEEDED',
    'creating',
    'creating',
    'done',
  ]);
});

test.each(Object.values(VendFailure))('the failure %s, with the last state', async (fails) => {
  const { failure, notices } = await run(`fails-${fails.toLowerCase()}`, { fails });
  const stage = fails === 'VendAbandoned' ? 'abandoned' : 'failed';
  expect(failure?.type).toBe(fails);
  expect(failure?.details[0]).toMatchObject({
    requestId: `fails-${fails.toLowerCase()}`,
    stage,
  } satisfies Partial<VendState>);
  expect(notices.at(-1)).toMatchObject({ stage });
});

test('a request that the real vend would refuse is refused without a script', async () => {
  const { failure } = await run('wrong', 'done', { email: 'none', tags: { 'aws:x': '1' } });
  expect(failure).toMatchObject({ type: 'InvalidVendRequest' });
  expect(failure?.message).toMatch(/email must have exactly one @.*tags\.aws:x begins with aws:/);
});

test('of two vends with one address that start at once one gets it, each time', async () => {
  // The one that gets it never ends: how fast the machine is decides nothing.
  vending.script('never');
  const rounds = Array.from({ length: 12 }, async (_, round) => {
    const email = `shared-${round}@example.com`;
    const both = [`first-${round}`, `second-${round}`].map(async (requestId) => {
      const parent = await start(requestId, undefined, { email });
      return { requestId, ...(await parent.result()) };
    });
    const { requestId, failure } = await Promise.race(both);
    const winner = requestId.startsWith('first') ? `second-${round}` : `first-${round}`;
    expect(failure?.type).toBe('EmailInFlight');
    expect(failure?.message).toContain(`on its way: ${winner}.`);
    await vending.handle(winner).cancel();
    const ends = await Promise.all(both);
    expect(ends.find((end) => end.requestId === winner)).toMatchObject({ cancelled: true });
  });
  await Promise.all(rounds);
});

test('a vend that never ends is cancelled by its parent, or ended with the fake', async () => {
  const parent = await start('endless', 'never');
  await vending.until('endless', ({ stage }) => stage === 'creating');
  await parent.cancel();
  await expect(parent.result()).resolves.toMatchObject({ cancelled: true });
  expect(await vending.state('endless')).toMatchObject({
    stage: 'cancelled',
    accountId: expect.stringMatching(/^\d{12}$/) as string,
  });
});

test('search attributes are registered, and can be searched for', async () => {
  await run('found', 'done');
  const run1 = await vending.handle('found').describe();
  expect(run1.typedSearchAttributes.get(SearchAttribute.stage)).toBe('done');
  expect(run1.typedSearchAttributes.get(SearchAttribute.accountId)).toMatch(/^\d{12}$/);
});

describe('a mistake of the test is told at once', () => {
  test.each<[Outcomes, RegExp]>([
    [{ takes: 'an hour' }, /step 1 of the outcome: takes must be a duration/],
    [
      [{ takes: '1s', stage: 'placing' }, { escalated: 'INVALID_EMAIL' }],
      /step 2 of the outcome happens in creating, and the step before it in placing/,
    ],
    [[{ takes: '1s' }, { approval: 'wait' }], /an approval is only asked for first/],
    [{ escalate: 'X' } as never, /step 1 of the outcome is none of escalated, takes/],
    [
      () => {
        throw new Error('a slip');
      },
      /The fake vending: a slip/,
    ],
  ])('in an outcome: %j', async (outcome, said) => {
    const { failure } = await run('mistaken', outcome);
    expect(failure?.message).toMatch(said);
  });

  test('in an answer of the script', async () => {
    vending.script({
      escalated: 'INVALID_EMAIL',
      answer: { action: 'waive', stage: 'placing', reason: 'no' },
    });
    const request = aRequest('refused');
    const vend = await dev.client.workflow.start(WorkflowType.vendAccount, {
      taskQueue: vending.taskQueue,
      workflowId: 'refused',
      args: [request],
    });
    await expect(vend.result()).rejects.toMatchObject({
      cause: { message: expect.stringContaining('the scripted answer was refused') as string },
    });
  });

  test('in where it runs: an SDK that has no env.address must not end at another Temporal', async () => {
    const { address } = {} as FakeVendingOptions;
    await expect(startFakeVending({ address })).rejects.toThrow(
      /address is missing: the host:port/,
    );
  });

  test('in what it waits for', async () => {
    await run('here', 'done');
    await expect(vending.until('elsewhere', () => true, 100)).rejects.toThrow(
      'the vend of elsewhere did not get there within 100 ms: it has not come; came: here',
    );
    await expect(vending.until('here', () => false, 100)).rejects.toThrow('it is done');
    expect(() => vending.handle('elsewhere')).toThrow('no vend of elsewhere has come; came: here');
  });
});

/** As an encryption does, payloads become something else. */
const codec: PayloadCodec = {
  encode: async (payloads) =>
    payloads.map(({ data, ...rest }) => ({ ...rest, data: turned(data) })),
  decode: async (payloads) =>
    payloads.map(({ data, ...rest }) => ({ ...rest, data: turned(data) })),
};
const turned = (data?: Uint8Array | null) => (data ?? new Uint8Array()).map((byte) => byte ^ 0xff);

test('neither a namespace without our search attributes is an obstacle, nor a codec', async () => {
  const bare = await startDevServer({ ui: false, searchAttributes: [] });
  const options: FakeVendingOptions = {
    address: bare.address,
    taskQueue: 'bare',
    searchAttributes: false,
    payloadCodecs: [codec],
  };
  const { connection } = bare;
  const client = new Client({ connection, dataConverter: { payloadCodecs: [codec] } });
  const other = await startFakeVending(options);
  try {
    const result: unknown = await client.workflow.execute(WorkflowType.vendAccount, {
      taskQueue: 'bare',
      workflowId: 'bare',
      args: [aRequest('bare')],
      workflowExecutionTimeout: '20s',
    });
    expect(result).toMatchObject({ requestId: 'bare' });
    expect(await other.state('bare')).toMatchObject({ stage: 'done' });
  } finally {
    await other.close();
    await bare.close();
  }
});
