import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveUpdate, stateQuery } from '../../src/contract';
import { freePort } from '../../src/local/temporal-server';
import { startSimulator } from '../../src/simulator';
import type { Simulator } from '../../src/simulator';
import type { vendAccount } from '../../src/workflows';
import { startCollector } from '../support/otlp';
import type { Collector, ReceivedSpan } from '../support/otlp';
import { scrape, total } from '../support/prometheus';
import { startReceiver } from '../support/receiver';
import type { Receiver } from '../support/receiver';
import { startDevServer } from '../support/temporal';
import type { DevServer } from '../support/temporal';
import { until } from '../support/until';
import { WorkerProcess } from '../support/worker-process';

const QUEUE = 'traced';
const NAME = 'Sunflower Ledger';
const CONTACT = {
  name: 'Sunflower Keeper',
  title: 'Head of Sunflowers',
  email: 'keeper@sunflower.example',
  phone: '+1 555 0142 4711',
};
/** Accounts' names, addresses and contacts are of sunflowers; and AWS's messages quote them. */
const PERSONAL = /sunflower|0142 4711|Injected|quoted/i;

const folder = mkdtempSync(join(tmpdir(), 'vend-traces-'));
const config = join(folder, 'vending.yaml');
let dev: DevServer;
let simulator: Simulator;
let hook: Receiver;
let collector: Collector;
let worker: WorkerProcess;
/** How long a vend took whose spans were taken. */
let tracedMs = 0;

beforeAll(async () => {
  simulator = await startSimulator({
    profile: 'test',
    knobs: { creationMs: 100 },
    organization: {
      managementAccountId: '111122223333',
      organizationalUnits: ['Workloads'],
      packs: [{ name: 'Baseline', region: 'us-east-1' }],
    },
  });
  dev = await startDevServer({ ui: false });
  hook = await startReceiver();
  collector = await startCollector();
  writeFileSync(
    config,
    JSON.stringify({
      taskQueue: QUEUE,
      // What is written for a vend is written in a session with its name: the journal tells whose it is.
      aws: { managementRoleArn: 'arn:aws:iam::111122223333:role/Vending' },
      creation: {
        perSecond: 1_000,
        burst: 1_000,
        poll: { initial: '100ms', max: '200ms' },
      },
      conformance: { poll: { initial: '200ms', max: '300ms' } },
      escalation: { notify: [{ type: 'webhook', url: hook.url, on: ['escalated'] }] },
    }),
  );
  // Only what it sends when it stops is sent in time.
  worker = await startWorker({ OTEL_BSP_SCHEDULE_DELAY: '600000' });
});
afterAll(async () => {
  await worker?.stop();
  await dev?.close();
  await simulator?.close();
  await hook?.close();
  await collector?.close();
  rmSync(folder, { recursive: true });
});

async function startWorker(more: Record<string, string> = {}): Promise<WorkerProcess> {
  const started = new WorkerProcess({
    TEMPORAL_ADDRESS: dev.address,
    TEMPORAL_NAMESPACE: dev.namespace,
    AWS_ENDPOINT_URL: simulator.url,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    VEND_SIMULATOR_PACE: '20ms',
    VEND_CONFIG: config,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: 'x-key=sesame',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    OTEL_BSP_SCHEDULE_DELAY: '100',
    ...more,
  });
  await started.ready();
  return started;
}

/** The old one stops while the new one starts. */
async function replaceWorker(more: Record<string, string>): Promise<void> {
  const old = worker;
  worker = await startWorker(more);
  await expect(old.stop()).resolves.toBe(0);
}

const begin = (requestId: string, more: object = {}) =>
  dev.client.workflow.start<typeof vendAccount>('vendAccount', {
    taskQueue: QUEUE,
    workflowId: `vend-${requestId}`,
    args: [
      {
        requestId,
        accountName: NAME,
        email: `${requestId}@sunflower.example`,
        organizationalUnit: 'Workloads',
        conformance: false,
        ...more,
      },
    ],
  });

const traceOf = ({ firstExecutionRunId }: { firstExecutionRunId: string }) =>
  firstExecutionRunId.replaceAll('-', '');
const isCall = (span: ReceivedSpan) => span.attributes['rpc.system'] === 'aws-api';

/** Waits until of every call in the journal a span has come; then none is missing below. */
const settled = () =>
  until(
    () => Promise.resolve({ came: collector.spans().filter(isCall), sent: simulator.journal() }),
    ({ came, sent }) => came.length >= sent.length,
    ({ came, sent }) => `${came.length} spans came of ${sent.length} calls`,
  );

