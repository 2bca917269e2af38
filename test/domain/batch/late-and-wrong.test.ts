import type { Stage, VendRequest } from '../../../src/contract';
import { Batch, WINDOW } from '../../../src/domain/batch/batch';
import { applyProblem } from '../../../src/domain/batch/manifest';
import type { BatchNotice, VendSeen } from '../../../src/domain/batch/messages';
import { batchDetails, batchState } from '../../../src/domain/batch/view';

// What comes too early, too late, or is not what it should be.

const ACCOUNT = '1'.repeat(12);

const request = (requestId: string): VendRequest => ({
  requestId,
  accountName: 'A',
  email: `${requestId}@example.com`,
});

const ids = (count: number) => Array.from({ length: count }, (_, n) => `r${n}`);
const manifest = (count: number) => ({ name: 'b', accounts: ids(count).map(request) });

function batchOf(count: number): Batch {
  const batch = new Batch('b');
  batch.apply(manifest(count), 0);
  return batch;
}

function start(batch: Batch): string[] {
  const started = batch.takeStarts().map(({ requestId }) => requestId);
  for (const id of started) batch.started(id, 0);
  return started;
}

const notice = (requestId: string, stage: Stage, more: Partial<BatchNotice> = {}): BatchNotice => ({
  requestId,
  workflowId: `vend-${requestId}`,
  stage,
  ...more,
});

const seen = (requestId: string, more: Partial<VendSeen> = {}): VendSeen => ({
  requestId,
  status: 'RUNNING',
  isOurs: true,
  ...more,
});

const held = {
  id: 'e1',
  scope: 'organization' as const,
  reason: 'PENDING_BUSINESS_VALIDATION',
  message: 'm',
  since: '2026-01-01T00:00:00Z',
  attempts: 1,
  actions: ['abandon' as const],
};

describe('a restart of one whose end the batch has not heard of', () => {
  test('is started again', () => {
    const batch = batchOf(1);
    start(batch);
    const receipt = batch.apply({ ...manifest(1), restart: ['r0'] }, 1);
    expect(receipt).toEqual({ added: 1, replaced: 0 });
    expect(batch.takeStarts()).toMatchObject([{ requestId: 'r0', isRestart: true }]);
  });

  test('also one that is followed, under an id of its own', () => {
    const batch = new Batch('b');
    batch.apply({ name: 'b', accounts: [], there: { r0: 'parent/r0' } }, 0);
    batch.apply({ ...manifest(1), restart: ['r0'] }, 1);
    expect(batch.takeStarts()).toMatchObject([{ requestId: 'r0', isRestart: true }]);
    batch.started('r0', 2);
    expect(batchState(batch).accounts).toMatchObject([{ workflowId: 'vend-r0' }]);
  });

  test('one that runs after all is followed, and one that is done is left', () => {
    const batch = batchOf(2);
    start(batch);
    batch.hear(notice('r1', 'done', { accountId: ACCOUNT }), 1);
    const receipt = batch.apply({ ...manifest(2), restart: ids(2) }, 1);
    expect(receipt).toEqual({ added: 1, replaced: 0, left: ['r1'] });
    expect(batch.takeStarts().map(({ requestId }) => requestId)).toEqual(['r0']);
    batch.wasThere('r0', 2);
    expect(batch.beginLook(2)).toMatchObject([{ requestId: 'r0' }]);
    batch.looked([seen('r0', { stage: 'creating' })], 3);
    batch.cancel();
    expect(batch.beginCancel()).toMatchObject([{ requestId: 'r0' }]);
  });

  test('the end of the one before is not its end', () => {
    const batch = batchOf(1);
    start(batch);
    const before = batch.endOf('r0');
    batch.apply({ ...manifest(1), restart: ['r0'] }, 1);
    start(batch);
    before('TERMINATED');
    expect(batchState(batch).accounts).toMatchObject([{ status: 'RUNNING' }]);
    batch.endOf('r0')('FAILED', 'VendAbandoned');
    expect(batchState(batch).accounts).toMatchObject([
      { status: 'FAILED', failure: 'VendAbandoned' },
    ]);
  });
});

test('accounts whose vend has ended, and that are not started again, are named', () => {
  const batch = batchOf(3);
  start(batch);
  batch.endOf('r1')('TERMINATED');
  expect(batch.apply(manifest(3), 1)).toEqual({ added: 0, replaced: 0, left: ['r1'] });
});

