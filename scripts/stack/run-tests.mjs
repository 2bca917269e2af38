/**
 * `npm run stack -- test`: the end-to-end tests and a chaos run against Temporal on PostgreSQL. The tests
 * start workers and simulators themselves.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../tools.mjs';
import { startStack } from './start-stack.mjs';

/** Those of test/e2e that need no browser, and no server with settings of its own. */
const TESTS = ['worker', 'privacy', 'encryption', 'metrics', 'traces', 'moto'].map(
  (name) => `test/e2e/${name}.test.ts`,
);

/** Returns the exit status. */
export async function runTests({ vends, seed }, signal) {
  const data = mkdtempSync(join(tmpdir(), 'vend-stack-'));
  // PostgreSQL runs as somebody else where we are root.
  chmodSync(data, 0o755);
  let stack;
  try {
    const ports = { 'temporal-port': 0, 'ui-port': 0 };
    stack = await startStack({ data, ...ports, ui: false, worker: false }, signal);
    const env = {
      ...process.env,
      TEST_TEMPORAL_ADDRESS: stack.address,
      TEST_TEMPORAL_PID_FILE: stack.pidFile,
    };
    const chaos = ['--vends', String(vends), '--seed', String(seed)];
    const runs = [
      {
        name: 'end-to-end tests',
        args: ['node_modules/jest/bin/jest.js', '--runInBand', ...TESTS],
      },
      {
        name: `chaos, ${vends} vends, seed ${seed}`,
        args: ['test/chaos/run.mjs', ...chaos],
      },
    ];
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
    const failed = results.filter(({ status }) => status !== 0).length;
    return failed > 0 || signal.aborted ? 1 : 0;
  } finally {
    await stack?.close();
    rmSync(data, { recursive: true, force: true });
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
