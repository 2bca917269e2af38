/**
 * A manifest of 500 accounts (BENCH_BATCH sets another number), applied from nothing with the built
 * command against the built worker, a quick AWS and a development server: how long it takes from the
 * command to the last account, what Temporal keeps of it, and how long a look at what is there takes.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { check, printMachine, row, say } from './report.mjs';

const require = createRequire(import.meta.url);
const { startTemporal } = require('../lib/local/temporal-server.js');
const { startDemoWorker } = require('../lib/local/demo-worker.js');
const { startSimulator } = require('../lib/simulator/index.js');
const { SEARCH_ATTRIBUTE_NAMES, batchWorkflowId } = require('../lib/contract/index.js');
const { demoWorkerEnv } = require('../lib/local/demo-settings.js');

const ACCOUNTS = Number(process.env.BENCH_BATCH ?? 500);
const VEND = fileURLToPath(new URL('../lib/starter.js', import.meta.url));
/** So long a person waits for an answer. */
const MOST_SECONDS = 15;
/** AWS's own pace would make it 83 minutes: here it is the batch that is measured. */
const CONFIGURATION = {
  creation: { perSecond: 1_000, burst: 1_000, poll: { initial: '100ms', max: '500ms' } },
  conformance: { allowNone: true, poll: { initial: '1s', max: '2s' } },
};

export async function measure() {
  say(`batch: a manifest of ${ACCOUNTS} accounts, real time, the simulator's test profile`);
  const folder = mkdtempSync(join(tmpdir(), 'vend-bench-batch-'));
  const temporal = await startTemporal({ searchAttributes: SEARCH_ATTRIBUTE_NAMES, ui: false });
  const simulator = await startSimulator({ profile: 'test', knobs: { pageSize: 20 } });
  const { address, namespace } = temporal;
  const configurationFile = join(folder, 'vending.yaml');
  const temporalFile = join(folder, 'temporal.toml');
  writeFileSync(configurationFile, JSON.stringify(CONFIGURATION));
  writeFileSync(temporalFile, `[profile.default]\naddress = "${address}"\n`);
  const env = demoWorkerEnv(process.env, {
    address,
    namespace,
    simulator,
    configurationFile,
    temporalFile,
  });
  const connection = await Connection.connect({ address });
  const worker = await startDemoWorker({ env, log: () => undefined });
  try {
    const manifest = join(folder, 'manifest.json');
    writeFileSync(manifest, JSON.stringify({ name: 'bench', accounts: accounts() }));
    const began = performance.now();
    const applied = await vend(env, ['apply', '-f', manifest]);
    row('seconds until the command came back', seconds(applied.ms), MOST_SECONDS);
    const looked = await vend(env, ['apply', '-f', manifest, '--dry-run']);
    row('seconds of a look while it runs', seconds(looked.ms), MOST_SECONDS);
    const waited = await vend(env, ['apply', '-f', manifest, '--wait', '--json']);
    const all = seconds(performance.now() - began);
    say(`     seconds until the last account was done: ${all}`);
    const again = await vend(env, ['apply', '-f', manifest]);
    row('seconds of applying it once more', seconds(again.ms), MOST_SECONDS);
    await tell(new Client({ connection, namespace }), simulator, waited);
    await printMachine(connection);
  } finally {
    await worker.close();
    await connection.close();
    await simulator.close();
    await temporal.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function accounts() {
  return Array.from({ length: ACCOUNTS }, (_, n) => ({
    requestId: `bench-${n}`,
    accountName: `Bench ${n}`,
    email: `bench-${n}@example.com`,
  }));
}

async function tell(client, simulator, waited) {
  const [{ counts }] = JSON.parse(waited.stdout).manifests;
  check('accounts done', counts.done, ACCOUNTS);
  const made = Object.values(simulator.createdAccounts());
  check('accounts made', made.length, ACCOUNTS);
  check('accounts made twice', made.filter((count) => count !== 1).length, 0);
  let runs = 0;
  let events = 0;
  const query = `WorkflowId = '${batchWorkflowId('bench')}'`;
  for await (const run of client.workflow.list({ query })) {
    runs += 1;
    events += run.historyLength ?? 0;
  }
  say(`     runs of the batch: ${runs}, events for one account: ${Math.round(events / ACCOUNTS)}`);
}

function vend(env, argv) {
  const began = performance.now();
  const child = spawn(process.execPath, [VEND, ...argv], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  return new Promise((resolve, reject) => {
    child.once('close', (status) => {
      if (status !== 0) reject(new Error(`vend ${argv.join(' ')}: ${status}\n${stderr}${stdout}`));
      else resolve({ stdout, stderr, ms: performance.now() - began });
    });
  });
}

function seconds(ms) {
  return Math.round(ms / 100) / 10;
}
