import { approveUpdate, rejectUpdate, stateQuery } from '../../src/contract';
import type { VendNotification, VendState } from '../../src/contract';
import { startReceiver } from '../support/receiver';
import type { Receiver } from '../support/receiver';
import { aRequest } from '../support/skipped';
import { fastForward } from '../support/skipping-client';
import { startDevServer } from '../support/temporal';
import type { DevServer } from '../support/temporal';
import { Vending } from '../support/vending';
import type { VendHandle } from '../support/vending';
import { until as untilSo, untilListed } from '../support/until';

// On the development server, in real time: a webhook lives in real time, and Temporal's test server
// stops its clock for an activity that is tried again.

let dev: DevServer;
let receiver: Receiver;
let vending: Vending;

beforeAll(async () => {
  dev = await startDevServer({ ui: false });
});
afterAll(async () => dev?.close());
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(async () => {
  // First: a delivery that hangs would hold up the worker.
  await receiver.close();
  await vending?.close();
});

async function start(
  more: { on?: string[]; escalation?: object; configuration?: Record<string, unknown> } = {},
): Promise<void> {
  const webhook = { type: 'webhook', url: receiver.url, ...(more.on ? { on: more.on } : {}) };
  vending = await Vending.start(
    { client: dev.client, nativeConnection: dev.nativeConnection },
    {
      skipped: false,
      simulator: { knobs: { creationMs: 200 } },
      configuration: {
        creation: { poll: { initial: '100ms', max: '300ms' } },
        escalation: { notify: [webhook], ...more.escalation },
        ...more.configuration,
      },
    },
  );
}

const until = (handle: VendHandle, test: (state: VendState) => boolean) =>
  untilSo(() => handle.query(stateQuery), test);

/** Resets it to its first task; returns the new run. */
async function resetToBegin(handle: VendHandle): Promise<VendHandle> {
  const { events } = await handle.fetchHistory();
  const first = events?.find(({ workflowTaskCompletedEventAttributes: it }) => it);
  const { runId } = await dev.client.workflowService.resetWorkflowExecution({
    namespace: dev.namespace,
    workflowExecution: { workflowId: handle.workflowId, runId: handle.firstExecutionRunId },
    workflowTaskFinishEventId: first?.eventId ?? null,
    requestId: `reset-${handle.workflowId}`,
    reason: 'test',
  });
  return dev.client.workflow.getHandle(handle.workflowId, runId) as unknown as VendHandle;
}

const isEscalated = ({ escalation }: VendState) => escalation !== undefined;
const typesOf = (all: VendNotification[]) => all.map(({ type }) => type);
const rest = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test('ready: one notice, with the ids, and not before the account is ready', async () => {
  await start({ configuration: { conformance: { poll: { initial: '200ms', max: '400ms' } } } });
  vending.simulator.putConformancePack({ name: 'Slow', region: 'us-east-1', deployMs: 1_500 });
  const handle = await vending.begin({
    ...aRequest('team-a'),
    conformance: { packs: ['Slow'] },
  });
  await until(handle, ({ stage }) => stage === 'conforming');
  expect(receiver.received).toEqual([]);
  const { accountId, organizationId, organizationalUnitId } = await handle.result();
  expect(await receiver.until(1)).toEqual([
    {
      type: 'vend.completed',
      timestamp: expect.stringMatching(/^20\d\d-\d\d-\d\dT[\d:.]+Z$/),
      data: {
        requestId: 'team-a',
        workflowId: handle.workflowId,
        organizationId,
        stage: 'done',
        accountId,
        organizationalUnitId,
        conformance: [expect.objectContaining({ pack: 'Slow', status: 'CREATE_SUCCESSFUL' })],
      },
    },
  ]);
});

test('an escalation is told once, and once more when it is answered', async () => {
  await start();
  const handle = await vending.begin(aRequest('team-b', 'fail-invalid-email'));
  const { escalation } = await until(handle, isEscalated);
  const [asked] = await receiver.until(1);
  expect(asked).toMatchObject({
    type: 'vend.escalated',
    data: { requestId: 'team-b', stage: 'creating', escalation },
  });
  expect(asked?.data.reminder).toBeUndefined();
  await vending.resolve(handle, {
    action: 'amend',
    changes: { email: 'team-b+other@example.com' },
    by: 'ada',
  });
  await handle.result();
  const all = await receiver.until(3);
  expect(typesOf(all)).toEqual(['vend.escalated', 'vend.resolved', 'vend.completed']);
  expect(all[1]?.data).toMatchObject({
    escalation: { id: escalation?.id, reason: 'INVALID_EMAIL' },
    outcome: 'answered: INVALID_EMAIL with amend of email',
  });
  await rest(300);
  expect(receiver.received).toHaveLength(3);
  expect(receiver.received.map(({ body }) => body).join()).not.toMatch(/@|Account team-b/);
});

