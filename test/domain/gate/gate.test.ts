import { GATE_PROTOCOL } from '../../../src/domain/gate/messages';
import { packGate, unpackGate } from '../../../src/domain/gate/packing';
import { takeGateNotifications } from '../../../src/domain/gate/telling';
import { gateState } from '../../../src/domain/gate/view';
import { Desk, HOUR, LIMIT, MINUTE, PUBLISHED, UNPACED, holder, iso } from './support';

const five = ['a', 'b', 'c', 'd', 'e'].map((id) => holder(id));
const [a, b] = [holder('a'), holder('b')];
const sixth = holder('sixth');

function full(desk = new Desk()): Desk {
  for (const one of five) desk.ask(one);
  return desk;
}

/** `a` is the probe of what holds back all creating, and `b` waits for what it comes to. */
function probing(): Desk {
  const desk = new Desk();
  desk.ask(a);
  desk.release(a, 1, { outcome: 'held-back', trouble: LIMIT });
  desk.ask(a, 2, { retried: true });
  desk.gate.retry('o1', desk.now);
  desk.turn();
  desk.ask(b);
  expect(desk.granted()).toEqual(['a', 'a']);
  return desk;
}

describe('places', () => {
  test('five at a time, and the one that is free is handed on at once', () => {
    const desk = full();
    desk.ask(sixth);
    expect(desk.granted()).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(desk.told(sixth)).toMatchObject({ is: 'queued', ahead: 0, inProgress: 5 });
    desk.release(holder('c'));
    expect(desk.granted().at(-1)).toBe('sixth');
  });

  test.each(['succeeded', 'failed', 'unwanted', 'full'] as const)('%s gives it back', (outcome) => {
    const desk = full();
    desk.release(a, 1, { outcome });
    expect(desk.gate.placed()).toHaveLength(4);
  });

  test('first come first served; who tried before goes ahead of those that did not', () => {
    const desk = full();
    for (const id of ['x', 'y', 'z']) desk.ask(holder(id));
    desk.release(a, 1, { outcome: 'failed' });
    desk.ask(a, 2, { retried: true });
    for (const id of ['b', 'c', 'd']) desk.release(holder(id));
    expect(desk.granted().slice(5)).toEqual(['x', 'a', 'y', 'z']);
  });

  test('a grant tells how many creations are in progress, and which run asked', () => {
    const desk = full();
    expect(desk.said.map(({ message }) => message)).toContainEqual(
      expect.objectContaining({ v: GATE_PROTOCOL, ticket: 1, runId: 'run-c', inProgress: 3 }),
    );
  });

  test('a vend that has gone before its grant arrived: the gate takes the place back', () => {
    const desk = full();
    desk.ask(sixth);
    desk.gate.release({ v: 1, holder: a, ticket: 1, outcome: 'succeeded' }, desk.now);
    desk.gate.grantTurns(desk.now);
    desk.gate.undelivered(sixth, 1, desk.now);
    expect(desk.gate.placed()).toHaveLength(4);
  });
});

describe('tickets', () => {
  test('the same ask twice is one place in the queue', () => {
    const desk = full();
    desk.ask(sixth);
    desk.ask(sixth);
    expect(desk.gate.waiters()).toHaveLength(1);
  });

  test('a grant that the vend did not get is sent again, with the run that asked first', () => {
    const desk = new Desk();
    desk.ask(a);
    desk.ask(a, 1, { runId: 'run after a reset' });
    const grants = desk.said.filter(({ signal }) => signal === 'grant');
    expect(grants).toHaveLength(2);
    expect(grants[1]?.message).toMatchObject({ ticket: 1, runId: 'run-a' });
  });

  test('an ask that comes after its release is dropped, and the vend hears the last ticket', () => {
    const desk = new Desk();
    desk.ask(a);
    desk.release(a);
    desk.ask(a);
    expect(desk.granted()).toEqual(['a']);
    expect(desk.told(a)).toMatchObject({ is: 'stale', ticket: 1, lastTicket: 1 });
  });

  test('a release that comes twice, or for another ticket, changes nothing', () => {
    const desk = full();
    desk.release(a, 7);
    expect(desk.gate.placed()).toHaveLength(5);
    desk.release(a);
    desk.ask(sixth);
    desk.release(a);
    expect(desk.gate.placed()).toHaveLength(5);
  });

  test('a vend that asks anew while it waits keeps its place in the queue', () => {
    const desk = full();
    desk.ask(sixth);
    desk.ask(holder('seventh'));
    desk.ask(sixth, 2, { runId: 'the next run' });
    desk.release(a);
    expect(desk.granted().at(-1)).toBe('sixth');
  });
});

