import type { ApplyManifest, Stage, VendRequest } from '../../../src/contract';
import { Batch, WINDOW } from '../../../src/domain/batch/batch';
import type { BatchNotice, VendSeen } from '../../../src/domain/batch/messages';
import { applyProblem, withDefaults } from '../../../src/domain/batch/manifest';
import { packBatch, unpackBatch } from '../../../src/domain/batch/packing';
import { batchDetails, batchResult, batchState } from '../../../src/domain/batch/view';

const MINUTE = 60_000;

const request = (requestId: string): VendRequest => ({
  requestId,
  accountName: 'A',
  email: `${requestId}@example.com`,
});

const ids = (count: number) => Array.from({ length: count }, (_, n) => `r${n}`);

function batchOf(count: number, more: Partial<ApplyManifest> = {}): Batch {
  const batch = new Batch('b');
  batch.apply({ name: 'b', accounts: ids(count).map(request), ...more }, 0);
  return batch;
}

/** Starts whoever may be started, and returns their ids. */
function start(batch: Batch, nowMs = 0): string[] {
  const started = batch.takeStarts().map(({ requestId }) => requestId);
  for (const id of started) batch.started(id, nowMs);
  return started;
}

function notice(requestId: string, stage: Stage, more: Partial<BatchNotice> = {}): BatchNotice {
  return { requestId, workflowId: `vend-${requestId}`, stage, ...more };
}

const escalation = (scope: 'request' | 'organization' = 'request') => ({
  id: 'e1',
  scope,
  reason: 'EMAIL_ALREADY_EXISTS',
  message: 'taken: somebody@example.com',
  since: '2026-01-01T00:00:00Z',
  attempts: 1,
  actions: ['amend' as const, 'abandon' as const],
});

const seen = (requestId: string, more: Partial<VendSeen> = {}): VendSeen => ({
  requestId,
  status: 'RUNNING',
  isOurs: true,
  ...more,
});

describe('the window', () => {
  test('no more than so many are without an account at a time, and the next follow in order', () => {
    const batch = batchOf(WINDOW + 10);
    expect(start(batch)).toEqual(ids(WINDOW));
    expect(batch.takeStarts()).toEqual([]);
    batch.hear(notice('r3', 'creating'), 1);
    expect(batch.takeStarts()).toEqual([]);
    batch.hear(notice('r3', 'creating', { accountId: '111122223333' }), 2);
    expect(start(batch)).toEqual([`r${WINDOW}`]);
  });

  test.each([
    ['it needs a person', notice('r0', 'creating', { escalation: escalation() })],
    ['it waits for approval', notice('r0', 'approving')],
    ['it has failed', notice('r0', 'failed', { failure: 'InvalidVendRequest' })],
    ['it was abandoned', notice('r0', 'abandoned')],
    ['it was cancelled', notice('r0', 'cancelled')],
    ['it is done', notice('r0', 'done', { accountId: '111122223333' })],
  ])('a place is free once %s', (_, told) => {
    const batch = batchOf(WINDOW + 1);
    start(batch);
    batch.hear(told, 1);
    expect(start(batch)).toEqual([`r${WINDOW}`]);
  });

  test('many that wait for a person do not stop the others', () => {
    const batch = batchOf(3 * WINDOW);
    for (let done = 0; done < 3; done += 1) {
      for (const id of start(batch)) {
        batch.hear(notice(id, 'creating', { escalation: escalation() }), 1);
      }
    }
    expect(batchState(batch).counts).toMatchObject({ needPerson: 3 * WINDOW, waiting: 0 });
    expect(batch.isOver).toBe(false);
  });

  test('one that was there already gives its place back when it is known how it stands', () => {
    const batch = batchOf(WINDOW + 1);
    for (const { requestId } of batch.takeStarts()) batch.wasThere(requestId, 5);
    const due = batch.beginLook(5) ?? [];
    expect(due).toHaveLength(WINDOW);
    batch.looked([seen('r0', { stage: 'conforming', accountId: '1'.repeat(12) })], 6);
    expect(start(batch)).toEqual([`r${WINDOW}`]);
  });
});

