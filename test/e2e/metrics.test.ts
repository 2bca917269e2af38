import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import {
  SEARCH_ATTRIBUTE_NAMES,
  gateResolveUpdate,
  gateWorkflowId,
  resolveUpdate,
} from '../../src/contract';
import { Called, Counted, Happened } from '../../src/domain/metrics';
import type { MetricDefinition } from '../../src/domain/metrics';
import { freePort, startTemporal } from '../../src/local/temporal-server';
import type { TemporalServer } from '../../src/local/temporal-server';
import { startSimulator } from '../../src/simulator';
import type { Simulator } from '../../src/simulator';
import type { vendAccount } from '../../src/workflows';
import { askedBy, scrape, total } from '../support/prometheus';
import type { Asked, Scrape, Series } from '../support/prometheus';
import { startReceiver } from '../support/receiver';
import type { Receiver } from '../support/receiver';
import { startDevServer } from '../support/temporal';
import type { DevServer } from '../support/temporal';
import { until } from '../support/until';
import { WorkerProcess } from '../support/worker-process';

const QUEUE = 'measured';
const NAME = 'Sunflower Ledger';
/** Request ids, addresses and account ids have no business among metrics. */
const PERSONAL = /sunflower|@|\b\d{12}\b|car-/i;

const folder = mkdtempSync(join(tmpdir(), 'vend-metrics-'));
const root = resolve(__dirname, '../..');
let dev: DevServer;
let simulator: Simulator;
let receiver: Receiver;
let worker: WorkerProcess;
let metricsAddress: string;
let healthAddress: string;
/** Counters that are there from the start. */
const ZEROS = new Set([
  'account_vending_notifications_total',
  'account_vending_stage_entries_total',
]);
/** Those series, before anything has happened. */
let atStart: string[];
/** What workers have shown before they ended. */
const earlier: Scrape[] = [];

beforeAll(async () => {
  simulator = await startSimulator({
    profile: 'test',
    knobs: { creationMs: 100 },
    organization: { packs: [{ name: 'Baseline', region: 'us-east-1' }] },
  });
  // That it lacks our search attributes is a request that Temporal refuses.
  dev = await startDevServer({ ui: false, searchAttributes: [] });
  receiver = await startReceiver();
  worker = await startWorker(receiver.url);
});
afterAll(async () => {
  await worker?.stop();
  await dev?.close();
  await simulator?.close();
  await receiver?.close();
  rmSync(folder, { recursive: true });
});

async function startWorker(
  hook: string,
  { address, namespace }: TemporalServer = dev.server,
): Promise<WorkerProcess> {
  const config = join(folder, 'vending.yaml');
  writeFileSync(
    config,
    JSON.stringify({
      taskQueue: QUEUE,
      creation: {
        perSecond: 1_000,
        burst: 1_000,
        overdueAfter: '600ms',
        poll: { initial: '100ms', max: '200ms' },
      },
      conformance: { poll: { initial: '200ms', max: '300ms' } },
      escalation: { notify: [{ type: 'webhook', url: hook, on: ['escalated'] }] },
    }),
  );
  metricsAddress = `127.0.0.1:${await freePort()}`;
  healthAddress = `127.0.0.1:${await freePort()}`;
  const started = new WorkerProcess({
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    AWS_ENDPOINT_URL: simulator.url,
    VEND_SIMULATOR_PACE: '20ms',
    VEND_CONFIG: config,
    VEND_METRICS_ADDRESS: metricsAddress,
    VEND_METRICS_EVERY: '200ms',
    VEND_HEALTH_ADDRESS: healthAddress,
  });
  await started.ready();
  return started;
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
        conformance: false,
        ...more,
      },
    ],
  });

/** Scrapes until this is so many. */
const shows = (name: string, labels: Record<string, string>, value: number) =>
  until(
    () => scrape(metricsAddress),
    (seen) => total(seen, name, labels) === value,
    ({ series }) =>
      `${name} ${JSON.stringify(labels)} is not ${value}: ${JSON.stringify(series.filter((one) => one.name === name))}`,
  );

