import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batchStateQuery, batchWorkflowId, vendWorkflowId } from '../../src/contract';
import type { vendBatch } from '../../src/workflows';
import { startDevServer, type DevServer } from '../support/temporal';
import { Vending } from '../support/vending';
import { vend, type Ended } from './run-vend';
import { untilTrue } from '../support/until';

// Applying once more after an end, and several at a time of which one is refused.

const TAKEN = ['a', 'b', 'c', 'd'].map((word) => `taken-${word}@example.com`);
const folder = mkdtempSync(join(tmpdir(), 'vend-apply-again-'));
const config = join(folder, 'vending.yaml');
let dev: DevServer;
let vending: Vending;

beforeAll(async () => {
  dev = await startDevServer({ ui: false });
  vending = await Vending.start(dev, {
    skipped: false,
    configuration: {
      creation: { poll: { initial: '100ms', max: '200ms' }, reconcile: { settle: '100ms' } },
      conformance: { allowNone: true },
    },
  });
  writeFileSync(config, JSON.stringify({ taskQueue: vending.taskQueue }));
  for (const email of TAKEN) vending.simulator.takeEmail(email);
});

afterAll(async () => {
  await vending?.close();
  await dev?.close();
  rmSync(folder, { recursive: true });
});

function cli(argv: readonly string[]): Promise<Ended> {
  return vend(argv, { env: { TEMPORAL_ADDRESS: dev.address, VEND_CONFIG: config } });
}

interface Document {
  manifests: { refused?: string; accounts: { standing: string; started: boolean }[] }[];
}

const account = (requestId: string, email = `${requestId}@example.com`) => ({
  requestId,
  accountName: 'Hidden Name',
  email,
});

function file(name: string, accounts: unknown[]): string {
  const path = join(folder, `${name}.json`);
  writeFileSync(path, JSON.stringify({ name, accounts }));
  return path;
}

const batchOf = (name: string) =>
  dev.client.workflow.getHandle<typeof vendBatch>(batchWorkflowId(name));

/** Abandons a vend, and waits until it has ended. */
async function abandon(requestId: string): Promise<void> {
  await cli(['resolve', requestId, '--abandon', '--reason', 'x']);
  expect((await cli(['watch', requestId])).status).toBe(1);
}

test('the second restart is followed to its end, and not taken for the first one', async () => {
  const path = file('thrice', [account('thrice-1', TAKEN[0])]);
  expect((await cli(['apply', '-f', path, '--wait', '--until-escalation'])).status).toBe(3);
  await abandon('thrice-1');
  const second = await cli(['apply', '-f', path, '--restart', '--wait', '--until-escalation']);
  expect(second.status).toBe(3);
  await abandon('thrice-1');
  file('thrice', [account('thrice-1', 'thrice-mended@example.com')]);
  const third = await cli(['apply', '-f', path, '--restart', '--wait', '--json']);
  const { manifests } = JSON.parse(third.stdout) as Document;
  expect(manifests[0]!.accounts).toMatchObject([{ standing: 'done', started: true }]);
  expect(third.status).toBe(0);
});

test('what was terminated is started again by the batch that still runs', async () => {
  const held = account('gone-held', TAKEN[1]);
  const path = file('gone', [held, account('gone-1', TAKEN[2])]);
  await cli(['apply', '-f', path, '--wait', '--until-escalation']);
  await untilTrue(
    async () => (await batchOf('gone').query(batchStateQuery)).counts.needPerson === 2,
  );
  file('gone', [held, account('gone-1', 'gone-mended@example.com')]);
  await dev.client.workflow.getHandle(vendWorkflowId('gone-1')).terminate();
  const { stdout } = await cli(['apply', '-f', path, '--restart']);
  expect(stdout).toContain('One is started, in turn, by vend-batch-gone.');
  await dev.client.workflow.getHandle(vendWorkflowId('gone-1')).result();
  await untilTrue(async () => {
    const { accounts } = await batchOf('gone').query(batchStateQuery);
    return accounts[1]?.status === 'COMPLETED';
  });
  await cli(['cancel', '--batch', 'gone']);
});

describe('several manifests, and one of them is refused', () => {
  const refused = () => file('refused', [account('refused-1')]);

  beforeAll(async () => {
    // Under the workflow id of this manifest runs the batch of another one.
    await dev.client.workflow.start<typeof vendBatch>('vendBatch', {
      taskQueue: vending.taskQueue,
      workflowId: batchWorkflowId('refused'),
      args: [{ name: 'other', accounts: [account('other-1', TAKEN[3])] }],
    });
  });

  test('the others are started, what was refused is told, and the exit status is 1', async () => {
    const files = ['-f', file('before', [account('before-1')]), '-f', refused()];
    const last = file('behind', [account('behind-1')]);
    const { status, stdout, stderr } = await cli(['apply', ...files, '-f', last]);
    expect(status).toBe(1);
    expect(stdout).toContain('2 are started, in turn, by vend-batch-before, vend-batch-behind.');
    expect(stderr).toContain('Not started:\n  The batch refused refuses this: this is the batch');
    await untilTrue(async () => 'behind-1' in vending.simulator.createdAccounts());
    expect(vending.simulator.createdAccounts()).not.toHaveProperty('refused-1');
  });

  test('as JSON, and waited for', async () => {
    const files = ['-f', refused(), '-f', file('json', [account('json-1')])];
    const { status, stdout } = await cli(['apply', ...files, '--wait', '--json']);
    expect(status).toBe(1);
    const { manifests } = JSON.parse(stdout) as Document;
    expect(manifests).toMatchObject([
      {
        refused: expect.stringContaining('this is the batch other'),
        accounts: [{ started: false }],
      },
      { accounts: [{ started: true, standing: 'done' }] },
    ]);
    expect(manifests[1]).not.toHaveProperty('refused');
  });

  test('where nothing at all was started it is 2', async () => {
    const files = ['-f', refused(), '-f', file('json', [account('json-1')])];
    const { status, stderr } = await cli(['apply', ...files]);
    expect(status).toBe(2);
    expect(stderr).toContain('error: The batch refused refuses this');
  });
});