test('open for days: people are reminded every remindEvery, each time once', async () => {
  await start({ escalation: { remindEvery: '24h' } });
  const handle = await vending.begin(aRequest('team-c', 'fail-invalid-email'));
  await until(handle, isEscalated);
  await receiver.until(1);
  await fastForward(dev, handle.workflowId, '20h');
  await rest(500);
  expect(receiver.received).toHaveLength(1);
  for (const reminder of [1, 2]) {
    await fastForward(dev, handle.workflowId, reminder === 1 ? '5h' : '24h');
    const all = await receiver.until(1 + reminder);
    expect(all.at(-1)).toMatchObject({
      type: 'vend.escalated',
      data: { reminder, escalation: { id: 'e1' } },
    });
  }
  await rest(500);
  expect(receiver.received).toHaveLength(3);
});

test('another escalation takes its place: the first is over, the second is told', async () => {
  await start();
  const handle = await vending.begin(aRequest('team-d', 'fail-invalid-email'));
  await until(handle, isEscalated);
  await receiver.until(1);
  await vending.resolve(handle, {
    action: 'amend',
    changes: { email: 'team-d+fail-email-already-exists@example.com' },
  });
  const all = await receiver.until(3);
  expect(all.map(({ type, data }) => [type, data.escalation?.reason])).toEqual([
    ['vend.escalated', 'INVALID_EMAIL'],
    ['vend.resolved', 'INVALID_EMAIL'],
    ['vend.escalated', 'EMAIL_ALREADY_EXISTS'],
  ]);
});

test.each([
  ['abandoned', 'VendAbandoned'],
  ['cancelled', undefined],
] as const)('%s: the escalation is over, and the end is told', async (stage, failure) => {
  await start();
  const handle = await vending.begin(aRequest(`team-${stage}`, 'fail-invalid-email'));
  await until(handle, isEscalated);
  if (stage === 'cancelled') await handle.cancel();
  else await vending.resolve(handle, { action: 'abandon', reason: 'ada@example.org left' });
  await expect(handle.result()).rejects.toThrow('Workflow execution');
  const all = await receiver.until(3);
  expect(typesOf(all)).toEqual(['vend.escalated', 'vend.resolved', 'vend.failed']);
  expect(all[2]?.data).toMatchObject({ stage, ...(failure ? { failure } : {}) });
  expect(receiver.received.map(({ body }) => body).join()).not.toContain('@');
});

test('a request that is refused is told as failed, without what it holds', async () => {
  await start();
  const handle = await vending.begin({ ...aRequest('team-e'), accountName: 'Sunflöwer' });
  await expect(handle.result()).rejects.toThrow('Workflow execution');
  const [told] = await receiver.until(1);
  expect(told).toMatchObject({
    type: 'vend.failed',
    data: { requestId: 'team-e', failure: 'InvalidVendRequest' },
  });
  expect(receiver.received[0]?.body).toContain('accountName');
  expect(receiver.received[0]?.body).not.toMatch(/Sunfl|@/);
});

test('only what was asked for is told', async () => {
  await start({ on: ['completed'] });
  const handle = await vending.begin(aRequest('team-f', 'fail-invalid-email'));
  await until(handle, isEscalated);
  await vending.resolve(handle, { action: 'amend', changes: { email: 'team-f@example.com' } });
  await handle.result();
  expect(typesOf(await receiver.until(1))).toEqual(['vend.completed']);
  // What nobody wants to hear costs the vend no event.
  const { events } = await handle.fetchHistory();
  const handedOver = (events ?? []).filter(
    ({ activityTaskScheduledEventAttributes: it }) =>
      it?.activityType?.name === 'startNotification',
  );
  expect(handedOver).toHaveLength(1);
});