/** Scrapes until there is any. */
const showsSome = (name: string, labels: Record<string, string>) =>
  until(
    () => scrape(metricsAddress),
    (seen) => total(seen, name, labels) > 0,
    () => `${name} ${JSON.stringify(labels)} is not there`,
  );

const health = async (path = '/healthz') => {
  const answer = await fetch(`http://${healthAddress}${path}`);
  return { status: answer.status, said: await answer.text() };
};

test('what alerts look for is shown as 0 before it has happened, in the series in which it will', async () => {
  const seen = await scrape(metricsAddress);
  const zeros = seen.series.filter(({ name }) => ZEROS.has(name));
  expect(zeros.length).toBeGreaterThan(2);
  expect(zeros.filter(({ value }) => value !== 0)).toEqual([]);
  atStart = seriesOf(zeros);
});

test('a vend that goes through: begun, each stage with its time, ended; and the calls of AWS', async () => {
  simulator.inject({
    operation: 'ListParents',
    kind: 'error',
    error: { name: 'TooManyRequestsException' },
  });
  await (await begin('sunflower-straight', { conformance: { packs: ['Baseline'] } })).result();
  const seen = await shows('account_vending_vends_ended_total', { outcome: 'done' }, 1);
  expect(total(seen, 'account_vending_vends_started_total')).toBe(1);
  expect(total(seen, 'account_vending_vend_duration_seconds_count', { outcome: 'done' })).toBe(1);
  for (const stage of ['queued', 'creating', 'placing', 'conforming']) {
    const entered = total(seen, 'account_vending_stage_entries_total', { stage });
    const left = total(seen, 'account_vending_stage_duration_seconds_count', { stage });
    expect({ stage, entered, left }).toEqual({ stage, entered: 1, left: 1 });
  }
  expect(total(seen, 'account_vending_stage_entries_total', { stage: 'done' })).toBe(1);
  const created = { service: 'organizations', operation: 'CreateAccount' };
  expect(total(seen, 'account_vending_aws_calls_total', created)).toBe(1);
  expect(total(seen, 'account_vending_aws_call_duration_seconds_count', created)).toBe(1);
  // Each attempt is a call, also one that the SDK repeats by itself.
  const parents = { operation: 'ListParents' };
  const throttled = { ...parents, outcome: 'throttled', error: 'TooManyRequestsException' };
  expect(total(seen, 'account_vending_aws_calls_total', throttled)).toBe(1);
  const journal = simulator.journal().filter((entry) => entry.operation === 'ListParents');
  expect(total(seen, 'account_vending_aws_calls_total', parents)).toBe(journal.length);
});

test('an escalation: open while it is, then answered, with the time that took; and who could not be told', async () => {
  simulator.takeEmail('sunflower-taken@sunflower.example');
  receiver.answer = { status: 500 };
  const handle = await begin('sunflower-taken');
  const reason = 'EMAIL_ALREADY_EXISTS';
  const open = await shows('account_vending_vends_escalated', { reason }, 1);
  const opened = { reason, scope: 'request' };
  expect(total(open, 'account_vending_escalations_opened_total', opened)).toBe(1);
  expect(total(open, 'account_vending_escalations_ended_total', opened)).toBe(0);
  expect(total(open, 'account_vending_vends_running')).toBe(1);
  await showsSome('temporal_activity_execution_failed', { activity_type: 'sendNotification' });
  const changes = { email: 'other@sunflower.example' };
  await handle.executeUpdate(resolveUpdate, { args: [{ action: 'amend', changes }] });
  await handle.result();
  const over = await shows('account_vending_vends_escalated', { reason }, 0);
  const answered = { ...opened, how: 'amend' };
  expect(total(over, 'account_vending_escalations_ended_total', answered)).toBe(1);
  const durations = 'account_vending_escalation_duration_seconds_count';
  expect(total(over, durations, { scope: 'request' })).toBe(1);
});

