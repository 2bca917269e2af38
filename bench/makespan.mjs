/**
 * How long 60 vends of one organization take, against what cannot be done faster: once with AWS's
 * rate off, so that the five places are the limit, and once with the published rate, which then is.
 * Beside it the workflow that one writes first, with the same creations.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Connection } from '@temporalio/client';
import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';
import { check, median, printMachine, round, row, say, table } from './report.mjs';

const require = createRequire(import.meta.url);
const { startTemporal } = require('../lib/local/temporal-server.js');
const { SEARCH_ATTRIBUTE_NAMES } = require('../lib/contract/index.js');

/** Different ones: the organization's id comes of the seed, and its gate stays where it began. */
const SEEDS = { places: [1, 2, 3, 4, 5], rate: [6, 7, 8, 9, 10] };
const VENDS = 60;
const PLACES = 5;
const MOST = { places: 1.1, rate: 1.05 };
const START_MS = 15_000;
const WHAT = {
  places: 'the places are the limit: no rate, looks every 0.5 s',
  rate: "AWS's rate is the limit: 3 calls at once, then one in 10 s; default policy",
};

const HERE = (path) => fileURLToPath(new URL(path, import.meta.url));

export async function measure() {
  say(`makespan: ${VENDS} vends with creations of 10 ± 3 s, five seeds (takes about 35 minutes)`);
  const folder = mkdtempSync(join(tmpdir(), 'bench-makespan-'));
  const temporal = await startTemporal({ searchAttributes: SEARCH_ATTRIBUTE_NAMES, ui: false });
  const children = new Set();
  try {
    const naiveBundle = join(folder, 'naive.js');
    const { code } = await bundleWorkflowCode({
      workflowsPath: HERE('naive/workflow.mjs'),
      logger: new DefaultLogger('ERROR'),
    });
    writeFileSync(naiveBundle, code);
    const { address } = temporal;
    const prepare = (part, how, seeds = SEEDS[part]) =>
      seeds.map((seed) => start(children, { address, naiveBundle, part, how, seed }));
    // One seed after the other: the looks of five keep the machine busy.
    const places = [];
    for (const seed of SEEDS.places) {
      places.push(...(await oneByOne(prepare('places', 'ours', [seed]))));
    }
    report('places', places, []);
    // These mostly wait, and run side by side; only their starts are apart.
    const results = await oneByOne([
      ...prepare('rate', 'ours'),
      ...prepare('places', 'naive'),
      ...prepare('rate', 'naive'),
    ]);
    const resultsOf = (part, how) => results.filter((one) => one.part === part && one.how === how);
    const rate = resultsOf('rate', 'ours');
    report('rate', rate, resultsOf('rate', 'naive'));
    report('places', [], resultsOf('places', 'naive'));
    judge('places', places, resultsOf('places', 'naive'));
    judge('rate', rate, resultsOf('rate', 'naive'));
    const connection = await Connection.connect({ address });
    await printMachine(connection);
    await connection.close();
  } finally {
    for (const child of children) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
    await temporal.close();
  }
}

/**
 * All are ready before the first one begins, and each has begun before the next one: 60 vends that
 * are started keep the machine busy for a while.
 */
async function oneByOne(seeds) {
  await Promise.all(seeds.map(({ ready }) => ready));
  const results = [];
  for (const { go } of seeds) {
    if (results.length > 0) await pause(START_MS);
    results.push(go());
  }
  return Promise.all(results);
}

function start(children, setting) {
  const child = fork(HERE('makespan/seed.mjs'), [JSON.stringify(setting)]);
  children.add(child);
  const message = (name) =>
    new Promise((resolve, reject) => {
      child.on('message', (said) => {
        if (said[name] !== undefined) resolve(said[name]);
      });
      child.once('exit', (status) => {
        children.delete(child);
        reject(new Error(`seed ${setting.seed} (${setting.how}) ended with ${status}`));
      });
    });
  const ready = message('ready');
  const result = message('result');
  // Whoever waits for the other one hears of it there.
  result.catch(() => undefined);
  return {
    ready,
    go: () => {
      child.send('go');
      return result;
    },
  };
}

function report(part, ours, naive) {
  say(`\n${WHAT[part]}`);
  table(
    [...ours, ...naive].map((one) => ({
      seed: one.seed,
      workflow: one.how,
      'ideal s': round(one.idealMs / 1_000, 1),
      'at AWS s': round(one.awsMs / 1_000, 1),
      'vends s': round(one.vendsMs / 1_000, 1),
      'ratio AWS': round(one.awsMs / one.idealMs),
      'ratio vends': round(one.vendsMs / one.idealMs),
      'first call s': round(one.firstCallMs / 1_000, 1),
      ...(part === 'places' ? { 'place empty ms': round(one.handOverMs, 0) } : {}),
      'most in progress': one.inProgress,
      CreateAccount: one.calls,
      refused: one.refused,
      looks: one.looks,
      accounts: one.accounts,
      done: one.done,
    })),
  );
}

const ratio = ({ vendsMs, idealMs }) => vendsMs / idealMs;

function judge(part, ours, naive) {
  say(`\n${part}, median of ${ours.length} seeds`);
  row('time to the last vend’s end over the ideal', round(median(ours.map(ratio))), MOST[part]);
  row('most creations in progress', Math.max(...ours.map(({ inProgress }) => inProgress)), PLACES);
  const all = (what) => ours.map(what).find((value) => value !== VENDS) ?? VENDS;
  // With the rate, a call that AWS refuses makes no account, and costs time, which is measured.
  if (part === 'places')
    check(
      'CreateAccount calls, in each seed',
      all(({ calls }) => calls),
      VENDS,
    );
  check(
    'accounts, in each seed',
    all(({ accounts }) => accounts),
    VENDS,
  );
  check(
    'vends done, in each seed',
    all(({ done }) => done),
    VENDS,
  );
  const refused = ours.map((one) => one.refused).join(', ');
  say(`     CreateAccount calls that AWS refused, by seed: ${refused}`);
  const of = (what) => median(naive.map(what));
  say(
    `     the naive workflow: ${round(of(ratio))} times the ideal, ${of(({ calls }) => calls)} CreateAccount calls, ${of(({ accounts }) => accounts)} accounts for ${VENDS} requests`,
  );
}
