import { resolve } from 'node:path';
import { DefaultLogger, Worker, bundleWorkflowCode } from '@temporalio/worker';
import { Client } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import {
  SearchAttribute,
  approveUpdate,
  gateResolveUpdate,
  gateWorkflowId,
  rejectUpdate,
  resolveSignal,
  stateQuery,
} from '../../src/contract';
import type {
  ApprovalVerdict,
  Resolution,
  Stage,
  VendRequest,
  VendState,
} from '../../src/contract';
import type { Simulator } from '../../src/simulator';
import { startFakeVending, startSimulatedVending } from '../../src/testing';
import type { FakeVending, Outcome, SimulatedVending } from '../../src/testing';
import { aRequest } from '../support/skipped';
import { startDevServer } from '../support/temporal';
import type { DevServer } from '../support/temporal';
import { until } from '../support/until';
import { OPEN } from './observer-workflow';
import type { Observed, ObserverInput, observer } from './observer-workflow';

/**
 * What keeps the fake honest: one parent sees the fake and the real thing, side by side, and must not
 * be able to tell one from the other.
 */
interface Case extends Partial<ObserverInput> {
  /** Of the real one the address, or what AWS is told, says what AWS does; the fake has its script. */
  with?: Partial<VendRequest>;
  word?: string;
  aws?: (simulator: Simulator, request: VendRequest) => void;
  outcome: Outcome;
  /** What is counted in its escalation are looks, and how many there were is chance. */
  looks?: boolean;
  /** How it ends, where not done: so that both are not alike by chance. */
  ends?: Stage;
  /** The same request once more, with these changes. */
  again?: Partial<VendRequest>;
  /** At the real one: in an organization of its own, with its own configuration. */
  where?: Where;
  /** What a person does meanwhile, at the real one. */
  meanwhile?: (vend: WorkflowHandle) => Promise<unknown>;
  /** The same at both. */
  atBoth?: (vend: WorkflowHandle) => Promise<unknown>;
}

const mended = { action: 'amend', by: 'parent', changes: { email: 'mended@example.com' } } as const;
const given = { action: 'abandon', reason: 'the parent says so' } as const;
const MISFITS: Resolution[] = [
  { action: 'waive', stage: 'placing', reason: 'no' },
  { action: 'retry', escalationId: 'e7' },
  { action: 'amend', changes: { existingAccountId: '1' } as never },
  { action: 'amend', changes: { email: 'no address' } },
];
const NOWHERE =
  'names the organizational unit "Nowhere", which does not exist below the root; names are compared with their case';
const BROKEN = { errorCode: 'BrokenTemplate', errorMessage: 'as the test has it' };
const CONTACT = { name: 'Ada', title: 'CTO', email: 'ada@example.org', phone: '030 123' };

