import { execFile } from 'node:child_process';
import { createServer as createHttp2Server } from 'node:http2';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { Client } from '@temporalio/client';
import { versionFindings } from '../../src/cli/doctor/checks/worker-version';
import { nameOf, workerFinding } from '../../src/cli/doctor/checks/worker';
import { encryptionFromEnvironment, newEncryptionKey } from '../../src/encryption';
import { SEARCH_ATTRIBUTE_NAMES } from '../../src/contract';
import { startSimulator, type Simulator } from '../../src/simulator';
import { startDevServer, type DevServer } from '../support/temporal';
import { WorkerProcess } from '../support/worker-process';
import { configFile, diagnosed } from './doctor-support';
import { vend } from './run-vend';
import { GrpcStatus, grpcProxy } from './grpc-proxy';
import { until, untilListed } from '../support/until';

const DAY_S = 86_400;
const configuration = { taskQueue: 'nobody-works-here', conformance: { allowNone: true } };
let dev: DevServer;
let simulator: Simulator;

beforeAll(async () => {
  // It registers nothing by itself.
  dev = await startDevServer({ searchAttributes: [] });
  simulator = await startSimulator({ profile: 'test' });
  process.env['AWS_ENDPOINT_URL'] = simulator.url;
  await namespace('short', 1);
  await namespace('other-types', 30);
  await namespace('long', 30);
  await register('other-types', { VendStage: 3, VendRequestId: 1 });
  await register(
    'long',
    Object.fromEntries(SEARCH_ATTRIBUTE_NAMES.map((name) => [name, 2] as const)),
  );
});
afterAll(async () => {
  await simulator?.close();
  await dev?.close();
});

async function namespace(name: string, days: number): Promise<void> {
  await dev.connection.workflowService.registerNamespace({
    namespace: name,
    workflowExecutionRetentionPeriod: { seconds: days * DAY_S } as never,
  });
}

/** A new namespace takes a moment to be known. */
async function register(name: string, searchAttributes: Record<string, number>): Promise<void> {
  await until(async () => {
    await dev.connection.operatorService.addSearchAttributes({
      namespace: name,
      searchAttributes,
    });
    return true;
  }, Boolean);
}

const doctor = (env: NodeJS.ProcessEnv) =>
  diagnosed({ TEMPORAL_ADDRESS: dev.address, ...env }, configuration);

test('all but a worker is there: version and retention are told', async () => {
  const seen = await doctor({ TEMPORAL_NAMESPACE: 'long' });
  expect(seen.the('temporal', 'ok').title).toMatch(/^Temporal \d+\.\d+\.\d+ answers at 127/);
  expect(seen.the('namespace', 'ok').title).toContain('30 d');
  seen.the('search-attributes', 'ok');
  const worker = seen.the('no-worker', 'stop');
  expect(worker.title).toContain('nobody-works-here');
  expect(worker.fix).toBe('node lib/worker.js');
  expect(seen.findings.filter(({ level }) => level === 'stop')).toHaveLength(1);
  expect(seen.status).toBe(1);
});

test('histories that are kept for a day', async () => {
  const seen = await doctor({ TEMPORAL_NAMESPACE: 'short' });
  const { title, fix } = seen.the('retention-short', 'warning');
  expect(title).toContain('for 1 d only');
  expect(fix).toBe('temporal operator namespace update --namespace short --retention 30d');
});

test('search attributes that are missing, with the command that registers them', async () => {
  const { fix } = (await doctor({ TEMPORAL_NAMESPACE: 'short' })).the(
    'search-attribute-missing',
    'stop',
  );
  expect(fix).toContain('--namespace short');
  for (const name of SEARCH_ATTRIBUTE_NAMES) expect(fix).toContain(`--name ${name} --type Keyword`);
});

test('search attributes of another type', async () => {
  const seen = await doctor({ TEMPORAL_NAMESPACE: 'other-types' });
  const titles = seen.findings
    .filter(({ id }) => id === 'search-attribute-type')
    .map(({ title }) => title);
  expect(titles).toEqual([
    'search attribute VendStage is of type Int, not Keyword',
    'search attribute VendRequestId is of type Text, not Keyword',
  ]);
  expect(seen.the('search-attribute-missing').title).not.toContain('VendStage');
});

test('a namespace that is not there: what needs it is not looked at', async () => {
  const seen = await doctor({ TEMPORAL_NAMESPACE: 'nowhere' });
  expect(seen.the('namespace-missing', 'stop').fix).toBe(
    'temporal operator namespace create --namespace nowhere --retention 30d',
  );
  expect(seen.the('not-looked-at').title).toContain('search attributes');
  expect(seen.the('temporal').level).toBe('ok');
  expect(seen.status).toBe(1);
});

test('an address that is not of this machine, without a codec', async () => {
  // It leads here all the same.
  const [, port] = dev.address.split(':');
  const env = { TEMPORAL_ADDRESS: `0.0.0.0:${port}`, TEMPORAL_NAMESPACE: 'long' };
  expect((await doctor(env)).the('payload-codec-missing', 'warning').detail).toContain('codec');
  expect((await doctor({ TEMPORAL_NAMESPACE: 'long' })).has('payload-codec-missing')).toBe(false);
});

