import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batchStateQuery, batchWorkflowId } from '../../src/contract';
import type { vendBatch } from '../../src/workflows';
import { startDevServer, type DevServer } from '../support/temporal';
import { Vending } from '../support/vending';
import { vend, type Ended } from './run-vend';
import { untilListed, untilTrue } from '../support/until';

const folder = mkdtempSync(join(tmpdir(), 'vend-apply-approval-'));
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
      approval: { required: true },
    },
  });
  writeFileSync(config, JSON.stringify({ taskQueue: vending.taskQueue }));
});

afterAll(async () => {
  await vending?.close();
  await dev?.close();
  rmSync(folder, { recursive: true });
});

function cli(argv: readonly string[], heard?: (text: string) => void): Promise<Ended> {
  const env = { TEMPORAL_ADDRESS: dev.address, VEND_CONFIG: config };
  return vend(argv, { env, ...(heard ? { heard } : {}) });
}

/** One that waits: how it ends, and what it has said so far. */
function waiting(argv: readonly string[]) {
  let said = '';
  const ended = cli(argv, (text) => (said = text));
  const until = (words: string) => untilTrue(() => said.includes(words));
  return { ended, until };
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

test('--wait says who waits for an approval, with the line to type, and goes on when it is given', async () => {
  vending.simulator.set({ creationMs: 600_000 });
  const path = file('asks', [account('asks-1')]);
  const waited = waiting(['apply', '-f', path, '--wait', '--by', 'ada']);
  await untilListed(dev.client, `VendRequestId = 'asks-1' AND VendStage = 'approving'`);
  const again = await cli(['apply', '-f', path]);
  expect(again.stdout).toContain('One waits for an approval:\n    vend approve asks-1\n');
  expect(again.stdout).toContain('In all 1 running (1 waits for an approval).');
  await waited.until('asks-1  waits for an approval');
  expect((await cli(['approve', 'asks-1', '--by', 'eve'])).status).toBe(0);
  // It needs a place of the window again, long before it has its account.
  await untilTrue(async () => {
    const [row] = (await batchOf('asks').query(batchStateQuery)).accounts;
    return row?.stage === 'queued' && row.accountId === undefined;
  });
  await untilTrue(() => vending.calls('CreateAccount') > 0);
  vending.simulator.advance(600_000);
  const { status, stdout } = await waited.ended;
  expect(status).toBe(0);
  expect(stdout).toContain('asks-1  waits for an approval: vend approve asks-1');
  expect(stdout).toContain('1 running (1 waits for an approval)');
});

test('many that wait for an approval are told in one line', async () => {
  const ids = Array.from({ length: 10 }, (_, n) => `many-${n}`);
  const path = file(
    'many',
    ids.map((id) => account(id)),
  );
  const waited = waiting(['apply', '-f', path, '--wait']);
  await untilListed(dev.client, `VendStage = 'approving'`, ids.length);
  await waited.until('those that wait for an approval');
  await cli(['cancel', '--batch', 'many']);
  const { status, stdout } = await waited.ended;
  expect(status).toBe(1);
  expect(stdout).toContain('those that wait for an approval: vend list --stage approving');
});
