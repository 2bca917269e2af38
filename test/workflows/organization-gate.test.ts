import { WorkflowFailedError } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import { ManualClock } from '../../src/simulator';
import type { SimulatorKnobs } from '../../src/simulator';
import { gateWorkflowId, stateQuery } from '../../src/contract';
import { refuse } from '../support/refuse';
import { aRequest } from '../support/skipped';
import { forget } from '../support/forgotten';
import { reset, resetPoints } from '../support/reset';
import { fastForward } from '../support/skipping-client';
import { startDevServer } from '../support/temporal';
import type { DevServer } from '../support/temporal';
import { Vending } from '../support/vending';
import type { VendHandle } from '../support/vending';
import { until } from '../support/until';

// Many vends that signal one workflow at once are too much for the time-skipping test server, so
// this runs in real time; AWS's time is moved by hand, and the gate's is moved forward.
const MINUTE = 60_000;
const FAST = { poll: { initial: '100ms', max: '200ms' } };

let dev: DevServer;
let vending: Vending;

beforeAll(async () => {
  dev = await startDevServer({ ui: false });
});
afterAll(async () => dev?.close());
afterEach(async () => vending?.close());

async function startVending(
  options: { creation?: Record<string, unknown>; knobs?: Partial<SimulatorKnobs> } = {},
): Promise<Vending> {
  vending = await Vending.start(
    { client: dev.client, nativeConnection: dev.nativeConnection },
    {
      skipped: false,
      configuration: { creation: { ...FAST, ...options.creation } },
      simulator: {
        clock: new ManualClock(),
        ...(options.knobs ? { knobs: options.knobs } : {}),
        organization: { organizationalUnits: ['Sandbox'] },
      },
    },
  );
  return vending;
}

const ended = (handle: WorkflowHandle) =>
  handle.result().then(
    () => 'done',
    (error: unknown) => {
      if (!(error instanceof WorkflowFailedError)) throw error;
      return (error.cause as { type?: string }).type ?? error.cause?.name;
    },
  );

/** Moves AWS's time on until all have ended. */
async function finish(handles: readonly WorkflowHandle[], stepMs = 1_000): Promise<void> {
  await movingOn(Promise.all(handles.map((handle) => handle.result())), stepMs);
}

async function movingOn<T>(work: Promise<T>, stepMs: number): Promise<T> {
  const steps = setInterval(() => vending.simulator.advance(stepMs), 25);
  try {
    return await work;
  } finally {
    clearInterval(steps);
  }
}

const forwardGate = (ms: number) =>
  fastForward({ connection: dev.connection }, gateWorkflowId(vending.simulator.organizationId), ms);

/** The gate's clock moves on in steps, so that what it waits for meanwhile is done. */
async function passAtGate(ms: number, stepMs = MINUTE): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) {
    await forwardGate(stepMs);
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}

const calls = () => vending.calls('CreateAccount');
const submitted = (count: number) => until(calls, (sent) => sent >= count);

/** The published burst, and so rarely more that a busy machine comes to what follows before: time is moved on by hand. */
const PACED = { perSecond: 0.1, burst: 3 };

let begun = 0;

/** All tests share a server: the same request again would find what the one before has left. */
function begin(count: number): Promise<VendHandle[]> {
  begun += 1;
  const ids = Array.from({ length: count }, (_, n) => `t${begun}-${n}`);
  return Promise.all(ids.map((id) => vending.begin(aRequest(id))));
}

/** The most creations that were in progress at a time, as AWS has it. */
function mostInProgress(): number {
  const { requests } = vending.simulator.snapshot();
  return Math.max(
    ...requests.map(
      ({ requestedAt: at }) =>
        requests.filter((one) => one.requestedAt <= at && (one.completedAt ?? Infinity) > at)
          .length,
    ),
  );
}

