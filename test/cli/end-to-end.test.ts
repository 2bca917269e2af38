import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SearchAttribute, Stage, WorkflowType } from '../../src/contract';
import { startDevServer, type DevServer } from '../support/temporal';
import { Vending } from '../support/vending';
import { vend, type Ended } from './run-vend';
import { untilListed } from '../support/until';

const TAKEN = 'taken@example.com';
const folder = mkdtempSync(join(tmpdir(), 'vend-cli-'));
const config = join(folder, 'vending.yaml');
let dev: DevServer;
let vending: Vending;

beforeAll(async () => {
  dev = await startDevServer();
  vending = await Vending.start(dev, {
    skipped: false,
    configuration: {
      creation: { poll: { initial: '100ms', max: '200ms' }, reconcile: { settle: '100ms' } },
      conformance: { allowNone: true, poll: { initial: '100ms', max: '200ms' } },
    },
  });
  vending.simulator.takeEmail(TAKEN);
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

async function json(...argv: string[]): Promise<{ status: number; document: never }> {
  const { status, stdout } = await cli(...argv, '--json');
  return { status, document: JSON.parse(stdout) as never };
}

function start(requestId: string, ...more: string[]): string[] {
  const email = `${requestId}@example.com`;
  return [
    'start',
    '--request-id',
    requestId,
    '--account-name',
    'Hidden',
    '--email',
    email,
    ...more,
  ];
}

test('an address is amended, however long the organization is looked through before', async () => {
  await cli(...start('amending', '--email', TAKEN));
  await untilListed(dev.client, `VendRequestId = 'amending' AND VendEscalation IS NOT NULL`);
  const delayMs = 12_000;
  vending.simulator.inject({ operation: 'ListAccounts', kind: 'delay', delayMs });
  const answer = await cli('resolve', 'amending', '--amend', 'email=fresh@example.com');
  expect(answer).toMatchObject({ status: 0, stdout: expect.stringContaining('amend') });
  expect(await json('watch', 'amending')).toMatchObject({ status: 0 });
}, 60_000);

test('an answer that is refused is told as such, whatever words the refusal has', async () => {
  const email = 'refusing-taken@example.com';
  vending.simulator.takeEmail(email);
  await cli(...start('refusing', '--email', email, '--wait', '--until-escalation'));
  const tags = { 'account-vending:request-id': 'cancelled-orders' };
  const id = vending.simulator.addAccount({ email, tags });
  const { status, stderr } = await cli('resolve', 'refusing', '--adopt', id);
  expect(stderr).toMatch(/refusing refuses this answer.*cancelled-orders/);
  expect(status).toBe(2);
  await cli('resolve', 'refusing', '--abandon');
});

test('start --wait --json ends with the same document as show --json', async () => {
  const { status, document } = await json(...start('straight', '--wait'));
  expect(status).toBe(0);
  expect(document).toMatchObject({
    requestId: 'straight',
    stage: 'done',
    workflowId: 'vend-straight',
    status: 'COMPLETED',
    result: { accountId: expect.stringMatching(/^\d{12}$/), adopted: false },
  });
  expect((await json('show', 'straight')).document).toEqual(document);
});

test('one that existingAccountId names with its own account is that vend, and nothing conflicts', async () => {
  const { document } = await json('show', 'straight');
  const { accountId } = document as { accountId: string };
  const named = (id: string) => ['start', '--request-id', 'straight', '--existing-account-id', id];
  expect(await json(...named(accountId))).toMatchObject({
    status: 0,
    document: { started: false, changed: [] },
  });
  expect((await json(...named('999999999999'))).status).toBe(2);
});

test('two starts at the same moment are one vend, and one says that it started it', async () => {
  const both = await Promise.all([json(...start('twice')), json(...start('twice'))]);
  const documents = both.map(({ document }) => document as { runId: string; started: boolean });
  expect(documents.filter(({ started }) => started)).toHaveLength(1);
  expect(new Set(documents.map(({ runId }) => runId)).size).toBe(1);
  await cli('watch', 'twice');
  expect(vending.simulator.createdAccounts()).toMatchObject({ twice: 1 });
});

test('the same request again is returned as it is; a changed one says so, another conflicts', async () => {
  await cli(...start('again', '--wait'));
  expect((await json(...start('again'))).document).toMatchObject({ started: false, changed: [] });
  expect((await json(...start('again', '--tag', 'Team=A'))).document).toMatchObject({
    started: false,
    changed: ['tags'],
  });
  const other = await cli(...start('again', '--kind', 'govcloud', '--email', 'x@example.com'));
  expect(other.status).toBe(2);
  expect(other.stderr).toMatch(/RequestConflict[\s\S]* kind [\s\S]*email |email [\s\S]* kind /);
  expect(other.stderr).not.toContain('x@example.com');
});

test('an escalation: seen, refused answers, answered, and gone on', async () => {
  const begun = await cli(...start('mend', '--email', TAKEN, '--wait', '--until-escalation'));
  expect(begun.status).toBe(3);
  expect(begun.stdout).toContain('vend resolve mend --amend email=NEW_ADDRESS');

  await untilListed(dev.client, `VendEscalation = 'EMAIL_ALREADY_EXISTS'`);
  const list = await cli('list', '--escalated');
  expect(list.stdout).toMatch(/mend +creating +EMAIL_ALREADY_EXISTS/);
  expect(list.stdout).not.toMatch(/@|Hidden/);
  expect((await cli('show', 'mend')).stdout).toContain('EMAIL_ALREADY_EXISTS (e1)');

  const refused = await cli('resolve', 'mend', '--waive', 'placing', '--reason', 'x');
  expect(refused.status).toBe(2);
  expect(refused.stderr).toMatch(/mend refuses this answer: .*/);
  const stale = await cli('resolve', 'mend', '--retry', '--escalation', 'e99');
  expect(stale.status).toBe(2);
  expect(stale.stderr).toContain('e1');

  const amend = ['resolve', 'mend', '--amend', 'email=free@example.com', '--by', 'anna'];
  expect(await json(...amend)).toMatchObject({
    status: 0,
    document: { decision: { action: 'amend', by: 'anna', via: 'update', escalationId: 'e1' } },
  });
  expect((await cli('watch', 'mend')).status).toBe(0);
  expect((await cli('resolve', 'mend', '--retry')).status).toBe(2);

  // The amended address and the first one both count as this request's.
  for (const email of [TAKEN, 'free@example.com']) {
    const same = await json(...start('mend', '--email', email));
    expect(same.document).toMatchObject({ started: false, changed: [] });
  }
});

test('an abandoned vend ends with 1, and its failure is shown', async () => {
  await cli(...start('leave', '--email', TAKEN, '--wait', '--until-escalation'));
  expect((await cli('resolve', 'leave', '--abandon', '--reason', 'no need')).status).toBe(0);
  const watched = await json('watch', 'leave');
  expect(watched).toMatchObject({
    status: 1,
    document: { status: 'FAILED', failure: { type: 'VendAbandoned' } },
  });
  const several = await json('watch', 'leave', 'straight');
  expect(several.status).toBe(1);
  expect(several.document).toHaveLength(2);
});

test('a cancelled vend', async () => {
  await cli(...start('stop', '--email', TAKEN, '--wait', '--until-escalation'));
  expect((await json('cancel', 'stop')).document).toMatchObject({ requested: true });
  expect((await cli('watch', 'stop')).status).toBe(1);
  expect((await json('show', 'stop')).document).toMatchObject({ status: 'CANCELED' });
  expect((await cli('cancel', 'stop')).status).toBe(0);
  expect((await cli('cancel', 'straight')).status).toBe(2);
});

test('no such vend: exit 5', async () => {
  const ended = await Promise.all(['show', 'watch', 'cancel'].map((one) => cli(one, 'nobody')));
  expect(ended.map(({ status }) => status)).toEqual([5, 5, 5]);
});

describe("a vend under a parent's own workflow id, without a worker", () => {
  const request = { requestId: 'child', accountName: 'Hidden', email: 'child@example.com' };
  const begin = (workflowId: string) =>
    dev.client.workflow.start(WorkflowType.vendAccount, {
      workflowId,
      taskQueue: 'nobody-works-here',
      args: [request],
      typedSearchAttributes: [
        { key: SearchAttribute.requestId, value: 'child' },
        { key: SearchAttribute.stage, value: Stage.queued },
      ],
    });

  test('is found, shown as Temporal knows it, and not started again', async () => {
    await begin('parent-1/child');
    await untilListed(dev.client, `VendRequestId = 'child'`);
    const shown = await json('show', 'child');
    expect(shown).toMatchObject({
      status: 0,
      document: {
        requestId: 'child',
        stage: null,
        workflowId: 'parent-1/child',
        status: 'RUNNING',
        searchAttributes: { VendStage: 'queued' },
      },
    });
    expect((await cli('show', 'child')).stdout).toContain('No worker answers on task queue ');
    expect((await json(...start('child'))).document).toMatchObject({
      workflowId: 'parent-1/child',
      started: false,
    });
    expect((await cli(...start('child', '--email', 'y@example.com'))).status).toBe(2);
  });

  test('and an answer finds no worker: exit 4', async () => {
    const { status, stderr } = await cli('resolve', 'child', '--retry');
    expect(stderr).toMatch(/No worker answered for child on task queue \S+ in time/);
    expect(status).toBe(4);
  });

  test('two of them running are listed: exit 2', async () => {
    await begin('parent-2/child');
    await untilListed(dev.client, `WorkflowId = 'parent-2/child'`);
    const { status, stderr } = await cli('show', 'child');
    expect(stderr).toMatch(/parent-2\/child[\s\S]*parent-1\/child/);
    expect(status).toBe(2);
  });
});

describe("an organization's escalation", () => {
  beforeAll(async () => {
    vending.simulator.set({ managementIssue: 'MISSING_PAYMENT_INSTRUMENT' });
    await Promise.all([cli(...start('held-one')), cli(...start('held-two'))]);
    await untilListed(
      dev.client,
      `VendRequestId = 'held-two' AND VendEscalation = 'MISSING_PAYMENT_INSTRUMENT'`,
    );
    await untilListed(
      dev.client,
      `VendRequestId = 'held-one' AND VendEscalation = 'MISSING_PAYMENT_INSTRUMENT'`,
    );
  });

  test('a vend that is held back says which command answers for all', async () => {
    const { stdout } = await cli('show', 'held-one');
    expect(stdout).toContain('needs a person: MISSING_PAYMENT_INSTRUMENT');
    expect(stdout).toMatch(/You can:\n\s+\S+ resolve --organization --retry\n/);
    const { status, stderr } = await cli('resolve', 'held-one', '--retry');
    expect(status).toBe(2);
    expect(stderr).toContain('action must be one of abandon');
  });

  test('show --organization shows who waits and why, as text and as one document', async () => {
    const { stdout, status } = await cli('show', '--organization');
    expect(status).toBe(0);
    expect(stdout).toContain('held back: MISSING_PAYMENT_INSTRUMENT');
    expect(stdout).toContain('held-one');
    expect(stdout).not.toContain('@');
    const { document } = await json('show', '--organization', vending.simulator.organizationId);
    expect(document).toMatchObject({
      organizationId: vending.simulator.organizationId,
      escalation: { reason: 'MISSING_PAYMENT_INSTRUMENT', actions: ['retry'] },
      waiting: 2,
    });
  });

  test('it is answered once, and all go on', async () => {
    const refused = await cli('resolve', '--organization', '--abandon', '--reason', 'x');
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain('answered with --retry alone');
    vending.simulator.set({ managementIssue: null });
    const { document } = await json('resolve', '--organization', '--retry', '--by', 'ada');
    expect(document).toMatchObject({ decision: { action: 'retry', by: 'ada' } });
    for (const id of ['held-one', 'held-two']) {
      expect((await cli('watch', id)).status).toBe(0);
    }
    const again = await cli('resolve', '--organization', '--retry');
    expect(again.status).toBe(2);
    expect(again.stderr).toContain('asks nothing');
  });

  test('an organization without a gate: exit 5', async () => {
    const { status, stderr } = await cli('show', '--organization', 'o-nosuchorg01');
    expect(status).toBe(5);
    expect(stderr).toContain('has no gate');
  });
});

test('vend, gate and watch have no time-out of Temporal, which would end them without a word', async () => {
  vending.simulator.putConformancePack({ name: 'Baseline', region: 'us-east-1' });
  await cli(...start('untimed', '--wait'));
  const { organizationId } = vending.simulator;
  for (const id of [
    'vend-untimed',
    `organization-gate-${organizationId}`,
    `conformance-watch-${organizationId}-us-east-1`,
  ]) {
    const { raw } = await dev.client.workflow.getHandle(id).describe();
    const timeouts = raw.executionConfig;
    expect(timeouts).toBeTruthy();
    for (const one of [timeouts?.workflowExecutionTimeout, timeouts?.workflowRunTimeout]) {
      expect(Number(one?.seconds ?? 0)).toBe(0);
    }
  }
});
