/**
 * The organization's gate by itself: the built workflow, its real activities and a real server, and
 * 5,000 workflows that do nothing but ask for a turn, wait for it and give it back.
 *
 * They are real workflows, because the gate lets go of a waiter whom its messages do not reach.
 */
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import {
  DefaultLogger,
  NativeConnection,
  Runtime,
  Worker,
  bundleWorkflowCode,
} from '@temporalio/worker';
import { answerTimes, cameIn, runsOf, wentOut } from './gate/runs.mjs';
import { check, median, percentile, printMachine, round, row, say, table } from './report.mjs';

const require = createRequire(import.meta.url);
const { startTemporal } = require('../lib/local/temporal-server.js');
const { createAwsClients } = require('../lib/aws/clients.js');
const { createVendWorker } = require('../lib/runtime/create-worker.js');
const { parseConfiguration } = require('../lib/config/index.js');
const {
  SEARCH_ATTRIBUTE_NAMES,
  gateStateQuery,
  gateWorkflowId,
  vendWorkflowId,
} = require('../lib/contract/index.js');

const PLACES = 5;
const WAITING = 5_000;
const TURNS = 200;
/** The old gate and a new one take turns at being measured: what disturbs the machine disturbs both. */
const BLOCKS = 4;
const MOST_BYTES = 1_000_000;
const MOST_BYTES_EACH = 100;
const MOST_SLOWER = 1.2;
const SHOWN = 50;
/**
 * So many come at once. Of more than 100 signals that come in during one workflow task the server makes
 * a failed task, and a development server gives thousands that come at once no chance to be heard.
 */
const WAVE = 100;
const POKES_AT_ONCE = 50;

/** As gRPC numbers it. */
const DEADLINE_EXCEEDED = 4;

/** A turn takes a fraction of a second, and two hundred of them half a minute. */
const TOO_LONG_MS = 5 * 60_000;

const GATE_QUEUE = 'bench-gate';
const CLIENT_QUEUE = 'bench-gate-clients';
/** Nothing but the places holds anybody back. */
const CREATION = { maxInProgress: PLACES, perSecond: 1_000, burst: 1_000, perDay: 100_000 };

export async function measure() {
  say(
    `gate: ${WAITING} vends wait for ${PLACES} places, continue-as-new, answer times (takes about ten minutes)`,
  );
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const temporal = await startTemporal({ searchAttributes: SEARCH_ATTRIBUTE_NAMES, ui: false });
  const { address, namespace } = temporal;
  const connection = await NativeConnection.connect({ address });
  const clientConnection = await Connection.connect({ address });
  // No call is sent: the gate counts creations at AWS only where it doubts.
  const aws = createAwsClients();
  try {
    const client = new Client({ connection: clientConnection, namespace });
    const configuration = parseConfiguration({ taskQueue: GATE_QUEUE, creation: CREATION }).value;
    const gateWorker = await createVendWorker({ connection, namespace, aws, configuration });
    const workflowBundle = await bundleWorkflowCode({
      workflowsPath: fileURLToPath(new URL('gate-client/workflows.mjs', import.meta.url)),
      logger: new DefaultLogger('ERROR'),
    });
    const clientWorker = await Worker.create({
      connection,
      namespace,
      workflowBundle,
      taskQueue: CLIENT_QUEUE,
      maxCachedWorkflows: 2_000,
    });
    await gateWorker.runUntil(() => clientWorker.runUntil(() => measureWith(client)));
    await printMachine(clientConnection);
  } finally {
    aws.destroy();
    await connection.close();
    await clientConnection.close();
    await temporal.close();
  }
}

async function measureWith(client) {
  const gate = await Gate.start(client, 'o-benchgate1');
  const asNew = await gate.answerTimes(TURNS);
  const holders = await fill(gate);
  const full = await gate.untilContinuedAsNew();
  const drain = await empty(gate, holders, full.order);
  reportRuns(await gate.runs(), full);
  say('');
  row('bytes carried over with 5,000 waiting', full.bytes, MOST_BYTES);
  row('bytes carried over for each', round(full.bytes / WAITING, 1), MOST_BYTES_EACH);
  check('waiting afterwards, of 5,000', full.waiting, WAITING);
  check('of all that was carried over, in the order of arrival', full.inOrder, WAITING);
  check(`of the first ${SHOWN} in the query state, in the order of arrival`, full.shown, SHOWN);
  check('granted in the order of arrival', drain.inOrder, WAITING);
  say(
    `     ${WAITING} waiting vends had their turn in ${round(drain.ms / 1_000, 1)} s: ${round(WAITING / (drain.ms / 1_000), 1)} turns/s with ${PLACES} places`,
  );

  const fresh = await Gate.start(client, 'o-benchgate2');
  await fresh.answerTimes(1);
  const [beside, after] = [[], []];
  for (let block = 0; block < BLOCKS; block += 1) {
    beside.push(...(await fresh.answerTimes(TURNS / BLOCKS)));
    after.push(...(await gate.answerTimes(TURNS / BLOCKS)));
  }
  say('\nfrom ask to grant, the server’s times, nobody else asking');
  table([
    answerRow('new', asNew),
    answerRow(`after ${WAITING} vends`, after),
    answerRow('new, measured beside it', beside),
  ]);
  const slower = round(median(after) / median(beside));
  row('answer time after 5,000 vends, median over that beside', slower, MOST_SLOWER);
}

