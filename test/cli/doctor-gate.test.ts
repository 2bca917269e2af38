import { CreateAccountCommand, OrganizationsClient } from '@aws-sdk/client-organizations';
import { createAwsClients } from '../../src/aws/clients';
import { endedOf } from '../../src/cli/doctor/checks/gate';
import { Patient } from '../../src/cli/doctor/patient';
import { processIo } from '../../src/cli/io';
import { judgeGate, type GateLook, type GateVend } from '../../src/cli/doctor/judge-gate';
import { WorkflowType, gateWorkflowId, type GateState } from '../../src/contract';
import { startDevServer, type DevServer } from '../support/temporal';
import { Vending, type VendHandle } from '../support/vending';
import { configFile, diagnosed } from './doctor-support';
import { vend as runVend } from './run-vend';
import { untilListed, untilTrue } from '../support/until';

const HOUR = 3_600_000;
let dev: DevServer;
let open: Vending[] = [];

beforeAll(async () => {
  dev = await startDevServer();
});
afterEach(async () => {
  for (const vending of open) await vending.close();
  open = [];
});
afterAll(() => dev?.close());

/** An organization of its own; creations there take an hour. */
async function start(creation: object = {}): Promise<Vending> {
  const vending = await Vending.start(dev, {
    skipped: false,
    simulator: { knobs: { creationMs: HOUR } },
    configuration: { creation, conformance: { allowNone: true } },
  });
  open.push(vending);
  return vending;
}

function doctor(vending: Vending, ...more: string[]) {
  const configuration = { taskQueue: vending.taskQueue, conformance: { allowNone: true } };
  return diagnosed({ TEMPORAL_ADDRESS: dev.address }, configuration, ...more);
}

let requests = 0;

function begin(vending: Vending): Promise<VendHandle> {
  requests += 1;
  const requestId = `gate-${requests}`;
  return vending.begin({ requestId, accountName: 'Hidden', email: `${requestId}@example.com` });
}

async function creating(vending: Vending): Promise<VendHandle> {
  const handle = await begin(vending);
  await vending.until(handle, ({ createAccountRequestIds }) => createAccountRequestIds.length > 0);
  return handle;
}

async function queued(vending: Vending): Promise<VendHandle> {
  const handle = await begin(vending);
  const before = await vending.gateState();
  await untilTrue(async () => (await vending.gateState()).waiting > before.waiting);
  return handle;
}

const listed = (vending: Vending, query: string) =>
  untilListed(dev.client, `TaskQueue = '${vending.taskQueue}' AND ${query}`);

test('before the first vend there is none, and that is well', async () => {
  const vending = await start();
  const seen = await doctor(vending, '--gate');
  expect(seen.the('gate', 'ok').title).toContain('has no gate yet');
  expect(seen.has('gate-missing')).toBe(false);
});

test('without --gate it is not looked at', async () => {
  const vending = await start();
  const file = configFile({ taskQueue: vending.taskQueue });
  const env = { TEMPORAL_ADDRESS: dev.address };
  const { stdout } = await runVend(['doctor', '--config', file], { env });
  expect(stdout).not.toContain('gate');
});

test('one that fits what Temporal and AWS say: nothing but its numbers', async () => {
  const vending = await start({ maxInProgress: 1 });
  await creating(vending);
  await queued(vending);
  await listed(vending, `VendStage = 'creating'`);
  const seen = await doctor(vending, '--gate');
  const found = seen.findings.filter(({ id }) => id.startsWith('gate'));
  expect(found.map(({ id }) => id)).toEqual(['gate']);
  expect(found[0]?.title).toContain('1 of 1 places taken, 1 waiting');
  expect(found[0]?.detail).toContain('waits for one of 1 creations in progress to end');
  expect(JSON.stringify(seen.findings)).not.toMatch(/Hidden|@/);
});

