import { Client, Connection } from '@temporalio/client';
import { follow, type Look } from '../../src/cli/vends/follow';
import type { VendRef } from '../../src/cli/vends/find-vend';
import { startDevServer, type DevServer } from '../support/temporal';
import { Vending } from '../support/vending';

/** Following many vends: what it asks of Temporal, counted on the wire. */
const MANY = 40;
const HELD = 'MISSING_PAYMENT_INSTRUMENT';
let dev: DevServer;
let vending: Vending;
let client: Client;
let refs: VendRef[];
let calls: Record<string, number> = {};
let underWay = 0;
let mostUnderWay = 0;

beforeAll(async () => {
  dev = await startDevServer();
  vending = await Vending.start(dev, {
    skipped: false,
    configuration: {
      creation: { poll: { initial: '100ms', max: '200ms' }, reconcile: { settle: '100ms' } },
      conformance: { allowNone: true, poll: { initial: '100ms', max: '200ms' } },
    },
  });
  vending.simulator.set({ managementIssue: HELD });
  client = new Client({ connection: await countedConnection(), namespace: dev.namespace });
  refs = await Promise.all(
    Array.from({ length: MANY }, async (_, index) => {
      const requestId = `v${index}`;
      const email = `${requestId}@example.com`;
      const { workflowId, firstExecutionRunId: runId } = await vending.begin({
        requestId,
        accountName: 'Hidden',
        email,
      });
      return { requestId, workflowId, runId, status: 'RUNNING' };
    }),
  );
});

afterAll(async () => {
  await vending?.close();
  await client?.connection.close();
  await dev?.close();
});

/** The real connection; each call that goes out is counted by its name. */
async function countedConnection(): Promise<Connection> {
  const connection = await Connection.connect({ address: dev.address });
  const { workflowService } = connection;
  const counted = new Proxy(workflowService, {
    get(service, name: string) {
      const method: unknown = Reflect.get(service, name);
      if (typeof method !== 'function') return method;
      return async (...args: unknown[]) => {
        calls[name] = (calls[name] ?? 0) + 1;
        underWay += 1;
        mostUnderWay = Math.max(mostUnderWay, underWay);
        try {
          return (await Reflect.apply(method, service, args)) as unknown;
        } finally {
          underWay -= 1;
        }
      };
    },
  });
  return Object.defineProperty(connection, 'workflowService', { value: counted });
}

function reset(): void {
  calls = {};
  mostUnderWay = 0;
}

/** Follows until the looks are as wanted, and so many rounds more. */
async function followUntil(
  wanted: (looks: readonly Look[]) => boolean,
  more: { refs?: VendRef[]; rounds?: number; all?: boolean } = {},
): Promise<readonly Look[]> {
  const controller = new AbortController();
  let seen: readonly Look[] = [];
  let left = more.rounds ?? 0;
  const onLook = (looks: readonly Look[]) => {
    seen = looks;
    if (!wanted(looks)) return;
    if (left === 0) controller.abort();
    left -= 1;
  };
  const { signal } = controller;
  await follow(client, more.refs ?? refs, { onLook, signal, all: more.all ?? false }).catch(
    (error: unknown) => {
      if (!signal.aborted) throw error;
    },
  );
  return seen;
}

const reasonOf = ({ view }: Look) => view?.state?.escalation?.reason;

test('many are read from a list; workers are asked about a few, and a few at once', async () => {
  const areHeld = (looks: readonly Look[]) =>
    looks.every(({ view }) => view?.attributes['VendEscalation'] === HELD);
  await followUntil(areHeld);
  reset();
  let rounds = 0;
  await followUntil((looks) => {
    rounds += 1;
    return looks.every((look) => reasonOf(look) === HELD);
  });
  // Each that needs a person is asked about once, ten a round, and one other.
  expect(calls['listWorkflowExecutions']).toBe(rounds);
  expect(calls['queryWorkflow']).toBeGreaterThanOrEqual(MANY);
  expect(calls['queryWorkflow']).toBeLessThanOrEqual(rounds * 11);
  expect(rounds).toBeGreaterThanOrEqual(MANY / 10);
  expect(mostUnderWay).toBeLessThanOrEqual(8);
});

