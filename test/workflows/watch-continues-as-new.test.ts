import { randomUUID } from 'node:crypto';
import { stateQuery, watchWorkflowId } from '../../src/contract';
import type { VendState } from '../../src/contract';
import { WATCH_PROTOCOL } from '../../src/domain/watch/messages';
import { signalsTo } from '../support/history';
import { aRequest } from '../support/skipped';
import { fastForward } from '../support/skipping-client';
import { continuingAfter, startDevServer } from '../support/temporal';
import type { DevServer } from '../support/temporal';
import { Vending } from '../support/vending';
import type { VendHandle } from '../support/vending';
import { until as untilSo } from '../support/until';

// On the development server, in real time: Temporal's test server does not survive a crowd, and
// knows neither reset nor lists.

const REGION = 'us-east-1';
const ROWS = 'GetOrganizationConformancePackDetailedStatus';
const QUICK = { poll: { initial: '200ms', max: '400ms' } };

let dev: DevServer;
let vending: Vending;

beforeAll(async () => {
  dev = await startDevServer({
    ui: false,
    ...continuingAfter(120),
  });
});
afterAll(async () => dev?.close());
beforeEach(async () => {
  vending = await Vending.start(
    { client: dev.client, nativeConnection: dev.nativeConnection },
    {
      skipped: false,
      configuration: { conformance: QUICK },
      simulator: { knobs: { configPageSize: 100, emptyPageRate: 0 } },
    },
  );
});
afterEach(async () => vending?.close());

/** Real time passes until it is so. */
const until = (handle: VendHandle, test: (state: VendState) => boolean | Promise<boolean>) =>
  untilSo(() => handle.query(stateQuery), test);

const conforming = (id: string) => vending.begin({ ...aRequest(id), conformance: {} });

async function runsOf(workflowId: string): Promise<number> {
  let runs = 0;
  for await (const _ of dev.client.workflow.list({ query: `WorkflowId = '${workflowId}'` })) {
    runs += 1;
  }
  return runs;
}

/** The signals with messages of vends, over all runs, and the time between the first and the last. */
async function mailsTo(workflowId: string): Promise<{ mails: number; spanMs: number }> {
  const at: number[] = [];
  for await (const { runId } of dev.client.workflow.list({
    query: `WorkflowId = '${workflowId}'`,
  })) {
    const { events } = await dev.client.workflow.getHandle(workflowId, runId).fetchHistory();
    for (const { eventTime, workflowExecutionSignaledEventAttributes: signal } of events ?? []) {
      if (signal?.signalName === 'mail') at.push(Number(eventTime?.seconds) * 1_000);
    }
  }
  return { mails: at.length, spanMs: Math.max(...at) - Math.min(...at) };
}

test('twenty wait, one looks, and it continues as new: all are told once, then it sleeps', async () => {
  const { simulator } = vending;
  simulator.putConformancePack({ name: 'Slow', region: REGION, deployMs: 6_000 });
  const ids = Array.from({ length: 20 }, (_, n) => `w${n}`);
  const handles = await Promise.all(ids.map(conforming));
  const results = await Promise.all(handles.map((handle) => handle.result()));
  for (const { conformance } of results) {
    expect(conformance).toMatchObject([{ pack: 'Slow', status: 'CREATE_SUCCESSFUL' }]);
  }
  const state = await vending.watchState();
  expect(state).toMatchObject({ waiting: 0, accounts: [], packs: [] });
  expect(state.nextLookAt).toBeUndefined();
  // Four lists a round, and the organization-wide status; never one for each that waits.
  expect(state.calls.lists).toBeLessThanOrEqual(5 * state.looks);
  expect(state.calls.lists).toBeGreaterThan(4);
  const { workflowId } = vending.watch();
  expect(await runsOf(workflowId)).toBeGreaterThan(1);
  // What twenty said to it went together, a signal a second.
  const { mails, spanMs } = await mailsTo(workflowId);
  expect(mails).toBeLessThanOrEqual(2 + spanMs / 1_000);
  // Each was told of three changes at most: no row, in progress, successful.
  for (const handle of handles) {
    const told = await signalsTo(handle, 'verdict');
    expect(told).toBeGreaterThan(0);
    expect(told).toBeLessThanOrEqual(3);
  }
  const calls = simulator.journal().length;
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect(simulator.journal()).toHaveLength(calls);
});