describe('while the organization is held back', () => {
  test('no more are started than the window holds', () => {
    const batch = batchOf(3 * WINDOW);
    for (const id of start(batch)) batch.hear(notice(id, 'queued', { escalation: held }), 1);
    expect(batch.takeStarts()).toEqual([]);
    batch.hear(notice('r0', 'creating', { accountId: ACCOUNT }), 2);
    expect(batch.takeStarts()).toHaveLength(1);
  });

  test('also where only a look has shown it', () => {
    const batch = batchOf(WINDOW + 1);
    const started = start(batch);
    batch.beginLook(120_000);
    const shown = { stage: 'queued' as const, escalation: held.reason };
    batch.looked(
      started.map((id) => seen(id, shown)),
      120_000,
    );
    expect(batch.takeStarts()).toEqual([]);
    expect(batchState(batch).counts.needPerson).toBe(WINDOW);
  });

  test('but what stops a vend that has its account is told as its own', () => {
    const batch = batchOf(1);
    start(batch);
    batch.beginLook(120_000);
    const escalation = 'AccessDeniedException';
    batch.looked([seen('r0', { stage: 'placing', accountId: ACCOUNT, escalation })], 120_000);
    expect(batchDetails(batch)).toContain(`- r0: ${escalation}, \`vend show r0\``);
  });

  test('and what a look has shown of one vend alone makes room', () => {
    const batch = batchOf(WINDOW + 1);
    start(batch);
    batch.beginLook(120_000);
    const shown = { stage: 'creating' as const, escalation: 'EMAIL_ALREADY_EXISTS' };
    batch.looked([seen('r0', shown)], 120_000);
    expect(batch.takeStarts()).toHaveLength(1);
  });
});

describe('a notice that comes before its start is known', () => {
  test('counts as soon as it is', () => {
    const batch = batchOf(2);
    batch.takeStarts();
    batch.hear(notice('r0', 'approving'), 1);
    batch.hear(notice('r0', 'creating', { accountId: ACCOUNT }), 1);
    batch.started('r0', 1);
    batch.hear(notice('r1', 'failed', { failure: 'InvalidVendRequest' }), 1);
    batch.started('r1', 1);
    expect(batchState(batch).accounts).toMatchObject([
      { status: 'RUNNING', stage: 'creating', accountId: ACCOUNT },
      { status: 'FAILED', failure: 'InvalidVendRequest' },
    ]);
  });

  test('is not that of one which was there: that one is looked at', () => {
    const batch = batchOf(1);
    batch.takeStarts();
    batch.hear(notice('r0', 'failed'), 1);
    batch.wasThere('r0', 2);
    expect(batch.beginLook(2)).toMatchObject([{ requestId: 'r0' }]);
    // Nor is it that of the next one.
    batch.apply({ ...manifest(1), restart: ['r0'] }, 3);
    expect(start(batch)).toEqual(['r0']);
    expect(batchState(batch).accounts).toMatchObject([{ status: 'RUNNING', stage: 'queued' }]);
  });
});

test.each([
  [undefined],
  [null],
  ['r0'],
  [{}],
  [{ requestId: 'r0' }],
  [{ requestId: 'r0', stage: 'nowhere' }],
  [{ requestId: 'r0', stage: 'toString' }],
  [{ ...notice('r0', 'creating'), accountId: 5 }],
  [{ ...notice('r0', 'creating'), escalation: 'x' }],
  [{ ...notice('r0', 'creating'), escalation: { ...held, actions: undefined } }],
  [{ ...notice('r0', 'creating'), escalation: { ...held, reason: 5 } }],
  [{ ...notice('r0', 'failed'), failure: {} }],
])('what is no notice changes nothing: %j', (given) => {
  const batch = batchOf(1);
  start(batch);
  const before = batchState(batch);
  batch.hear(given as unknown as BatchNotice, 1);
  expect(batchState(batch)).toEqual(before);
});

test('vends that a look could not see are looked at later, the others are known', () => {
  const batch = batchOf(2);
  start(batch);
  batch.beginLook(120_000);
  batch.looked([seen('r0', { stage: 'creating' })], 120_000);
  expect(batchState(batch).accounts).toMatchObject([{ stage: 'creating' }, { stage: 'queued' }]);
  expect(batch.beginLook(120_000)).toBeUndefined();
  expect(batch.beginLook(300_000)).toHaveLength(2);
});

describe('what of "there" and "restart" a batch takes', () => {
  const good = { name: 'b', accounts: [], there: { r0: 'parent/r0' }, restart: ['r0'] };
  const many = (count: number) =>
    Object.fromEntries(ids(count).map((id) => [id, `vend-${id}`] as const));

  test('ids of requests and of workflows', () => {
    expect(applyProblem(good)).toBeUndefined();
    expect(applyProblem({ ...good, there: { r0: 'Konto 顧客😀/1' } })).toBeUndefined();
    expect(applyProblem({ ...good, there: many(5_000) })).toBeUndefined();
  });

  test.each([
    [{ 'bob@example.com': 'vend-x' }, /^there/],
    [{ r0: 5 }, /^there/],
    [{ r0: '' }, /^there/],
    [{ r0: 'x'.repeat(1_001) }, /^there/],
    [{ r0: 'half of a pair: \ud800' }, /^there/],
    [many(5_001), /^there has 5001/],
  ])('no others, case %#', (there, said) => {
    const problem = applyProblem({ ...good, there });
    expect(problem).toMatch(said);
    expect(problem).not.toContain('@');
  });

  test.each([[[5]], [['a b']], [Array.from({ length: 5_001 }, () => 'r0')]])(
    'nor to be restarted, case %#',
    (restart) => {
      expect(applyProblem({ ...good, restart })).toMatch(/^restart/);
    },
  );
});
