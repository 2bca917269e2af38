import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { encryptionFromEnvironment, newEncryptionKey } from '../../src/encryption';
import { startSimulator } from '../../src/simulator';
import type { Simulator } from '../../src/simulator';
import { grpcProxy, GrpcStatus } from '../cli/grpc-proxy';
import { vend, type Ended } from '../cli/run-vend';
import { startReceiver } from '../support/receiver';
import type { Receiver } from '../support/receiver';
import { readStored } from '../support/stored';
import type { StoredPayload } from '../support/stored';
import type { onboardTeam } from '../support/parent-workflow';
import { aRequest } from '../support/skipped';
import { startDevServer } from '../support/temporal';
import type { DevServer } from '../support/temporal';
import { WorkerProcess } from '../support/worker-process';
import { until as untilSo } from '../support/until';

/*
 * The built worker and the command line with keys, against what Temporal stores: read raw, by a client
 * that knows no key.
 */

const NAME = 'Sunflower Ledger';
const PERSONAL = /sunflower|daisy/i;
/** What only our own texts say: details, summaries, reasons, messages of failures. */
const OURS = /needs a person|may have it|not needed any more|another address|account for request/i;
const A = newEncryptionKey('key-a');

let folder: string;
let dev: DevServer;
let simulator: Simulator;
let receiver: Receiver;
let worker: WorkerProcess;
let config: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vend-encryption-'));
  config = join(folder, 'vending.yaml');
  simulator = await startSimulator({ profile: 'test' });
  simulator.takeEmail('sunflower-taken@example.com');
  simulator.takeEmail('daisy-taken@example.com');
  dev = await startDevServer({ ui: false });
  receiver = await startReceiver();
  writeFileSync(
    config,
    JSON.stringify({
      approval: { required: true },
      creation: {
        perSecond: 100,
        burst: 100,
        poll: { initial: '100ms', max: '200ms' },
        reconcile: { settle: '100ms' },
      },
      conformance: { allowNone: true, poll: { initial: '200ms', max: '200ms' } },
      escalation: { notify: [{ type: 'webhook', url: receiver.url }] },
    }),
  );
  worker = await started({});
});
afterAll(async () => {
  await worker?.stop();
  await receiver?.close();
  await dev?.close();
  await simulator?.close();
  rmSync(folder, { recursive: true, force: true });
});

function temporal() {
  return { TEMPORAL_ADDRESS: dev.address, TEMPORAL_NAMESPACE: dev.namespace };
}

async function started(env: Record<string, string>): Promise<WorkerProcess> {
  const one = new WorkerProcess(
    { ...temporal(), AWS_ENDPOINT_URL: simulator.url, VEND_CONFIG: config, ...env },
    [],
  );
  await one.ready();
  return one;
}

const withKey = { VEND_ENCRYPTION_KEYS: A };

function cli(argv: string[], env: NodeJS.ProcessEnv = withKey): Promise<Ended> {
  const where = { ...temporal(), VEND_CONFIG: config };
  return vend(argv, { env: { ...where, AWS_ENDPOINT_URL: simulator.url, ...env } });
}

async function json(...argv: string[]): Promise<Record<string, unknown>> {
  const { stdout, stderr } = await cli([...argv, '--json']);
  try {
    return JSON.parse(stdout) as Record<string, unknown>;
  } catch {
    throw new Error(`${argv.join(' ')} printed no JSON: ${stdout}${stderr}`);
  }
}

function start(requestId: string, ...more: string[]): string[] {
  const email = `sunflower-${requestId}@example.com`;
  return ['start', '--request-id', requestId, '--account-name', NAME, '--email', email, ...more];
}

const until = (requestId: string, test: (state: Record<string, unknown>) => boolean) =>
  untilSo(() => json('show', requestId), test);

const approving = (state: Record<string, unknown>) => state['stage'] === 'approving';
const escalated = (state: Record<string, unknown>) => state['escalation'] !== undefined;

test('switched on while a plain vend runs: it goes on, and what is new of it is encrypted', async () => {
  expect((await cli(start('plain'), {})).status).toBe(0);
  await until('plain', approving);
  await restart({ VEND_ENCRYPTION_KEYS: A, VEND_LOG_LEVEL: 'trace' });
  const before = await historyOf('plain');
  expect(before.some(({ encoding }) => encoding === 'binary/encrypted')).toBe(false);
  // The key stands in a file this time.
  const file = join(folder, 'keys');
  writeFileSync(file, `# since November\n${A}\n`);
  const approved = await cli(['approve', 'plain', '--by', 'ada'], {
    VEND_ENCRYPTION_KEYS_FILE: file,
  });
  expect(approved.stderr).toBe('');
  expect((await cli(['watch', 'plain'])).status).toBe(0);
  const added = (await historyOf('plain')).slice(before.length).filter(isOfPeople);
  expect(added.length).toBeGreaterThan(5);
  expect(new Set(added.map(({ encoding }) => encoding))).toEqual(new Set(['binary/encrypted']));
});

