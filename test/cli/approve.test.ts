import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { startDevServer, type DevServer } from '../support/temporal';
import { Vending } from '../support/vending';
import { vend } from './run-vend';
import { untilTrue } from '../support/until';

const folder = mkdtempSync(join(tmpdir(), 'vend-approve-'));
const config = join(folder, 'vending.yaml');
let dev: DevServer;
let vending: Vending;

beforeAll(async () => {
  dev = await startDevServer({ ui: false });
  vending = await Vending.start(dev, {
    skipped: false,
    simulator: { knobs: { creationMs: 200 } },
    configuration: {
      approval: { required: true },
      creation: { poll: { initial: '100ms', max: '200ms' } },
      conformance: { allowNone: true },
    },
  });
  writeFileSync(config, JSON.stringify({ taskQueue: vending.taskQueue }));
});
afterAll(async () => {
  await vending?.close();
  await dev?.close();
  rmSync(folder, { recursive: true });
});

const cli = (...argv: string[]) =>
  vend(argv, { env: { TEMPORAL_ADDRESS: dev.address, VEND_CONFIG: config } });

async function start(requestId: string, ...more: string[]): Promise<void> {
  const email = `${requestId}@example.com`;
  const account = ['--account-name', 'Hidden', '--email', email];
  const { status } = await cli('start', '--request-id', requestId, ...account, ...more);
  expect(status).toBe(0);
  await untilTrue(async () => {
    const shown = await cli('show', requestId, '--json');
    return (JSON.parse(shown.stdout) as { stage: string }).stage === 'approving';
  });
}

test('waits; not for the one who started it; somebody else lets it go on', async () => {
  await start('team-a');
  const { stdout: page } = await cli('show', 'team-a');
  expect(page).toContain('Waits for an approval, until');
  expect(page).toContain('vend approve team-a');
  expect(page).toContain("vend reject team-a --reason '…'");
  const own = await cli('approve', 'team-a');
  expect(own.status).toBe(2);
  expect(own.stderr).toContain('team-a refuses this answer: by is who asked for the account');
  const other = await cli('approve', 'team-a', '--by', 'ada');
  expect(other).toMatchObject({ status: 0, stderr: '' });
  expect(other.stdout).toBe('team-a is approved, by ada.\nSee it go on: vend watch team-a\n');
  const { status } = await cli('watch', 'team-a');
  expect(status).toBe(0);
  const again = await cli('approve', 'team-a', '--by', 'ada');
  expect(again.status).toBe(2);
  expect(again.stderr).toContain('team-a has ended (COMPLETED); no approval is waited for.');
});

test('--by says who asked for it', async () => {
  await start('team-b', '--by', 'grace');
  const { status } = await cli('approve', 'team-b', '--by', 'Grace');
  expect(status).toBe(2);
  expect((await cli('approve', 'team-b', '--by', userInfo().username)).status).toBe(0);
});

test('rejected: it ends, its exit status says so, and --json is one document', async () => {
  await start('team-c');
  const without = await cli('reject', 'team-c');
  expect(without.status).toBe(2);
  expect(without.stderr).toContain('--reason');
  const { status, stdout } = await cli('reject', 'team-c', '--reason', 'no budget', '--json');
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    requestId: 'team-c',
    workflowId: 'vend-team-c',
    decision: { action: 'reject', reason: 'no budget', via: 'update' },
  });
  const watched = await cli('watch', 'team-c');
  expect(watched.status).toBe(1);
  expect(watched.stdout).toContain('ApprovalRefused');
});

test('nobody of that name; and a name that is an address is refused', async () => {
  expect((await cli('approve', 'nobody')).status).toBe(5);
  const addressed = await cli('start', '--request-id', 'x', '--by', 'ada@example.com');
  expect(addressed.status).toBe(2);
  expect(addressed.stderr).toContain('--by must be a name, not an e-mail address');
});
