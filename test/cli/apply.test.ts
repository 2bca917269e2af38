import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { batchWorkflowId, vendWorkflowId } from '../../src/contract';
import type { vendBatch } from '../../src/workflows';
import { startDevServer, type DevServer } from '../support/temporal';
import { Vending } from '../support/vending';
import { vend, type Ended } from './run-vend';
import { untilListed } from '../support/until';

/** Each of them belongs to an AWS account elsewhere. */
const TAKEN = ['a', 'b', 'c'].map((word) => `taken-${word}@example.com`);
const folder = mkdtempSync(join(tmpdir(), 'vend-apply-'));
const config = join(folder, 'vending.yaml');
let dev: DevServer;
let vending: Vending;

beforeAll(async () => {
  dev = await startDevServer({ ui: false });
  vending = await Vending.start(dev, {
    skipped: false,
    configuration: {
      creation: { poll: { initial: '100ms', max: '200ms' }, reconcile: { settle: '100ms' } },
      conformance: { allowNone: true, poll: { initial: '100ms', max: '200ms' } },
    },
  });
  for (const email of TAKEN) vending.simulator.takeEmail(email);
  writeFileSync(config, JSON.stringify({ taskQueue: vending.taskQueue }));
});

afterAll(async () => {
  await vending?.close();
  await dev?.close();
  rmSync(folder, { recursive: true });
});

function cli(...argv: string[]): Promise<Ended> {
  return vend(argv, { env: { TEMPORAL_ADDRESS: dev.address, VEND_CONFIG: config } });
}

interface Document {
  dryRun: boolean;
  manifests: {
    name: string;
    workflowId: string;
    counts: Record<string, number>;
    accounts: {
      requestId: string;
      standing: string;
      started: boolean;
      changed: string[];
      failure?: string;
    }[];
  }[];
}

async function json(...argv: string[]): Promise<{ status: number; document: Document }> {
  const { status, stdout } = await cli(...argv, '--json');
  return { status, document: JSON.parse(stdout) as Document };
}

const account = (requestId: string, more: Record<string, unknown> = {}) => ({
  requestId,
  accountName: 'Hidden Name',
  email: `${requestId}@example.com`,
  ...more,
});

function file(name: string, accounts: unknown[], more: Record<string, unknown> = {}): string {
  const path = join(folder, `${name}.json`);
  writeFileSync(path, JSON.stringify({ name, accounts, ...more }, undefined, 2));
  return path;
}

const runs = async (workflowId: string) => {
  const { raw } = await dev.client.workflow.getHandle(workflowId).describe();
  return raw.workflowExecutionInfo?.execution?.runId;
};

test('a dry run says what would happen, and starts nothing', async () => {
  const path = file('dry', [account('dry-1'), account('dry-2')]);
  const { status, stdout } = await cli('apply', '-f', path, '--dry-run');
  expect(status).toBe(0);
  expect(stdout).toMatch(/^dry {2}.*dry\.json: 2 accounts\n {2}new {2}dry-1\n {2}new {2}dry-2\n/);
  expect(stdout).toContain('2 would be started. This was a dry run');
  expect(stdout).not.toMatch(/@|Hidden/);
  await expect(runs(batchWorkflowId('dry'))).rejects.toThrow(/not found/);
  await expect(runs(vendWorkflowId('dry-1'))).rejects.toThrow(/not found/);
});

test('applied and waited for; applying again changes nothing; a new one is added', async () => {
  const path = file('twice', [account('twice-1'), account('twice-2')]);
  const first = await json('apply', '-f', path, '--wait', '--by', 'ada');
  expect(first.status).toBe(0);
  expect(first.document.manifests[0]).toMatchObject({
    name: 'twice',
    workflowId: 'vend-batch-twice',
    counts: { total: 2, done: 2, ended: 0 },
    accounts: [
      { requestId: 'twice-1', standing: 'done', started: true, accountId: expect.any(String) },
      { requestId: 'twice-2', standing: 'done', started: true },
    ],
  });
  const { memo } = await dev.client.workflow.getHandle(vendWorkflowId('twice-1')).describe();
  expect(memo).toMatchObject({ requestedBy: 'ada' });

  const runId = await runs(batchWorkflowId('twice'));
  const again = await json('apply', '-f', path, '--wait');
  expect(again.document.manifests[0]).toMatchObject({
    counts: { done: 2, new: 0 },
    accounts: [{ started: false }, { started: false }],
  });
  expect(await runs(batchWorkflowId('twice'))).toBe(runId);

  // One more, and one that is not in the file any more: that one is left alone.
  file('twice', [account('twice-2'), account('twice-3')]);
  const third = await json('apply', '-f', path, '--wait');
  expect(third.document.manifests[0]!.accounts).toMatchObject([
    { requestId: 'twice-2', started: false, standing: 'done' },
    { requestId: 'twice-3', started: true, standing: 'done' },
  ]);
  // The batch has a row for what was there already, too.
  const batch = dev.client.workflow.getHandle<typeof vendBatch>(batchWorkflowId('twice'));
  expect((await batch.result()).accounts).toMatchObject([
    { requestId: 'twice-2', status: 'COMPLETED' },
    { requestId: 'twice-3', status: 'COMPLETED' },
  ]);
  expect(vending.simulator.createdAccounts()).toMatchObject({
    'twice-1': 1,
    'twice-2': 1,
    'twice-3': 1,
  });
});