test('a vend through approval, escalation, a refused answer and an amendment reads as ever', async () => {
  expect((await cli(start('mend', '--email', 'sunflower-taken@example.com'))).status).toBe(0);
  await until('mend', approving);
  const approved = await cli(['approve', 'mend', '--by', 'ada', '--reason', 'she may have it']);
  expect(approved.stderr).toBe('');
  await until('mend', escalated);
  const shown = await cli(['show', 'mend']);
  expect(shown.stdout).toContain('EMAIL_ALREADY_EXISTS (e1)');
  const refused = await cli(['resolve', 'mend', '--waive', 'placing', '--reason', 'x']);
  expect(refused.stderr).toMatch(/mend refuses this answer: action must be one of/);
  expect((await cli(['show', '--organization'])).stdout).toContain('of 5 places');
  const amend = ['resolve', 'mend', '--amend', 'email=daisy@example.com'];
  expect((await cli(amend)).status).toBe(0);
  expect((await cli(['watch', 'mend'])).status).toBe(0);
  expect(await json('show', 'mend')).toMatchObject({
    status: 'COMPLETED',
    result: { accountId: expect.stringMatching(/^\d{12}$/) },
  });
});

test('and so does one that is abandoned: its failure says why', async () => {
  // Another taken address: the first may be on its way yet.
  await cli(start('leave', '--email', 'daisy-taken@example.com'));
  await until('leave', approving);
  await cli(['approve', 'leave', '--by', 'ada']);
  await until('leave', escalated);
  await cli(['resolve', 'leave', '--abandon', '--reason', 'not needed any more']);
  const { failure } = await until('leave', (state) => state['status'] === 'FAILED');
  expect(failure).toMatchObject({
    type: 'VendAbandoned',
    message: expect.stringContaining('not needed any more'),
    details: [{ requestId: 'leave', stage: 'abandoned' }],
  });
});

test('and a batch', async () => {
  const manifest = join(folder, 'team.yaml');
  const account = { requestId: 'of-batch', accountName: NAME, email: 'sunflower-b@example.com' };
  writeFileSync(manifest, JSON.stringify({ name: 'team', accounts: [account] }));
  const applied = await json('apply', '-f', manifest);
  expect(applied).toMatchObject({ manifests: [{ accounts: [{ started: true }] }] });
  await until('of-batch', approving);
  await cli(['approve', 'of-batch', '--by', 'ada']);
  expect((await cli(['apply', '-f', manifest, '--wait'])).status).toBe(0);
  expect((await cli(['list', '--all'])).stdout).toMatch(/of-batch +done/);
});

test('and a child of a parent that has the same keys: it hears, answers, and reads the failure', async () => {
  const dataConverter = encryptionFromEnvironment(withKey);
  const parents = await Worker.create({
    connection: dev.nativeConnection,
    namespace: dev.namespace,
    taskQueue: 'parents',
    workflowsPath: resolve(__dirname, '../support/parent-workflow.ts'),
    dataConverter,
  });
  const { connection, namespace } = dev;
  const client = new Client({ connection, namespace, dataConverter });
  const request = { ...aRequest('child', 'fail-invalid-email'), accountName: NAME };
  const { failure, notices } = await parents.runUntil(async () => {
    const parent = await client.workflow.start<typeof onboardTeam>('onboardTeam', {
      taskQueue: 'parents',
      workflowId: 'onboard',
      args: [{ request, taskQueue: 'account-vending', answer: 'abandon' }],
    });
    await until('child', approving);
    await cli(['approve', 'child', '--by', 'ada']);
    return parent.result();
  });
  expect(failure).toMatchObject({ type: 'VendAbandoned', state: { stage: 'abandoned' } });
  expect(notices.map(({ escalation }) => escalation?.reason)).toContain('INVALID_EMAIL');
});

test('people are told in clear', async () => {
  await receiver.until(8);
  const told = receiver.received.map(({ body }) => body).join();
  expect(told).toContain('EMAIL_ALREADY_EXISTS');
  expect(told).not.toMatch(PERSONAL);
});