test('what a look shows is told, also where the watch has to continue as new while it looks', async () => {
  // At the usual pace of the looks: the next one would come only after a minute.
  const usual = await Vending.start(
    { client: dev.client, nativeConnection: dev.nativeConnection },
    { skipped: false, simulator: { knobs: { configPageSize: 100, emptyPageRate: 0 } } },
  );
  try {
    usual.simulator.putConformancePack({ name: 'Ready', region: REGION });
    usual.simulator.inject({ operation: ROWS, kind: 'delay', delayMs: 15_000 });
    const handle = await usual.begin({ ...aRequest('long-look'), conformance: {} });
    const watch = usual.watch();
    await until(handle, () => usual.calls(ROWS) > 0);
    const { runId } = await watch.describe();
    // So much else is said to it meanwhile that its history becomes too long.
    const mail = { v: WATCH_PROTOCOL, subscribe: [], unsubscribe: [] };
    await Promise.all(Array.from({ length: 130 }, () => watch.signal('mail', mail)));
    expect(await usual.watchState()).toMatchObject({ waitingFor: 'AWS Config to answer' });
    await expect(handle.result()).resolves.toMatchObject({
      conformance: [{ pack: 'Ready', status: 'CREATE_SUCCESSFUL' }],
    });
    expect((await watch.describe()).runId).not.toBe(runId);
    expect((await usual.watchState()).looks).toBe(1);
    expect(usual.calls(ROWS)).toBe(1);
  } finally {
    await usual.close();
  }
});

test('terminated, the watch is started anew by those that wait', async () => {
  vending.simulator.putConformancePack({ name: 'Slow', region: REGION, deployMs: 3_600_000 });
  const handle = await conforming('patient');
  const { accountId = '' } = await until(
    handle,
    ({ conformance }) => conformance?.[0]?.status === 'CREATE_IN_PROGRESS',
  );
  const { runId } = await vending.watch().describe();
  await vending.watch().terminate();
  const row = { region: REGION, pack: 'Slow', accountId };
  vending.simulator.setPackRow({ ...row, status: 'CREATE_SUCCESSFUL' });
  await fastForward(dev, handle.workflowId, '16m');
  const { conformance } = await handle.result();
  expect(conformance).toMatchObject([{ status: 'CREATE_SUCCESSFUL' }]);
  expect((await vending.watch().describe()).runId).not.toBe(runId);
});

test('a watch that answers nothing: the vend says so, and which one', async () => {
  const { organizationId } = vending.simulator;
  vending.simulator.putConformancePack({ name: 'Slow', region: REGION, deployMs: 3_600_000 });
  const workflowId = watchWorkflowId(organizationId, REGION);
  // Its worker has gone, or was never there.
  await dev.client.workflow.start('conformanceWatch', {
    taskQueue: `nobody-${randomUUID()}`,
    workflowId,
    args: [{ organizationId, region: REGION }],
  });
  const handle = await conforming('unheard');
  await until(handle, ({ stage }) => stage === 'conforming');
  for (let times = 0; times < 2; times += 1) await fastForward(dev, handle.workflowId, '6m');
  const { waitingFor, escalation } = await until(
    handle,
    (state) => state.waitingFor?.includes('has not answered') ?? false,
  );
  expect(waitingFor).toContain(workflowId);
  expect(waitingFor).toMatch(/asked again at 20\d\d-/);
  expect(escalation).toBeUndefined();
  // Ever more seldom, since it may have too much to do: after 5, 12, 24, 41, 66, 104 minutes.
  await fastForward(dev, handle.workflowId, '2h');
  const told = async () => {
    const { events } = await dev.client.workflow.getHandle(workflowId).fetchHistory();
    return (events ?? []).filter((event) => event.workflowExecutionSignaledEventAttributes).length;
  };
  await until(handle, async () => (await told()) > 5);
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  expect(await told()).toBeLessThanOrEqual(8);
});