test('twelve at once: never more than five in progress, no call that AWS refuses', async () => {
  await startVending({ knobs: { creationMs: 20_000 } });
  const handles = await begin(12);
  // AWS's time moves by the clock of this machine: a busy one must have come so far first.
  await submitted(5);
  await finish(handles, 2_000);
  expect(mostInProgress()).toBe(5);
  expect(calls()).toBe(12);
  expect(Object.values(vending.simulator.createdAccounts())).toEqual(Array(12).fill(1));
  await expect(vending.gateState()).resolves.toMatchObject({ inProgress: 0, waiting: 0 });
});

test('who waits says what for, and how many are before it', async () => {
  await startVending({ knobs: { creationMs: 30 * MINUTE } });
  await begin(5);
  await submitted(5);
  const sixth = await vending.begin(aRequest('sixth'));
  const { stage, waitingFor } = await vending.until(
    sixth,
    (state) => state.waitingFor?.includes('5 of 5 creations in progress') ?? false,
  );
  expect(stage).toBe('queued');
  expect(waitingFor).toContain('it is the next');
  await expect(vending.gateState()).resolves.toMatchObject({
    inProgress: 5,
    waiting: 1,
    queue: [{ requestId: 'sixth' }],
    waitingFor: expect.stringContaining('one of 5 creations in progress to end'),
  });
});

test('ten vends at an account limit: three calls before the first answer, one escalation, then only probes, then all finish', async () => {
  await startVending({ creation: PACED, knobs: { accountQuota: 1, creationMs: 1_000 } });
  const handles = await begin(10);
  await submitted(3);
  vending.simulator.advance(1_000);
  for (const handle of handles) {
    const { escalation } = await vending.escalated(handle, 'ACCOUNT_LIMIT_EXCEEDED');
    expect(escalation).toMatchObject({ id: 'o1', scope: 'organization', actions: ['abandon'] });
  }
  await passAtGate(10 * MINUTE, 5 * MINUTE);
  expect(calls()).toBe(3);
  const { escalations } = await vending.gateState();
  expect(escalations).toHaveLength(1);
  const listed = await until(
    () =>
      dev.client.workflow.count(
        `VendEscalation = 'ACCOUNT_LIMIT_EXCEEDED' AND TaskQueue = '${vending.taskQueue}'`,
      ),
    ({ count }) => count === 11,
  );
  // Ten vends, and the gate itself.
  expect(listed.count).toBe(11);

  // Answered without having mended it: one probe alone finds out.
  await vending.resolveOrganization({ action: 'retry', by: 'ada' });
  await submitted(4);
  vending.simulator.advance(1_000);
  await until(
    () => vending.gateState(),
    ({ escalation }) => escalation?.attempts === 4,
  );
  await passAtGate(5 * MINUTE, 5 * MINUTE);
  expect(calls()).toBe(4);

  vending.simulator.set({ accountQuota: 100 });
  const decision = await vending.resolveOrganization({ action: 'retry', by: 'ada' });
  expect(decision).toMatchObject({ action: 'retry', by: 'ada', escalationId: 'o1' });
  const over = finish(handles).then(() => true);
  const passed = () => passAtGate(MINUTE).then(() => false);
  for (let isOver = false; !isOver;) isOver = await Promise.race([over, passed()]);
  expect(calls()).toBe(4 + 10);
  expect(Object.values(vending.simulator.createdAccounts())).toEqual(Array(10).fill(1));
  for (const handle of handles) {
    const { escalation, history } = await handle.query(stateQuery);
    expect(escalation).toBeUndefined();
    const told = history.filter(({ note }) => note?.startsWith('escalated'));
    expect(told).toHaveLength(1);
  }
});