test('places and a queue that ended vends hold', async () => {
  const vending = await start({ maxInProgress: 1 });
  const first = await creating(vending);
  const second = await queued(vending);
  await first.terminate();
  await second.terminate();
  const seen = await doctor(vending, '--gate');
  const place = seen.the('gate-ghost-place', 'warning');
  expect(place.title).toMatch(/^gate-\d+ holds a place/);
  expect(place.detail).toContain('heals by itself');
  expect(place.fix).toBeTruthy();
  expect(seen.the('gate-ghost-waiter', 'note').title).toMatch(/^1 in the queue has ended: gate-/);
  // What it had begun goes on at AWS, and no running vend knows it.
  seen.the('foreign-creations');
});

test('a vend of which Temporal knows nothing any more has ended', async () => {
  const vending = await start();
  const running = await creating(vending);
  const { client, connection, address, namespace } = dev;
  const patient = new Patient({
    io: processIo(),
    configuration: vending.configuration,
    configurationFile: undefined,
    aws: createAwsClients(),
    connected: Promise.resolve({ client, connection, address, namespace }),
  });
  const ended = await endedOf(patient, [running.workflowId, 'vend-forgotten']);
  expect([...ended]).toEqual(['vend-forgotten']);
  patient.aws.destroy();
});

test('a gate that was terminated while vends wait and create; and one that began anew', async () => {
  const vending = await start({ maxInProgress: 1 });
  await creating(vending);
  await queued(vending);
  await listed(vending, `VendStage = 'queued'`);
  await vending.gate.terminate();
  const missing = await doctor(vending, '--gate');
  const found = missing.the('gate-missing', 'warning');
  expect(found.title).toContain('2 vends wait or create');
  expect(found.fix).toContain('doctor --gate');
  expect(missing.status).toBe(0);

  // It learns who creates, and not who waits.
  const { organizationId } = vending.simulator;
  await dev.client.workflow.start(WorkflowType.organizationGate, {
    workflowId: gateWorkflowId(organizationId),
    taskQueue: vending.taskQueue,
    args: [{ organizationId }],
  });
  await untilTrue(async () => (await vending.gateState()).inProgress === 1);
  const unknown = (await doctor(vending, '--gate')).the('gate-unknown-vend', 'warning');
  expect(unknown.title).toMatch(/^1 vend is /);
  expect(unknown.detail).toContain('(queued)');
  expect(unknown.detail).toContain('within 3 min');
});

test('what holds the organization back, since when, and the answer', async () => {
  const vending = await start();
  vending.simulator.set({ managementIssue: 'MISSING_PAYMENT_INSTRUMENT', creationMs: 50 });
  await begin(vending);
  await untilTrue(async () => (await vending.gateState()).escalations.length > 0);
  const seen = await doctor(vending, '--gate');
  const found = seen.the('gate-escalation', 'stop');
  expect(found.title).toMatch(/held back: MISSING_PAYMENT_INSTRUMENT, for \d+ s/);
  expect(found.fix).toContain('vend resolve --organization --retry');
  expect(seen.status).toBe(1);
  // That no vend would go through is told without --gate as well.
  const brief = await doctor(vending);
  expect(brief.the('gate-escalation', 'stop').title).toMatch(
    /^the organization is held back: MISSING_PAYMENT_INSTRUMENT$/,
  );
  expect(brief.status).toBe(1);
});

test('creations at AWS that the gate does not count', async () => {
  const vending = await start();
  await creating(vending);
  const organizations = new OrganizationsClient({});
  await organizations.send(
    new CreateAccountCommand({ Email: 'console@example.com', AccountName: 'Hidden' }),
  );
  organizations.destroy();
  await listed(vending, `VendStage = 'creating'`);
  const seen = await doctor(vending, '--gate');
  expect(seen.the('gate-unaccounted-creations', 'note').title).toBe(
    'AWS has 2 creations in progress, the gate counts 1',
  );
  expect(seen.the('foreign-creations').title).toContain('1 of them');
});

test('one that no worker answers for', async () => {
  const vending = await start();
  await gateOn(vending, WorkflowType.organizationGate, 'nobody-works-here');
  const seen = await doctor(vending, '--gate');
  expect(seen.the('gate-silent', 'stop').fix).toBe('node lib/worker.js');
  expect(seen.status).toBe(1);
  expect(seen.ms).toBeLessThan(30_000);
});

