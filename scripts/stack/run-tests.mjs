/**
 * `npm run stack -- test`: the end-to-end tests and a chaos run against Temporal on PostgreSQL, then the tests of TLS
 * against one that asks for certificates. The tests start workers and simulators themselves.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, run } from '../tools.mjs';
import { DEPLOY } from './compose-file.mjs';
import { startStack } from './start-stack.mjs';

const JEST = ['node_modules/jest/bin/jest.js', '--runInBand'];

/** Those of test/e2e that need no browser, and no server with settings of its own. */
const TESTS = ['worker', 'privacy', 'encryption', 'metrics', 'traces', 'moto'].map(
  (name) => `test/e2e/${name}.test.ts`,
);

/** Returns the exit status. */
export async function runTests({ vends, seed }, signal) {
  const data = mkdtempSync(join(tmpdir(), 'vend-stack-'));
  // PostgreSQL runs as somebody else where we are root.
  chmodSync(data, 0o755);
  try {
    const tls = join(data, 'certificates');
    // First, since it is quick to fail.
    await run('/bin/sh', [join(DEPLOY, 'temporal', 'make-certificates.sh'), tls]);
    const failed =
      (await inClear(join(data, 'clear'), { vends, seed }, signal)) +
      (await byMutualTls(join(data, 'mtls'), tls, signal));
    return failed > 0 || signal.aborted ? 1 : 0;
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

function inClear(data, { vends, seed }, signal) {
  const runs = [
    { name: 'end-to-end tests', args: [...JEST, ...TESTS] },
    {
      name: `chaos, ${vends} vends, seed ${seed}`,
      args: ['test/chaos/run.mjs', '--vends', String(vends), '--seed', String(seed)],
    },
  ];
  const envOf = ({ address, pidFile }) => ({
    TEST_TEMPORAL_ADDRESS: address,
    TEST_TEMPORAL_PID_FILE: pidFile,
  });
  return onStack({ data }, runs, envOf, signal);
}

/** The server itself asks for certificates, and its own parts show them. */
function byMutualTls(data, tls, signal) {
  const runs = [{ name: 'mTLS', args: [...JEST, 'test/e2e/tls.test.ts'] }];
  const envOf = ({ address }) => ({
    TEST_TEMPORAL_MTLS_ADDRESS: address,
    TEST_TEMPORAL_MTLS_FOLDER: tls,
  });
  return onStack({ data, tls }, runs, envOf, signal);
}

/** How many of them fail. */
async function onStack(options, runs, envOf, signal) {
  if (signal.aborted) return 0;
  const alone = { 'temporal-port': 0, 'ui-port': 0, ui: false, worker: false };
  const stack = await startStack({ ...alone, ...options }, signal);
  try {
    const env = { ...process.env, ...envOf(stack) };
    const results = [];
    for (const { name, args } of runs) {
      if (signal.aborted) break;
      console.error(`${name}:`);
      const started = Date.now();
      const status = await inSight(args, env, signal);
      results.push({ name, status, seconds: Math.round((Date.now() - started) / 1000) });
    }
    for (const { name, status, seconds } of results) {
      console.log(`${status === 0 ? 'passed' : 'FAILED'}  ${name} (${seconds} s)`);
    }
    return results.filter(({ status }) => status !== 0).length;
  } finally {
    await stack.close();
  }
}

/** It is ended by the terminal's own Ctrl-C, or by us. */
async function inSight(args, env, signal) {
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: 'inherit' });
  const end = () => child.kill('SIGTERM');
  signal.addEventListener('abort', end);
  const [status] = await once(child, 'close');
  signal.removeEventListener('abort', end);
  return status ?? 1;
}