test('what was started a moment ago is seen, although lists do not show it yet', async () => {
  const ids = Array.from({ length: 44 }, (_, n) => `soon-${n}`);
  const path = file(
    'soon',
    ids.map((id) => account(id)),
  );
  vending.simulator.set({ creationMs: 600_000 });
  const first = await json('apply', '-f', path);
  expect(first.document.manifests[0]).toMatchObject({ counts: { new: 44 } });
  const second = await json('apply', '-f', path);
  const { counts, accounts } = second.document.manifests[0]!;
  expect(counts['new']).toBe(0);
  expect(counts['waiting']).toBeGreaterThan(0);
  expect(accounts.filter(({ started }) => started)).toEqual([]);
  vending.simulator.set({ creationMs: 50 });
  vending.simulator.advance(600_000);
  expect((await cli('apply', '-f', path, '--wait')).status).toBe(0);
  expect(vending.calls('CreateAccount')).toBe(vending.simulator.snapshot().requests.length);
  const made = vending.simulator.createdAccounts();
  expect(ids.map((id) => made[id])).toEqual(ids.map(() => 1));
});

test('a changed entry is told, field by field, and not converged', async () => {
  const path = file('changed', [account('changed-1', { tags: { Team: 'A' } })]);
  expect((await cli('apply', '-f', path, '--wait')).status).toBe(0);
  file('changed', [account('changed-1', { tags: { Team: 'B' } })], {
    defaults: { roleName: 'Other' },
  });
  const { stdout } = await cli('apply', '-f', path);
  expect(stdout).toMatch(/done {2}changed-1 {2}\d{12}; now differs in roleName, tags: not applied/);
  expect(stdout).toContain('Nothing was to be started.');
  const tags = vending.simulator
    .snapshot()
    .accounts.find(({ email }) => email === 'changed-1@example.com')?.tags;
  expect(tags).toMatchObject({ Team: 'A' });
});

test('another e-mail or name under the same id is a conflict: exit 2, and nothing is started', async () => {
  const path = file('conflict', [account('conflict-1')]);
  expect((await cli('apply', '-f', path, '--wait')).status).toBe(0);
  file('conflict', [
    account('conflict-new'),
    account('conflict-1', { email: 'other@example.com', accountName: 'Other' }),
  ]);
  const ended = await cli('apply', '-f', path);
  expect(ended.status).toBe(2);
  expect(ended.stderr).toMatch(
    /conflict\.json:12:\d+ {2}accounts\[1\]\.email differs from the vend/,
  );
  expect(ended.stderr).toMatch(/conflict\.json:11:\d+ {2}accounts\[1\]\.accountName differs/);
  expect(ended.stderr).not.toMatch(/other@|Other/);
  await expect(runs(vendWorkflowId('conflict-new'))).rejects.toThrow(/not found/);
});

test('faults of all files are listed before anything starts: exit 2', async () => {
  const inside = join(folder, 'faulty');
  mkdirSync(inside);
  writeFileSync(join(inside, 'a.yaml'), 'name: fa\naccounts:\n  - requestId: ok-one\n');
  writeFileSync(join(inside, 'b.json'), JSON.stringify({ name: 'fb', accounts: [account('UP')] }));
  writeFileSync(join(inside, 'notes.txt'), 'no manifest');
  const { status, stderr } = await cli('apply', '-f', inside);
  expect(status).toBe(2);
  expect(stderr).toMatch(/a\.yaml:3:5 {2}accounts\[0\]\.accountName is required/);
  expect(stderr).toMatch(/a\.yaml:3:5 {2}accounts\[0\]\.email is required/);
  expect(stderr).toMatch(/b\.json:1:\d+ {2}accounts\[0\]\.requestId must be/);
  const { document } = await json('apply', '-f', inside);
  expect(document).toMatchObject({
    error: { problems: [{ file: join(inside, 'a.yaml'), line: 3, column: 5 }, {}, {}] },
  });
});

test('a folder of manifests: each its own batch', async () => {
  const inside = join(folder, 'several');
  mkdirSync(inside);
  for (const name of ['east', 'west']) {
    const text = JSON.stringify({ name, accounts: [account(`${name}-1`)] });
    writeFileSync(join(inside, `${name}.${name === 'east' ? 'yaml' : 'yml'}`), text);
  }
  const { status, document } = await json('apply', '-f', inside, '--wait');
  expect(status).toBe(0);
  expect(document.manifests.map(({ workflowId }) => workflowId)).toEqual([
    'vend-batch-east',
    'vend-batch-west',
  ]);
});

test('from stdin', async () => {
  const stdin = JSON.stringify({ name: 'piped', accounts: [account('piped-1')] });
  const env = { TEMPORAL_ADDRESS: dev.address, VEND_CONFIG: config };
  const { status, stdout } = await vend(['apply', '-f', '-', '--dry-run'], { env, stdin });
  expect(status).toBe(0);
  expect(stdout).toContain('(stdin)');
});