describe('the rate', () => {
  test('three at once, then one in a little more than ten seconds', () => {
    const desk = full(new Desk(PUBLISHED));
    expect(desk.granted()).toHaveLength(3);
    desk.pass(10_000);
    expect(desk.granted()).toHaveLength(3);
    desk.pass(300);
    expect(desk.granted()).toHaveLength(4);
  });

  test('throttled: the bucket is empty, the ticket stays, and the call that is repeated counts', () => {
    const desk = new Desk(PUBLISHED);
    desk.ask(a);
    desk.gate.report({ v: 1, holder: a, ticket: 1, n: 1, is: 'throttled' }, desk.now);
    desk.ask(b);
    desk.pass(20_000);
    expect(desk.granted()).toEqual(['a']);
    expect(desk.gate.placed()).toHaveLength(1);
    desk.pass(500);
    expect(desk.granted()).toEqual(['a', 'b']);
  });

  test('a clock that jumps fills it no further than the burst', () => {
    const desk = full(new Desk(PUBLISHED));
    for (const id of ['c', 'b', 'a']) desk.release(holder(id));
    desk.now += 365 * 24 * HOUR;
    for (const id of ['f', 'g', 'h', 'i']) desk.ask(holder(id));
    expect(desk.granted()).toHaveLength(6);
    // Back again: nothing is taken away either.
    desk.now -= HOUR;
    desk.turn();
    expect(desk.granted()).toHaveLength(6);
    desk.release(holder('f'));
    desk.release(holder('g'));
    desk.pass(10_300);
    expect(desk.granted()).toHaveLength(7);
  });
});

describe('the day', () => {
  const policy = { ...UNPACED, perDay: 2 };

  test('beyond its limit a person is asked, who allows as many again', () => {
    const desk = new Desk(policy);
    for (const one of five) desk.ask(one);
    expect(desk.granted()).toHaveLength(2);
    const state = gateState(desk.gate, desk.now, iso);
    expect(state.escalation).toMatchObject({
      reason: 'DAILY_CREATIONS_SPENT',
      scope: 'organization',
    });
    expect(desk.told(holder('e'))).toMatchObject({
      is: 'held',
      escalation: { reason: 'DAILY_CREATIONS_SPENT', actions: ['abandon'] },
    });
    desk.gate.retry(undefined, desk.now);
    desk.turn();
    expect(desk.granted()).toHaveLength(4);
  });

  test('it ends by itself when the calls are a day old', () => {
    const desk = new Desk(policy);
    for (const one of five) desk.ask(one);
    desk.pass(24 * HOUR + 11 * MINUTE);
    expect(desk.granted()).toHaveLength(4);
  });

  test('it leads to the runbook, in the copy of it that the policy names', () => {
    const runbookOf = (given: typeof policy & { runbookUrl?: string }) => {
      const desk = new Desk(given);
      for (const one of five) desk.ask(one);
      return gateState(desk.gate, desk.now, iso).escalation?.runbook;
    };
    expect(runbookOf(policy)).toBe('docs/runbook.md#daily_creations_spent');
    expect(runbookOf({ ...policy, runbookUrl: 'https://wiki.example.com/v' })).toBe(
      'https://wiki.example.com/v#daily_creations_spent',
    );
  });

  test('without anybody who waits nobody is asked', () => {
    const desk = new Desk(policy);
    desk.ask(a);
    desk.ask(b);
    expect(gateState(desk.gate, desk.now, iso).escalation).toBeUndefined();
  });
});

