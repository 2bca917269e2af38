import { resolve } from 'node:path';
import { Worker } from '@temporalio/worker';
import { SearchAttribute, gateResolveUpdate, gateWorkflowId, stateQuery } from '../../src/contract';
import type { VendRequest } from '../../src/contract';
import type { Simulator } from '../../src/simulator';
import { startFakeVending, startSimulatedVending } from '../../src/testing';
import type { FakeVending, Outcome, SimulatedVending } from '../../src/testing';
import { aRequest } from '../support/skipped';
import { startDevServer } from '../support/temporal';
import type { DevServer } from '../support/temporal';
import { OPEN } from './observer-workflow';
import type { Observed, ObserverInput, observer } from './observer-workflow';

/**
 * What keeps the fake honest: one parent sees the fake and the real thing, side by side, and must not
 * be able to tell one from the other.
 */
interface Case extends Omit<ObserverInput, 'request' | 'taskQueue'> {
  /** Of the real one the address says what AWS does; the fake has its script. */
  request?: Partial<VendRequest>;
  outcome: Outcome;
  word?: string;
  /** What happens at the simulated AWS first. */
  aws?: (simulator: Simulator, request: VendRequest) => void;
  /** The same request once more, with these changes. */
  again?: Partial<VendRequest>;
  where?: 'usual' | 'approving' | 'held';
}

const mended = { action: 'amend', by: 'parent', changes: { email: 'mended@example.com' } } as const;
const given = { action: 'abandon', reason: 'the parent says so' } as const;
const CONTACT = { name: 'Ada', title: 'CTO', email: 'ada@example.org', phone: '030 123' };

const CASES: Record<string, Case> = {
  'a vend that goes straight': { outcome: 'done' },
  'with a place, contacts, a region and a pack': {
    outcome: 'done',
    request: {
      conformance: {},
      organizationalUnit: 'Workloads/Prod',
      alternateContacts: { security: CONTACT },
      regions: ['af-south-1'],
    },
  },
  'a GovCloud pair': {
    outcome: 'done',
    request: { kind: 'govcloud', accountName: 'Pair' },
  },
  'an escalation that is answered by signal': {
    word: 'fail-email-already-exists',
    outcome: { escalated: 'EMAIL_ALREADY_EXISTS' },
    answers: [[{ ...mended, escalationId: OPEN }]],
  },
  'two escalations, one after the other': {
    word: 'fail-invalid-email',
    outcome: [{ escalated: 'INVALID_EMAIL' }, { escalated: 'EMAIL_ALREADY_EXISTS' }],
    answers: [
      [{ action: 'amend', changes: { email: 'second+fail-email-already-exists@example.com' } }],
      [{ action: 'amend', changes: { email: 'third@example.com' }, reason: 'the next one' }],
    ],
  },
  'retried': {
    word: 'fail-invalid-email-1x',
    outcome: { escalated: 'INVALID_EMAIL' },
    answers: [[{ action: 'retry', reason: 'again' }]],
  },
  'abandoned': {
    word: 'fail-invalid-email',
    outcome: { escalated: 'INVALID_EMAIL' },
    answers: [[given]],
  },
  'answers that do not fit': {
    word: 'fail-invalid-email',
    outcome: { escalated: 'INVALID_EMAIL' },
    answers: [
      [
        { action: 'waive', stage: 'placing', reason: 'no' },
        { action: 'retry', escalationId: 'e7' },
        { action: 'amend', changes: { existingAccountId: '1' } as never },
        { action: 'amend', changes: { email: 'no address' } },
        given,
      ],
    ],
  },
  'an address of an account that is there, adopted': {
    aws: (simulator, { email = '' }) => simulator.addAccount({ email, id: '210987654321' }),
    outcome: { escalated: 'ACCOUNT_NOT_OURS', foundAccountId: '210987654321' },
    answers: [[{ action: 'adopt', accountId: '210987654321' }]],
  },
  'a request that is wrong': { outcome: 'done', request: { email: 'no address' } },
  'a place that does not exist': {
    outcome: {
      fails: 'InvalidVendRequest',
      problems: [{ field: 'organizationalUnit', message: '' }],
    },
    request: { organizationalUnit: 'Nowhere' },
  },
  'the same request again': { outcome: 'done', again: {} },
  'the same request with another address': {
    outcome: 'done',
    again: { email: 'another@example.com' },
  },
  'cancelled while a person is asked': {
    word: 'fail-invalid-email',
    outcome: { escalated: 'INVALID_EMAIL' },
    cancel: 'escalated',
  },
  'cancelled while AWS creates': { word: 'slow-3', outcome: { takes: '3s' }, cancel: 1_500 },
  'a creation that takes long': {
    word: 'slow-3',
    outcome: { escalated: 'OVERDUE', endsAfter: '1s' },
  },
  'an escalation after the account, waived': {
    aws: (simulator) =>
      simulator.inject({
        match: { operation: 'MoveAccount' },
        times: 1,
        fault: { kind: 'error', error: { name: 'DestinationParentNotFoundException' } },
      } as never),
    request: { organizationalUnit: 'Sandbox' },
    outcome: { escalated: 'DestinationParentNotFoundException', stage: 'placing' },
    answers: [[{ action: 'waive', stage: 'placing', reason: 'later', by: 'parent' }]],
  },
};