test('a vend that the organization holds back can be abandoned, the others wait on', async () => {
  await startVending();
  vending.simulator.set({ managementIssue: 'MISSING_PAYMENT_INSTRUMENT' });
  const [one, other] = await begin(2);
  if (!one || !other) throw new Error('two were begun');
  await submitted(2);
  vending.simulator.advance(1_000);
  await vending.escalated(one);
  await vending.escalated(other);
  await expect(vending.resolve(one, { action: 'retry' })).rejects.toMatchObject({
    cause: { message: expect.stringContaining('must be one of abandon') },
  });
  await vending.resolve(one, { action: 'abandon', reason: 'not needed' });
  expect(await ended(one)).toBe('VendAbandoned');
  vending.simulator.set({ managementIssue: null });
  await vending.resolveOrganization({ action: 'retry' });
  await finish([other]);
  expect(Object.values(vending.simulator.createdAccounts())).toEqual([1]);
});

test('an answer that does not fit is refused, and says why', async () => {
  await startVending();
  await finish(await begin(1));
  await expect(vending.resolveOrganization({ action: 'retry' })).rejects.toMatchObject({
    cause: { message: expect.stringContaining('nothing to resolve') },
  });
  vending.simulator.set({ managementIssue: 'MASTER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED' });
  await vending.escalated(await vending.begin(aRequest('refused')));
  const ofOneVend = { action: 'retry', requestId: 'refused' } as const;
  for (const [resolution, why] of [
    [{ action: 'retry', escalationId: 'o7' }, 'escalationId'],
    [{ action: 'abandon', reason: 'x' }, 'action must be retry'],
    [ofOneVend, 'requestId is not a field'],
  ] as const) {
    await expect(vending.resolveOrganization(resolution)).rejects.toMatchObject({
      cause: { message: expect.stringContaining(why) },
    });
  }
});

test('a day of business validation: one probe an hour, under one escalation, and it ends by itself', async () => {
  await startVending({ creation: { perVend: 3 }, knobs: { judgeAt: 'call' } });
  vending.simulator.set({ managementIssue: 'PENDING_BUSINESS_VALIDATION' });
  const [handle] = await begin(1);
  if (!handle) throw new Error('one was begun');
  await vending.escalated(handle);
  const first = (await vending.gateState()).escalation;
  expect(first?.nextCheckAt).toBeDefined();
  for (let hour = 1; hour <= 5; hour += 1) {
    await forwardGate(60 * MINUTE);
    await submitted(1 + hour);
    await until(
      () => vending.gateState(),
      ({ escalation }) => escalation?.attempts === 1 + hour,
    );
  }
  vending.simulator.set({ managementIssue: null });
  await forwardGate(60 * MINUTE);
  await finish([handle]);
  const { history } = await handle.query(stateQuery);
  expect(history.filter(({ note }) => note?.startsWith('escalated'))).toHaveLength(1);
});

test.each(['cancelled', 'terminated'])(
  'a vend that is %s while it waits gives its place in the queue back',
  async (how) => {
    await startVending({ knobs: { creationMs: 10 * MINUTE } });
    const five = await begin(5);
    await submitted(5);
    const sixth = await vending.begin(aRequest(`sixth-${how}`));
    await vending.until(sixth, ({ waitingFor }) => waitingFor?.includes('the next') ?? false);
    const seventh = await vending.begin(aRequest(`seventh-${how}`));
    await vending.until(seventh, ({ waitingFor }) => waitingFor?.includes('1 before') ?? false);
    await (how === 'cancelled' ? sixth.cancel() : sixth.terminate());
    await ended(sixth);
    // Cancelled, it says so at once; terminated, it is found when its turn comes.
    const queue = (await vending.gateState()).queue.map(({ requestId }) => requestId);
    expect(how === 'cancelled' && queue.includes(`sixth-${how}`)).toBe(false);
    await finish([...five, seventh], 2 * MINUTE);
    expect(vending.simulator.createdAccounts()).not.toHaveProperty(`sixth-${how}`);
  },
);