describe('one request, one address', () => {
  test('a second vend of a request stands behind the first, and hears when that is done', () => {
    const desk = new Desk();
    const twin = { ...holder('a', 'run-twin'), workflowId: 'parent-chose-it' };
    desk.ask(a);
    desk.ask(twin);
    expect(desk.granted()).toEqual(['a']);
    desk.observe([a, twin]);
    expect(desk.told(twin)).toMatchObject({ is: 'twin', of: a });
    desk.release(a, 1, { accountId: '111122223333' });
    expect(desk.told(twin)).toMatchObject({ is: 'twin-gone', accountId: '111122223333' });
    expect(desk.granted()).toEqual(['a']);
  });

  test('an address that is under way is refused, also while its vend waits for a person', () => {
    const desk = new Desk();
    desk.ask(a);
    desk.release(a, 1, { outcome: 'failed' });
    desk.ask(b, 1, { emailKey: 'mail-a' });
    desk.observe([a, b]);
    expect(desk.told(b)).toMatchObject({ is: 'email-in-flight', requestId: 'a' });
    expect(desk.granted()).toEqual(['a']);
  });

  test('it is free when the account exists, or the vend wants nothing more', () => {
    const desk = new Desk();
    desk.ask(a);
    desk.release(a);
    desk.ask(b, 1, { emailKey: 'mail-a' });
    desk.gate.withdraw({ v: 1, holder: b, ticket: 1 }, desk.now);
    desk.ask(holder('c'), 1, { emailKey: 'mail-a' });
    expect(desk.granted()).toEqual(['a', 'b', 'c']);
  });

  test('an amended address is swapped', () => {
    const desk = new Desk();
    desk.ask(a);
    desk.release(a, 1, { outcome: 'failed' });
    desk.ask(a, 2, { emailKey: 'another' });
    desk.ask(b, 1, { emailKey: 'mail-a' });
    expect(desk.granted()).toEqual(['a', 'a', 'b']);
  });

  test('the vend that has it was terminated while it waited for a person: the address is free', () => {
    const desk = new Desk();
    desk.ask(a);
    desk.release(a, 1, { outcome: 'failed' });
    desk.ask(b, 1, { emailKey: 'mail-a' });
    desk.observe([b]);
    expect(desk.granted()).toEqual(['a', 'b']);
  });

  test('the ledger knows the account of a request whose address was amended, for good', () => {
    const desk = new Desk();
    desk.ask(a);
    desk.release(a, 1, { accountId: '111122223333' });
    const later = holder('a', 'much later');
    desk.gate = unpackGate(packGate(desk.gate));
    desk.ask(later);
    expect(desk.told(later)).toMatchObject({ is: 'known', accountId: '111122223333' });
    desk.ask(later, 2, { ignoreLedger: true });
    expect(desk.granted()).toEqual(['a', 'a']);
  });
});

describe('vends that have ended without a word', () => {
  test('what a dead vend had begun still occupies AWS: its place is kept until nothing is in progress', () => {
    const desk = full();
    desk.ask(sixth);
    const others = [...five.slice(1), sixth];
    desk.observe(others, 5, { 'run-a': 1, 'run-b': 1, 'run-c': 1, 'run-d': 1, 'run-e': 1 });
    desk.pass(2 * MINUTE);
    desk.observe(others, 5, { 'run-a': 1, 'run-b': 1, 'run-c': 1, 'run-d': 1, 'run-e': 1 });
    expect(desk.granted()).not.toContain('sixth');
    desk.observe(others, 4, { 'run-b': 1, 'run-c': 1, 'run-d': 1, 'run-e': 1 });
    expect(desk.granted()).toContain('sixth');
  });

  test('its answer was lost: any creation in progress may be its own', () => {
    const desk = full();
    desk.ask(sixth);
    const others = [...five.slice(1), sixth];
    desk.observe(others, 1);
    desk.pass(2 * MINUTE);
    desk.observe(others, 1);
    expect(desk.granted()).not.toContain('sixth');
    desk.observe(others, 0);
    expect(desk.granted()).toContain('sixth');
  });

  test('nothing is believed before what it had begun to send can be sent no more', () => {
    const desk = full();
    desk.observe(five.slice(1), 0);
    expect(desk.gate.placed()).toHaveLength(5);
  });

  test('a look that AWS refused is no evidence', () => {
    const desk = full();
    desk.observe(five.slice(1));
    desk.pass(20 * MINUTE);
    desk.observe(five.slice(1));
    expect(desk.gate.placed()).toHaveLength(5);
  });

  test('holders are looked at every few minutes, and nobody where nobody has a place', () => {
    const desk = new Desk();
    expect(desk.gate.nextDueAtMs(desk.now)).toBe(Infinity);
    desk.ask(a);
    expect(desk.gate.nextDueAtMs(desk.now) - desk.now).toBe(3 * MINUTE);
  });
});

