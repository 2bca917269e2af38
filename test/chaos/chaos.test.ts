import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { endWithUs } from '../../src/local/end-with-us';

/** What it asserts on; the whole is printed where something is not as promised. */
interface Report {
  ok: boolean;
  accounts: number;
  double: string[];
  lost: string[];
  stuck: string[];
  wrong: string[];
  addressTaken: string[];
  kills: Record<string, number>;
  serverRestarts: string[];
  mostInProgress: number;
}

const VENDS = 24;
/** The run itself gives up before. */
const LIMIT_MS = 420_000;

function runChaos(...args: string[]): Promise<{ status: number | null; output: string }> {
  const script = resolve(__dirname, 'run.mjs');
  const child = spawn(process.execPath, [script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.once('exit', endWithUs(child));
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((done) => child.once('close', (status) => done({ status, output })));
}

test(
  'workers killed at every point of a creation, Temporal restarted, AWS unreliable: one account for each request',
  async () => {
    const { status, output } = await runChaos('--vends', `${VENDS}`, '--seed', '7', '--json');
    if (status !== 0) process.stderr.write(output);
    const report = JSON.parse(output) as Report;
    expect(report).toMatchObject({
      ok: true,
      accounts: VENDS,
      double: [],
      lost: [],
      stuck: [],
      wrong: [],
      serverRestarts: ['SIGKILL', 'SIGTERM'],
    });
    expect(report.kills).toEqual({
      'before-send': expect.any(Number),
      'after-send': expect.any(Number),
      'after-answer': expect.any(Number),
      'after-completion-recorded': expect.any(Number),
    });
    for (const count of Object.values(report.kills)) expect(count).toBeGreaterThan(0);
    expect(report.mostInProgress).toBeLessThanOrEqual(5);
    expect(status).toBe(0);
  },
  LIMIT_MS,
);
