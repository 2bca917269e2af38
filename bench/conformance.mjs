/**
 * What waiting for conformance packs costs: 1, 100 and 1,000 accounts that have just joined, three
 * packs in two regions, deployments of 2-30 minutes. The built watches with their real activity, AWS
 * SDK and server; workflow time is skipped, and the simulator's clock follows it. Then a watch over a
 * week. Beside it the same accounts, each of them polled by its own vend.
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { GetOrganizationConformancePackDetailedStatusCommand } from '@aws-sdk/client-config-service';
import { Context } from '@temporalio/activity';
import { Client, Connection, WorkflowClient } from '@temporalio/client';
import {
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  bundleWorkflowCode,
} from '@temporalio/worker';
import { PACKS, REGIONS, configCalls, startAws } from './conformance/aws.mjs';
import { pollEachVend } from './conformance/poller.mjs';
import { check, median, percentile, printMachine, round, row, say, table } from './report.mjs';

const require = createRequire(import.meta.url);
const { startTemporal } = require('../lib/local/temporal-server.js');
const { createAwsClients } = require('../lib/aws/clients.js');
const { createVendWorker } = require('../lib/runtime/create-worker.js');
const { parseConfiguration } = require('../lib/config/index.js');
const {
  SEARCH_ATTRIBUTE_NAMES,
  watchStateQuery,
  watchWorkflowId,
} = require('../lib/contract/index.js');
const { WATCH_PROTOCOL } = require('../lib/domain/watch/messages.js');

/** Of one account much is chance: so many of them, one after the other. */
const ALONE = 10;
const WAITING = [100, 1_000];
const MOST_LISTS = 1.5;
/** Of a server, as Temporal documents it: 51,200 events or 50 MB end a workflow. */
const MOST_EVENTS = 51_200;
const MOST_BYTES = 50_000_000;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/**
 * Of the simulator: at every second time that a workflow continues as new, the server skips all that
 * it has skipped once more, which makes months of a week.
 */
const NEVER_MS = 3_650 * DAY;
/** A look takes less than a second: nothing moves any more. */
const STUCK_MS = 2 * MINUTE;
/** One every five minutes. */
const LOOKS_A_WEEK = (7 * DAY) / (5 * MINUTE);
const WAVE = 50;
const CLIENT_QUEUE = 'bench-watch-clients';

export async function measure() {
  say('conformance: 1, 100 and 1,000 waiting accounts, three packs in two regions, virtual time');
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const temporal = await startTemporal({ searchAttributes: SEARCH_ATTRIBUTE_NAMES, ui: false });
  const { address, namespace } = temporal;
  const connection = await NativeConnection.connect({ address });
  const clientConnection = await Connection.connect({ address });
  const bench = {
    connection,
    namespace,
    client: new Client({ connection: clientConnection, namespace }),
    skipping: new SkippingClient({ connection: clientConnection, namespace }),
  };
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('watch-client/workflows.mjs', import.meta.url)),
    logger: new DefaultLogger('ERROR'),
  });
  const clients = await Worker.create({
    connection,
    namespace,
    workflowBundle,
    taskQueue: CLIENT_QUEUE,
    maxCachedWorkflows: 2_000,
  });
  try {
    await clients.runUntil(() => measureAll(bench));
    await printMachine(clientConnection);
  } finally {
    await connection.close();
    await clientConnection.close();
    await temporal.close();
  }
}

async function measureAll(bench) {
  const alone = [];
  for (let seed = 1; seed <= ALONE; seed += 1) alone.push(await together(bench, 1, seed));
  const rows = [sum(alone, { waiting: 1 })];
  for (const [index, waiting] of WAITING.entries()) {
    rows.push(await together(bench, waiting, ALONE + 1 + index));
  }
  say('\nAWS Config calls, both regions together; minutes until the last account was ready');
  table(rows.map(callsRow));
  say('\nthe same accounts, each polled by its own vend');
  table(rows.map(pollerRow));
  say('\nfrom the last pack of a region to the look that shows it, in minutes (poll 1 to 5)');
  table(rows.map(lagRow));
  const [one, , thousand] = rows;
  say('');
  const ratio = round(perMinute(thousand, 'lists') / perMinute(one, 'lists'), 2);
  row('calls for lists a minute, 1,000 over 1', ratio, MOST_LISTS);
  const pairs = thousand.waiting * PACKS.length * REGIONS.length;
  row('calls to confirm 1,000 accounts', thousand.calls.confirming, pairs);
  check('accounts that were told of each region', thousand.lags.length, thousand.waiting * 2);
  check('told before all packs of the region were successful', thousand.early + one.early, 0);
  await aWeek(bench);
}

/** So many accounts have just joined, and wait in every region. */
async function together(bench, waiting, seed) {
  const regions = [];
  for (const [index, region] of REGIONS.entries()) {
    regions.push(await inRegion(bench, { waiting, region, seed: REGIONS.length * seed + index }));
  }
  const last = Math.max(...regions.map(({ minutes }) => minutes));
  const slowest = Math.max(...regions.map(({ poller }) => poller.minutes));
  return sum(regions, { waiting, minutes: last, pollerMinutes: slowest });
}