test('Temporal stores none of it in clear: every payload is encrypted, every message hidden', async () => {
  const { payloads, text } = await readStored(dev.client, (id) => !id.includes('plain'));
  const clear = payloads.filter(({ encoding }) => encoding !== 'binary/encrypted');
  const places = new Set(
    clear.filter(({ where }) => !where.includes('/searchAttributes/')).map(place),
  );
  expect([...places]).toEqual([]);
  expect(new Set(payloads.filter((one) => one.keyId).map(({ keyId }) => keyId))).toEqual(
    new Set(['key-a']),
  );
  expect(payloads.length).toBeGreaterThan(100);
  expect(text.match(PERSONAL)).toBeNull();
  expect(text.match(OURS)).toBeNull();
  const messages = [...text.matchAll(/"message":"([^"]*)"/g)].map(([, message]) => message);
  // Temporal's own word, where a message came in while a task was worked on.
  const ours = messages.filter((message) => message !== 'UnhandledCommand');
  expect([...new Set(ours)]).toEqual(['Encoded failure']);
});

test('nor does the worker in its log, which names the key', () => {
  expect(worker.output).toContain('"encryptionKeys":["key-a"]');
  expect(worker.output).not.toMatch(PERSONAL);
  expect(worker.output).not.toContain(A.slice(-20));
});

describe('a command without the keys', () => {
  const sentence =
    /encrypted with key key-a, and no key is given here: set VEND_ENCRYPTION_KEYS \(or VEND_ENCRYPTION_KEYS_FILE\)/;

  test.each([
    ['show', 'mend'],
    ['watch', 'mend'],
    ['list', '--all'],
    ['resolve', 'mend', '--retry'],
    ['apply', '-f', 'team.yaml', '--dry-run'],
  ])('%s %s says so in a sentence, and ends with 2', async (...argv) => {
    const given = argv.map((word) => (word.endsWith('.yaml') ? join(folder, word) : word));
    const { status, stderr } = await cli(given, {});
    expect(stderr).toMatch(sentence);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(status).toBe(2);
  });

  test('sends nothing in clear to where workers encrypt', async () => {
    const manifest = join(folder, 'other.yaml');
    const account = {
      requestId: 'careless-2',
      accountName: NAME,
      email: 'sunflower-c@example.com',
    };
    writeFileSync(manifest, JSON.stringify({ name: 'other', accounts: [account] }));
    for (const argv of [start('careless'), ['apply', '-f', manifest]]) {
      const { status, stderr } = await cli(argv, {});
      expect(stderr).toMatch(sentence);
      expect(status).toBe(2);
    }
    const { text } = await readStored(dev.client);
    expect(text.match(/careless|vend-batch-other/)).toBeNull();
  });

  test.each([
    ['permissionDenied', '7 PERMISSION_DENIED'],
    // In an update this alone would be a worker that is not there.
    ['deadlineExceeded', '4 DEADLINE_EXCEEDED'],
  ] as const)('sends nothing, either, where it cannot look: %s', async (name, said) => {
    const blind = await grpcProxy(dev.address, (path) =>
      path.endsWith('/GetWorkflowExecutionHistory') ? GrpcStatus[name] : undefined,
    );
    const manifest = join(folder, 'blind.yaml');
    const account = { requestId: 'blind-2', accountName: NAME, email: 'sunflower-d@example.com' };
    writeFileSync(manifest, JSON.stringify({ name: 'blind', accounts: [account] }));
    try {
      for (const argv of [start('blind'), ['apply', '-f', manifest]]) {
        const { status, stderr } = await cli(argv, { TEMPORAL_ADDRESS: blind.address });
        expect(stderr).toContain('Nothing was sent: no keys are given here');
        expect(stderr).toContain(said);
        expect(stderr).toContain('Set VEND_ENCRYPTION_KEYS');
        expect(stderr.trim().split('\n')).toHaveLength(1);
        expect(status).toBe(4);
      }
    } finally {
      await blind.close();
    }
    const { text } = await readStored(dev.client);
    expect(text.match(/vend-blind|vend-batch-blind/)).toBeNull();
  });

  test('nor with a key of its own, which no worker could read', async () => {
    const other = { VEND_ENCRYPTION_KEYS: newEncryptionKey('of-somebody-else') };
    const { status, stderr } = await cli(start('stranger'), other);
    expect(stderr).toMatch(
      /encrypted with key \S+, which is not among those given here \(of-somebody-else\)/,
    );
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(status).toBe(2);
    const { text } = await readStored(dev.client);
    expect(text).not.toContain('vend-stranger');
  });

  test('says it as one document, too', async () => {
    const { stdout, status } = await cli(['show', 'mend', '--json'], {});
    expect(JSON.parse(stdout)).toMatchObject({
      error: { message: expect.stringMatching(sentence) },
    });
    expect(status).toBe(2);
  });

  test('with keys that cannot be used it says what is wrong with them', async () => {
    const { stderr, status } = await cli(['list'], { VEND_ENCRYPTION_KEYS: 'key-a:c2hvcnQ=' });
    expect(stderr).toMatch(
      /VEND_ENCRYPTION_KEYS, key 1 \(key-a\): it has 5 bytes and must have 32/,
    );
    expect(stderr).not.toContain('c2hvcnQ');
    expect(status).toBe(2);
  });
});