test('a creation that takes long, and one that is abandoned', async () => {
  simulator.set({ creationMs: 3_000 });
  const slow = await begin('sunflower-slow');
  await shows('account_vending_vends_escalated', { reason: 'OVERDUE' }, 1);
  const seen = await shows('account_vending_gate_places_used', {}, 1);
  expect(total(seen, 'account_vending_vends_running', { stage: 'creating' })).toBe(1);
  expect(total(seen, 'account_vending_gate_places_allowed')).toBe(5);
  // By now it looks seldom: an answer wakes it when AWS is done.
  const made = () => simulator.createdAccounts()['sunflower-slow'];
  await until(() => Promise.resolve(made()), Boolean);
  await slow.executeUpdate(resolveUpdate, { args: [{ action: 'retry' }] });
  await slow.result();
  simulator.set({ creationMs: 100 });
  const answered = { reason: 'OVERDUE', how: 'retry' };
  await shows('account_vending_escalations_ended_total', answered, 1);

  simulator.takeEmail('sunflower-gone@sunflower.example');
  const gone = await begin('sunflower-gone');
  await shows('account_vending_vends_escalated', { reason: 'EMAIL_ALREADY_EXISTS' }, 1);
  const answer = { action: 'abandon', reason: 'not needed' } as const;
  await gone.executeUpdate(resolveUpdate, { args: [answer] });
  await expect(gone.result()).rejects.toThrow('Workflow execution failed');
  const ended = { outcome: 'abandoned', failure: 'VendAbandoned' };
  await shows('account_vending_vends_ended_total', ended, 1);
});

test('the organization held back: counted once for all vends, and right on a worker that is new', async () => {
  const reason = 'IDENTITY_INVALID_BUSINESS_VALIDATION';
  simulator.set({ managementIssue: reason });
  const ids = ['sunflower-held', 'sunflower-behind', 'sunflower-third'];
  const handles = await Promise.all(ids.map((id) => begin(id)));
  await shows('account_vending_organizations_held_back', { reason }, 1);
  const held = await shows('account_vending_vends_escalated', { reason }, 3);
  const opened = { reason, scope: 'organization' };
  expect(total(held, 'account_vending_escalations_opened_total', opened)).toBe(1);
  expect(total(held, 'account_vending_escalations_opened_total', { reason })).toBe(1);
  earlier.push(held);
  await worker.stop();

  // Another subscriber: what the old one was not told cannot be delivered any more.
  worker = await startWorker(`${receiver.url}/new`);
  await shows('account_vending_organizations_held_back', { reason }, 1);
  await shows('account_vending_vends_escalated', { reason }, 3);
  const anew = await shows('account_vending_gate_waiting', {}, 3);
  expect(total(anew, 'account_vending_gate_creations_24h')).toBeGreaterThan(3);
  // Nothing of what was replayed has happened again.
  expect(total(anew, 'account_vending_escalations_opened_total', opened)).toBe(0);
  expect(total(anew, 'account_vending_vends_started_total')).toBe(0);

  simulator.set({ managementIssue: null });
  const gate = dev.client.workflow.getHandle(gateWorkflowId(simulator.organizationId));
  await gate.executeUpdate(gateResolveUpdate, { args: [{ action: 'retry' }] });
  await Promise.all(handles.map((handle) => handle.result()));
  await shows('account_vending_organizations_held_back', { reason }, 0);
  const over = await shows('account_vending_vends_escalated', { reason }, 0);
  const ended = { ...opened, how: 'retry' };
  expect(total(over, 'account_vending_escalations_ended_total', ended)).toBe(1);
  expect(total(over, 'account_vending_escalations_ended_total', { reason })).toBe(1);
});