test('five holders terminated: their places are kept while AWS creates, and then taken back', async () => {
  await startVending({ knobs: { creationMs: 20 * MINUTE } });
  const five = await begin(5);
  for (const handle of five)
    await vending.until(handle, (s) => s.createAccountRequestIds.length > 0);
  const sixth = await vending.begin(aRequest('heir'));
  await vending.until(sixth, ({ waitingFor }) => waitingFor?.includes('the next') ?? false);
  await Promise.all(five.map((handle) => handle.terminate()));
  await passAtGate(8 * MINUTE);
  expect(calls()).toBe(5);
  await expect(vending.gateState()).resolves.toMatchObject({ inProgress: 5, waiting: 1 });
  vending.simulator.advance(20 * MINUTE);
  await passAtGate(4 * MINUTE);
  await finish([sixth], MINUTE);
  expect(mostInProgress()).toBe(5);
  expect(calls()).toBe(6);
});

test('creations of others take places: what AWS refuses for them comes again when one has ended', async () => {
  await startVending({ knobs: { creationMs: 4 * MINUTE } });
  const { OrganizationsClient, CreateAccountCommand } =
    await import('@aws-sdk/client-organizations');
  const elsewhere = new OrganizationsClient({ endpoint: vending.simulator.url });
  for (const n of [1, 2, 3]) {
    const input = { Email: `console-${n}@example.com`, AccountName: `Console ${n}` };
    await elsewhere.send(new CreateAccountCommand(input));
  }
  const handles = await begin(4);
  const { waitingFor } = await until(
    () => vending.gateState(),
    ({ foreign, inProgress }) => foreign === 3 && inProgress === 2,
  );
  expect(waitingFor).toContain('3 of them not by vends');
  const sent = calls();
  await passAtGate(3 * MINUTE);
  // They are counted again and again, and nothing more is sent meanwhile.
  expect(calls()).toBe(sent);
  vending.simulator.advance(4 * MINUTE);
  await passAtGate(MINUTE);
  await finish(handles, MINUTE);
  expect(Object.values(vending.simulator.createdAccounts()).length).toBe(4 + 1);
  elsewhere.destroy();
});

test('two requests with one address, in another case: the second ends, and adopts nothing', async () => {
  await startVending({ knobs: { creationMs: 5 * MINUTE } });
  const first = await vending.begin(aRequest('same-one'));
  await submitted(1);
  const second = await vending.begin({ ...aRequest('same-two'), email: 'SAME-ONE@example.com' });
  const error: unknown = await second.result().catch((reason: unknown) => reason);
  expect(error).toMatchObject({
    cause: { type: 'EmailInFlight', details: [{ stage: 'failed', requestId: 'same-two' }] },
  });
  expect(JSON.stringify(error)).not.toContain('example.com');
  await finish([first], MINUTE);
  expect(calls()).toBe(1);
});

test('an address amended to that of another request asks again, and does not end the vend', async () => {
  await startVending({ knobs: { creationMs: 60 * MINUTE } });
  await vending.begin(aRequest('taken'));
  await submitted(1);
  const second = await vending.begin(aRequest('amends', 'slow-1+fail-invalid-email-1x'));
  await submitted(2);
  vending.simulator.advance(2_000);
  await vending.escalated(second, 'INVALID_EMAIL');
  await vending.resolve(second, { action: 'amend', changes: { email: 'Taken@Example.com' } });
  const { escalation } = await vending.escalated(second, 'EmailInFlight');
  expect(escalation).toMatchObject({ scope: 'request' });
  expect(escalation?.actions).toContain('amend');
  await vending.resolve(second, { action: 'amend', changes: { email: 'another@example.com' } });
  await finish([second], 10 * MINUTE);
  expect(vending.simulator.createdAccounts()).toMatchObject({ amends: 1 });
});

