/**
 * Ten thousand real vends that wait (BENCH_SCALE sets another number), on one worker: what they cost
 * while nothing happens, how soon one of them takes an answer, and whether all are there after the
 * worker was started again, or one of two has died.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { bringToWait, countWaiting, crowdOf } from './scale/crowd.mjs';
import { memoryOf, sharesOfCore } from './scale/process.mjs';
import { check, percentile, printMachine, round, row, say, table } from './report.mjs';

const require = createRequire(import.meta.url);
const { startTemporal } = require('../lib/local/temporal-server.js');
const { startDemoWorker } = require('../lib/local/demo-worker.js');
const { demoWorkerEnv } = require('../lib/local/demo-settings.js');
const { SEARCH_ATTRIBUTE_NAMES, vendWorkflowId } = require('../lib/contract/index.js');

const VENDS = Number(process.env.BENCH_SCALE ?? 10_000);
const ANSWERS = Math.min(200, Math.floor(VENDS / 50));
const IDLE_MS = Number(process.env.BENCH_SCALE_IDLE_S ?? 600) * 1000;
/** A vend that has just come asks the watch again after 5, 7, 11 and 17 minutes, and then ever more seldom. */
const COMES_TO_REST_MS = 20 * 60_000;
const ASKED_AT_A_TIME = 20;
/** A machine with two cores may take longer than the server waits for an answer. */
const ASKED_AGAIN = 5;
/** So long after the last question those are asked once more that gave no answer. */
const LET_REST_MS = 60_000;

const MOST_MEBIBYTES = 2048;
const MOST_IDLE_PERCENT = 5;
const MOST_ANSWER_MS = 2000;

const SIMULATOR = fileURLToPath(new URL('scale/simulator.mjs', import.meta.url));
/** They get to where they wait as quickly as two cores can; how they wait is the default. */
const CONFIGURATION = {
  creation: {
    maxInProgress: 20,
    perSecond: 1000,
    burst: 1000,
    perDay: 100_000,
    poll: { initial: '100ms', max: '500ms' },
    reconcile: { settle: '1s', attempts: 1 },
  },
};
const NEVER_MS = 30 * 24 * 3_600_000;