test('cancelled while AWS is still creating: nobody is asked any more, long before it has ended', async () => {
  await start({
    configuration: {
      creation: { overdueAfter: '300ms', poll: { initial: '100ms', max: '200ms' } },
    },
  });
  vending.simulator.set({ creationMs: 4_000 });
  const handle = await vending.begin(aRequest('team-k'));
  await until(handle, isEscalated);
  await receiver.until(1);
  await handle.cancel();
  const all = await receiver.until(2);
  expect(all.map(({ type, data }) => [type, data.escalation?.reason])).toEqual([
    ['vend.escalated', 'OVERDUE'],
    ['vend.resolved', 'OVERDUE'],
  ]);
  expect((await handle.describe()).status.name).toBe('RUNNING');
  // What is overdue is looked at every five minutes.
  await rest(4_000);
  await fastForward(dev, handle.workflowId, '6m');
  await expect(handle.result()).rejects.toThrow('Workflow execution');
  expect(typesOf(await receiver.until(3))).toContain('vend.failed');
});

test('what holds back the organization is told once for all its vends, and once when it is over', async () => {
  await start({ on: ['escalated', 'resolved'], escalation: { remindEvery: '24h' } });
  vending.simulator.inject({
    operation: 'CreateAccount',
    kind: 'error',
    error: {
      name: 'ConstraintViolationException',
      reason: 'ACCOUNT_NUMBER_LIMIT_EXCEEDED',
      message: 'x',
    },
    times: 8,
  });
  const ids = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'];
  const handles = await Promise.all(ids.map((id) => vending.begin(aRequest(id))));
  await Promise.all(handles.map((handle) => until(handle, isEscalated)));
  const [asked] = await receiver.until(1);
  expect(asked).toMatchObject({
    type: 'organization.escalated',
    data: {
      organizationId: vending.simulator.organizationId,
      escalation: { scope: 'organization', reason: 'ACCOUNT_NUMBER_LIMIT_EXCEEDED' },
      commands: ['vend resolve --organization --retry'],
    },
  });
  await fastForward(dev, vending.gate.workflowId, '25h');
  expect((await receiver.until(2))[1]?.data.reminder).toBe(1);
  vending.simulator.clearFaults();
  await vending.resolveOrganization({ action: 'retry', by: 'ada' });
  await Promise.all(handles.map((handle) => handle.result()));
  const all = await receiver.until(3);
  expect(typesOf(all)).toEqual([
    'organization.escalated',
    'organization.escalated',
    'organization.resolved',
  ]);
  expect(all[2]?.data).toMatchObject({ outcome: 'answered with retry by ada; vending goes on' });
  await rest(300);
  expect(receiver.received).toHaveLength(3);
});

test('also where a step of each vend meets it: the organization is told of once, no vend is', async () => {
  const poll = { initial: '200ms', max: '400ms' };
  await start({ on: ['escalated'], configuration: { conformance: { poll } } });
  const { simulator } = vending;
  simulator.putConformancePack({ name: 'Slow', region: 'us-east-1', deployMs: 60_000 });
  const ids = ['first', 'second', 'third'];
  const handles = await Promise.all(
    ids.map((id) => vending.begin({ ...aRequest(id), conformance: { packs: ['Slow'] } })),
  );
  await Promise.all(handles.map((handle) => until(handle, ({ stage }) => stage === 'conforming')));
  simulator.inject({
    operation: 'GetOrganizationConformancePackDetailedStatus',
    kind: 'error',
    error: { name: 'ExpiredTokenException', message: 'x' },
    times: 'always',
  });
  await Promise.all(handles.map((handle) => until(handle, isEscalated)));
  await receiver.until(1);
  await rest(500);
  expect(typesOf(receiver.notifications())).toEqual(['organization.escalated']);
});

test('before the organization is known, the vend itself tells it', async () => {
  await start({ on: ['escalated'] });
  vending.simulator.inject({
    operation: 'DescribeOrganization',
    kind: 'error',
    error: { name: 'ExpiredTokenException', message: 'x' },
    times: 'always',
  });
  await vending.begin(aRequest('early'));
  expect(await receiver.until(1)).toMatchObject([
    { type: 'vend.escalated', data: { stage: 'queued', escalation: { scope: 'organization' } } },
  ]);
});