test('the same request under two workflow ids at the same moment: the second waits, says for whom, and adopts', async () => {
  await startVending({ knobs: { creationMs: 5 * MINUTE } });
  const both = await Promise.all([
    vending.begin(aRequest('both'), 'parent-one'),
    vending.begin(aRequest('both'), 'parent-two'),
  ]);
  await submitted(1);
  const waits = (state: { waitingFor?: string }) =>
    /vend of the same request under workflow id parent-(?:one|two)/.test(state.waitingFor ?? '');
  await until(
    () => Promise.all(both.map((handle) => handle.query(stateQuery))),
    (states) => states.some(waits),
  );
  const results = await movingOn(Promise.all(both.map((handle) => handle.result())), MINUTE);
  expect(new Set(results.map(({ adopted }) => adopted))).toEqual(new Set([true, false]));
  expect(new Set(results.map(({ accountId }) => accountId)).size).toBe(1);
  expect(vending.simulator.createdAccounts()).toEqual({ both: 1 });
  expect(calls()).toBe(1);
});

test('the same with another address: the second is refused at once, and not when the first has ended', async () => {
  await startVending({ knobs: { creationMs: 5 * MINUTE } });
  const both = await Promise.all([
    vending.begin(aRequest('other'), 'other-one'),
    // AWS itself would not stop it.
    vending.begin({ ...aRequest('other'), email: 'another@example.com' }, 'other-two'),
  ]);
  // AWS's time stands still: the first cannot end.
  expect(await Promise.race(both.map(ended))).toBe('RequestConflict');
  const outcomes = await movingOn(Promise.all(both.map(ended)), MINUTE);
  expect(new Set(outcomes)).toEqual(new Set(['RequestConflict', 'done']));
  expect(vending.simulator.createdAccounts()).toEqual({ other: 1 });
  expect(calls()).toBe(1);
});

test('the same, and the gate forgets meanwhile who was first: what that made is looked at before anything is sent', async () => {
  await startVending({ knobs: { creationMs: 5 * MINUTE } });
  // At the same moment: the list of earlier runs shows neither to the other.
  const both = await Promise.all([
    vending.begin(aRequest('forgotten', 'fail-invalid-email-1x'), 'forgotten-one'),
    vending.begin(aRequest('forgotten', 'fail-invalid-email-1x'), 'forgotten-two'),
  ]);
  await submitted(1);
  const behind = await until(
    async () => {
      const states = await Promise.all(both.map((handle) => handle.query(stateQuery)));
      return states.findIndex(({ waitingFor }) => waitingFor?.includes('under workflow id'));
    },
    (index) => index >= 0,
  );
  const [first, second] = behind === 1 ? both : both.toReversed();
  if (!first || !second) throw new Error('two were begun');
  // With another address than the second has: AWS itself would not stop that.
  vending.simulator.advance(6 * MINUTE);
  await vending.escalated(first, 'INVALID_EMAIL');
  await vending.resolve(first, { action: 'amend', changes: { email: 'forgotten@example.com' } });
  await submitted(2);
  await vending.gate.terminate();
  await finish([first], MINUTE);
  await fastForward({ connection: dev.connection }, second.workflowId, 3 * MINUTE);
  const { accountId } = await first.result();
  const result = await movingOn(second.result(), MINUTE);
  expect(result).toMatchObject({ accountId, adopted: true });
  expect(calls()).toBe(2);
});

test('terminated and started again while AWS creates: its address stays taken until that has ended', async () => {
  await startVending({ knobs: { creationMs: 60 * MINUTE } });
  const first = await vending.begin(aRequest('anew'), 'anew');
  await vending.until(first, (s) => s.createAccountRequestIds.length > 0);
  await first.terminate();
  await until(
    () => dev.client.workflow.count(`VendRequestId = 'anew' AND ExecutionStatus = 'Terminated'`),
    ({ count }) => count === 1,
  );
  const second = await vending.begin(aRequest('anew'), 'anew');
  await vending.until(second, ({ stage }) => stage === 'creating');
  // Only the vend that was started again can tell the gate what the first one sent.
  await passAtGate(40 * MINUTE);
  const other = await vending.begin({ ...aRequest('not-anew'), email: 'Anew@example.com' });
  await vending.until(
    other,
    ({ waitingFor }) => waitingFor?.includes('the ended vend of anew') ?? false,
  );
  expect(calls()).toBe(1);
  await finish([second], 10 * MINUTE);
  expect(calls()).toBe(1);
});

