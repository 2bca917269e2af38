import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { resolveUpdate, stateQuery, vendWorkflowId } from '../../src/contract';
import type { VendState } from '../../src/contract';
import { startSimulatedVending } from '../../src/testing';
import type { SimulatedVending } from '../../src/testing';
import { Consumer, pack } from '../support/packed';
import { continuingAfter, startDevServer } from '../support/temporal';
import type { DevServer } from '../support/temporal';
import { until } from '../support/until';

/*
 * examples/parent-workflow as a team has it: installed from our tarball, compiled strictly, its worker in a
 * process of its own; against the real vendAccount and a simulated AWS.
 */

const EXAMPLE = resolve(__dirname, '../../examples/parent-workflow');

const folder = mkdtempSync(join(tmpdir(), 'vend-example-'));
let team: Consumer;
let dev: DevServer;
let vending: SimulatedVending;
let worker: ReturnType<typeof program> | undefined;

beforeAll(async () => {
  team = await Consumer.install(EXAMPLE, [], (await pack(folder)).tarball);
  await team.node('node_modules/typescript/bin/tsc');
  // Parent, vends and gate continue as new every few events.
  dev = await startDevServer({ ui: false, ...continuingAfter(30) });
  vending = await startSimulatedVending({ address: dev.address });
  worker = program('lib/src/worker.js');
});
afterAll(async () => {
  worker?.child.kill('SIGTERM');
  await worker?.ended;
  await vending?.close();
  await dev?.close();
  team?.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** A program of the team. */
function program(...args: string[]) {
  const env = { ...process.env, TEMPORAL_ADDRESS: dev.address };
  const stdio = ['ignore', 'pipe', 'pipe'] as const;
  const child = spawn(process.execPath, args, { cwd: team.folder, env, stdio: [...stdio] });
  const said = { out: '', err: '' };
  child.stdout?.on('data', (chunk: Buffer) => (said.out += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (said.err += chunk.toString()));
  return { child, said, ended: once(child, 'close') };
}

/** Starts an onboarding and waits for its end, as people do; what it printed. */
async function onboard(name: string): Promise<unknown> {
  const { child, said, ended } = program('lib/src/start.js', name);
  await ended;
  if (child.exitCode !== 0) throw new Error(said.err);
  return JSON.parse(said.out) as unknown;
}

const vend = (requestId: string) => dev.client.workflow.getHandle(vendWorkflowId(requestId));

function untilState(requestId: string, isSo: (state: VendState) => boolean): Promise<VendState> {
  return until(() => vend(requestId).query(stateQuery), isSo);
}

test('it is written for the versions that we are tested with', () => {
  const read = (path: string) =>
    JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as Record<
      'dependencies' | 'devDependencies',
      Record<string, string>
    > & { version: string };
  const ours = read(resolve(EXAMPLE, '../..'));
  const { 'account-vending': us, ...others } = {
    ...read(EXAMPLE).dependencies,
    ...read(EXAMPLE).devDependencies,
  };
  expect(us).toContain(`account-vending-${ours.version}.tgz`);
  expect({ ...ours.dependencies, ...ours.devDependencies }).toMatchObject(others);
});

test('its own tests pass, with the fake of the package', async () => {
  // Node 24 has another default.
  const tests = 'lib/test/onboard-team.test.js';
  const said = await team.node('--test', '--test-reporter=tap', tests);
  expect(said).toMatch(/^# fail 0$/m);
  expect(said).toMatch(/^# pass [7-9]$/m);
});

test('an address taken, an account given up, continue-as-new in the midst: each account once', async () => {
  const { simulator } = vending;
  simulator.takeEmail('aws+team-a-dev@example.com');
  simulator.takeEmail('aws+team-a-stage@example.com');
  simulator.takeEmail('aws+team-a-stage-2@example.com');
  const onboarded = onboard('team-a');
  onboarded.catch(() => undefined);

  const stage = await untilState('team-a-stage', ({ decisions, escalation }) => {
    return decisions.length === 1 && escalation !== undefined;
  });
  expect(stage.decisions).toMatchObject([{ action: 'amend', by: 'onboardTeam', via: 'signal' }]);
  await untilState('team-a-prod', ({ stage: now }) => now === 'done');
  await untilState('team-a-dev', ({ stage: now }) => now === 'done');
  const parent = dev.client.workflow.getHandle('onboard-team-a');
  expect(await runsOf(parent.workflowId)).toBeGreaterThan(1);
  await vend('team-a-stage').executeUpdate(resolveUpdate, {
    args: [{ action: 'abandon', reason: 'not this quarter' }],
  });

  const result = await onboarded;
  expect(result).toEqual({
    team: 'team-a',
    accounts: {
      dev: expect.stringMatching(/^\d{12}$/) as string,
      prod: expect.stringMatching(/^\d{12}$/) as string,
    },
    without: [{ environment: 'stage', failure: 'VendAbandoned' }],
  });
  expect(simulator.createdAccounts()).toEqual({ 'team-a-dev': 1, 'team-a-prod': 1 });
});

test('a parent that is terminated leaves its vends, and whoever starts it again finds them', async () => {
  const { simulator } = vending;
  // All three are still being created when the last of them is looked at, on a busy machine too.
  simulator.set({ creationMs: 20_000 });
  const first = onboard('team-b');
  first.catch(() => undefined);
  const ids = ['team-b-dev', 'team-b-stage', 'team-b-prod'];
  for (const id of ids) await untilState(id, ({ stage }) => stage === 'creating');
  await dev.client.workflow.getHandle('onboard-team-b').terminate();
  await expect(first).rejects.toThrow(/terminated/i);

  // While they run: it cannot start them, and follows them.
  const second = onboard('team-b');
  for (const id of ids) await vend(id).result();
  expect(await second).toMatchObject({ team: 'team-b', without: [] });
  expect(simulator.createdAccounts()).toMatchObject(Object.fromEntries(ids.map((id) => [id, 1])));
});

async function runsOf(workflowId: string): Promise<number> {
  let runs = 0;
  const query = `WorkflowId = '${workflowId}'`;
  for await (const run of dev.client.workflow.list({ query })) runs += run.runId ? 1 : 0;
  return runs;
}
