import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { startSimulator } from '../../src/simulator';
import type { Simulator } from '../../src/simulator';
import { startDevServer } from '../support/temporal';
import type { DevServer } from '../support/temporal';
import { WorkerProcess } from '../support/worker-process';

/** docs/own-program.md: what is printed there does as it says, on a namespace that has nothing of ours. */

const root = resolve(__dirname, '../..');
const example = (name: string) => join(root, 'examples/own-program', name);
const folder = mkdtempSync(join(tmpdir(), 'vend-own-program-'));
let dev: DevServer;
let simulator: Simulator;
let worker: WorkerProcess;
let env: Record<string, string>;

beforeAll(async () => {
  dev = await startDevServer({ searchAttributes: [] });
  simulator = await startSimulator({ profile: 'test' });
  const config = join(folder, 'vending.yaml');
  writeFileSync(config, JSON.stringify({ conformance: { allowNone: true } }));
  env = {
    TEMPORAL_ADDRESS: dev.address,
    TEMPORAL_NAMESPACE: dev.namespace,
    AWS_ENDPOINT_URL: simulator.url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    VEND_CONFIG: config,
  };
  worker = new WorkerProcess(env, [], example('worker.mjs'));
  await worker.said(/RUNNING/);
});
afterAll(async () => {
  await worker?.stop();
  await dev?.close();
  await simulator?.close();
  rmSync(folder, { recursive: true });
});

async function start(): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [example('start.mjs')], {
    env: { ...process.env, ...env },
  });
  return stdout;
}

test('the page shows the two programs as they are', () => {
  const page = readFileSync(join(root, 'docs/own-program.md'), 'utf8');
  for (const name of ['worker.mjs', 'start.mjs']) {
    expect(page).toContain(`\n\`\`\`js\n${readFileSync(example(name), 'utf8')}\`\`\`\n`);
  }
});

test('two that start it at the same moment, and one later, get the same account', async () => {
  const said = [...(await Promise.all([start(), start()])), await start()];
  expect(said[0]).toMatch(/^account \d{12} is ready\n$/);
  expect(new Set(said).size).toBe(1);
  expect(simulator.createdAccounts()).toEqual({ 'team-a-prod': 1 });
});

test('and the worker ends when it is told to', async () => {
  expect(await worker.stop()).toBe(0);
});