describe('a vend that was reset, and does not know what it had of the gate', () => {
  test('has its account: the place and the address are free, and what waits for it goes on', () => {
    const desk = full();
    desk.ask(sixth);
    desk.observe([...five, sixth]);
    expect(desk.granted()).not.toContain('sixth');
    desk.observe([...five, sixth], undefined, {}, [a]);
    expect(desk.granted()).toContain('sixth');
    desk.ask(holder('z'), 1, { emailKey: 'mail-a' });
    desk.observe([...five, sixth]);
    expect(desk.told(holder('z'))).not.toMatchObject({ is: 'email-in-flight' });
  });

  test('was the probe, and has its account: it has succeeded', () => {
    const desk = probing();
    desk.observe([a, b], undefined, {}, [a]);
    expect(desk.granted()).toEqual(['a', 'a', 'b']);
    expect(gateState(desk.gate, desk.now, iso).escalations).toEqual([]);
  });

  test('was the probe in a step, and asks anew: the next one finds out, and nobody waits for ever', () => {
    const desk = new Desk();
    const expired = { ...LIMIT, lane: 'everything' as const, reason: 'ExpiredTokenException' };
    desk.gate.report(
      { v: 1, holder: a, ticket: 0, n: 1, is: 'trouble', trouble: expired },
      desk.now,
    );
    desk.ask(a, 1, { kind: 'step' });
    desk.gate.retry(undefined, desk.now);
    desk.turn();
    desk.ask(b);
    desk.ask(a, 2, { kind: 'step' });
    expect(desk.granted()).toEqual(['a', 'b']);
    desk.release(b);
    expect(desk.granted()).toEqual(['a', 'b', 'a']);
  });
});

test('a step that ends is no end of the creation for which the gate took its vend over', () => {
  const desk = new Desk();
  desk.gate.takeOver([a], desk.now);
  desk.ask(a, 2, { kind: 'step' });
  desk.release(a, 2);
  expect(desk.gate.placed()).toHaveLength(1);
  desk.release(a, 1);
  expect(desk.gate.placed()).toEqual([]);
});

describe('creations that are not ours', () => {
  test('take places too: seen when AWS refuses for the number, and looked at again', () => {
    const desk = new Desk();
    desk.ask(a);
    desk.release(a, 1, { outcome: 'full' });
    desk.ask(a, 2, { retried: true });
    desk.ask(b);
    expect(desk.granted()).toEqual(['a']);
    desk.observe([a, b], 5);
    expect(desk.gate.watchman.foreign).toBe(5);
    desk.pass(25_000);
    expect(desk.granted()).toEqual(['a']);
    desk.observe([a, b], 4);
    expect(desk.granted()).toEqual(['a', 'a']);
    desk.observe([a, b], 1, { 'run-a': 1 });
    expect(desk.granted()).toEqual(['a', 'a', 'b']);
  });
});

