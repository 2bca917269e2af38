import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { endWithUs } from '../../src/local/end-with-us';

const STARTER = join(__dirname, '../../lib/starter.js');

interface DemoRun {
  pid: number;
  said: () => string;
  until: (pattern: RegExp) => Promise<RegExpExecArray>;
  ended: Promise<unknown>;
}

/** The command as a person has it, in a process of its own, with settings that it must ignore. */
function demo(...flags: string[]): DemoRun {
  const child = spawn(process.execPath, [STARTER, 'demo', ...flags], {
    env: {
      ...process.env,
      AWS_ENDPOINT_URL: 'https://organizations.us-east-1.amazonaws.com',
      AWS_PROFILE: 'production',
      TEMPORAL_ADDRESS: 'temporal.example.com:7233',
      TEMPORAL_NAMESPACE: 'production',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.once('exit', endWithUs(child));
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  }
  const ended = once(child, 'close').then(([status]: unknown[]) => status);
  const until = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const match = pattern.exec(said);
      if (match) return match;
      if (child.exitCode !== null) throw new Error(`the demo has ended:\n${said}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  return { pid: child.pid ?? 0, said: () => said, until, ended };
}

/** What a demo started: its worker's process and the ports that answer. */
async function partsOf(run: DemoRun) {
  const [, temporal] = await run.until(/Temporal +127\.0\.0\.1:(\d+)/);
  const [, simulator] = await run.until(/simulator +http:\/\/127\.0\.0\.1:(\d+)/);
  const [, ui] = await run.until(/Web UI: http:\/\/127\.0\.0\.1:(\d+)/);
  const [, worker] = await run.until(/Worker +process (\d+)/);
  return { ports: [temporal, simulator, ui].map(Number), worker: Number(worker) };
}

async function expectAllGone({ ports, worker }: Awaited<ReturnType<typeof partsOf>>) {
  expect(await Promise.all(ports.map(answers))).toEqual([false, false, false]);
  expect(() => process.kill(worker, 0)).toThrow('ESRCH');
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

test('demo --exit vends three accounts, one through an escalation, and leaves nothing', async () => {
  const run = demo('--exit');
  const parts = await partsOf(run);
  expect(await Promise.all(parts.ports.map(answers))).toEqual([true, true, true]);
  expect(await run.ended).toBe(0);
  const said = run.said();
  expect(said).toMatch(/resolve team-c-dev --amend email=aws\+team-c-dev@example\.com\n/);
  expect(said).toMatch(/team-a-prod +\d{12} +- +ou-\S+ +2 of 2/);
  expect(said).toMatch(/team-b-gov +\d{12} +\d{12} +ou-\S+ +1 of 1/);
  expect(said).toMatch(/team-c-dev +\d{12} +- +ou-\S+ +1 of 1/);
  expect(said).not.toMatch(/example\.com:7233|production$/m);
  await expectAllGone(parts);
});

test.each(['SIGINT', 'SIGTERM'] as const)(
  'after %s in the middle nothing is left',
  async (signal) => {
    const run = demo();
    const parts = await partsOf(run);
    await run.until(/team-a-prod {2}creating/);
    process.kill(run.pid, signal);
    expect(await run.ended).toBe(1);
    await expectAllGone(parts);
  },
);