test('no more CreateAccount calls in a day than creation.perDay, then a person allows as many again', async () => {
  await startVending({ creation: { perDay: 3 } });
  const handles = await begin(5);
  await submitted(3);
  vending.simulator.advance(MINUTE);
  const { escalation } = await until(
    () => vending.gateState(),
    (state) => state.escalation !== undefined && state.inProgress === 0,
  );
  expect(escalation).toMatchObject({ reason: 'DAILY_CREATIONS_SPENT', scope: 'organization' });
  expect(calls()).toBe(3);
  await vending.resolveOrganization({ action: 'retry' });
  await finish(handles);
  expect(calls()).toBe(5);
});

test('limits of another configuration: after an hour they are read before anybody goes', async () => {
  await startVending({ knobs: { creationMs: 10 * MINUTE } });
  await finish(await begin(1), 10 * MINUTE);
  // As that of a worker which was started anew.
  Object.assign(vending.configuration.creation, { maxInProgress: 2 });
  await forwardGate(61 * MINUTE);
  const handles = await begin(3);
  await submitted(1 + 2);
  await finish(handles, MINUTE);
  expect(mostInProgress()).toBe(2);
});

test('a gate that was terminated: those that wait ask again, and what AWS has in progress is minded', async () => {
  await startVending({ knobs: { creationMs: 10 * MINUTE } });
  const five = await begin(5);
  for (const handle of five)
    await vending.until(handle, (s) => s.createAccountRequestIds.length > 0);
  const sixth = await vending.begin(aRequest('patient'));
  await vending.until(sixth, ({ waitingFor }) => waitingFor?.includes('the next') ?? false);
  await vending.gate.terminate();
  // Lists lag about a second: the new gate has to see those that create.
  const creating = `VendStage = 'creating' AND TaskQueue = '${vending.taskQueue}'`;
  await until(
    () => dev.client.workflow.count(creating),
    ({ count }) => count === 5,
  );
  await fastForward({ connection: dev.connection }, sixth.workflowId, 3 * MINUTE);
  // The new one, which has let nobody go yet, knows each of them, and takes none for somebody else's.
  const { places } = await until(
    () => vending.gateState(),
    ({ callsToday, inProgress, waiting }) => callsToday === 0 && inProgress === 5 && waiting === 1,
  );
  expect(new Set(places.map(({ workflowId }) => workflowId))).toEqual(
    new Set(five.map(({ workflowId }) => workflowId)),
  );
  await finish([...five, sixth], MINUTE);
  expect(mostInProgress()).toBe(5);
  expect(calls()).toBe(6);
});

test('the address of a request was amended: a later start with the first one finds its account', async () => {
  await startVending();
  const first = await vending.begin(aRequest('amended', 'fail-invalid-email'));
  await submitted(1);
  vending.simulator.advance(1_000);
  await vending.escalated(first, 'INVALID_EMAIL');
  await vending.resolve(first, { action: 'amend', changes: { email: 'mended@example.com' } });
  await finish([first]);
  const { accountId } = await first.result();
  await forget(dev, 'amended', [first]);
  const again = await vending.begin(aRequest('amended', 'fail-invalid-email'));
  await finish([again]);
  await expect(again.result()).resolves.toMatchObject({ accountId, adopted: true });
  expect(vending.simulator.createdAccounts()).toEqual({ amended: 1 });
});

