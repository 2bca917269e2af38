/** One process of a contestant, of which the last lines are kept. */
import { spawn } from 'node:child_process';

const KEPT = 4_000;

/** None of them outlives the measurement. */
const running = new Set();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/**
 * @param readyLine what it says when it is ready
 * @returns a `kill`; `ended`, with its exit status (null where it was killed) and what it said last; and
 *   `ready`
 */
export function startProcess(file, args, { env, cwd, readyLine }) {
  const child = spawn(process.execPath, [file, ...args], {
    env,
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let said = '';
  let tellReady;
  const ready = new Promise((resolve) => {
    tellReady = resolve;
  });
  const keep = (chunk) => {
    said = (said + chunk).slice(-KEPT);
    if (readyLine && said.includes(readyLine)) tellReady();
  };
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);
  const ended = new Promise((resolve) => {
    const end = (status) => {
      running.delete(child);
      resolve({ status, said });
    };
    child.once('error', (error) => {
      said += error.message;
      end(1);
    });
    child.once('close', end);
  });
  return { ended, ready, kill: () => child.kill('SIGKILL') };
}