test('whatever the documentation, the dashboard and the alerts name a worker has shown', async () => {
  receiver.answer = { status: 204 };
  simulator.takeEmail('sunflower-told@sunflower.example');
  await begin('sunflower-told');
  await shows('account_vending_notifications_total', { outcome: 'told' }, 1);
  await showsSome('account_vending_notifications_total', { outcome: 'undelivered' });
  // Our worker does not know it, as an older one would not know a new workflow.
  await dev.client.workflow.start('unknownType', { taskQueue: QUEUE, workflowId: 'unknown' });
  const failed = 'temporal_workflow_task_execution_failed';
  await showsSome(failed, { workflow_type: 'unknownType', task_queue: QUEUE });
  const seen = [...earlier, await scrape(metricsAddress)];
  const series = seen.flatMap((one) => one.series);

  // Nothing was born at 1: Prometheus would not see it.
  expect(seriesOf(series).filter((one) => !atStart.includes(one))).toEqual([]);

  const ours = [Happened, Called, Counted].flatMap((each): MetricDefinition[] =>
    Object.values(each),
  );
  const documented = documentedMetrics();
  expect(ours.map(({ name }) => name).toSorted()).toEqual(
    documented
      .map(({ name }) => name)
      .filter((name) => name.startsWith('account_'))
      .toSorted(),
  );
  for (const { name, kind, labels } of documented) {
    const type = seen.map(({ types }) => types.get(name)).find((each) => each !== undefined);
    expect({ name, kind: type }).toEqual({ name, kind });
    const one = kind === 'histogram' ? `${name}_count` : name;
    expect(missing({ name: one, labels: namesOnly(labels) }, series)).toBeUndefined();
  }
  for (const { name, kind } of ours) {
    expect({ name, kind: documented.find((one) => one.name === name)?.kind }).toEqual({
      name,
      kind,
    });
  }
  const asked = [...alertExpressions(), ...dashboardExpressions()].flatMap(askedBy);
  expect(asked.length).toBeGreaterThan(50);
  expect(asked.map((one) => missing(one, series)).filter(Boolean)).toEqual([]);
  const inTables = new Set(documented.map(({ name }) => name));
  const base = ({ name }: Asked) => name.replace(/_(?:bucket|count|sum)$/, '');
  expect(asked.map(base).filter((name) => !inTables.has(name))).toEqual([]);
});

test('no label has anything of a person, of an account or of a request in it', async () => {
  const seen = [...earlier, await scrape(metricsAddress)];
  for (const { series } of seen) {
    expect(series.length).toBeGreaterThan(100);
    const labels = series.flatMap((one) => Object.values(one.labels));
    expect([...new Set(labels)].filter((word) => PERSONAL.test(word))).toEqual([]);
  }
  for (const { text } of seen) expect(text).not.toMatch(/sunflower/i);
});

test('healthy while it works, live until it has stopped; and stopped it answers nobody', async () => {
  await expect(health()).resolves.toEqual({ status: 200, said: 'ok\n' });
  await expect(health('/livez')).resolves.toEqual({ status: 200, said: 'ok\n' });
  await expect(health('/')).resolves.toMatchObject({ status: 404 });
  const posted = await fetch(`http://${healthAddress}/healthz`, { method: 'POST' });
  expect(posted.status).toBe(405);
  // What is under way is waited for, so that stopping takes a moment.
  simulator.inject({ operation: 'CreateAccount', kind: 'delay', delayMs: 6_000 });
  const last = await begin('sunflower-last');
  await until(
    () => last.describe(),
    ({ raw }) =>
      (raw.pendingActivities ?? []).some(
        ({ activityType }) => activityType?.name === 'createAccount',
      ),
  );
  const stopped = worker.stop();
  await until(health, ({ status }) => status === 503);
  await expect(health()).resolves.toMatchObject({ said: expect.stringContaining('the worker is') });
  await expect(health('/livez')).resolves.toMatchObject({ status: 200 });
  await expect(stopped).resolves.toBe(0);
  await expect(health()).rejects.toThrow('fetch failed');
});