test('a vend subscribes again as seldom as a watch with many to hear says', async () => {
  vending.simulator.putConformancePack({ name: 'Slow', region: REGION, deployMs: 3_600_000 });
  const handle = await conforming('one-of-many');
  const { accountId = '' } = await until(
    handle,
    ({ conformance }) => conformance?.[0]?.status === 'CREATE_IN_PROGRESS',
  );
  const { events } = await vending.watch().fetchHistory();
  const started = events?.[0]?.workflowExecutionStartedEventAttributes;
  // Read again from a long history, its task may take more than Temporal's ten seconds.
  expect(Number(started?.workflowTaskTimeout?.seconds)).toBe(60);
  const before = await messagesToWatch(handle);
  const of = handle.firstExecutionRunId;
  const verdict = { v: WATCH_PROTOCOL, region: REGION, accountId, of, ticket: 1, rows: [] };
  await handle.signal('verdict', { ...verdict, silenceMs: 3 * 3_600_000 });
  await fastForward(dev, handle.workflowId, '170m');
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect(await messagesToWatch(handle)).toBe(before);
  await fastForward(dev, handle.workflowId, '20m');
  await until(handle, async () => (await messagesToWatch(handle)) > before);
});

/** How often a vend has told its watch something. */
async function messagesToWatch(handle: VendHandle): Promise<number> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).filter(
    ({ activityTaskScheduledEventAttributes: it }) => it?.activityType?.name === 'tellWatch',
  ).length;
}

test('a vend that is reset while it waits subscribes anew, and is ready when its account is', async () => {
  const failWith = { errorCode: 'X', errorMessage: 'x' };
  vending.simulator.putConformancePack({ name: 'Mended', region: REGION, failWith });
  const handle = await conforming('reset');
  const { accountId = '' } = await until(handle, ({ escalation }) => escalation !== undefined);
  // Later tickets than the one that the reset run remembers.
  for (let times = 0; times < 2; times += 1) {
    const { escalation } = await until(handle, (state) => state.escalation !== undefined);
    await vending.resolve(handle, { action: 'retry' });
    await until(handle, (state) => (state.escalation?.id ?? escalation?.id) !== escalation?.id);
  }
  const { workflowId, firstExecutionRunId: runId } = handle;
  const { events = [] } = await dev.client.workflow.getHandle(workflowId, runId).fetchHistory();
  const first = (events ?? []).find(
    ({ workflowExecutionSignaledEventAttributes: signal }) => signal?.signalName === 'verdict',
  );
  const point = (events ?? []).find(
    ({ eventId, workflowTaskCompletedEventAttributes: task }) =>
      task && Number(eventId) > Number(first?.eventId),
  );
  await dev.connection.workflowService.resetWorkflowExecution({
    namespace: dev.namespace,
    workflowExecution: { workflowId, runId },
    reason: 'test',
    workflowTaskFinishEventId: point?.eventId ?? null,
    requestId: randomUUID(),
  });
  vending.simulator.setPackRow({ region: REGION, pack: 'Mended', accountId });
  const again = dev.client.workflow.getHandle(workflowId);
  await expect(again.result()).resolves.toMatchObject({
    accountId,
    conformance: [{ status: 'CREATE_SUCCESSFUL' }],
  });
  await expect(vending.watchState()).resolves.toMatchObject({ waiting: 0 });
  expect(vending.simulator.createdAccounts()).toEqual({ reset: 1 });
});