test('encryption: with keys that read what runs, without them, and with others', async () => {
  const keys = { VEND_ENCRYPTION_KEYS: `${newEncryptionKey('b')},${newEncryptionKey('a')}` };
  const env = { TEMPORAL_NAMESPACE: 'long' };
  const dataConverter = encryptionFromEnvironment(keys);
  const client = new Client({ connection: dev.connection, namespace: 'long', dataConverter });
  const handle = await client.workflow.start('vendAccount', {
    taskQueue: 'nobody-works-here',
    workflowId: 'vend-veiled',
    args: [{ requestId: 'veiled' }],
  });
  await untilListed(client, `WorkflowId = 'vend-veiled'`);
  const seen = await doctor({ ...env, ...keys });
  expect(seen.the('encryption', 'ok').title).toBe(
    'payloads are encrypted with key b; a only decrypts',
  );
  const [address] = [`0.0.0.0:${dev.address.split(':')[1]}`];
  const remote = await doctor({ ...env, ...keys, TEMPORAL_ADDRESS: address });
  expect(remote.has('payload-codec-missing')).toBe(false);
  for (const other of [{}, { VEND_ENCRYPTION_KEYS: newEncryptionKey('c') }]) {
    const blind = await doctor({ ...env, ...other });
    const missing = blind.the('encryption-keys-missing', 'stop');
    expect(missing.title).toContain('encrypted with key b, and that key is not here');
    expect(missing.fix).toContain('VEND_ENCRYPTION_KEYS');
    expect(blind.has('check-failed')).toBe(false);
    expect(blind.status).toBe(1);
  }
  await handle.terminate();
});

test('keys that cannot be used are a fault of the call', async () => {
  const env = { TEMPORAL_ADDRESS: dev.address, VEND_ENCRYPTION_KEYS: '' };
  const { status, stderr } = await vend(['doctor'], { env });
  expect(stderr).toContain('VEND_ENCRYPTION_KEYS is empty');
  expect(status).toBe(2);
});

describe('Temporal that is not there', () => {
  test('nobody listens: exit 4, and AWS is looked at and shown', async () => {
    const seen = await diagnosed({}, configuration);
    const found = seen.the('temporal-unreachable', 'stop');
    expect(found.detail).toContain('127.0.0.1:1');
    expect(found.fix).toContain('TEMPORAL_ADDRESS');
    seen.the('organization', 'ok');
    seen.the('permissions', 'ok');
    expect(seen.the('not-looked-at').title).toContain('a worker');
    expect(seen.status).toBe(4);
    expect(seen.ms).toBeLessThan(30_000);
  });

  test('somebody listens and never answers: it does not wait for ever', async () => {
    const open = new Set<Socket>();
    const mute = createServer((socket) => open.add(socket));
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const { port } = mute.address() as AddressInfo;
    const seen = await diagnosed({ TEMPORAL_ADDRESS: `127.0.0.1:${port}` }, configuration);
    for (const socket of open) socket.destroy();
    mute.close();
    seen.the('temporal-unreachable', 'stop');
    seen.the('organization', 'ok');
    expect(seen.status).toBe(4);
    expect(seen.ms).toBeLessThan(30_000);
  });

  test('something else answers, such as a proxy', async () => {
    const web = createHttp2Server((_, response) => response.writeHead(404).end());
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
    const { port } = web.address() as AddressInfo;
    const seen = await doctor({ TEMPORAL_ADDRESS: `127.0.0.1:${port}` });
    web.close();
    expect(seen.the('temporal-unreachable', 'stop').title).toContain('not Temporal');
    expect(seen.has('temporal-call-failed')).toBe(false);
    expect(seen.status).toBe(4);
  });

  test('one that lets nobody in', async () => {
    const closed = await grpcProxy(dev.address, () => GrpcStatus.unauthenticated);
    const seen = await doctor({ TEMPORAL_ADDRESS: closed.address });
    await closed.close();
    expect(seen.the('temporal-refuses', 'stop').fix).toContain('TEMPORAL_API_KEY');
    // It was reached.
    expect(seen.status).toBe(1);
  });

  test('one that is ill: nothing is repeated', async () => {
    let calls = 0;
    const ill = await grpcProxy(dev.address, (path) => {
      if (!path.endsWith('/DescribeTaskQueue')) return undefined;
      calls += 1;
      return GrpcStatus.unavailable;
    });
    const seen = await doctor({ TEMPORAL_ADDRESS: ill.address, TEMPORAL_NAMESPACE: 'long' });
    await ill.close();
    expect(seen.the('temporal-call-failed', 'stop').title).toContain('a worker');
    // One for workflows, one for activities. What is repeated after the end throws out of a timer.
    expect(calls).toBe(2);
    seen.the('search-attributes', 'ok');
  });
});