describe('one that was there already', () => {
  const look = (conflicts?: string[]) => {
    const batch = batchOf(1);
    for (const { requestId } of batch.takeStarts()) batch.wasThere(requestId, 5);
    const [target] = batch.beginLook(5) ?? [];
    const there = { stage: 'done', accountId: '1'.repeat(12), status: 'COMPLETED' } as const;
    batch.looked([seen('r0', { ...there, ...(conflicts ? { conflicts } : {}) })], 6);
    return { batch, target };
  };

  test('is compared with what it was asked for, also after a look in vain and by the next run', () => {
    const batch = batchOf(1);
    for (const { requestId } of batch.takeStarts()) batch.wasThere(requestId, 5);
    const which = { email: 'r0@example.com', accountName: expect.any(String) };
    expect(batch.beginLook(5)).toMatchObject([{ requestId: 'r0', which }]);
    batch.looked([], 6);
    const next = unpackBatch(structuredClone(packBatch(batch)));
    expect(next.beginLook(Infinity)).toMatchObject([{ requestId: 'r0', which }]);
    next.looked([seen('r0', { stage: 'creating' })], 7);
    expect(next.beginLook(Infinity)).toEqual([expect.not.objectContaining({ which })]);
  });

  test('and is another one: a RequestConflict, without its account', () => {
    const { batch } = look(['email']);
    expect(batchState(batch).accounts).toEqual([
      {
        requestId: 'r0',
        workflowId: 'vend-r0',
        status: 'FAILED',
        failure: 'RequestConflict',
      },
    ]);
    expect(batch.isOver).toBe(true);
  });

  test('and is the same: done', () => {
    expect(batchState(look().batch).accounts).toMatchObject([
      { requestId: 'r0', status: 'COMPLETED', accountId: '1'.repeat(12) },
    ]);
  });
});

describe('applying', () => {
  test('the same twice changes nothing, whatever has become of it', () => {
    const batch = batchOf(3);
    start(batch);
    batch.hear(notice('r0', 'done'), 1);
    batch.hear(notice('r1', 'failed'), 1);
    const before = batchState(batch);
    const receipt = batch.apply({ name: 'b', accounts: ids(3).map(request) }, 2);
    expect(receipt).toEqual({ added: 0, replaced: 0, left: ['r0', 'r1'] });
    expect(batchState(batch)).toEqual(before);
    expect(batch.takeStarts()).toEqual([]);
  });

  test('restart: only what has ended otherwise than done is started again', () => {
    const batch = batchOf(4);
    start(batch);
    batch.hear(notice('r0', 'done'), 1);
    batch.hear(notice('r1', 'failed', { failure: 'EmailInFlight' }), 1);
    batch.hear(notice('r2', 'cancelled'), 1);
    batch.endOf('r3')('TERMINATED');
    const receipt = batch.apply({ name: 'b', accounts: ids(4).map(request), restart: ids(4) }, 2);
    expect(receipt).toEqual({ added: 3, replaced: 0, left: ['r0'] });
    const starts = batch.takeStarts();
    expect(starts.map(({ requestId, isRestart }) => [requestId, isRestart])).toEqual([
      ['r1', true],
      ['r2', true],
      ['r3', true],
    ]);
    for (const { requestId } of starts) batch.started(requestId, 3);
    expect(batchState(batch).accounts[1]).not.toHaveProperty('failure');
  });

  test('what has not begun takes the latest content; what has begun does not', () => {
    const batch = batchOf(WINDOW + 1, { requestedBy: 'ada' });
    start(batch);
    const accounts = [0, WINDOW].map((n) => ({ ...request(`r${n}`), roleName: 'New' }));
    const message = { name: 'b', accounts, requestedBy: 'eve' };
    expect(batch.apply(message, 1)).toEqual({ added: 0, replaced: 1 });
    batch.hear(notice('r0', 'done'), 2);
    expect(batch.takeStarts()).toMatchObject([
      { requestId: `r${WINDOW}`, requestedBy: 'eve', request: { roleName: 'New' } },
    ]);
  });

  test('defaults are those of the message in which an account came', () => {
    const batch = new Batch('b');
    const one = { name: 'b', accounts: [request('r0')], defaults: { roleName: 'One' } };
    batch.apply(one, 0);
    batch.apply({ name: 'b', accounts: [request('r1')], defaults: { roleName: 'Two' } }, 0);
    const names = batch.takeStarts().map((each) => each.request.roleName);
    expect(names).toEqual(['One', 'Two']);
  });

  test('an end that was somebody else restarted is looked at again', () => {
    const batch = batchOf(1);
    start(batch);
    batch.hear(notice('r0', 'failed'), 1);
    batch.apply({ name: 'b', accounts: [], there: { r0: 'vend-r0' } }, 2);
    expect(batch.beginLook(2)).toEqual([{ requestId: 'r0', workflowId: 'vend-r0' }]);
  });
});