let dev: DevServer;
let fake: FakeVending;
let real: SimulatedVending;
let worker: Worker;
let running: Promise<void>;

beforeAll(async () => {
  dev = await startDevServer({ ui: false });
  const connection = dev.nativeConnection;
  fake = await startFakeVending({ connection, taskQueue: 'fake' });
  real = await startSimulatedVending({
    connection,
    taskQueue: 'real',
    configuration: { creation: { overdueAfter: '1s', poll: { initial: '100ms', max: '300ms' } } },
  });
  worker = await Worker.create({
    connection,
    taskQueue: 'observers',
    workflowsPath: resolve(__dirname, 'observer-workflow.ts'),
  });
  running = worker.run();
});
afterAll(async () => {
  worker?.shutdown();
  await running;
  await fake?.close();
  await real?.close();
  await dev?.close();
});

function observe(world: 'fake' | 'real', name: string, input: Omit<ObserverInput, 'taskQueue'>) {
  return dev.client.workflow.execute<typeof observer>('observer', {
    taskQueue: 'observers',
    workflowId: `${world}-${name}`,
    args: [{ ...input, taskQueue: world }],
  });
}

/** What a parent saw, what the vend says of itself at the end, and what can be searched for. */
async function all(world: 'fake' | 'real', name: string, input: Omit<ObserverInput, 'taskQueue'>) {
  const seen: Observed = await observe(world, name, input);
  const handle = dev.client.workflow.getHandle(`${world}-${name}-vend`);
  const state = await handle.query(stateQuery);
  const { status, typedSearchAttributes } = await handle.describe();
  const attributes = Object.values(SearchAttribute).map((key) => typedSearchAttributes.get(key));
  return normal({ ...seen, state, status: status.name, attributes });
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
    .replaceAll(/\bo-[a-z0-9]{10,}/g, named('organization'))
    .replaceAll(/"(?:fake|real)-/g, '"');
  return JSON.parse(text) as unknown;
}

test.each(Object.entries(CASES))('%s', async (title, one) => {
  const id = title.replaceAll(/[^a-z]+/gi, '-').toLowerCase();
  const seen = async (world: 'fake' | 'real') => {
    const request: VendRequest = { ...aRequest(id, one.word), ...one.request };
    if (world === 'real') one.aws?.(real.simulator, request);
    else fake.script(one.outcome);
    const { answers, cancel } = one;
    const input = { request, ...(answers ? { answers } : {}), ...(cancel ? { cancel } : {}) };
    const first = await all(world, id, input);
    if (!one.again) return [first];
    return [first, await all(world, `${id}-again`, { request: { ...request, ...one.again } })];
  };
  const [ours, theirs] = await Promise.all([seen('fake'), seen('real')]);
  expect(ours).toEqual(theirs);
});