test('what is known is not asked again at every look', async () => {
  const known = (looks: readonly Look[]) => looks.every((look) => reasonOf(look) === HELD);
  let before = 0;
  await followUntil(
    (looks) => {
      before ||= known(looks) ? (calls['queryWorkflow'] ?? 0) : 0;
      return known(looks);
    },
    { rounds: 3 },
  );
  // One a round, so that a worker that goes away is noticed.
  expect(calls['queryWorkflow']).toBe(before + 3);
});

test('few are asked about one by one, with what the list does not tell', async () => {
  reset();
  const looks = await followUntil(() => true, { refs: refs.slice(0, 20) });
  expect(calls['listWorkflowExecutions']).toBeUndefined();
  expect(calls['queryWorkflow']).toBe(20);
  expect(mostUnderWay).toBeLessThanOrEqual(8);
  for (const { view } of looks) expect(view?.state?.history[0]?.stage).toBe('queued');
});

test('a vend that was listed before its first task is called by its request as soon as that is known', async () => {
  const email = 'early@example.com';
  const early = await dev.client.workflow.start('vendAccount', {
    workflowId: 'vend-early',
    taskQueue: 'served-later',
    args: [{ requestId: 'early', accountName: 'Hidden', email, conformance: false }],
  });
  const called: string[] = [];
  let later: Promise<Vending> | undefined;
  await followUntil(
    (all) => {
      const { ref } = all.find((look) => look.ref.workflowId === early.workflowId) ?? {};
      if (!ref) return false;
      called.push(ref.requestId);
      later ??= Vending.start(dev, {
        skipped: false,
        configuration: { taskQueue: 'served-later' },
        simulator: { knobs: { creationMs: 3_600_000 } },
      });
      return ref.requestId === 'early';
    },
    { refs: [], all: true },
  );
  expect(called[0]).toBe('vend-early');
  await early.terminate();
  await (await later)?.close();
});

test('a new vend is taken in where all are followed', async () => {
  const late = vending.begin({ requestId: 'late', accountName: 'Hidden', email: 'l@example.com' });
  const looks = await followUntil((all) => all.some(({ ref }) => ref.requestId === 'late'), {
    refs: [],
    all: true,
  });
  expect(looks).toHaveLength(MANY + 1);
  await (await late).terminate();
});

test('each is followed to its end, and its result is there', async () => {
  vending.simulator.set({ managementIssue: null });
  await vending.resolveOrganization({ action: 'retry' });
  const views = await follow(client, refs, { onLook: () => undefined });
  expect(views.map(({ requestId }) => requestId)).toEqual(refs.map(({ requestId }) => requestId));
  for (const { status, result, attributes } of views) {
    // What Temporal knows: a worker that is just busy may not answer about one that has ended.
    const stage = attributes['VendStage'];
    expect({ status, stage }).toEqual({ status: 'COMPLETED', stage: 'done' });
    expect(result?.accountId).toMatch(/^\d{12}$/);
  }
});

test('without a worker the list still tells, and that nobody answers is known', async () => {
  const requestIds = Array.from({ length: 21 }, (_, index) => `silent${index}`);
  const silent = await Promise.all(
    requestIds.map(async (requestId) => {
      const workflowId = `parent's/${requestId}`;
      const { firstExecutionRunId: runId } = await dev.client.workflow.start('vendAccount', {
        workflowId,
        taskQueue: 'nobody-works-here',
        args: [{ requestId }],
      });
      return { requestId, workflowId, runId, status: 'RUNNING' };
    }),
  );
  const looks = await followUntil(
    (all) => all.filter(({ silent: isSilent }) => isSilent).length > 0,
    { refs: silent },
  );
  expect(looks.every(({ view }) => view?.status === 'RUNNING')).toBe(true);
  await dev.client.workflow.getHandle(silent[0]!.workflowId).terminate();
  const [first] = await followUntil(([look]) => look?.view?.status === 'TERMINATED', {
    refs: silent,
  });
  expect(first?.view?.closedAt).toBeDefined();
});