const CASES: Record<string, Case> = {
  'a vend that goes straight': { outcome: 'done' },
  'with a place, contacts and a pack': {
    outcome: 'done',
    with: {
      conformance: {},
      organizationalUnit: 'Workloads/Prod',
      alternateContacts: { security: CONTACT },
    },
  },
  'a GovCloud pair': {
    outcome: 'done',
    with: { kind: 'govcloud', accountName: 'Pair' },
  },
  'an escalation that is answered by signal': {
    word: 'fail-email-already-exists',
    outcome: { escalated: 'EMAIL_ALREADY_EXISTS' },
    answers: [{ ...mended, escalationId: OPEN }],
  },
  'two escalations, one after the other': {
    word: 'fail-invalid-email',
    outcome: [{ escalated: 'INVALID_EMAIL' }, { escalated: 'EMAIL_ALREADY_EXISTS' }],
    answers: [
      { action: 'amend', changes: { email: 'second+fail-email-already-exists@example.com' } },
      { action: 'amend', changes: { email: 'third@example.com' }, reason: 'the next one' },
    ],
  },
  retried: {
    word: 'fail-invalid-email-1x',
    outcome: { escalated: 'INVALID_EMAIL' },
    answers: [{ action: 'retry', reason: 'again' }],
  },
  abandoned: {
    ends: 'abandoned',
    word: 'fail-invalid-email',
    outcome: { escalated: 'INVALID_EMAIL' },
    answers: [given],
  },
  'answers that do not fit': {
    ends: 'abandoned',
    word: 'fail-invalid-email',
    outcome: { escalated: 'INVALID_EMAIL' },
    atBoth: async (vend) => {
      for (const misfit of MISFITS) await refused(vend, misfit);
      await vend.signal(resolveSignal, given);
    },
  },
  'an address of an account that is there, adopted': {
    aws: (simulator, { email = '' }) => simulator.addAccount({ email, id: '210987654321' }),
    outcome: { escalated: 'ACCOUNT_NOT_OURS', foundAccountId: '210987654321' },
    answers: [{ action: 'adopt', accountId: '210987654321' }],
  },
  'a request that is wrong': { ends: 'failed', outcome: 'done', with: { email: 'no address' } },
  'a place that does not exist': {
    ends: 'failed',
    outcome: {
      fails: 'InvalidVendRequest',
      problems: [{ field: 'organizationalUnit', message: NOWHERE }],
    },
    with: { organizationalUnit: 'Nowhere' },
  },
  'the same request again': { outcome: 'done', again: {} },
  'the same request with another address': {
    ends: 'failed',
    outcome: 'done',
    again: { email: 'another@example.com' },
  },
  'cancelled while a person is asked': {
    ends: 'cancelled',
    word: 'fail-invalid-email',
    outcome: { escalated: 'INVALID_EMAIL' },
    cancels: true,
  },
  'cancelled while AWS creates': {
    ends: 'cancelled',
    word: 'slow-15',
    outcome: { takes: '15s' },
    atBoth: async (vend) => {
      await untilState(vend, ({ stage }) => stage === 'creating');
      await vend.cancel();
    },
  },
  'a creation that takes long': {
    where: 'overdue',
    word: 'slow-20',
    outcome: { escalated: 'OVERDUE', endsAfter: '1s' },
    looks: true,
  },
  'an escalation after the account, waived': {
    aws: (simulator) =>
      simulator.inject({
        operation: 'MoveAccount',
        kind: 'error',
        error: { name: 'DestinationParentNotFoundException', message: 'gone' },
        match: { contains: simulator.addOrganizationalUnit('Gone') },
      }),
    with: { organizationalUnit: 'Gone' },
    outcome: {
      escalated: 'DestinationParentNotFoundException',
      stage: 'placing',
      message: `The organizational unit does not exist any more. Give another one. AWS said to MoveAccount: gone`,
    },
    answers: [{ action: 'waive', stage: 'placing', reason: 'later', by: 'parent' }],
  },
  'a pack that fails, waived': {
    aws: (simulator) =>
      simulator.putConformancePack({ name: 'Broken', region: 'us-west-2', failWith: BROKEN }),
    with: { conformance: { packs: ['us-west-2/Broken'] } },
    outcome: {
      escalated: 'BrokenTemplate',
      stage: 'conforming',
      message:
        'Conformance pack us-west-2/Broken: CREATE_FAILED in this account: as the test has it. Mend the cause and deploy the pack again (the vend goes on by itself), or waive it.',
    },
    answers: [{ action: 'waive', pack: 'Broken', reason: 'known' }],
    looks: true,
  },
  'an address that is on its way': {
    ends: 'failed',
    with: { email: 'in-flight+fail-invalid-email@example.com' },
    outcome: 'done',
  },
  approved: {
    where: 'approving',
    outcome: { approval: 'approve', verdict: { by: 'ada', reason: 'fine' } },
    meanwhile: (vend) => decide(vend, approveUpdate, { by: 'ada', reason: 'fine' }),
  },
  'not approved': {
    ends: 'failed',
    where: 'approving',
    outcome: { fails: 'ApprovalRefused', reason: 'no budget' },
    meanwhile: (vend) => decide(vend, rejectUpdate, { by: 'the test', reason: 'no budget' }),
  },
  'approved by nobody': {
    ends: 'failed',
    where: 'approving',
    outcome: { fails: 'ApprovalExpired' },
  },
  'held back by its organization': {
    where: 'held',
    outcome: { escalated: 'ACCOUNT_LIMIT_EXCEEDED', endsAfter: '500ms' },
    meanwhile: async (vend) => {
      await untilState(vend, ({ escalation }) => escalation !== undefined);
      real.held.simulator.set({ accountQuota: 100 });
      const gate = gateWorkflowId(real.held.simulator.organizationId);
      const args = [{ action: 'retry' }] as [Resolution];
      await dev.client.workflow.getHandle(gate).executeUpdate(gateResolveUpdate, { args });
    },
  },
};