/** Five hold the places, and everybody else comes and waits. */
async function fill(gate) {
  const startedAt = Date.now();
  const holders = await Promise.all(
    Array.from({ length: PLACES }, (_, n) => gate.begin(`holder-${n}`, { holds: true })),
  );
  await gate.until(({ inProgress }) => inProgress === PLACES);
  for (let n = 0; n < WAITING; n += WAVE) {
    await Promise.all(Array.from({ length: WAVE }, (_, i) => gate.begin(requestIdOf(n + i))));
    await gate.until(({ waiting }) => waiting === n + WAVE);
  }
  const seconds = round((Date.now() - startedAt) / 1_000, 1);
  say(
    `  ${WAITING} wait after ${seconds} s (queries without an answer until then: ${gate.unanswered})`,
  );
  return holders;
}

/** As long as people's own ids are. */
function requestIdOf(n) {
  return `team-${String(n % 97).padStart(2, '0')}-service-${String(n).padStart(4, '0')}`;
}

/** The five let go, and everybody has a turn. */
async function empty(gate, holders, order) {
  const startedAt = Date.now();
  await Promise.all(holders.map((handle) => handle.signal('letGo')));
  // Thousands of clients that wait for a result would be more than the server lets wait.
  await gate.until(({ waiting, inProgress }) => waiting + inProgress === 0);
  const ms = Date.now() - startedAt;
  const granted = wentOut(await gate.runs(), 'grant').slice(-WAITING);
  return { ms, inOrder: countSame(granted, order.map(vendWorkflowId)) };
}

function countSame(ones, others) {
  return ones.filter((one, n) => one === others[n]).length;
}

class Gate {
  static async start(client, organizationId) {
    const handle = await client.workflow.start('organizationGate', {
      taskQueue: GATE_QUEUE,
      workflowId: gateWorkflowId(organizationId),
      args: [{ organizationId }],
    });
    return new Gate(client, organizationId, handle.firstExecutionRunId);
  }

  constructor(client, organizationId, firstRunId) {
    this.client = client;
    this.organizationId = organizationId;
    this.firstRunId = firstRunId;
    // By id: it continues as new.
    this.handle = client.workflow.getHandle(gateWorkflowId(organizationId));
    this.turnTakers = 0;
    this.unanswered = 0;
  }

  begin(requestId, more = {}, workflow = 'takeOneTurn') {
    const { organizationId } = this;
    const email = `${organizationId} ${requestId}@example.com`;
    // As long as that of a vend.
    const emailKey = createHash('sha256').update(email).digest('base64url').slice(0, 16);
    return this.client.workflow.start(workflow, {
      taskQueue: CLIENT_QUEUE,
      workflowId: vendWorkflowId(requestId),
      args: [{ organizationId, requestId, emailKey, ...more }],
    });
  }

  async answerTimes(turns) {
    this.turnTakers += 1;
    const requestId = `turns-${this.organizationId}-${this.turnTakers}`;
    const handle = await this.begin(requestId, { turns }, 'takeTurns');
    const isLate = Symbol('late');
    const end = await Promise.race([handle.result(), pause(TOO_LONG_MS, isLate, { ref: false })]);
    if (end === isLate) {
      const { runId, historyLength } = await this.handle.describe();
      throw new Error(
        `${this.handle.workflowId} (run ${runId}, ${historyLength} events) does not answer ${handle.workflowId}`,
      );
    }
    return answerTimes((await handle.fetchHistory()).events);
  }

  async until(isSo) {
    for (;;) {
      const state = await this.state();
      if (state && isSo(state)) return state;
      await pause(250);
    }
  }

  /** A server that is busy with thousands of signals does not always get to a query. */
  async state() {
    try {
      return await this.handle.query(gateStateQuery);
    } catch (error) {
      if (error.cause?.code !== DEADLINE_EXCEEDED) throw error;
      this.unanswered += 1;
      return undefined;
    }
  }

  runs() {
    return runsOf(this.client, this.handle.workflowId, this.firstRunId);
  }

  async runId() {
    return (await this.handle.describe()).runId;
  }

  /**
   * Nothing of what it is told here is news to it: it only makes the history long enough. Then what
   * the last run has handed to the next is read.
   */
  async untilContinuedAsNew() {
    const before = await this.runId();
    const holder = { workflowId: 'nobody', firstExecutionRunId: 'nobody', requestId: 'nobody' };
    for (let n = 1; ; n += 1) {
      await this.handle.signal('report', { v: 1, holder, ticket: 1, n, is: 'recovered' });
      if (n % POKES_AT_ONCE > 0) continue;
      // A run can end only in a task during which nothing comes in.
      await pause(2_000);
      if ((await this.runId()) !== before) break;
    }
    const { waiting, queue } = await this.until(() => true);
    const runs = await this.runs();
    const order = cameIn(runs, 'ask').slice(-WAITING);
    const { carried, carriedBytes, runId } = runs.at(-1);
    const carriedOrder = carried.waiting.map((text) => text.split('|')[0]);
    return {
      waiting,
      order,
      runId,
      bytes: carriedBytes,
      inOrder: countSame(carriedOrder, order),
      shown: countSame(
        queue.map(({ requestId }) => requestId),
        order,
      ),
    };
  }
}

function answerRow(gate, times) {
  return {
    gate,
    turns: times.length,
    'median ms': round(median(times), 1),
    'p95 ms': round(percentile(times, 0.95), 1),
  };
}

function reportRuns(runs, full) {
  say('\nruns of the gate');
  table(
    runs.map(({ runId, length, bytes, carried, carriedBytes, failedTasks }, n) => ({
      run: n + 1,
      'carried over, bytes': carriedBytes,
      waiting: carried?.waiting.length ?? 0,
      events: length,
      'history, bytes': bytes,
      'failed tasks': failedTasks,
      '': runId === full.runId ? '<- with all waiting' : '',
    })),
  );
}
