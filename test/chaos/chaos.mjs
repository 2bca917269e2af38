/** One run, from the first process to the last. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { KNOBS, makeChaos } from './aws-chaos.mjs';
import { Fleet } from './fleet.mjs';
import { answerEscalations } from './operator.mjs';
import { drawPlan } from './plan.mjs';
import { killAfterCompletions, POINT as RECORDED } from './recorded-completions.mjs';
import { reportOf } from './report.mjs';
import { RestartedTemporal } from './temporal.mjs';
import { Vends } from './vends.mjs';
import { workerEnv } from './worker-settings.mjs';

const require = createRequire(import.meta.url);
const { startSimulator } = require('../../lib/simulator/index.js');
const { gateStateQuery, gateWorkflowId } = require('../../lib/contract/index.js');
const { CRASH_POINTS } = require('./crash-points.cjs');

const WORKERS = 3;
/** With it every creation ends for a while; a person is asked, and mends it some time later. */
const ISSUE = 'PENDING_BUSINESS_VALIDATION';
const MENDED_AFTER_MS = 6_000;
const LOOK_MS = 200;

/** What has not ended by then is stuck. */
const limitMs = (vends) => 240_000 + 4_000 * vends;

/** Returns the report; rejects where the run was interrupted, or could not be carried out. */
export async function runChaos({ vends, seed, log, signal }) {
  const closers = [];
  try {
    const run = await start({ plan: drawPlan({ vends, seed }), closers, log });
    await untilAllEnded(run, signal);
    return await judge(run);
  } finally {
    for (const close of closers.toReversed()) await close().catch((error) => log(String(error)));
  }
}

async function start({ plan, closers, log }) {
  const startedAt = Date.now();
  const folder = await mkdtemp(join(tmpdir(), 'vend-chaos-'));
  closers.push(() => rm(folder, { recursive: true, force: true }));
  const simulator = await startSimulator({ profile: 'test', seed: plan.seed, knobs: KNOBS });
  closers.push(() => simulator.close());
  makeChaos(simulator, plan.crashes);
  const temporal = await RestartedTemporal.start(join(folder, 'temporal.db'));
  closers.push(() => temporal.close());
  const env = await workerEnv({ folder, temporal, simulator, crashes: plan.crashes });
  const fleet = await Fleet.start({ size: WORKERS, env, random: plan.random });
  closers.push(() => fleet.close());
  return { plan, startedAt, folder, simulator, temporal, fleet, vends: new Vends(temporal), log };
}

/** What happens meanwhile goes on until the last vend has ended, or time is up. */
async function untilAllEnded(run, interrupted) {
  const limit = AbortSignal.timeout(limitMs(run.plan.vends.length));
  const signal = AbortSignal.any([interrupted, limit]);
  const meanwhile = new AbortController();
  const answering = answerEscalations(run, meanwhile.signal);
  const killing = killAfterCompletions(run, meanwhile.signal);
  try {
    await tell(run, signal);
  } catch (error) {
    // What is late then is stuck, as the report tells.
    if (interrupted.aborted || !limit.aborted) throw error;
  } finally {
    meanwhile.abort();
    run.answers = await answering;
    run.recorded = await killing;
  }
}

/** The course of a run. The crash points lie beside it: each is met when a call comes by. */
async function tell(run, signal) {
  const { plan, temporal, vends, log } = run;
  const count = plan.vends.length;
  await vends.start(plan.firstWaves, signal);
  await vends.untilEnded(count / 3, signal);
  log('a third has ended: Temporal is killed and started again');
  await temporal.restart('SIGKILL');

  await vends.untilEnded(count / 2, signal);
  log(`half has ended: every creation ends ${ISSUE}`);
  turnManagementIssue(run, ISSUE);
  await vends.start(plan.laterWaves, signal);
  while (endedWith(run, ISSUE) === 0) await pause(LOOK_MS, undefined, { signal });
  await pause(MENDED_AFTER_MS, undefined, { signal });
  turnManagementIssue(run, null);

  await vends.untilEnded((2 * count) / 3, signal);
  log('two thirds have ended: Temporal is stopped and started again');
  await temporal.restart('SIGTERM');
  await vends.untilEnded(count, signal);
}

/** The operator has to know when it is mended. */
function turnManagementIssue(run, managementIssue) {
  run.simulator.set({ managementIssue });
  run.managementIssue = managementIssue;
}

function endedWith({ simulator }, reason) {
  return simulator.snapshot().requests.filter(({ failureReason }) => failureReason === reason)
    .length;
}

async function judge(run) {
  const { plan, startedAt, folder, simulator, temporal, fleet, vends, answers, recorded } = run;
  const marks = await readdir(folder);
  const kills = CRASH_POINTS.map((point) => [
    point,
    point === RECORDED
      ? recorded.size
      : marks.filter((name) => name.startsWith(`${point}.`)).length,
  ]);
  return reportOf({
    seed: plan.seed,
    startedAt,
    simulator,
    vends: await vends.ends(plan.vends, simulator.snapshot()),
    kills: Object.fromEntries(kills),
    restarts: temporal.restarts,
    fleet,
    startedTwice: vends.startedTwice,
    endedByIssue: { [ISSUE]: endedWith(run, ISSUE) },
    answers,
    gate: await gateState(run),
  });
}

/** What the gate says of itself, as evidence where something went wrong. */
function gateState({ temporal, simulator }) {
  const gateId = gateWorkflowId(simulator.organizationId);
  return temporal
    .askOnce((client) => client.workflow.getHandle(gateId).query(gateStateQuery))
    .catch(String);
}