type Where = 'usual' | 'overdue' | 'approving' | 'held';
const FAKE = 'fake';
type World = 'fake' | 'real';

let dev: DevServer;
let fake: FakeVending;
let real: Record<Where, SimulatedVending>;
/** Of its own: the real one would find vends of the fake there by their request ids. */
let ofFake: Client;
let workers: Worker[] = [];
let running: Promise<void>[];
/** All at once; each test looks at its own. */
const seen = new Map<string, Promise<Record<World, unknown[]>>>();

beforeAll(async () => {
  dev = await startDevServer({ ui: false, extraArgs: ['--namespace', FAKE] });
  const { address, nativeConnection: connection } = dev;
  ofFake = new Client({ connection: dev.connection, namespace: FAKE });
  fake = await startFakeVending({ address, namespace: FAKE, taskQueue: 'usual' });
  const start = (taskQueue: Where, configuration = {}, simulator = {}) =>
    startSimulatedVending({ address, taskQueue, configuration, simulator });
  // None of these limits may be met by chance where the machine is busy.
  const approval = { required: true, expiresAfter: '20s' };
  const [usual, overdue, approving, held] = await Promise.all([
    start('usual'),
    start('overdue', { creation: { overdueAfter: '12s' } }),
    start('approving', { approval }),
    start('held', {}, { knobs: { accountQuota: 1 } }),
  ]);
  real = { usual, overdue, approving, held };
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: resolve(__dirname, 'observer-workflow.ts'),
    logger: new DefaultLogger('ERROR'),
  });
  const observers = { connection, taskQueue: 'observers', workflowBundle };
  workers = [
    await Worker.create(observers),
    await Worker.create({ ...observers, namespace: FAKE }),
  ];
  running = workers.map((worker) => worker.run());
  await holdAnAddress();
  fake.script({
    byRequestId: Object.fromEntries(
      Object.entries(CASES).map(([title, { outcome }]) => [idOf(title), outcome]),
    ),
  });
  for (const [title, one] of Object.entries(CASES)) {
    const both = Promise.all([look('fake', title, one), look('real', title, one)]);
    const named = both.then(([ours, theirs]) => ({ fake: ours, real: theirs }));
    named.catch(() => undefined);
    seen.set(title, named);
  }
});
afterAll(async () => {
  for (const worker of workers) worker.shutdown();
  await Promise.all(running ?? []);
  await fake?.close();
  await Promise.all(Object.values(real ?? {}).map((one) => one.close()));
  await dev?.close();
});

/** Another request is on its way with it, at both. */
async function holdAnAddress(): Promise<void> {
  const request = { ...aRequest('in-flight', 'fail-invalid-email') };
  fake.script({ byRequestId: { 'in-flight': { escalated: 'INVALID_EMAIL' } } });
  for (const client of [ofFake, dev.client]) {
    const vend = await client.workflow.start('vendAccount', {
      taskQueue: 'usual',
      workflowId: 'in-flight',
      args: [request],
    });
    await untilState(vend, ({ escalation }) => escalation !== undefined);
  }
}

async function untilState(
  vend: WorkflowHandle,
  test: (state: VendState) => boolean,
): Promise<VendState> {
  return until(() => vend.query(stateQuery), test);
}

