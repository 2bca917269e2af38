import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { endWithUs } from './end-with-us';

/** The built worker, seen from src/local and from lib/local alike. */
const WORKER = join(__dirname, '..', '..', 'lib', 'worker.js');
const READY = 'worker is ready';
const START_MS = 30_000;
const STOP_MS = 3_000;
const LINES_KEPT = 8;

/** A worker in a process of its own. */
export interface DemoWorker {
  pid: number;
  /** Fulfilled when it has ended, with what it said last. */
  ended: Promise<string>;
  close(): Promise<void>;
}

/** Starts the worker and returns when it polls. It does not outlive this process. */
export async function startDemoWorker(options: {
  env: NodeJS.ProcessEnv;
  log: (line: string) => void;
}): Promise<DemoWorker> {
  if (!existsSync(WORKER)) {
    throw new Error('The worker is not built yet. Run "npm run build" first, or "npm run demo".');
  }
  // A group of its own: at Ctrl-C it is told to stop by us, in order.
  const child = spawn(process.execPath, [WORKER], {
    env: options.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const letGo = endWithUs(child);
  const last: string[] = [];
  const ended = once(child, 'close').then(([status, signal]) => {
    letGo();
    return `The worker has ended (${String(signal ?? status)}).`;
  });
  const ready = new Promise<void>((resolve) => {
    readLines(child, (line) => {
      last.push(line.slice(0, 500));
      if (last.length > LINES_KEPT) last.shift();
      options.log(line);
      if (line.includes(READY)) resolve();
    });
  });
  const close = () => stop(child, ended);
  try {
    await withinStart(ready, ended);
  } catch (error) {
    await close();
    const message = error instanceof Error ? error.message : String(error);
    throw new Error([message, ...last].join('\n  '), { cause: error });
  }
  return { pid: child.pid ?? 0, ended, close };
}

function readLines(child: ChildProcess, tell: (line: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) {
    if (stream) createInterface({ input: stream }).on('line', tell);
  }
}

async function withinStart(ready: Promise<void>, ended: Promise<string>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    const message = `The worker did not begin within ${START_MS / 1000} s.`;
    timer = setTimeout(() => reject(new Error(message)), START_MS);
  });
  const gone = ended.then((how): never => {
    throw new Error(how);
  });
  // When it ends later, that is told by `ended`.
  gone.catch(() => undefined);
  try {
    await Promise.race([ready, gone, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

/** What is under way in a demo is not worth the worker's whole grace time. */
async function stop(child: ChildProcess, ended: Promise<string>): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
  const limit = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await ended;
  clearTimeout(limit);
}