test('one whose task fails again and again', async () => {
  const vending = await start();
  const gate = await gateOn(vending, WorkflowType.organizationGate, vending.taskQueue, []);
  await untilTrue(async () => {
    const { raw } = await gate.describe();
    return (raw.pendingWorkflowTask?.attempt ?? 0) >= 3;
  });
  const seen = await doctor(vending, '--gate');
  expect(seen.the('gate-failing', 'stop').title).toMatch(/failed \d+ times in a row/);
  await gate.terminate();
});

async function gateOn(
  vending: Vending,
  type: string,
  taskQueue: string,
  args: unknown[] = [{ organizationId: vending.simulator.organizationId }],
) {
  const { organizationId } = vending.simulator;
  return dev.client.workflow.start(type, {
    workflowId: gateWorkflowId(organizationId),
    taskQueue,
    args,
  });
}

test('a task queue that two organizations share', async () => {
  const vending = await start();
  const other = await dev.client.workflow.start(WorkflowType.organizationGate, {
    workflowId: gateWorkflowId('o-otherorg01'),
    taskQueue: vending.taskQueue,
    args: [{ organizationId: 'o-otherorg01' }],
  });
  await listed(vending, `WorkflowId = '${other.workflowId}'`);
  const found = (await doctor(vending, '--gate')).the('gate-other-organizations', 'warning');
  expect(found.detail).toContain('o-otherorg01');
  await other.terminate();
});

test('where AWS does not answer, the gate is found by Temporal alone', async () => {
  const vending = await start();
  await creating(vending);
  await listed(vending, `VendStage = 'creating'`);
  vending.simulator.inject({ operation: 'DescribeOrganization', kind: 'reset', times: 'always' });
  const seen = await doctor(vending, '--gate');
  expect(seen.the('gate', 'ok').title).toContain(vending.simulator.organizationId);
  seen.the('not-looked-at');
});

describe('a queue that stands still for no reason', () => {
  const waiter = { requestId: 'first', workflowId: 'vend-first' };
  const state: GateState = {
    organizationId: 'o-exampleorg1',
    escalations: [],
    inProgress: 1,
    foreign: 0,
    maxInProgress: 5,
    waiting: 1,
    callsToday: 1,
    callsAllowedToday: 1000,
    places: [],
    queue: [waiter],
    decisions: [],
  };
  const look = (change: Partial<GateState>, unknown: GateVend[] = []): GateLook => ({
    state: { ...state, ...change },
    ended: new Set(),
    unknown,
  });
  const judgeLooks = (now: GateLook, before: GateLook) =>
    judgeGate({ ...now, before, inProgressAtAws: undefined }, 'vend', 0).map(({ id }) => id);
  const judge = (now: Partial<GateState>, before: Partial<GateState> = {}) =>
    judgeLooks(look(now), look(before));

  test('a vend that the gate does not know is told where it is so at both looks', () => {
    const vend: GateVend = { requestId: 'new', workflowId: 'vend-new', stage: 'queued' };
    const other = { ...vend, workflowId: 'vend-other' };
    const none = { waiting: 0, queue: [] };
    expect(judgeLooks(look(none, [vend]), look(none, [vend]))).toContain('gate-unknown-vend');
    expect(judgeLooks(look(none, [vend]), look(none, [other]))).toEqual(['gate']);
    expect(judgeLooks(look(none), look(none, [vend]))).toEqual(['gate']);
  });

  test('is told where the same one is first at both looks, with places free', () => {
    expect(judge({})).toEqual(['gate', 'gate-stalled']);
  });

  test.each<[string, Partial<GateState>, Partial<GateState>]>([
    ['all places are taken', { inProgress: 3, foreign: 2 }, {}],
    ['it waits for the rate', { waitingFor: 'the rate' }, {}],
    ['it waited for the rate a moment before', {}, { waitingFor: 'the rate' }],
    ['another one is first by now', {}, { queue: [{ requestId: 'x', workflowId: 'vend-x' }] }],
    ['nobody waits', { waiting: 0, queue: [] }, {}],
  ])('is not told where %s', (_, now, before) => {
    expect(judge(now, before)).toEqual(['gate']);
  });
});