async function inRegion(bench, setup) {
  const world = await startAws(setup);
  const aws = clientsOf(world.simulator);
  const startMs = world.clock.now();
  try {
    const { results, state } = await watched(bench, world, aws, `${setup.waiting}-${setup.seed}`);
    const ends = await endsOf(aws, world);
    const lags = results.map(({ accountId, seenAtMs }) => seenAtMs - ends.get(accountId));
    const last = Math.max(...results.map(({ seenAtMs }) => seenAtMs));
    const other = await startAws(setup);
    const otherAws = clientsOf(other.simulator);
    const poller = await pollEachVend({ ...other, aws: otherAws });
    otherAws.destroy();
    await other.simulator.close();
    return {
      minutes: (last - startMs) / MINUTE,
      looks: state.looks,
      calls: state.calls,
      longest: world.longest,
      lags: lags.map((lag) => lag / MINUTE),
      early: lags.filter((lag) => lag < 0).length,
      messages: results.reduce((all, { messages }) => all + messages, 0),
      poller,
    };
  } finally {
    aws.destroy();
    await world.simulator.close();
  }
}

/** The watch runs on a worker of its own until everybody was told. */
async function watched(bench, world, aws, name) {
  const { simulator, accounts, region } = world;
  const { organizationId } = simulator;
  const taskQueue = `bench-watch-${name}`;
  const watch = await startWatch(bench, { organizationId, region, taskQueue });
  // All subscribe before it begins: in its time that is one moment.
  const handles = [];
  for (let n = 0; n < accounts.length; n += WAVE) {
    const wave = accounts
      .slice(n, n + WAVE)
      .map((accountId, i) =>
        subscribe(bench, watch, { ...world, accountId, name: `${name}-${n + i}` }),
      );
    handles.push(...(await Promise.all(wave)));
  }
  const worker = await watchWorker(bench, world, aws, taskQueue);
  return worker.runUntil(async () => {
    const results = await Promise.all(
      handles.map(async ({ accountId, handle }) => ({ accountId, ...(await handle.result()) })),
    );
    const state = await watch.query(watchStateQuery);
    await watch.terminate();
    return { results, state };
  });
}

async function startWatch(bench, { organizationId, region, taskQueue }) {
  const workflowId = watchWorkflowId(organizationId, region);
  await bench.skipping.start('conformanceWatch', {
    taskQueue,
    workflowId,
    args: [{ organizationId, region }],
  });
  // Without a run: it continues as new.
  return bench.client.workflow.getHandle(workflowId);
}

async function subscribe(bench, watch, { simulator, region, accountId, name }) {
  const { organizationId } = simulator;
  const workflowId = `bench-vend-${name}`;
  const handle = await bench.client.workflow.start('waitForPacks', {
    taskQueue: CLIENT_QUEUE,
    workflowId,
    args: [{ organizationId, region, packs: PACKS }],
  });
  const { firstExecutionRunId } = handle;
  const message = {
    v: WATCH_PROTOCOL,
    holder: { workflowId, firstExecutionRunId, requestId: name },
    ticket: 1,
    accountId,
    packs: PACKS.map((pack) => ({ pack })),
    scope: 'account',
  };
  await watch.signal('mail', { v: WATCH_PROTOCOL, subscribe: [message], unsubscribe: [] });
  return { accountId, handle };
}

/** The simulator's clock follows the time at which a look is scheduled. */
function watchWorker(bench, world, aws, taskQueue) {
  const { connection, namespace } = bench;
  const { simulator, clock } = world;
  world.longest = 0;
  const inbound = {
    async execute(input, next) {
      const { currentAttemptScheduledTimestampMs: now } = Context.current().info;
      if (now > clock.now()) clock.set(now);
      const before = configCalls(simulator);
      const answer = await next(input);
      world.longest = Math.max(world.longest, configCalls(simulator) - before);
      return answer;
    },
  };
  return createVendWorker({
    connection,
    namespace,
    aws,
    configuration: parseConfiguration({ taskQueue }).value,
    configEveryMs: 0,
    overrides: {
      // Two looks side by side would count each other's calls.
      maxConcurrentActivityTaskExecutions: 1,
      interceptors: { activity: [() => ({ inbound })] },
    },
  });
}

/** When the last pack became successful in each account, as AWS tells it. */
async function endsOf(aws, { accounts, region }) {
  const ends = new Map(accounts.map((accountId) => [accountId, 0]));
  for (const pack of PACKS) {
    for (const { AccountId, LastUpdateTime } of await allRows(aws.config(region), pack)) {
      const known = ends.get(AccountId);
      if (known !== undefined) ends.set(AccountId, Math.max(known, LastUpdateTime.getTime()));
    }
  }
  return ends;
}