describe('the breaker', () => {
  function atTheLimit(policy = PUBLISHED) {
    const desk = new Desk(policy);
    const ten = Array.from({ length: 10 }, (_, index) => holder(`v${index}`));
    for (const one of ten) desk.ask(one);
    for (const id of desk.granted()) {
      desk.release(holder(id), 1, { outcome: 'held-back', trouble: LIMIT });
      desk.ask(holder(id), 2, { retried: true });
    }
    return { desk, ten };
  }
  const state = (desk: Desk) => gateState(desk.gate, desk.now, iso);

  test('no more than were granted before the first answer, and one escalation for all', () => {
    const { desk, ten } = atTheLimit();
    desk.pass(HOUR);
    expect(desk.granted()).toEqual(['v0', 'v1', 'v2']);
    expect(state(desk).escalations).toHaveLength(1);
    expect(state(desk).escalation).toMatchObject({
      id: 'o1',
      reason: 'ACCOUNT_LIMIT_EXCEEDED',
      attempts: 3,
      actions: ['retry'],
    });
    for (const one of ten) {
      expect(desk.told(one)).toMatchObject({
        is: 'held',
        escalation: { id: 'o1', scope: 'organization', actions: ['abandon'] },
      });
    }
  });

  test('an answer lets exactly one probe through, the oldest; its success opens the gate', () => {
    const { desk, ten } = atTheLimit();
    desk.pass(HOUR);
    desk.gate.retry(undefined, desk.now);
    desk.pass(HOUR);
    expect(desk.granted().slice(3)).toEqual(['v0']);
    expect(desk.said.at(-1)?.message).toMatchObject({ probe: true });
    desk.release(holder('v0'), 2);
    desk.pass(MINUTE);
    expect(state(desk).escalation).toBeUndefined();
    expect(desk.told(holder('v9'))).toMatchObject({ is: 'opened' });
    desk.pass(HOUR);
    expect(desk.granted().length).toBeGreaterThan(ten.length / 2);
  });

  test('a probe that meets it again closes it again, under the same escalation', () => {
    const { desk } = atTheLimit();
    desk.gate.retry('o1', desk.now);
    desk.pass(MINUTE);
    desk.release(holder('v0'), 2, { outcome: 'held-back', trouble: LIMIT });
    desk.ask(holder('v0'), 3, { retried: true });
    desk.pass(HOUR);
    expect(desk.granted()).toEqual(['v0', 'v1', 'v2', 'v0']);
    expect(state(desk).escalation).toMatchObject({ id: 'o1', attempts: 4 });
  });

  test.each([
    [
      'fails for a reason of its own',
      (desk: Desk) => desk.release(holder('v0'), 2, { outcome: 'failed' }),
    ],
    [
      'is cancelled',
      (desk: Desk) => {
        desk.gate.withdraw({ v: 1, holder: holder('v0'), ticket: 2 }, desk.now);
        desk.turn();
      },
    ],
    [
      'dies',
      (desk: Desk) => {
        desk.observe(
          Array.from({ length: 9 }, (_, index) => holder(`v${index + 1}`)),
          0,
        );
        desk.pass(2 * MINUTE);
        desk.observe(
          Array.from({ length: 9 }, (_, index) => holder(`v${index + 1}`)),
          0,
        );
      },
    ],
  ])('a probe that %s hands the probe on', (_what, end) => {
    const { desk } = atTheLimit();
    desk.pass(MINUTE);
    desk.gate.retry(undefined, desk.now);
    desk.turn();
    expect(desk.granted().slice(3)).toEqual(['v0']);
    end(desk);
    desk.pass(MINUTE);
    expect(desk.granted().slice(3)).toEqual(['v0', 'v1']);
  });

  test('answered while a probe is on its way: if that meets it again, the next one tries at once', () => {
    const { desk } = atTheLimit();
    desk.pass(MINUTE);
    desk.gate.retry(undefined, desk.now);
    desk.pass(MINUTE);
    desk.gate.retry(undefined, desk.now);
    expect(desk.granted().slice(3)).toEqual(['v0']);
    desk.release(holder('v0'), 2, { outcome: 'held-back', trouble: LIMIT });
    desk.pass(MINUTE);
    expect(desk.granted().slice(3)).toEqual(['v0', 'v1']);
    desk.release(holder('v1'), 2, { outcome: 'held-back', trouble: LIMIT });
    desk.pass(HOUR);
    expect(desk.granted().slice(3)).toEqual(['v0', 'v1']);
  });

  test('the recheck lets a probe through by itself', () => {
    const desk = new Desk();
    desk.ask(a);
    const trouble = { ...LIMIT, reason: 'PENDING_BUSINESS_VALIDATION', recheck: 'slow' as const };
    desk.release(a, 1, { outcome: 'held-back', trouble });
    desk.ask(a, 2, { retried: true });
    expect(state(desk).escalation?.nextCheckAt).toBe(iso(desk.now + HOUR));
    desk.pass(HOUR - 1_000);
    expect(desk.granted()).toEqual(['a']);
    desk.pass(1_000);
    expect(desk.granted()).toEqual(['a', 'a']);
  });

  test('GovCloud alone is held back by what concerns GovCloud alone', () => {
    const desk = new Desk();
    desk.ask(a, 1, { kind: 'govcloud' });
    desk.release(a, 1, { outcome: 'held-back', trouble: { ...LIMIT, lane: 'govcloud' } });
    desk.ask(a, 2, { kind: 'govcloud', retried: true });
    desk.ask(b);
    expect(desk.granted()).toEqual(['a', 'b']);
  });

  test('a probe whose vend is dead hands the probe on, and keeps its place while AWS creates for it', () => {
    const desk = probing();
    desk.observe([b], 1, { 'run-a': 1 });
    expect(desk.granted()).toEqual(['a', 'a', 'b']);
    expect(desk.gate.placed()).toHaveLength(2);
    // What it comes to says nothing any more; that of the next one does.
    desk.release(b);
    expect(gateState(desk.gate, desk.now, iso).escalations).toEqual([]);
  });

  test('what holds back everything holds back steps as well, and a step may be the probe', () => {
    const desk = new Desk();
    const expired = { ...LIMIT, lane: 'everything' as const, reason: 'ExpiredTokenException' };
    desk.gate.report(
      { v: 1, holder: a, ticket: 0, n: 1, is: 'trouble', trouble: expired },
      desk.now,
    );
    desk.ask(a, 1, { kind: 'step' });
    desk.ask(b);
    expect(desk.granted()).toEqual([]);
    desk.gate.retry(undefined, desk.now);
    desk.turn();
    expect(desk.granted()).toEqual(['a']);
    desk.release(a, 1);
    expect(desk.granted()).toEqual(['a', 'b']);
  });

  test('what the probe of one trouble meets is answered next, also by who names no escalation', () => {
    const desk = new Desk();
    const expired = { ...LIMIT, lane: 'everything' as const, reason: 'ExpiredTokenException' };
    desk.ask(a);
    desk.release(a, 1, { outcome: 'held-back', trouble: expired });
    desk.ask(a, 2, { retried: true });
    expect(desk.gate.retry(undefined, desk.now)).toBe('o1');
    desk.turn();
    // The credentials are fine again, and the account limit is reached.
    desk.release(a, 2, { outcome: 'held-back', trouble: LIMIT });
    desk.ask(a, 3, { retried: true });
    desk.turn();
    expect(gateState(desk.gate, desk.now, iso).escalations.map(({ id }) => id)).toEqual([
      'o2',
      'o1',
    ]);
    expect(desk.told(a)).toMatchObject({ is: 'held', escalation: { id: 'o2' } });
    expect(desk.gate.retry(undefined, desk.now)).toBe('o2');
    desk.turn();
    expect(desk.granted()).toEqual(['a', 'a', 'a']);
    desk.release(a, 3);
    expect(gateState(desk.gate, desk.now, iso).escalations).toEqual([]);
  });

  test('answered, and nobody waits: over, until it is met again, which is another escalation', () => {
    const { desk, ten } = atTheLimit();
    for (const one of ten) {
      desk.gate.withdraw({ v: 1, holder: one, ticket: 2 }, desk.now);
      desk.turn();
    }
    expect(state(desk).escalations).toHaveLength(1);
    desk.gate.retry(undefined, desk.now);
    desk.turn();
    expect(state(desk).escalations).toEqual([]);
    desk.ask(a);
    desk.pass(MINUTE);
    expect(desk.granted().slice(3)).toEqual(['a']);
    desk.release(a, 1, { outcome: 'held-back', trouble: LIMIT });
    expect(state(desk).escalation).toMatchObject({ id: 'o2', attempts: 1 });
  });

  test('answered while a vend of another kind waits alone: over as well', () => {
    const desk = new Desk();
    const trouble = { ...LIMIT, lane: 'govcloud' as const };
    desk.gate.report({ v: 1, holder: a, ticket: 0, n: 1, is: 'trouble', trouble }, desk.now);
    for (let n = 0; n < 6; n += 1) desk.ask(holder(`standard-${n}`));
    desk.turn();
    expect(desk.gate.waiters().length).toBeGreaterThan(0);
    desk.gate.retry(undefined, desk.now);
    expect(state(desk).escalations).toEqual([]);
  });

  test('answered, and met again outside of a turn: it is asked about again', () => {
    const desk = new Desk();
    const expired = { ...LIMIT, lane: 'everything' as const, reason: 'ExpiredTokenException' };
    const met = (n: number) =>
      desk.gate.report(
        { v: 1, holder: a, ticket: 0, n, is: 'trouble', trouble: expired },
        desk.now,
      );
    met(1);
    expect(state(desk).escalation).toMatchObject({ id: 'o1', attempts: 1 });
    desk.gate.retry(undefined, desk.now);
    expect(state(desk).escalations).toEqual([]);
    met(2);
    expect(state(desk).escalation).toMatchObject({ id: 'o2', attempts: 1 });
    desk.ask(b);
    desk.turn();
    expect(desk.granted()).toEqual([]);
  });

  test('what was met by a step that looks by itself is over when that says so', () => {
    const desk = new Desk();
    const expired = { ...LIMIT, lane: 'everything' as const, reason: 'ExpiredTokenException' };
    desk.gate.report(
      { v: 1, holder: a, ticket: 0, n: 1, is: 'trouble', trouble: expired },
      desk.now,
    );
    desk.ask(b);
    const over = {
      v: 1,
      holder: a,
      ticket: 0,
      n: 2,
      is: 'recovered',
      reason: expired.reason,
    } as const;
    desk.gate.report(over, desk.now);
    desk.turn();
    expect(desk.granted()).toEqual(['b']);
  });
});