/** While one answer is being carried out no other is taken: the next is said when this one has been refused. */
async function refused(vend: WorkflowHandle, misfit: Resolution): Promise<void> {
  const refusals = ({ history }: VendState) =>
    history.filter(({ note }) => note?.startsWith('a resolve signal was refused')).length;
  const before = refusals(await untilState(vend, ({ escalation }) => escalation !== undefined));
  await vend.signal(resolveSignal, misfit);
  await untilState(vend, (state) => refusals(state) > before);
}

async function decide(
  vend: WorkflowHandle,
  update: typeof approveUpdate,
  verdict: ApprovalVerdict,
): Promise<void> {
  await untilState(vend, ({ stage }) => stage === 'approving');
  await vend.executeUpdate(update, { args: [verdict] });
}

function idOf(title: string): string {
  return `vend-${Object.keys(CASES).indexOf(title)}`;
}

async function look(world: World, title: string, one: Case): Promise<unknown[]> {
  const id = idOf(title);
  const request: VendRequest = { ...aRequest(id, one.word), ...one.with };
  const { where = 'usual', answers, cancels, meanwhile, atBoth } = one;
  if (world === 'real') one.aws?.(real[where].simulator, request);
  const client = world === 'fake' ? ofFake : dev.client;
  const taskQueue = world === 'fake' ? 'usual' : where;
  const input = {
    taskQueue,
    ...(answers ? { answers } : {}),
    ...(cancels ? { cancels } : {}),
  };
  const vend = client.workflow.getHandle(`${id}-vend`);
  const [first] = await Promise.all([
    all(client, id, { ...input, request }),
    world === 'real' ? meanwhile?.(vend) : undefined,
    atBoth?.(vend),
  ]);
  if (!one.again) return [first];
  const again = { taskQueue, request: { ...request, ...one.again } };
  return [first, await all(client, `${id}-again`, again)];
}

/** What a parent saw, what the vend says of itself at the end, and what can be searched for. */
async function all(client: Client, workflowId: string, input: ObserverInput): Promise<unknown> {
  const observed: Observed = await client.workflow.execute<typeof observer>('observer', {
    taskQueue: 'observers',
    workflowId,
    args: [input],
  });
  const handle = client.workflow.getHandle(`${workflowId}-vend`);
  const state = await handle.query(stateQuery);
  const { status, typedSearchAttributes } = await handle.describe();
  const attributes = Object.values(SearchAttribute).map((key) => typedSearchAttributes.get(key));
  return normal({ ...observed, state, status: status.name, attributes });
}

/** The same with ids and times that do not differ; which id stands where is kept. */
function normal(value: unknown): unknown {
  const ids = new Map<string, string>();
  const named = (kind: string) => (id: string) => {
    if (!ids.has(id)) ids.set(id, `${kind}-${ids.size}`);
    return ids.get(id) ?? '';
  };
  const text = JSON.stringify(value, undefined, 1)
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replaceAll(/\b\d{12}\b/g, named('account'))
    .replaceAll(/\bcar-[a-z0-9]+/g, named('creation'))
    .replaceAll(/\bou-[a-z0-9-]+/g, named('unit'))
    .replaceAll(/\br-[a-z0-9]+/g, named('root'))
    .replaceAll(/\bo-[a-z0-9]{10,}/g, named('organization'));
  return JSON.parse(text) as unknown;
}

test.each(Object.keys(CASES))('%s', async (title) => {
  const both = await seen.get(title);
  const { looks = false, ends = 'done' } = CASES[title] ?? {};
  expect(both?.real.at(-1)).toMatchObject({ state: { stage: ends } });
  expect(withoutLooks(both?.fake, looks)).toEqual(withoutLooks(both?.real, looks));
});

function withoutLooks(value: unknown, looks: boolean): unknown {
  if (!looks) return value;
  return JSON.parse(JSON.stringify(value).replaceAll(/"attempts":\d+/g, '"attempts":0'));
}