async function allRows(config, pack) {
  const rows = [];
  let NextToken;
  do {
    const page = await config.send(
      new GetOrganizationConformancePackDetailedStatusCommand({
        OrganizationConformancePackName: pack,
        NextToken,
      }),
    );
    rows.push(...(page.OrganizationConformancePackDetailedStatuses ?? []));
    NextToken = page.NextToken;
  } while (NextToken);
  return rows;
}

/** One account that is never ready keeps the watch awake for a week. */
async function aWeek(bench) {
  const [region] = REGIONS;
  const world = await startAws({ waiting: 1, seed: 99, region, deployMs: NEVER_MS });
  const aws = clientsOf(world.simulator);
  const { organizationId } = world.simulator;
  const taskQueue = 'bench-watch-week';
  try {
    const watch = await startWatch(bench, { organizationId, region, taskQueue });
    const [accountId] = world.accounts;
    await subscribe(bench, watch, { ...world, accountId, name: 'week' });
    const worker = await watchWorker(bench, world, aws, taskQueue);
    await worker.runUntil(async () => {
      const { looks, calls } = await afterLooks(watch, LOOKS_A_WEEK);
      await watch.terminate();
      const runs = await runsOf(bench.client, watch.workflowId);
      say(`\na watch over a week: ${looks} looks, ${calls.lists} calls for lists`);
      table(runs);
      row('events of the longest run', Math.max(...runs.map(({ events }) => events)), MOST_EVENTS);
      row('bytes of the largest', Math.max(...runs.map(({ bytes }) => bytes)), MOST_BYTES);
    });
  } finally {
    aws.destroy();
    await world.simulator.close();
  }
}

/** By looks and not by time, which jumps. */
async function afterLooks(watch, wanted) {
  let state = await watch.query(watchStateQuery);
  let movedAt = Date.now();
  while (state.looks < wanted) {
    if (Date.now() - movedAt > STUCK_MS) {
      throw new Error(`the watch has stopped after ${state.looks} of ${wanted} looks`);
    }
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const before = state.looks;
    state = await watch.query(watchStateQuery);
    if (state.looks > before) movedAt = Date.now();
  }
  return state;
}

async function runsOf(client, workflowId) {
  const runs = [];
  let { runId } = await client.workflow.getHandle(workflowId).describe();
  while (runId) {
    const handle = client.workflow.getHandle(workflowId, runId);
    const { raw, historyLength } = await handle.describe();
    const bytes = Number(raw.workflowExecutionInfo.historySizeBytes);
    runs.unshift({ run: runId.slice(0, 8), events: historyLength, bytes });
    const { events } = await handle.fetchHistory();
    runId = events[0].workflowExecutionStartedEventAttributes.continuedExecutionRunId;
  }
  return runs;
}

/** Started so, a workflow skips its waiting. The SDK has no option for it yet. */
class SkippingClient extends WorkflowClient {
  async createStartWorkflowRequest(input) {
    const request = await super.createStartWorkflowRequest(input);
    request.timeSkippingConfig = { enabled: true, maxSessionSkipCount: 5_000 };
    return request;
  }
}

function clientsOf(simulator) {
  process.env.AWS_ENDPOINT_URL = simulator.url;
  return createAwsClients();
}

function addCalls(all) {
  const names = ['lists', 'confirming', 'rowless', 'throttled'];
  return Object.fromEntries(
    names.map((name) => [name, all.reduce((calls, one) => calls + one[name], 0)]),
  );
}

function sum(rows, { waiting, minutes, pollerMinutes }) {
  const add = (key) => rows.reduce((all, one) => all + one[key], 0);
  return {
    waiting,
    minutes: minutes ?? add('minutes'),
    looks: add('looks'),
    calls: addCalls(rows.map(({ calls }) => calls)),
    longest: Math.max(...rows.map(({ longest }) => longest)),
    lags: rows.flatMap(({ lags }) => lags),
    early: add('early'),
    messages: add('messages'),
    poller: {
      calls: rows.reduce((all, { poller }) => all + poller.calls, 0),
      minutes: pollerMinutes ?? rows.reduce((all, { poller }) => all + poller.minutes, 0),
    },
  };
}

function perMinute({ calls, minutes }, kind) {
  return calls[kind] / minutes;
}

function total({ calls }) {
  return calls.lists + calls.confirming + calls.rowless;
}

function callsRow(one) {
  return {
    waiting: one.waiting,
    minutes: round(one.minutes, 1),
    looks: one.looks,
    lists: one.calls.lists,
    'lists/min': round(perMinute(one, 'lists'), 2),
    confirming: one.calls.confirming,
    rowless: one.calls.rowless,
    'all/min': round(total(one) / one.minutes, 2),
    'longest look': one.longest,
    messages: one.messages,
  };
}

function pollerRow({ waiting, poller }) {
  return {
    waiting,
    minutes: round(poller.minutes, 1),
    calls: poller.calls,
    'calls/min': round(poller.calls / poller.minutes, 2),
  };
}

function lagRow({ waiting, lags }) {
  return {
    waiting,
    median: round(median(lags), 2),
    '90 %': round(percentile(lags, 0.9), 2),
    worst: round(Math.max(...lags), 2),
  };
}