test('a vend that was reset while AWS creates keeps no place when its account is there', async () => {
  await startVending({ creation: { maxInProgress: 1 }, knobs: { creationMs: MINUTE } });
  vending.simulator.inject(refuse('MoveAccount', 'AccessDeniedException', { times: 'always' }));
  const request = { ...aRequest('reset-in-time'), organizationalUnit: 'Sandbox' };
  const handle = await vending.begin(request);
  await vending.until(handle, ({ createAccountRequestIds }) => createAccountRequestIds.length > 0);
  const { workflowId, firstExecutionRunId: runId } = handle;
  const [point] = await resetPoints(dev, workflowId, runId);
  if (!point) throw new Error('a run begins with a workflow task');
  const again = dev.client.workflow.getHandle(
    workflowId,
    await reset(dev, workflowId, runId, point),
  );
  const waits = until(
    () => again.query(stateQuery),
    ({ accountId }) => accountId !== undefined,
  );
  await movingOn(waits, 1_000);
  await passAtGate(4 * MINUTE);
  const free = await until(
    () => vending.gateState(),
    ({ inProgress }) => inProgress === 0,
  );
  expect(free.waiting).toBe(0);
  await again.terminate();
});

test('a grant that a vend does not want is given back at once', async () => {
  await startVending({ knobs: { creationMs: 60 * MINUTE } });
  const [handle] = await begin(1);
  if (!handle) throw new Error('one was begun');
  await vending.until(handle, (s) => s.createAccountRequestIds.length > 0);
  // Of a gate that was reset, perhaps: it knows less than it did.
  await handle.signal('grant', { v: 1, ticket: 7, runId: 'x', inProgress: 1 });
  const sent = await until(
    async () => (await handle.fetchHistory()).events ?? [],
    (events) =>
      events.some(
        ({ signalExternalWorkflowExecutionInitiatedEventAttributes: signal }) =>
          signal?.signalName === 'release',
      ),
  );
  expect(sent.length).toBeGreaterThan(0);
  // It gave back ticket 7, and kept its own place.
  await expect(vending.gateState()).resolves.toMatchObject({ inProgress: 1 });
});

test('a grant that comes too late for its ticket is not taken for the next one', async () => {
  await startVending({
    creation: { maxInProgress: 1 },
    knobs: { creationMs: 60 * MINUTE },
  });
  await begin(1);
  await submitted(1);
  const [handle] = await begin(1);
  if (!handle) throw new Error('one was begun');
  await vending.until(handle, (s) => s.waitingFor?.includes('1 of 1 creations') ?? false);
  // It is to ask anew, and meanwhile a gate that was terminated before that lets it through after all.
  const notice = { v: 1, ticket: 1, is: 'ask-again', afterMs: 3_000, why: 'room at the gate' };
  await handle.signal('notice', notice);
  await handle.signal('grant', { v: 1, ticket: 1, runId: 'x', inProgress: 1 });
  const sent = (name: string, times: number) =>
    until(
      async () => (await handle.fetchHistory()).events ?? [],
      (events) =>
        events.filter(
          ({ signalExternalWorkflowExecutionInitiatedEventAttributes: signal }) =>
            signal?.signalName === name,
        ).length >= times,
    );
  await sent('ask', 2);
  await sent('release', 1);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  expect((await handle.query(stateQuery)).stage).toBe('queued');
  expect(calls()).toBe(1);
});

test('expired credentials in a later step concern the organization, and never end a vend', async () => {
  await startVending();
  vending.simulator.inject(refuse('MoveAccount', 'ExpiredTokenException', { times: 'always' }));
  const handle = await vending.begin({ ...aRequest('vend'), organizationalUnit: 'Sandbox' });
  await submitted(1);
  vending.simulator.advance(1_000);
  const { escalation, stage } = await vending.escalated(handle);
  expect(stage).toBe('placing');
  expect(escalation).toMatchObject({
    id: 'o1',
    reason: 'ExpiredTokenException',
    scope: 'organization',
    actions: ['abandon'],
  });
  const held = await vending.begin(aRequest('another'));
  await vending.escalated(held, 'ExpiredTokenException');
  expect(calls()).toBe(1);
  vending.simulator.clearFaults();
  await vending.resolveOrganization({ action: 'retry' });
  await finish([handle, held]);
  await expect(vending.gateState()).resolves.toMatchObject({ escalations: [], inProgress: 0 });
});