interface Call {
  service: string;
  operation: string;
  region: string;
  status: number;
}
const SERVICES: Record<string, string> = { config: 'configservice' };
const journalled = (entries: readonly Call[]) =>
  entries
    .map(({ service, operation, region, status }) =>
      [SERVICES[service] ?? service, operation, region, status || 'unanswered'].join(' '),
    )
    .toSorted();
const traced = (spans: readonly ReceivedSpan[]) =>
  spans
    .map(({ attributes }) =>
      [
        attributes['rpc.service'],
        attributes['rpc.method'],
        attributes['cloud.region'],
        attributes['http.response.status_code'] ?? 'unanswered',
      ].join(' '),
    )
    .toSorted();

test('two vends are two traces, of workers that come and go; each call of AWS is in one, below its activity', async () => {
  // AWS quotes what it refuses.
  simulator.inject({
    operation: 'MoveAccount',
    kind: 'error',
    error: { name: 'TooManyRequestsException', message: `quoted: ${NAME}` },
  });
  simulator.inject({ operation: 'PutAlternateContact', kind: 'reset' });
  simulator.takeEmail('second@sunflower.example');
  hook.answer = { status: 500 };
  const beganMs = Date.now();
  const first = await begin('first', {
    alternateContacts: { security: CONTACT },
    conformance: { packs: ['Baseline'] },
  });
  const second = await begin('second');
  await first.result();
  tracedMs = Date.now() - beganMs;
  const asks = () => second.query(stateQuery);
  const failedOnce = () => Promise.resolve(hook.received.length > 0);
  await until(asks, ({ escalation }) => escalation !== undefined);
  await until(failedOnce, Boolean);

  hook.answer = { status: 204 };
  expect(collector.requests).toEqual([]);
  const metrics = `127.0.0.1:${await freePort()}`;
  await replaceWorker({ VEND_METRICS_ADDRESS: metrics });
  const changes = { email: 'other@sunflower.example' };
  await second.executeUpdate(resolveUpdate, { args: [{ action: 'amend', changes }] });
  await second.result();
  await settled();
  const counted = await scrape(metrics);
  expect(total(counted, 'account_vending_aws_calls_total')).toBeGreaterThan(5);

  const spans = collector.spans();
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  expect(byId.size).toBe(spans.length);
  for (const handle of [first, second]) {
    const mine = spans.filter(({ traceId }) => traceId === traceOf(handle));
    const roots = mine.filter(({ parentSpanId }) => parentSpanId === '');
    expect(roots).toEqual([
      expect.objectContaining({
        name: 'vendAccount',
        isError: false,
        attributes: expect.objectContaining({
          temporalWorkflowID: handle.workflowId,
          temporalRunID: handle.firstExecutionRunId,
        }),
      }),
    ]);
    const activities = mine.filter(({ parentSpanId }) => parentSpanId === roots[0]?.spanId);
    const calls = mine.filter(isCall);
    expect(mine).toHaveLength(1 + activities.length + calls.length);
    const names = activities.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['admit', 'createAccount', 'placeAccount']));
    // Local ones, too.
    expect(names).toContain('describeCreateAccountStatus');
    for (const { attributes } of activities) {
      expect(attributes).toMatchObject({
        temporalWorkflowID: handle.workflowId,
        temporalRunID: handle.firstExecutionRunId,
        'temporal.workflow_type': 'vendAccount',
        'temporal.task_queue': QUEUE,
        'temporal.attempt': 1,
      });
    }
    const admit = activities.find(({ name }) => name === 'admit');
    const requestId = handle.workflowId.replace('vend-', '');
    expect(admit?.attributes['account_vending.request_id']).toBe(requestId);
    // Each call within the time of the activity that made it.
    for (const call of calls) {
      const activity = byId.get(call.parentSpanId);
      expect(activities).toContain(activity);
      const slackNs = 5e6;
      expect(call.start).toBeGreaterThan((activity?.start ?? Infinity) - slackNs);
      expect(call.end).toBeLessThan((activity?.end ?? 0) + slackNs);
    }
    // What was written in the vend's own session stands in its trace.
    const written = simulator
      .journal()
      .filter(({ session }) => session?.endsWith(`/${handle.workflowId}`));
    expect(written.length).toBeGreaterThan(2);
    expect(traced(calls)).toEqual(expect.arrayContaining(journalled(written)));
    const creations = (list: readonly string[]) => list.filter((one) => /CreateAccount /.test(one));
    expect(creations(traced(calls))).toEqual(creations(journalled(written)));
  }
  // What was done for a vend by two workers is in one trace.
  const places = spans.filter(({ name }) => name === 'placeAccount');
  expect(places.map(({ traceId }) => traceId)).toContain(traceOf(second));
  // And nothing is missing, or told twice, in all of them.
  const parents = new Set(spans.filter((span) => !isCall(span)).map(({ spanId }) => spanId));
  for (const call of spans.filter(isCall)) expect(parents).toContain(call.parentSpanId);
  expect(traced(spans.filter(isCall))).toEqual(journalled(simulator.journal()));
});

