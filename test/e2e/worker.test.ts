import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { SEARCH_ATTRIBUTE_NAMES, stateQuery } from '../../src/contract';
import { startSimulator } from '../../src/simulator';
import type { Simulator } from '../../src/simulator';
import type { vendAccount } from '../../src/workflows';
import { aRequest } from '../support/skipped';
import { startDevServer } from '../support/temporal';
import type { DevServer } from '../support/temporal';
import { WorkerProcess } from '../support/worker-process';

let dev: DevServer;
let simulator: Simulator;
let folder: string;
let env: Record<string, string>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vend-worker-'));
  simulator = await startSimulator({ profile: 'test', knobs: { creationMs: 5_000 } });
  // A server that knows none of our search attributes.
  dev = await startDevServer({ ui: false, searchAttributes: [] });
  env = {
    TEMPORAL_ADDRESS: dev.address,
    TEMPORAL_NAMESPACE: dev.namespace,
    AWS_ENDPOINT_URL: simulator.url,
  };
});
afterAll(async () => {
  await dev?.close();
  await simulator?.close();
  rmSync(folder, { recursive: true, force: true });
});

const start = (requestId: string) =>
  dev.client.workflow.start<typeof vendAccount>('vendAccount', {
    taskQueue: 'account-vending',
    workflowId: `vend-${requestId}`,
    args: [aRequest(requestId)],
  });

/** The health check of the image: its exit status, and what it says. */
const check = (more: Record<string, string> = {}) =>
  new Promise<{ status: unknown; said: string }>((done) => {
    const program = resolve(__dirname, '../../lib/worker-check.js');
    const options = { env: { ...process.env, ...env, ...more } };
    execFile(process.execPath, [program], options, (error, said) =>
      done({ status: error ? error.code : 0, said }),
    );
  });

/** As a worker of this name would, and no longer than the server lets one. */
const asksForWork = (identity: string) =>
  dev.connection
    .withDeadline(Date.now() + 3_000, () =>
      dev.connection.workflowService.pollWorkflowTaskQueue({
        namespace: dev.namespace,
        taskQueue: { name: 'account-vending' },
        identity,
      }),
    )
    .catch(() => undefined);

test('registers the search attributes, vends, and stops in order on SIGTERM', async () => {
  await asksForWork('1@elsewhere');
  await expect(check()).resolves.toMatchObject({
    status: 1,
    said: expect.stringMatching(/^no worker of .+ takes its work from account-vending\n$/),
  });
  const worker = new WorkerProcess(env);
  await worker.ready();
  let checked = await check();
  while (checked.status !== 0) checked = await check();
  expect(checked.said).toMatch(/^a worker of .+ takes its work from account-vending\n$/);
  for (const name of SEARCH_ATTRIBUTE_NAMES) {
    await expect(dev.client.workflow.count(`${name} = 'x'`)).resolves.toBeDefined();
  }
  const result = await (await start('first')).result();
  expect(result.accountId).toMatch(/^\d{12}$/);
  expect(await worker.stop()).toBe(0);
  expect(worker.lines.at(-1)).toMatchObject({ msg: 'worker has stopped', level: 30 });
});

test('killed while AWS creates: the next worker goes on, and no second CreateAccount is sent', async () => {
  const worker = new WorkerProcess(env);
  await worker.ready();
  const handle = await start('killed');
  while ((await handle.query(stateQuery)).attempts === 0) {
    await new Promise((done) => setTimeout(done, 50));
  }
  await worker.stop('SIGKILL');
  const next = new WorkerProcess(env);
  await next.ready();
  await expect(handle.result()).resolves.toMatchObject({ adopted: false });
  expect(simulator.committedCreations()).toMatchObject({ killed: 1 });
  await next.stop();
});

test('killed between sending CreateAccount and its answer: found by its tag, never sent again', async () => {
  const path = join(folder, 'quick.yaml');
  writeFileSync(path, 'creation: { reconcile: { settle: 1s } }\n');
  const sent = () => simulator.journal().filter((entry) => entry.requestTag === 'in-flight');
  simulator.inject({ operation: 'CreateAccount', kind: 'hang', phase: 'after' });
  const worker = new WorkerProcess(env, ['--config', path]);
  await worker.ready();
  const handle = await start('in-flight');
  while (sent().length === 0) await new Promise((done) => setTimeout(done, 20));
  await worker.stop('SIGKILL');
  const next = new WorkerProcess(env, ['--config', path]);
  await next.ready();
  await expect(handle.result()).resolves.toMatchObject({ adopted: true });
  expect(sent()).toHaveLength(1);
  expect(simulator.createdAccounts()).toMatchObject({ 'in-flight': 1 });
  await next.stop();
});

test('Temporal that does not answer: exit 4, and a sentence that says what to do', async () => {
  const worker = new WorkerProcess({ ...env, TEMPORAL_ADDRESS: '127.0.0.1:1' });
  expect(await worker.ended()).toBe(4);
  expect(worker.output).toContain('Temporal does not answer at 127.0.0.1:1');
  expect(worker.output).toContain('TEMPORAL_ADDRESS');
  expect(worker.output).not.toMatch(/^\s+at /m);
});

test('Temporal that does not answer: the health check says so, and never hangs', async () => {
  await expect(check({ TEMPORAL_ADDRESS: '127.0.0.1:1' })).resolves.toMatchObject({
    status: 1,
    said: expect.stringMatching(/^cannot be checked: /),
  });
});

test('a namespace that does not exist: exit 2, and the command that creates it', async () => {
  const worker = new WorkerProcess({ ...env, TEMPORAL_NAMESPACE: 'nowhere' });
  expect(await worker.ended()).toBe(2);
  expect(worker.output).toContain('temporal operator namespace create --namespace nowhere');
});

test('a Temporal configuration file that cannot be read: exit 2, and its name', async () => {
  const path = join(folder, 'temporal.toml');
  writeFileSync(path, '[profile.default\n');
  const worker = new WorkerProcess({ ...env, TEMPORAL_CONFIG_FILE: path });
  expect(await worker.ended()).toBe(2);
  expect(worker.output).toContain('TEMPORAL_CONFIG_FILE');
});

test('a configuration with faults: exit 2, each with its field', async () => {
  const path = join(folder, 'vending.yaml');
  writeFileSync(path, 'creation: { perVend: -1 }\nunknownKey: 1\n');
  const worker = new WorkerProcess(env, ['--config', path]);
  expect(await worker.ended()).toBe(2);
  const fields = worker.lines.map(({ field }) => field);
  expect(fields).toEqual(expect.arrayContaining(['creation.perVend', 'unknownKey']));
});

test('warnings of Node and of packages are lines of JSON too', async () => {
  const path = join(folder, 'warns.cjs');
  const config = join(folder, 'faulty.yaml');
  writeFileSync(
    path,
    "process.emitWarning('needs another Node\\nsoon', 'NodeDeprecationWarning');",
  );
  writeFileSync(config, 'unknownKey: 1\n');
  const worker = new WorkerProcess({ ...env, NODE_OPTIONS: `--require ${path}` }, [
    '--config',
    config,
  ]);
  expect(await worker.ended()).toBe(2);
  expect(worker.lines).toContainEqual(
    expect.objectContaining({
      level: 40,
      warning: 'NodeDeprecationWarning',
      msg: 'needs another Node\nsoon',
    }),
  );
});