test('a worker without the keys says so, and nothing is lost', async () => {
  await cli(start('waits'));
  await until('waits', approving);
  await restart({});
  // In clear, as from a form of the Web UI without codec server.
  await dev.client.workflow.getHandle('vend-waits').signal('approve', { by: 'ada' });
  const said = await worker.said(
    /encrypted with key key-a, and no key is given here: set VEND_ENC/,
  );
  expect(said).not.toMatch(PERSONAL);
  await restart({ VEND_ENCRYPTION_KEYS: A });
  expect((await cli(['watch', 'waits'])).status).toBe(0);
});

test('rotation: a vend begun with one key ends with the next, and only that one encrypts', async () => {
  await cli(start('rotate'));
  await until('rotate', approving);
  const B = newEncryptionKey('key-b');
  await restart({ VEND_ENCRYPTION_KEYS: `${B},${A}` });
  const before = await historyOf('rotate');
  expect(keysOf(before)).toEqual(['key-a']);
  const both = { VEND_ENCRYPTION_KEYS: `${B},${A}` };
  expect((await cli(['approve', 'rotate', '--by', 'ada'], both)).status).toBe(0);
  expect((await cli(['watch', 'rotate'], both)).status).toBe(0);
  expect((await cli(['show', 'mend'], both)).status).toBe(0);
  const added = (await historyOf('rotate')).slice(before.length);
  expect(keysOf(added)).toEqual(['key-b']);
  const { stderr, status } = await cli(['show', 'rotate'], { VEND_ENCRYPTION_KEYS: B });
  expect(stderr).toMatch(/key key-a, which is not among those given here \(key-b\)/);
  expect(status).toBe(2);
});

test('a list shows all where the key of some is not there any more, and says so', async () => {
  const whole = await cli(['list', '--all', '--json']);
  const some = await cli(['list', '--all', '--json'], {
    VEND_ENCRYPTION_KEYS: newEncryptionKey('key-c'),
  });
  const idsOf = ({ stdout }: Ended) =>
    (JSON.parse(stdout) as { requestId: string }[]).map(({ requestId }) => requestId);
  expect(idsOf(some)).toEqual(idsOf(whole));
  expect(idsOf(some)).toEqual(expect.arrayContaining(['plain', 'rotate', 'mend']));
  expect(whole.stderr).toBe('');
  expect(some.stderr).toMatch(/^Some cannot be read here: .*key key-a, .* \(key-c\): add it to/);
  expect(some.stderr.trim().split('\n')).toHaveLength(1);
  expect(some.status).toBe(0);
});

test('a worker whose keys cannot be used does not start: exit 2, and the variable', async () => {
  const both = { VEND_ENCRYPTION_KEYS: A, VEND_ENCRYPTION_KEYS_FILE: join(folder, 'keys') };
  const refused = new WorkerProcess({ ...temporal(), ...both });
  expect(await refused.ended()).toBe(2);
  expect(refused.output).toMatch(/VEND_ENCRYPTION_KEYS and VEND_ENCRYPTION_KEYS_FILE are both set/);
  expect(refused.output).not.toContain(A.slice(-20));
});

async function restart(env: Record<string, string>): Promise<void> {
  await worker.stop();
  worker = await started(env);
}

async function historyOf(requestId: string): Promise<StoredPayload[]> {
  const { payloads } = await readStored(dev.client, (id) => id === `vend-${requestId}`);
  return payloads.filter(({ where }) => !/\/(?:list|describe)\//.test(where));
}

/** All but what Temporal must be able to read. */
function isOfPeople({ where }: StoredPayload): boolean {
  return !where.includes('searchAttributes');
}

function keysOf(payloads: readonly StoredPayload[]): (string | undefined)[] {
  return [...new Set(payloads.filter(isOfPeople).map(({ keyId }) => keyId))];
}

function place({ where }: StoredPayload): string {
  return where.slice(where.indexOf('/') + 1);
}