test('what failed is marked, with its word alone: attempts of calls, and of activities', async () => {
  // The webhook takes what is tried again.
  const spans = await until(
    () => Promise.resolve(collector.spans()),
    (seen) => seen.some(({ name, isError }) => name === 'sendNotification' && !isError),
  );
  const moves = spans.filter(({ name }) => name === 'organizations.MoveAccount');
  const refused = moves.filter(({ isError }) => isError);
  expect(refused).toEqual([
    expect.objectContaining({
      attributes: expect.objectContaining({
        'error.type': 'TooManyRequestsException',
        'account_vending.outcome': 'throttled',
        'http.response.status_code': 400,
      }),
    }),
  ]);
  for (const { attributes } of moves.filter(({ isError }) => !isError)) {
    expect(attributes).toMatchObject({
      'account_vending.outcome': 'success',
      'aws.request_id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(attributes).not.toHaveProperty('error.type');
  }
  const puts = spans.filter(({ name }) => name === 'account.PutAlternateContact');
  const lost = puts.filter(({ isError }) => isError);
  expect(lost).toHaveLength(1);
  expect(lost[0]?.attributes).toMatchObject({ 'account_vending.outcome': 'unknown' });
  expect(lost[0]?.attributes).not.toHaveProperty('http.response.status_code');
  // A webhook that answers 500 fails its activity, which is tried again, in the same trace.
  const posts = spans.filter(({ name }) => name === 'sendNotification');
  const attempts = posts.map(({ attributes }) => attributes['temporal.attempt']);
  expect(attempts.slice(0, 2)).toEqual([1, 2]);
  expect(posts[0]).toMatchObject({
    isError: true,
    attributes: { 'error.type': expect.any(String) },
  });
  expect(posts.at(-1)).toMatchObject({ isError: false });
  expect(new Set(posts.map(({ traceId }) => traceId)).size).toBe(1);
  for (const { message, events } of spans)
    expect({ message, events }).toEqual({ message: '', events: [] });
});

test('what runs for ever has a trace for each of its activities', () => {
  const spans = collector.spans();
  const looks = spans.filter(({ name }) => name === 'lookAtPacks');
  expect(looks.length).toBeGreaterThan(0);
  for (const { parentSpanId } of looks) expect(parentSpanId).toBe('');
  expect(new Set(looks.map(({ traceId }) => traceId)).size).toBe(looks.length);
  for (const { attributes } of looks) {
    expect(attributes['temporalWorkflowID']).toMatch(/^conformance-watch-/);
  }
});

test('nothing of a person or of an account goes out with it, in any byte', () => {
  expect(collector.requests.length).toBeGreaterThan(3);
  const said = collector.spans().flatMap(({ attributes }) => Object.values(attributes));
  expect(said.filter((value) => String(value).includes('@'))).toEqual([]);
  for (const { body } of collector.requests) {
    expect(body.toString('latin1')).not.toMatch(PERSONAL);
  }
});

test('it is sent as the standard variables say', () => {
  for (const { path, headers } of collector.requests) {
    expect(path).toBe('/v1/traces');
    expect(headers).toMatchObject({ 'x-key': 'sesame', 'content-type': 'application/x-protobuf' });
  }
  for (const resource of collector.resources()) {
    expect(resource).toMatchObject({
      'service.name': 'account-vending',
      'deployment.environment.name': 'test',
    });
  }
  expect(worker.output).toContain(`"traces":"${collector.url}"`);
  expect(worker.output).not.toContain('sesame');
});

test('a collector that is away holds up no vend and no worker, and is one line in the log', async () => {
  await replaceWorker({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await freePort()}` });
  const received = collector.requests.length;
  const beganMs = Date.now();
  const vends = await Promise.all(['third', 'fourth'].map((id) => begin(id)));
  for (const vend of vends) await vend.result();
  expect(Date.now() - beganMs).toBeLessThan(3 * tracedMs + 20_000);
  const stoppedMs = Date.now();
  await expect(worker.stop()).resolves.toBe(0);
  expect(Date.now() - stoppedMs).toBeLessThan(10_000);
  const warned = worker.lines.filter(({ level }) => Number(level) >= 40);
  expect(warned.filter(({ msg }) => !/traces cannot be sent/.test(String(msg)))).toEqual([]);
  expect(warned.length).toBeLessThanOrEqual(1);
  expect(collector.requests).toHaveLength(received);
});