export async function measure() {
  say(`scale: ${VENDS} vends that wait, one worker (an hour and more)`);
  const folder = mkdtempSync(join(tmpdir(), 'vend-bench-scale-'));
  const temporal = await startTemporal({
    searchAttributes: SEARCH_ATTRIBUTE_NAMES,
    ui: false,
    dbFilename: join(folder, 'temporal.db'),
  });
  const simulator = await startSimulator();
  const connection = await Connection.connect({ address: temporal.address });
  const client = new Client({ connection, namespace: temporal.namespace });
  const workers = new Workers(folder, temporal, simulator);
  try {
    const aws = await Aws.prepare(simulator);
    await measureCrowd({ client, crowd: crowdOf(VENDS), aws, workers, temporal });
    await printMachine(connection);
  } finally {
    await workers.close();
    await connection.close();
    simulator.close();
    await temporal.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureCrowd({ client, crowd, aws, workers, temporal }) {
  const taskQueue = 'account-vending';
  let worker = await workers.start({ quick: true });
  const beganAt = performance.now();
  await bringToWait(client, crowd, { aws, taskQueue, vendWorkflowId, log });
  const minutes = round((performance.now() - beganAt) / 60_000, 1);
  say(`     minutes until all of them waited: ${minutes}`);
  table(kindsOf(crowd));
  row(
    'MiB of the worker that brought them there, at most',
    memoryOf(worker.pid).most,
    MOST_MEBIBYTES,
  );

  // From here on AWS is called as it is in production.
  await worker.close();
  worker = await workers.start();
  const asked = await askAll(client, crowd);
  check('vends that answer after a restart of the worker', asked.waiting, crowd.length);
  say(
    `     seconds to ask all of them, ${ASKED_AT_A_TIME} at a time: ${asked.seconds}; had to be asked once more: ${asked.late}`,
  );
  row('MiB of the worker after that, at most', memoryOf(worker.pid).most, MOST_MEBIBYTES);

  await pause(COMES_TO_REST_MS);
  const [ours, servers] = await sharesOfCore([worker.pid, temporal.pid], IDLE_MS);
  row(`% of a core that the worker takes in ${IDLE_MS / 60_000} minutes`, ours, MOST_IDLE_PERCENT);
  say(`     % of a core that Temporal's development server takes: ${servers}`);
  check('vends that wait still', await countWaiting(client), crowd.length);

  const escalated = shuffled(crowd.filter(({ waits }) => waits.startsWith('escalated')));
  const some = () => escalated.splice(0, ANSWERS);
  await worker.close();
  worker = await workers.start();
  const cold = await answer(client, some());
  const known = some();
  await askAll(client, known);
  const warm = await answer(client, known);

  const second = await workers.start();
  await askAll(client, shuffled(escalated).slice(0, ANSWERS * 5));
  worker.kill();
  const orphaned = await answer(client, some());
  table([
    { answers: 'to vends that are in no cache', ...cold.row },
    { answers: 'to vends that are in the cache', ...warm.row },
    { answers: 'at once after one of two workers was killed', ...orphaned.row },
  ]);
  row('ms of an answer out of no cache, 99 %', cold.p99, MOST_ANSWER_MS);
  row('ms of an answer out of the cache, 99 %', warm.p99, MOST_ANSWER_MS);
  const rest = await askAll(client, crowd);
  check('vends that answer on the worker that is left', rest.answered, crowd.length);
  row('MiB of that worker, at most', memoryOf(second.pid).most, MOST_MEBIBYTES);
  check('workflow tasks that failed', workers.complaints.length, 0);
  for (const line of workers.complaints.slice(0, 3)) log(line);
  say(`     workflow tasks that took more than 5 s, or came too late: ${workers.slow}`);
}

class Workers {
  /** What workers have said of themselves that is no good news. */
  complaints = [];
  /** Workflow tasks of more than five seconds, or that came too late: the machine had too much to do. */
  slow = 0;
  #env;
  #running = new Set();

  constructor(folder, { address, namespace }, simulator) {
    const configurationFile = join(folder, 'vending.yaml');
    const temporalFile = join(folder, 'temporal.toml');
    writeFileSync(configurationFile, JSON.stringify(CONFIGURATION));
    writeFileSync(temporalFile, `[profile.default]\naddress = "${address}"\n`);
    const settings = { address, namespace, simulator, configurationFile, temporalFile };
    this.#env = demoWorkerEnv(process.env, settings);
  }

  /** @param quick whether AWS Config may be called more often than once a second. */
  async start({ quick = false } = {}) {
    const { VEND_SIMULATOR_PACE, ...env } = this.#env;
    const worker = await startDemoWorker({
      env: quick ? { ...env, VEND_SIMULATOR_PACE } : env,
      log: (line) => {
        if (/TMPRL1104|Task not found when completing/.test(line)) this.slow += 1;
        else if (/workflow.?task|nondetermin/i.test(line)) this.complaints.push(line);
      },
    });
    const running = {
      pid: worker.pid,
      close: async () => {
        this.#running.delete(running);
        await worker.close();
      },
      kill: () => {
        this.#running.delete(running);
        process.kill(worker.pid, 'SIGKILL');
      },
    };
    this.#running.add(running);
    return running;
  }

  async close() {
    for (const worker of this.#running) await worker.close();
  }
}

async function startSimulator() {
  const knobs = {
    pageSize: 20,
    configPageSize: 100,
    emptyPageRate: 0,
    creationsInProgress: 20,
    accountQuota: 100_000,
    packRowDelayMs: 0,
    packDeployMs: NEVER_MS,
  };
  const child = fork(SIMULATOR, [JSON.stringify({ knobs })]);
  const [{ url, organizationId }] = await once(child, 'message');
  return { url, organizationId, close: () => child.disconnect() };
}

/** What is changed at AWS, by the simulator's control API. */
class Aws {
  #url;
  #units = {};

  static async prepare({ url }) {
    const aws = new Aws();
    aws.#url = url;
    for (const path of ['Workloads', 'Sandbox']) {
      aws.#units[path] = await aws.#post('add-organizational-unit', { path });
    }
    for (const name of ['Baseline', 'Encryption']) {
      await aws.#post('put-conformance-pack', { name, region: 'us-east-1' });
    }
    return aws;
  }

  async addAccount(email, unit) {
    const parent = unit ? { parentId: this.#units[unit] } : {};
    return this.#post('add-account', { email, ...parent });
  }

  async #post(verb, body) {
    const response = await fetch(`${this.#url}/_sim/${verb}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${verb}: ${await response.text()}`);
    const { id } = await response.json();
    return id;
  }
}

/** Asks each for its state, which also brings it back from its history. */
async function askAll(client, crowd) {
  const beganAt = performance.now();
  let left = [...crowd];
  const silent = [];
  const counts = { answered: 0, waiting: 0, late: 0 };
  const askSome = async () => {
    for (let next = left.pop(); next; next = left.pop()) {
      const state = await stateOf(client, next.requestId, counts);
      if (!state) silent.push(next);
      else {
        counts.answered += 1;
        if (state.escalation || state.stage === 'conforming') counts.waiting += 1;
      }
    }
  };
  await Promise.all(Array.from({ length: ASKED_AT_A_TIME }, askSome));
  const seconds = round((performance.now() - beganAt) / 1000, 1);
  // A server that has too much to do is minutes late with its timers, among them the one by which it
  // gives a task of a worker that is gone to another.
  if (silent.length > 0) {
    say(`     of ${crowd.length}, silent until nobody else was asked: ${silent.length}`);
    await pause(LET_REST_MS);
    left = silent.splice(0);
    await askSome();
  }
  return { ...counts, seconds };
}

async function stateOf(client, requestId, counts) {
  const handle = client.workflow.getHandle(vendWorkflowId(requestId));
  for (let times = 0; times < ASKED_AGAIN; times += 1) {
    try {
      return await handle.query('state');
    } catch (error) {
      counts.late += 1;
      if (times + 1 === ASKED_AGAIN) log(`${requestId}: ${error.message}`);
      // Nothing is worse than a history that does not replay: it is kept.
      if (/TMPRL1100/.test(error.message)) return keepHistory(handle);
    }
  }
  return undefined;
}

async function keepHistory(handle) {
  const folder = fileURLToPath(new URL('../.cache/bench/broken', import.meta.url));
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${handle.workflowId}.json`);
  writeFileSync(file, historyToJSON(await handle.fetchHistory()));
  log(`does not replay: ${file}`);
}

/** One after the other, as persons do: from the answer to its acknowledgement, and to the vend's end. */
async function answer(client, some) {
  const taken = [];
  const ended = [];
  for (const { requestId } of some) {
    const handle = client.workflow.getHandle(vendWorkflowId(requestId));
    const beganAt = performance.now();
    await handle.executeUpdate('resolve', {
      args: [{ action: 'abandon', reason: 'measured', by: 'bench' }],
    });
    taken.push(performance.now() - beganAt);
    await handle.result().catch(() => undefined);
    ended.push(performance.now() - beganAt);
  }
  const ms = (values, share) => Math.round(percentile(values, share));
  return {
    p99: ms(taken, 0.99),
    row: {
      count: some.length,
      'median, ms': ms(taken, 0.5),
      '99 %, ms': ms(taken, 0.99),
      'worst, ms': ms(taken, 1),
      'to its end: median, ms': ms(ended, 0.5),
      '99 %': ms(ended, 0.99),
    },
  };
}

function kindsOf(crowd) {
  const kinds = new Map();
  for (const { waits } of crowd) kinds.set(waits, (kinds.get(waits) ?? 0) + 1);
  return [...kinds].map(([waiting, vends]) => ({ vends, waiting }));
}

/** Always the same way. */
function shuffled(items) {
  const order = [...items];
  let seed = 1;
  for (let n = order.length - 1; n > 0; n -= 1) {
    seed = (seed * 48_271) % 2_147_483_647;
    const other = seed % (n + 1);
    [order[n], order[other]] = [order[other], order[n]];
  }
  return order;
}

function log(line) {
  process.stderr.write(`     ${line}\n`);
}