describe('whoever says nothing', () => {
  test('is looked at after two minutes while others wait for its place, ever more seldom', () => {
    const batch = batchOf(1);
    start(batch, 0);
    expect(batch.beginLook(2 * MINUTE - 1)).toBeUndefined();
    expect(batch.nextDueAtMs).toBe(2 * MINUTE);
    let now = 2 * MINUTE;
    const waits: number[] = [];
    for (let looks = 0; looks < 8; looks += 1) {
      expect(batch.beginLook(now)).toHaveLength(1);
      expect(batch.nextDueAtMs).toBe(Infinity);
      batch.looked([seen('r0')], now);
      waits.push(batch.nextDueAtMs - now);
      now = batch.nextDueAtMs;
    }
    expect(waits[0]).toBe(3 * MINUTE);
    expect(waits.at(-1)).toBe(15 * MINUTE);
  });

  test('is looked at more seldom once it has its account, and never after its end', () => {
    const batch = batchOf(1);
    start(batch);
    batch.hear(notice('r0', 'conforming', { accountId: '1'.repeat(12) }), 0);
    expect(batch.nextDueAtMs).toBe(15 * MINUTE);
    batch.hear(notice('r0', 'done'), 1);
    expect(batch.nextDueAtMs).toBe(Infinity);
    expect(batch.isOver).toBe(true);
  });

  test('and was terminated: the look shows it, and the batch is over', () => {
    const batch = batchOf(2);
    start(batch);
    const targets = batch.beginLook(2 * MINUTE) ?? [];
    expect(targets.map(({ requestId }) => requestId)).toEqual(['r0', 'r1']);
    batch.looked(
      [
        seen('r0', { status: 'TERMINATED' }),
        seen('r1', { status: 'FAILED', failure: 'InvalidVendRequest' }),
      ],
      2 * MINUTE,
    );
    expect(batch.isOver).toBe(true);
    expect(batchResult(batch)).toMatchObject({
      counts: { total: 2, endedOtherwise: 2 },
      accounts: [{ status: 'TERMINATED' }, { status: 'FAILED', failure: 'InvalidVendRequest' }],
    });
  });

  test('a look that failed is repeated later', () => {
    const batch = batchOf(1);
    start(batch);
    batch.beginLook(2 * MINUTE);
    batch.looked([], 2 * MINUTE);
    expect(batch.beginLook(2 * MINUTE)).toBeUndefined();
    expect(batch.nextDueAtMs).toBe(5 * MINUTE);
  });

  test('what a look shows does not undo an end that was told meanwhile', () => {
    const batch = batchOf(1);
    start(batch);
    batch.beginLook(2 * MINUTE);
    batch.hear(notice('r0', 'done', { accountId: '1'.repeat(12) }), 2 * MINUTE);
    batch.looked([seen('r0', { stage: 'creating' })], 2 * MINUTE);
    expect(batchState(batch).accounts[0]).toMatchObject({ status: 'COMPLETED', stage: 'done' });
  });
});

test('what arrives late brings nobody back who has ended', () => {
  const batch = batchOf(1);
  start(batch);
  batch.endOf('r0')('TERMINATED');
  batch.hear(notice('r0', 'creating', { escalation: escalation() }), 1);
  batch.endOf('r0')('FAILED');
  expect(batchState(batch)).toMatchObject({
    counts: { endedOtherwise: 1, needPerson: 0 },
  });
  expect(batchState(batch).accounts).toEqual([
    { requestId: 'r0', workflowId: 'vend-r0', status: 'TERMINATED', stage: 'queued' },
  ]);
  expect(batch.nextDueAtMs).toBe(Infinity);
  expect(batch.isOver).toBe(true);
});

