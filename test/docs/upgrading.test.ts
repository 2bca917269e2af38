import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gateWorkflowId, resolveUpdate, stateQuery } from '../../src/contract';
import { startSimulator } from '../../src/simulator';
import type { Simulator } from '../../src/simulator';
import type { vendAccount } from '../../src/workflows';
import { aRequest } from '../support/skipped';
import { startDevServer } from '../support/temporal';
import type { DevServer } from '../support/temporal';
import { WorkerProcess } from '../support/worker-process';
import { until, untilListed } from '../support/until';

// Every line that docs/upgrading.md tells to type, typed in its order, on a real server; and what it
// says that comes of it.

const TEXT = readFileSync(resolve(__dirname, '../../docs/upgrading.md'), 'utf8');
const LINES = [...TEXT.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) =>
  block.trimEnd().split('\n'),
);

const folder = mkdtempSync(join(tmpdir(), 'vend-upgrading-'));
let dev: DevServer;
let simulator: Simulator;
const workers: WorkerProcess[] = [];

beforeAll(async () => {
  dev = await startDevServer({ ui: false });
  simulator = await startSimulator({ profile: 'test', knobs: { creationMs: 200 } });
});
afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.stop('SIGKILL')));
  await dev?.close();
  await simulator?.close();
  rmSync(folder, { recursive: true });
});

/** What was printed. */
async function type(line: string): Promise<string> {
  const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(
    ([, quoted, plain]) => quoted ?? plain ?? '',
  );
  const variables = words.filter((word) => /^TEMPORAL_\w+=/.test(word));
  const [program, ...args] = words.slice(variables.length);
  if (program === 'node') {
    if (args.join(' ') !== 'lib/worker.js') throw new Error(`nobody types ${line}`);
    const config = join(folder, 'vending.yaml');
    writeFileSync(config, JSON.stringify({ creation: { poll: { initial: '100ms' } } }));
    const worker = new WorkerProcess({
      ...Object.fromEntries(variables.map((word) => word.split('=') as [string, string])),
      TEMPORAL_ADDRESS: dev.address,
      AWS_ENDPOINT_URL: simulator.url,
      VEND_CONFIG: config,
    });
    workers.push(worker);
    await worker.ready();
    return '';
  }
  if (program !== 'temporal') throw new Error(`nobody types ${line}`);
  const cli = process.env['TEMPORAL_CLI'] ?? '';
  // A version is known to Temporal a moment after its worker has polled.
  const run = promisify(execFile);
  const { stdout } = await until(() => run(cli, [...args, '--address', dev.address]), Boolean);
  return stdout;
}

const start = (requestId: string, word = '') =>
  dev.client.workflow.start<typeof vendAccount>('vendAccount', {
    taskQueue: 'account-vending',
    workflowId: `vend-${requestId}`,
    args: [aRequest(requestId, word)],
  });

async function versionOf(workflowId: string): Promise<string> {
  const { raw } = await dev.client.workflow.getHandle(workflowId).describe();
  return raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion?.buildId ?? '';
}

async function asks(requestId: string): Promise<void> {
  const handle = await start(requestId, 'fail-invalid-email-1x');
  await until(
    () => handle.query(stateQuery),
    ({ escalation }) => escalation !== undefined,
  );
}

async function answered(requestId: string): Promise<void> {
  const handle = dev.client.workflow.getHandle<typeof vendAccount>(`vend-${requestId}`);
  await handle.executeUpdate(resolveUpdate, { args: [{ action: 'retry' }] });
  await handle.result();
}

/** What follows the line that ends so, the first time that it is typed, and must be as the page says. */
const AFTERWARDS: { line: RegExp; check: (printed: string) => Promise<void> }[] = [
  {
    line: /set-current-version .*1\.0\.0/,
    check: async () => {
      await Promise.all(['team-a', 'team-b'].map(asks));
      expect(await versionOf('vend-team-a')).toBe('1.0.0');
    },
  },
  {
    line: /TemporalReportedProblems/,
    check: async (printed) => expect(printed).not.toContain('vend-'),
  },
  {
    line: /set-current-version .*1\.1\.0/,
    check: async () => {
      await (await start('new')).result();
      expect(await versionOf('vend-new')).toBe('1.1.0');
      expect(await versionOf(gateWorkflowId(simulator.organizationId))).toBe('1.1.0');
      expect(await versionOf('vend-team-a')).toBe('1.0.0');
    },
  },
  {
    line: /describe-version/,
    check: async (printed) => expect(printed).toMatch(/draining/i),
  },
  {
    line: /workflow list .*:1\.0\.0/,
    check: async (printed) => {
      expect(printed).toContain('vend-team-a');
      expect(printed).not.toContain('organization-gate');
    },
  },
  {
    line: /update-options --workflow-id/,
    check: async () => {
      await answered('team-a');
      expect(await versionOf('vend-team-a')).toBe('1.1.0');
    },
  },
  {
    line: /update-options --query/,
    check: async () => {
      // A batch of Temporal's takes a moment.
      const moved = `TemporalWorkerDeploymentVersion = 'account-vending:1.1.0'`;
      await untilListed(dev.client, `WorkflowId = 'vend-team-b' AND ${moved}`);
      await answered('team-b');
      expect(await versionOf('vend-team-b')).toBe('1.1.0');
    },
  },
  {
    line: /set-current-version .*1\.0\.0/,
    check: async () => {
      await (await start('back')).result();
      expect(await versionOf('vend-back')).toBe('1.0.0');
    },
  },
  {
    line: /--unversioned/,
    check: async () => {
      await type('node lib/worker.js');
      const [old, newer] = workers;
      await Promise.all([old?.stop(), newer?.stop()]);
      await (await start('plain')).result();
      expect(await versionOf('vend-plain')).toBe('');
      expect(await versionOf(gateWorkflowId(simulator.organizationId))).toBe('');
    },
  },
];

test('the lines of docs/upgrading.md do what it says', async () => {
  expect(LINES.length).toBeGreaterThan(10);
  const open = [...AFTERWARDS];
  for (const line of LINES) {
    const printed = await type(line);
    const next = open[0];
    if (!next?.line.test(line)) continue;
    open.shift();
    await next.check(printed);
  }
  expect(open.map(({ line }) => String(line))).toEqual([]);
  expect(simulator.createdAccounts()).toEqual({
    'team-a': 1,
    'team-b': 1,
    new: 1,
    back: 1,
    plain: 1,
  });
});