describe('the language', () => {
  test('members that an older or newer vend adds are ignored', () => {
    const desk = new Desk();
    desk.ask(a, 1, { v: 2, priority: 'high' } as never);
    expect(desk.granted()).toEqual(['a']);
  });

  test('no more is sent at once than may be under way; the rest follows, grants first', () => {
    const desk = new Desk({ ...UNPACED, maxInProgress: 3 });
    for (let n = 0; n < 20; n += 1) {
      const who = holder(`v${n}`);
      const ask = { v: 1, holder: who, ticket: 1, runId: 'run', kind: 'standard' as const };
      desk.gate.ask({ ...ask, emailKey: `mail-${n}` });
    }
    expect(desk.turn(2).map(({ signal }) => signal)).toEqual(['grant', 'grant']);
    expect(desk.turn(2).map(({ signal }) => signal)).toEqual(['grant', 'notice']);
    for (let rest = 16; rest > 0; rest -= 2) expect(desk.turn(2)).toHaveLength(2);
    expect(desk.turn(2)).toEqual([]);
  });
});

describe('what people are told of the organization', () => {
  const notify = { on: ['escalated' as const], remindEveryMs: HOUR };
  const told = (desk: Desk) =>
    takeGateNotifications(desk.gate, 'organization-gate-o-exampleorg1', desk.now, iso).map(
      ({ key, notification: { type } }) => `${type} ${key}`,
    );

  test('once, again every so often, and when it is over, also when it has continued as new between', () => {
    const desk = full(new Desk({ ...UNPACED, notify }));
    expect(told(desk)).toEqual([]);
    desk.release(a, 1, { outcome: 'held-back', trouble: LIMIT });
    desk.release(b, 1, { outcome: 'held-back', trouble: LIMIT });
    expect(told(desk)).toEqual(['organization.escalated o1-ACCOUNT_LIMIT_EXCEEDED']);
    desk.gate = unpackGate(structuredClone(packGate(desk.gate)));
    expect(told(desk)).toEqual([]);
    desk.pass(HOUR);
    expect(told(desk)).toEqual(['organization.escalated o1-ACCOUNT_LIMIT_EXCEEDED-reminder-1']);
    desk.gate.breaker.recover('ACCOUNT_LIMIT_EXCEEDED');
    expect(told(desk)).toEqual(['organization.resolved o1-ACCOUNT_LIMIT_EXCEEDED-over']);
    expect(told(desk)).toEqual([]);
  });

  test('nothing where nobody is to be told', () => {
    const desk = full();
    desk.release(a, 1, { outcome: 'held-back', trouble: LIMIT });
    expect(told(desk)).toEqual([]);
    expect(desk.gate.asked).toEqual([]);
  });
});