describe('cancelled', () => {
  test('nothing more is started; what it has started is asked to stop, what was there is not', () => {
    const batch = batchOf(WINDOW + 2, { there: { foreign: 'parent/x' } });
    const [done = '', ...others] = start(batch);
    batch.hear(notice(done, 'done'), 1);
    batch.cancel();
    expect(batch.takeStarts()).toEqual([]);
    const targets = batch.beginCancel() ?? [];
    expect(targets.map(({ requestId }) => requestId)).toEqual(others);
    expect(batch.beginCancel()).toBeUndefined();
    batch.cancelAsked(targets, 2);
    expect(batch.beginCancel()).toBeUndefined();
    expect(batch.isOver).toBe(false);
    for (const { requestId } of targets) batch.hear(notice(requestId, 'cancelled'), 3);
    // Not for the vend of somebody else.
    expect(batch.isOver).toBe(true);
    const { counts, accounts } = batchState(batch);
    expect(counts).toMatchObject({ done: 1, running: 1, endedOtherwise: WINDOW + 1 });
    expect(accounts.filter(({ status }) => status === 'NOT_STARTED')).toHaveLength(
      WINDOW + 2 - 1 - others.length,
    );
  });

  test('one whose start was under way is asked to stop as soon as it has begun', () => {
    const batch = batchOf(1);
    batch.takeStarts();
    batch.cancel();
    expect(batch.isOver).toBe(false);
    batch.started('r0', 1);
    expect(batch.beginCancel()).toHaveLength(1);
  });

  test('one that was asked and says nothing is looked at soon', () => {
    const batch = batchOf(1);
    start(batch);
    batch.cancel();
    batch.cancelAsked(batch.beginCancel() ?? [], 0);
    expect(batch.nextDueAtMs).toBe(10_000);
  });
});

test('continuing as new loses nothing: rows, order, what waits, who is looked at when', () => {
  const batch = batchOf(WINDOW + 5, { defaults: { roleName: 'R' }, requestedBy: 'ada' });
  start(batch);
  batch.hear(notice('r1', 'creating', { escalation: escalation() }), 5);
  batch.hear(notice('r2', 'done', { accountId: '1'.repeat(12) }), 6);
  const carried = JSON.parse(JSON.stringify(packBatch(batch))) as ReturnType<typeof packBatch>;
  expect(carried.groups).toHaveLength(1);
  const again = unpackBatch(carried);
  expect(batchState(again)).toEqual(batchState(batch));
  expect(again.nextDueAtMs).toBe(batch.nextDueAtMs);
  const starts = again.takeStarts();
  expect(starts).toEqual(batch.takeStarts());
  expect(starts[0]).toMatchObject({ requestedBy: 'ada', request: { roleName: 'R' } });
});

test('the page is bounded, says what to type, and holds no address', () => {
  const batch = batchOf(120);
  for (let n = 0; n < 3; n += 1) {
    for (const id of start(batch)) {
      batch.hear(notice(id, 'creating', { escalation: escalation() }), 1);
    }
  }
  batch.hear(notice('r7', 'creating', { escalation: escalation('organization') }), 2);
  const page = batchDetails(batch);
  expect(page).toContain('### Batch b: 0 of 120 done, 120 need a person');
  expect(page).toContain('`vend resolve r0 --amend email=NEW_ADDRESS` or `vend show r0`');
  expect(page).toContain('1 are held back by the organization');
  expect(page).toContain('and 94 more: `vend list --escalated`');
  expect(page.split('\n').length).toBeLessThan(40);
  expect(page + JSON.stringify(batchState(batch))).not.toContain('@');
});

test('what a batch takes', () => {
  const good = { name: 'b', accounts: [request('r0')] };
  expect(applyProblem(good)).toBeUndefined();
  for (const bad of [
    undefined,
    [],
    { accounts: [] },
    { name: 'B', accounts: [] },
    { name: 'b' },
    { ...good, accounts: [request('r0'), request('r0')] },
    { ...good, accounts: [null] },
    { ...good, accounts: [{ requestId: 'a b' }] },
    { ...good, accounts: Array.from({ length: 5_001 }, (_, n) => request(`r${n}`)) },
    { ...good, defaults: [] },
    { ...good, restart: 'r0' },
    { ...good, there: ['r0'] },
    { ...good, requestedBy: 'ada@example.com' },
    { ...good, requestedBy: '' },
  ]) {
    expect(applyProblem(bad)).toEqual(expect.any(String));
  }
  expect(withDefaults(request('r0'))).toEqual(request('r0'));
});

test('those that wait for an approval are told with the line to type, and leave room for the next', () => {
  const batch = batchOf(WINDOW + 3);
  start(batch);
  for (const id of ids(2)) batch.hear(notice(id, 'approving'), 1);
  expect(start(batch)).toEqual([`r${WINDOW}`, `r${WINDOW + 1}`]);
  expect(batchDetails(batch)).toContain('**Waiting for an approval**\n\n- `vend approve r0`\n');
});