describe('Temporal Cloud, which serves no operators', () => {
  const asInCloud = async (inNamespace: string) => {
    const cloud = await grpcProxy(dev.address, (path) =>
      path.includes('OperatorService') ? GrpcStatus.permissionDenied : undefined,
    );
    const env = { TEMPORAL_ADDRESS: cloud.address, TEMPORAL_NAMESPACE: inNamespace };
    const seen = await doctor(env);
    await cloud.close();
    return seen;
  };

  test('a query tells whether search attributes are there', async () => {
    (await asInCloud('long')).the('search-attributes', 'ok');
    expect((await asInCloud('short')).the('search-attribute-missing').title).toContain('VendStage');
  });

  test('and where one is of another type', async () => {
    const seen = await asInCloud('other-types');
    expect(seen.the('search-attribute-type').title).toContain('VendStage is of type Int');
  });
});

describe('who serves the task queue', () => {
  const now = { identity: '1@host', agoMs: 10_000 };
  const gone = { identity: '1@host', agoMs: 200_000 };

  test('is named without what may be an address', () => {
    expect(nameOf('4711@worker-1')).toBe('process 4711 on worker-1');
    expect(nameOf('anna@example.com')).toBe('[hidden]');
  });

  test('needs both, for workflows and activities', () => {
    expect(workerFinding('q', { workflows: [now], activities: [now] }).id).toBe('worker');
    const half = workerFinding('q', { workflows: [now], activities: [] });
    expect(half).toMatchObject({
      id: 'no-worker',
      title: 'no worker serves task queue q for activities',
    });
  });

  test('those that have not asked for a while are gone, and when is told', () => {
    const found = workerFinding('q', { workflows: [gone], activities: [gone] });
    expect(found.id).toBe('no-worker');
    expect(found.detail).toContain('the last was seen 3 min ago');
  });
});

describe('workers that have a version', () => {
  const taskQueue = 'versioned';
  const settings = { ...configuration, taskQueue };
  const version = (buildId: string) => ({
    TEMPORAL_ADDRESS: dev.address,
    TEMPORAL_NAMESPACE: 'long',
    VEND_CONFIG: configFile(settings),
    TEMPORAL_DEPLOYMENT_NAME: 'account-vending',
    TEMPORAL_WORKER_BUILD_ID: buildId,
  });
  const look = () =>
    diagnosed({ TEMPORAL_ADDRESS: dev.address, TEMPORAL_NAMESPACE: 'long' }, settings);
  let worker: WorkerProcess;

  beforeAll(async () => {
    worker = new WorkerProcess(version('1.0'));
    await worker.ready();
  });
  afterAll(async () => worker?.stop());

  test('and none is current: nothing is handed to them, and the command that mends it', async () => {
    const seen = await until(look, (diagnosis) => diagnosis.has('worker'));
    const { title, detail, fix = '' } = seen.the('worker-version-not-current', 'stop');
    expect(title).toBe('no worker of the current version serves task queue versioned');
    expect(detail).toContain('Current is no version, and there are workers of account-vending 1.0');
    expect(seen.status).toBe(1);
    await temporal(fix);
    const after = await until(look, (diagnosis) => !diagnosis.has('worker-version-not-current'));
    after.the('worker', 'ok');
  });

  test('and another one is current, whose workers have gone', async () => {
    await worker.stop();
    worker = new WorkerProcess(version('2.0'));
    await worker.ready();
    expect(worker.lines.find(({ msg }) => msg === 'worker is ready')).toMatchObject({
      deploymentName: 'account-vending',
      buildId: '2.0',
    });
    // The one that has stopped is remembered for a minute and a half: judged by itself below.
    const only = [{ deploymentName: 'account-vending', buildId: '2.0' }];
    const serving = { taskQueue, namespace: 'long', versions: only };
    const current = { deploymentName: 'account-vending', buildId: '1.0' };
    const [finding] = versionFindings(serving, current);
    expect(finding?.detail).toContain('Current is account-vending 1.0');
    expect(finding?.fix).toMatch(/--deployment-name account-vending --build-id 2\.0$/);
    expect(versionFindings(serving, only[0])).toEqual([]);
    // A version is known a moment after its worker has polled.
    await until(
      () => temporal(finding?.fix ?? ''),
      () => true,
    );
  });

  test('and a current one, where only workers without a version are left', () => {
    const current = { deploymentName: 'account-vending', buildId: '1.0' };
    const serving = { taskQueue, namespace: 'long', versions: [undefined] };
    const [finding] = versionFindings(serving, current);
    expect(finding?.fix).toMatch(/--deployment-name account-vending --unversioned$/);
    expect(versionFindings(serving, undefined)).toEqual([]);
  });

  /** Runs the line that was told, as a person would. */
  async function temporal(line: string): Promise<void> {
    const [name, ...args] = line.split(' ');
    expect(name).toBe('temporal');
    const flags = ['--address', dev.address, '--yes'];
    await promisify(execFile)(process.env['TEMPORAL_CLI'] ?? '', [...args, ...flags]);
  }
});