describe('what is carried over', () => {
  test('who has tried before is still ahead of those that have not', () => {
    const desk = full();
    desk.ask(sixth);
    desk.release(a, 1, { outcome: 'failed' });
    desk.ask(holder('fresh'));
    desk.ask(a, 2, { retried: true });
    desk.gate = unpackGate(packGate(desk.gate));
    desk.release(b);
    expect(desk.granted().at(-1)).toBe('a');
  });

  test('tokens, the day and the breaker go on where they were', () => {
    const desk = full(new Desk(PUBLISHED));
    desk.release(a, 1, { outcome: 'held-back', trouble: LIMIT });
    desk.pass(5_000);
    const before = packGate(desk.gate);
    desk.gate = unpackGate(structuredClone(before));
    expect(packGate(desk.gate)).toEqual(before);
    desk.gate.retry(undefined, desk.now);
    desk.pass(5_000);
    expect(desk.granted()).toHaveLength(3);
    desk.pass(500);
    expect(desk.granted()).toHaveLength(4);
  });

  test('five thousand who wait: at most 100 bytes each, and under half of 2 MB in all', () => {
    const desk = full();
    const uuid = (n: number) => `019a21f0-5b11-70a1-b01f-${n.toString(16).padStart(12, '0')}`;
    for (let n = 0; n < 5_000; n += 1) {
      const who = holder(`team-platform-${n}-production`, uuid(n));
      desk.gate.ask({
        v: 1,
        holder: who,
        ticket: 1,
        runId: uuid(n),
        kind: 'standard',
        emailKey: 'k'.repeat(12) + n,
      });
    }
    desk.gate.ledger.clear();
    const carried = packGate(desk.gate);
    expect(carried.waiting).toHaveLength(5_000);
    const longest = Math.max(...carried.waiting.map((text) => JSON.stringify(text).length));
    expect(longest).toBeLessThanOrEqual(100);
    expect(JSON.stringify(carried).length).toBeLessThan(1_000_000);

    const extra = holder('one-too-many');
    desk.ask(extra);
    expect(desk.told(extra)).toMatchObject({ is: 'ask-again' });
    desk.gate = unpackGate(carried);
    for (const one of five) desk.release(one);
    expect(desk.granted().slice(5)).toEqual(
      [0, 1, 2, 3, 4].map((n) => `team-platform-${n}-production`),
    );
  });

  /** Temporal takes ids of a thousand bytes, and a payload of 2 MB. */
  describe('is never more than Temporal takes', () => {
    const bytes = (desk: Desk) => Buffer.byteLength(JSON.stringify(packGate(desk.gate)));
    const uuid = (n: number) => `019a21f0-5b11-70a1-b01f-${n.toString(16).padStart(12, '0')}`;
    const longNamed = (n: number) => ({
      ...holder(`${'x'.repeat(58)}${10_000 + n}`, uuid(n)),
      workflowId: `${'é'.repeat(490)}-${n}`,
    });

    test('with the longest of ids: who does not fit asks again, and is let in when others have left', () => {
      const desk = full();
      const crowd = Array.from({ length: 3_000 }, (_, n) => longNamed(n));
      for (const [n, who] of crowd.entries()) {
        desk.gate.ask({ v: 1, holder: who, ticket: 1, runId: uuid(n), kind: 'standard' });
      }
      expect(bytes(desk)).toBeGreaterThan(1_500_000);
      expect(bytes(desk)).toBeLessThan(2_000_000);
      expect(desk.gate.waiters().length).toBeLessThan(3_000);

      const last = crowd.at(-1)!;
      while (desk.turn().length > 0);
      desk.ask(last);
      expect(desk.told(last)).toMatchObject({
        is: 'ask-again',
        why: expect.stringMatching(/^room at the organization's gate: /),
      });
      // Whoever is in may ask for more.
      desk.ask(crowd[0]!, 2);
      expect(desk.told(crowd[0]!)?.is).not.toBe('ask-again');
      for (const who of crowd.slice(1, 11)) {
        desk.gate.withdraw({ v: 1, holder: who, ticket: 1 }, desk.now);
      }
      desk.ask(last, 2);
      expect(desk.told(last)?.is).toBe('queued');
    });

    test.each([
      [9_000, undefined],
      [14_000, 'ask-again'],
    ])('with %d that ask a person and keep their address', (count, told) => {
      const desk = new Desk();
      for (let n = 0; n < count; n += 1) {
        const who = holder(`${'x'.repeat(58)}${10_000 + n}`, uuid(n));
        const emailKey = 'k'.repeat(12) + n;
        desk.gate.members.set(uuid(n), { holder: who, ticket: 1, emailKey });
      }
      desk.ask(a);
      expect(desk.told(a)?.is).toBe(told);
      expect(bytes(desk)).toBeLessThan(2_000_000);
    });
  });
});