test('one that needs a person stops no other, and is told with the line to type', async () => {
  const path = file('people', [
    account('people-bad', { email: TAKEN[0] }),
    account('people-1'),
    account('people-2'),
  ]);
  const waited = await json('apply', '-f', path, '--wait', '--until-escalation');
  expect(waited.status).toBe(3);
  for (const id of ['people-1', 'people-2']) expect((await cli('watch', id)).status).toBe(0);
  await untilListed(
    dev.client,
    `VendRequestId = 'people-bad' AND VendEscalation = 'EMAIL_ALREADY_EXISTS'`,
  );
  const { stdout, status } = await cli('apply', '-f', path);
  expect(status).toBe(0);
  expect(stdout).toContain('running  people-bad  creating; needs a person: EMAIL_ALREADY_EXISTS');
  expect(stdout).toContain('One needs a person:');
  expect(stdout).toContain('vend resolve people-bad --amend email=NEW_ADDRESS');
  expect(stdout).toContain('In all 1 running (1 needs a person), 2 done.');
});

test('one that has ended otherwise is left alone, and started again only with --restart', async () => {
  const path = file('again', [account('again-bad', { email: TAKEN[1] }), account('again-1')]);
  await cli('apply', '-f', path, '--wait', '--until-escalation');
  await cli('resolve', 'again-bad', '--abandon', '--reason', 'x');
  const ended = await json('apply', '-f', path, '--wait');
  expect(ended.status).toBe(1);
  expect(ended.document.manifests[0]!.accounts[0]).toMatchObject({
    standing: 'ended',
    started: false,
    failure: 'VendAbandoned',
  });
  const told = await cli('apply', '-f', path);
  expect(told.stdout).toContain(
    'ended  again-bad  VendAbandoned; left alone: --restart starts it again',
  );
  // Corrected: after such an end another address is no conflict.
  file('again', [account('again-bad', { email: 'again-mended@example.com' }), account('again-1')]);
  const restarted = await json('apply', '-f', path, '--restart', '--wait');
  expect(restarted).toMatchObject({ status: 0 });
  expect(restarted.document.manifests[0]!.accounts).toMatchObject([
    { requestId: 'again-bad', standing: 'done', started: true },
    { requestId: 'again-1', standing: 'done', started: false },
  ]);
});

test('cancel --batch: nothing more is started, and what runs winds down', async () => {
  const path = file('stopped', [account('stopped-1'), account('stopped-2', { email: TAKEN[2] })]);
  const waited = await cli('apply', '-f', path, '--wait', '--until-escalation');
  expect(waited.status).toBe(3);
  expect((await cli('watch', 'stopped-1')).status).toBe(0);
  const cancelled = await json('cancel', '--batch', 'stopped');
  expect(cancelled.document).toMatchObject({ name: 'stopped', requested: true });
  expect((await cli('watch', 'stopped-2')).status).toBe(1);
  expect((await cli('show', 'stopped-2')).stdout).toContain('CANCELED');
  const batch = dev.client.workflow.getHandle(batchWorkflowId('stopped'));
  await expect(batch.result()).rejects.toThrow(/cancel/i);
  expect((await cli('cancel', '--batch', 'stopped')).stdout).toContain('cancelled already');
  expect((await cli('cancel', '--batch', 'nobody')).status).toBe(5);
  expect((await cli('cancel', '--batch', 'twice')).status).toBe(2);
  // As the Web UI shows it, it looks like the workflow of a vend.
  for (const command of ['show', 'watch', 'cancel']) {
    const { status, stderr } = await cli(command, 'batch-stopped');
    expect(status).toBe(2);
    expect(stderr).toContain('vend-batch-stopped is the batch of the manifest stopped');
  }
  expect((await cli('cancel')).status).toBe(2);
});

test('a name or a request id whose workflow id is another workflow is refused', async () => {
  await cli('apply', '-f', file('taken', [account('taken-1')]), '--wait');
  const id = await cli('apply', '-f', file('other', [account('batch-taken')]));
  expect(id.status).toBe(2);
  expect(id.stderr).toContain('batch-taken cannot be a request ID here');
});

test.each([
  [['apply'], /required option '-f/],
  [['apply', '-f', '/nowhere.yaml'], /cannot be read \(ENOENT\)/],
  [['apply', '-f', folder, '--until-escalation'], /belongs to --wait/],
  [['apply', '-f', folder, '--dry-run', '--wait'], /give one/],
  [['apply', '-f', folder, '--by', 'ada@example.com'], /--by must be a name/],
])('usage: %j', async (argv, said) => {
  const { status, stderr } = await cli(...argv);
  expect(status).toBe(2);
  expect(stderr).toMatch(said);
});

test('without Temporal the faults are told all the same, and then that it does not answer', async () => {
  const bad = file('offline', [account('OFF')]);
  expect((await vend(['apply', '-f', bad])).status).toBe(2);
  expect((await vend(['apply', '-f', file('offline', [account('off')])])).status).toBe(4);
});