test('a vend that waits for an approval is told, and reminded of', async () => {
  await start({ configuration: { approval: { required: true } } });
  const handle = await vending.begin(aRequest('team-g'));
  const [asked] = await receiver.until(1);
  expect(asked).toMatchObject({
    type: 'vend.approving',
    data: { requestId: 'team-g', stage: 'approving', expiresAt: expect.stringMatching(/^20/) },
  });
  await fastForward(dev, handle.workflowId, '25h');
  expect((await receiver.until(2))[1]).toMatchObject({
    type: 'vend.approving',
    data: { reminder: 1 },
  });
  await handle.executeUpdate(approveUpdate, { args: [{ by: 'ada' }] });
  await handle.result();
  expect(typesOf(await receiver.until(3)).at(-1)).toBe('vend.completed');
});

test.each(['hang', 'refuse', 'dead'] as const)(
  'a webhook that is down (%s) holds up nothing',
  async (how) => {
    const answers: Record<typeof how, Receiver['answer']> = {
      hang: 'hang',
      refuse: { status: 503 },
      dead: { status: 204 },
    };
    receiver.answer = answers[how];
    if (how === 'dead') {
      const { url } = receiver;
      await receiver.close();
      receiver = { ...(await startReceiver()) };
      await start({ escalation: { notify: [{ type: 'webhook', url }] } });
    } else await start();
    const before = Date.now();
    const handle = await vending.begin(aRequest(`down-${how}`, 'fail-invalid-email'));
    await until(handle, isEscalated);
    await vending.resolve(handle, { action: 'amend', changes: { email: 'd@example.com' } });
    await handle.result();
    expect(Date.now() - before).toBeLessThan(25_000);
  },
);

test('a webhook that was down is told all of it when it is back', async () => {
  await start();
  receiver.answer = { status: 503 };
  const handle = await vending.begin(aRequest('back', 'fail-invalid-email'));
  await until(handle, isEscalated);
  await receiver.until(1);
  await vending.resolve(handle, { action: 'amend', changes: { email: 'back@example.com' } });
  await handle.result();
  const tried = (await receiver.until(3)).length;
  receiver.answer = { status: 204 };
  const told = () => new Set(receiver.received.slice(tried).map(({ body }) => body));
  expect((await untilSo(told, ({ size }) => size >= 3)).size).toBe(3);
});

test('after a reset it is told what has become of it, although something else was told before', async () => {
  await start({
    configuration: {
      approval: { required: true },
      creation: {
        poll: { initial: '100ms', max: '300ms' },
        reconcile: { settle: '50ms', attempts: 1 },
      },
    },
  });
  const handle = await vending.begin(aRequest('team-j'));
  await until(handle, ({ stage }) => stage === 'approving');
  await handle.executeUpdate(rejectUpdate, { args: [{ by: 'ada', reason: 'no' }] });
  await expect(handle.result()).rejects.toThrow('Workflow execution');
  await receiver.until(2);
  const again = await resetToBegin(handle);
  await until(again, ({ stage }) => stage === 'approving');
  await again.executeUpdate(approveUpdate, { args: [{ by: 'ada' }] });
  const told = await receiver.until(3);
  expect(typesOf(told).toSorted()).toEqual(['vend.approving', 'vend.completed', 'vend.failed']);
});

test('after a reset nothing is told twice', async () => {
  await start({ configuration: { approval: { required: true } } });
  const handle = await vending.begin(aRequest('team-h'));
  await receiver.until(1);
  const again = await resetToBegin(handle);
  await until(again, ({ stage }) => stage === 'approving');
  await rest(500);
  expect(typesOf(receiver.notifications())).toEqual(['vend.approving']);
});

test('nothing of where it goes is in a history, and each delivery is found by its request', async () => {
  await start();
  const handle = await vending.begin(aRequest('team-i'));
  await handle.result();
  await receiver.until(1);
  const query = `WorkflowType = 'deliverNotification' AND VendRequestId = 'team-i'`;
  await untilListed(dev.client, query);
  const runs: string[] = [];
  for await (const run of dev.client.workflow.list({ query })) runs.push(run.workflowId);
  expect(runs).toEqual([expect.stringMatching(/^notification-vend-team-i-.*-end-done$/)]);
  const delivery = dev.client.workflow.getHandle(runs[0] ?? '');
  const histories = [await handle.fetchHistory(), await delivery.fetchHistory()];
  const text = JSON.stringify(histories).replaceAll(
    /"data":"([A-Za-z0-9+/=]+)"/g,
    (_, data: string) => Buffer.from(data, 'base64').toString(),
  );
  expect(text).toContain('webhook at 127.0.0.1');
  expect(text).not.toContain('secret-path');
});