test('Temporal that is away: not healthy, and still live', async () => {
  // Of its own: one that others use is not closed.
  const server = await startTemporal({ searchAttributes: SEARCH_ATTRIBUTE_NAMES });
  worker = await startWorker(receiver.url, server);
  await until(health, ({ status }) => status === 200);
  await server.close();
  await until(health, ({ status }) => status === 503);
  const askedAtMs = Date.now();
  await expect(health()).resolves.toMatchObject({ said: 'Temporal does not answer\n' });
  // A probe waits no longer.
  expect(Date.now() - askedAtMs).toBeLessThan(15_000);
  await expect(health('/livez')).resolves.toMatchObject({ status: 200 });
  await worker.stop('SIGKILL');
});

test.each(['VEND_METRICS_ADDRESS', 'VEND_HEALTH_ADDRESS'])(
  '%s that somebody else listens on: exit 2, and which it is',
  async (variable) => {
    const { port } = new URL(receiver.url);
    const refused = new WorkerProcess({ [variable]: port, TEMPORAL_ADDRESS: '127.0.0.1:1' });
    expect(await refused.ended()).toBe(2);
    expect(refused.output).toMatch(new RegExp(`${variable} cannot be listened on: .*in use`, 'i'));
  },
);

/** The tables of docs/metrics.md. */
function documentedMetrics(): { name: string; kind: string; labels: string[] }[] {
  const text = readFileSync(join(root, 'docs/metrics.md'), 'utf8');
  const rows = [...text.matchAll(/^\| `(\w+)` +\| (counter|gauge|histogram) +\| ([^|]*) +\|/gm)];
  const found = rows.map(([, name = '', kind = '', labels = '']) => ({
    name,
    kind,
    // `outcome`: `told`, … names a label and its values.
    labels: labels.includes(':')
      ? [labels.split('`')[1] ?? '']
      : [...labels.matchAll(/`(\w+)`/g)].map(([, label = '']) => label),
  }));
  expect(found.length).toBeGreaterThan(25);
  // Of ours each has these, as the page says.
  return found.map((one) =>
    one.name.startsWith('account_')
      ? { ...one, labels: [...one.labels, 'task_queue', 'namespace'] }
      : one,
  );
}

function namesOnly(labels: string[]): Asked['labels'] {
  return Object.fromEntries(labels.map((label) => [label, undefined]));
}

/** The series of those counters, as a text with all their labels. */
function seriesOf(series: readonly Series[]): string[] {
  const ofCounters = series.filter(({ name }) => ZEROS.has(name));
  return ofCounters.map(({ name, labels }) => {
    const told = Object.entries(labels).map(([label, word]) => `${label}=${word}`);
    return [name, ...told.toSorted()].join(' ');
  });
}

function alertExpressions(): string[] {
  const { groups } = parse(readFileSync(join(root, 'docs/alerts.yaml'), 'utf8')) as {
    groups: { rules: { expr: string }[] }[];
  };
  return groups.flatMap(({ rules }) => rules.map(({ expr }) => expr));
}

function dashboardExpressions(): string[] {
  const { panels } = JSON.parse(
    readFileSync(join(root, 'docs/grafana/account-vending.json'), 'utf8'),
  ) as { panels: { targets?: { expr: string }[] }[] };
  return panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
}

/** What is asked for and no series has: the name, or a label, or its value. */
function missing({ name, labels }: Asked, series: readonly Series[]): string | undefined {
  const ofName = series.filter((one) => one.name === name);
  if (ofName.length === 0) return name;
  const wanted = Object.entries(labels);
  const fits = (one: Series) =>
    wanted.every(([label, word]) =>
      word === undefined ? label in one.labels : one.labels[label] === word,
    );
  return ofName.some(fits) ? undefined : `${name} ${JSON.stringify(labels)}`;
}
