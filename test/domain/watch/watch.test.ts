import type { LookPlan } from '../../../src/domain/watch/messages';
import { watchState } from '../../../src/domain/watch/view';
import {
  CREATING,
  FAILED,
  HOUR,
  LEFT,
  MINUTE,
  POLL,
  RECORDERLESS,
  REFUSED,
  Region,
  SECOND,
  SUCCESSFUL,
  accountOf,
  holder,
  iso,
} from './support';

const [a, b] = [holder('a'), holder('b')];
const minutes = (region: Region, from: number, list = region.looks) =>
  list.map(({ at }) => (at - from) / MINUTE);

/** `a` waits, its row is in progress, and the first look is over. */
function waiting(...packs: string[]): Region {
  const region = new Region();
  const all = packs.length > 0 ? packs : ['P'];
  for (const pack of all) region.row(a, CREATING, pack);
  region.subscribe(a, { packs: all });
  return region;
}

const asked = ({ packs }: LookPlan) =>
  packs.map(({ pack, lists, confirm, again }) => ({ pack, lists, confirm, again }));

describe('who is looked at, and when', () => {
  test('a newcomer is looked at at once, by itself and not by a whole round', () => {
    const region = waiting('P', 'Q');
    region.pass(20 * SECOND);
    region.row(b, SUCCESSFUL);
    region.subscribe(b);
    expect(region.looks).toHaveLength(2);
    expect(region.looks[1]?.at).toBe(region.now);
    expect(region.looks[1]?.plan.accounts).toEqual([]);
    expect(asked(region.looks[1]!.plan)).toEqual([
      { pack: 'P', lists: false, confirm: ['account-b'], again: [] },
    ]);
    expect(region.told(b)).toEqual([['P CREATE_SUCCESSFUL done']]);
  });

  test('it is looked at right after a look that is under way', () => {
    const region = waiting();
    region.pass(59 * SECOND);
    region.now += SECOND;
    const plan = region.begin()!;
    region.put(b);
    expect(region.begin()).toBeUndefined();
    expect(region.watch.nextDueAtMs(region.now)).toBe(Infinity);
    region.learn(plan);
    expect(region.watch.nextDueAtMs(region.now)).toBe(region.now);
    region.turn();
    expect(region.looks.at(-1)?.plan.packs[0]).toMatchObject({
      lists: false,
      confirm: ['account-b'],
    });
  });

  test('a round asks each pack once for its lists, however many wait', () => {
    const region = new Region();
    const all = Array.from({ length: 200 }, (_, n) => holder(`v${n}`));
    for (const one of all) {
      region.row(one, CREATING, 'P');
      region.row(one, CREATING, 'Q');
      region.put(one, { packs: ['P', 'Q'] });
    }
    region.turn();
    region.pass(MINUTE);
    expect(region.rounds).toHaveLength(1);
    expect(region.rounds[0]?.plan.packs.map(({ pack, lists }) => [pack, lists])).toEqual([
      ['P', true],
      ['Q', true],
    ]);
    expect(region.rounds[0]?.plan.accounts).toHaveLength(200);
    expect(region.watch.calls.lists).toBe(2);
  });

  test('an account that left the lists is confirmed by one look, and not more', () => {
    const region = waiting('P', 'Q');
    region.row(a, SUCCESSFUL, 'P');
    region.pass(MINUTE);
    expect(region.watch.calls.confirming).toBe(3);
    expect(region.told(a).at(-1)).toEqual(['P CREATE_SUCCESSFUL done']);
    region.pass(HOUR);
    expect(region.watch.calls.confirming).toBe(3);
    expect(asked(region.looks.at(-1)!.plan)[0]).toMatchObject({ pack: 'P', confirm: [] });
  });

  test('gone from the lists is not yet successful: it may have no row at all', () => {
    const region = waiting();
    region.row(a, undefined);
    region.pass(MINUTE);
    expect(region.told(a).at(-1)).toEqual(['P NO_ROW waiting']);
  });

  test('gone from the lists, and the confirming look was refused: what was seen last stays', () => {
    const region = waiting();
    region.now += MINUTE;
    const plan = region.begin()!;
    const { packs, ...rest } = region.answer(plan);
    const [look] = packs;
    region.learn(plan, { ...rest, packs: [{ ...look!, rows: {}, rowless: {}, fault: REFUSED }] });
    region.turn();
    expect(region.letters(a).at(-1)).toMatchObject({ rows: [], fault: { error: REFUSED } });
    expect(region.watch.subscribers.get(a.workflowId)?.pairs.get('P')?.progress).toMatchObject({
      seen: { row: CREATING },
    });
  });

  test('without a row it is looked at again, ever more seldom, up to the poll’s maximum', () => {
    const region = new Region();
    const from = region.now;
    region.subscribe(a);
    region.pass(HOUR);
    const single = region.looks.filter(({ plan }) =>
      plan.packs.some(({ confirm, again }) => confirm.length + again.length > 0),
    );
    const at = minutes(region, from, single);
    const gaps = at.slice(1).map((time, index) => time - (at[index] ?? 0));
    expect(at.slice(0, 2)).toEqual([0, 1]);
    for (const [index, gap] of gaps.entries()) {
      expect(gap).toBeGreaterThanOrEqual(Math.min(5, 1.5 ** index));
    }
    expect(Math.max(...gaps)).toBeLessThanOrEqual(10);
    // Every such look is one call.
    expect(region.watch.calls).toMatchObject({ confirming: 1, rowless: single.length - 1 });
    expect(region.watch.calls.rowless).toBeLessThan(region.watch.calls.lists);
  });

  test('a row of an earlier membership is looked at again like none', () => {
    const region = new Region();
    region.row(a, { ...SUCCESSFUL, lastUpdateTime: '2026-01-01T00:00:00.000Z' });
    region.subscribe(a, { joinedAt: '2026-11-22T05:00:00.000Z' });
    expect(region.told(a)).toEqual([['P CREATE_SUCCESSFUL waiting']]);
    region.pass(MINUTE);
    expect(region.looks.at(-1)?.plan.packs[0]).toMatchObject({
      confirm: [],
      again: ['account-a'],
    });
    region.row(a, { ...SUCCESSFUL, lastUpdateTime: '2026-11-22T05:00:00.000Z' });
    region.pass(5 * MINUTE);
    expect(region.told(a).at(-1)).toEqual(['P CREATE_SUCCESSFUL done']);
  });

  test('a row that is being deleted is in no list, and looked at again all the same', () => {
    const region = new Region();
    region.row(a, { status: 'DELETE_IN_PROGRESS' });
    region.subscribe(a);
    region.pass(10 * MINUTE);
    expect(region.told(a)).toEqual([
      ['P DELETE_IN_PROGRESS failed 1'],
      ['P DELETE_IN_PROGRESS failed 2'],
    ]);
    region.row(a, SUCCESSFUL);
    region.pass(10 * MINUTE);
    expect(region.told(a).at(-1)).toEqual(['P CREATE_SUCCESSFUL done']);
  });

  test('a row that comes while it waits is seen by the lists: no look of its own any more', () => {
    const region = new Region();
    region.subscribe(a);
    region.pass(MINUTE);
    const { rowless } = region.watch.calls;
    region.row(a, CREATING);
    region.pass(30 * MINUTE);
    expect(region.told(a).at(-1)).toEqual(['P CREATE_IN_PROGRESS waiting']);
    expect(region.watch.calls).toMatchObject({ rowless, confirming: 1 });
    expect(region.looks.at(-1)?.plan).toMatchObject({ withAggregate: false, checkMembership: [] });
  });

  test('when the organization-wide status moves, those without a row are looked at sooner', () => {
    const region = new Region();
    region.subscribe(a);
    region.pass(40 * MINUTE);
    region.pack().aggregate = { status: 'UPDATE_IN_PROGRESS' };
    // The move is seen at the next round, at most five minutes later: from there on like new.
    const before = region.looks.length;
    region.pass(5 * MINUTE);
    const moved = region.looks[before]!;
    region.pass(3 * MINUTE);
    expect(minutes(region, moved.at, region.looks.slice(before)).slice(0, 2)).toEqual([0, 1]);
    expect(region.looks[before + 1]?.plan.packs[0]?.again).toEqual(['account-a']);
    expect(region.looks[before + 2]?.plan.packs[0]?.again).toEqual(['account-a']);
    expect(region.watch.nextRoundAtMs - region.looks.at(-1)!.at).toBeLessThan(5 * MINUTE);
  });

  test('the organization-wide status that is seen for the first time is no move', () => {
    const region = new Region();
    region.subscribe(a);
    region.pass(10 * MINUTE);
    expect(region.watch.rounds).toBeGreaterThan(2);
  });

  test('the organization-wide status is asked for only where somebody needs it', () => {
    const region = waiting();
    region.pass(MINUTE);
    expect(region.looks.map(({ plan }) => plan.withAggregate)).toEqual([false, false]);
    region.row(b, CREATING);
    region.subscribe(b, { scope: 'organization' });
    expect(region.looks.at(-1)?.plan.withAggregate).toBe(true);
    region.unsubscribe(b);
    region.row(a, undefined);
    region.pass(10 * MINUTE);
    expect(region.looks.at(-1)?.plan.withAggregate).toBe(true);
  });
});

describe('what counts', () => {
  test('a failed row counts the looks that showed it, and is told at the first two', () => {
    const region = new Region();
    region.row(a, FAILED);
    region.subscribe(a);
    region.pass(10 * MINUTE);
    expect(region.told(a)).toEqual([['P CREATE_FAILED failed 1'], ['P CREATE_FAILED failed 2']]);
    region.row(a, CREATING);
    region.pass(10 * MINUTE);
    region.row(a, FAILED);
    region.pass(10 * MINUTE);
    expect(region.told(a).slice(2)).toEqual([
      ['P CREATE_IN_PROGRESS waiting'],
      ['P CREATE_FAILED failed 1'],
      ['P CREATE_FAILED failed 2'],
    ]);
  });

  test('a look at a newcomer does not count for those who were not looked at', () => {
    const region = new Region();
    region.row(a, FAILED);
    region.subscribe(a, { scope: 'organization' });
    region.row(b, CREATING);
    region.subscribe(b, { scope: 'organization' });
    expect(region.told(a)).toEqual([['P CREATE_FAILED failed 1']]);
  });

  test('nor does the organization-wide status of that look make a row current that was not', () => {
    const region = new Region();
    region.pack().aggregate = CREATING;
    region.row(a, SUCCESSFUL);
    region.subscribe(a, { scope: 'organization' });
    region.row(a, FAILED);
    region.pack().aggregate = SUCCESSFUL;
    region.row(b, CREATING);
    region.subscribe(b);
    expect(region.told(a)).toEqual([['P CREATE_SUCCESSFUL waiting']]);
    region.pass(MINUTE);
    expect(region.told(a).slice(1)).toEqual([['P CREATE_FAILED failed 1']]);
  });

  test('a look that AWS refused counts nothing, neither the row nor the organization-wide status', () => {
    for (const [row, aggregate] of [
      [FAILED, SUCCESSFUL],
      [SUCCESSFUL, FAILED],
    ] as const) {
      const region = new Region();
      region.pack().aggregate = aggregate;
      region.row(a, row);
      region.subscribe(a, { scope: 'organization' });
      region.pack().fault = REFUSED;
      region.pass(10 * MINUTE);
      region.subscribe(a, { scope: 'organization' });
      expect(region.letters(a).map(({ rows }) => rows.map((one) => one.failedLooks))).toEqual([
        [1],
        [],
        [1],
      ]);
    }
  });

  test('since when no recorder runs is kept from look to look', () => {
    const region = new Region();
    const from = region.now;
    region.row(a, RECORDERLESS);
    region.subscribe(a);
    region.pass(HOUR);
    expect(region.told(a)).toEqual([['P CREATE_FAILED no-recorder']]);
    region.put(a);
    region.turn();
    expect(region.letters(a).at(-1)?.rows[0]?.noRecorderSinceMs).toBe(from);
  });

  test('all packs are done at once: one that relapses while another is open makes it not done', () => {
    const region = waiting('P', 'Q');
    region.row(a, SUCCESSFUL, 'P');
    region.pass(MINUTE);
    region.row(a, { status: 'UPDATE_IN_PROGRESS' }, 'P');
    region.row(a, SUCCESSFUL, 'Q');
    region.pass(5 * MINUTE);
    expect(region.told(a).at(-1)).toEqual([
      'P UPDATE_IN_PROGRESS waiting',
      'Q CREATE_SUCCESSFUL done',
    ]);
    expect(region.watch.open()).toHaveLength(1);
    region.row(a, { status: 'UPDATE_SUCCESSFUL' }, 'P');
    region.pass(5 * MINUTE);
    expect(region.watch.open()).toEqual([]);
  });

  test('a pack that is gone is asked for again at each round, and goes on by itself', () => {
    const region = waiting();
    region.pack().isGone = true;
    region.pass(HOUR);
    expect(region.looks.at(-1)?.plan.packs[0]).toMatchObject({ confirm: ['account-a'], again: [] });
    expect(region.letters(a).at(-1)?.rows[0]).toMatchObject({ seen: { gone: true } });
    expect(region.told(a).at(-1)).toEqual(['P NO_ROW failed 2']);
    region.pack().isGone = false;
    region.row(a, SUCCESSFUL);
    region.pass(5 * MINUTE);
    expect(region.told(a).at(-1)).toEqual(['P CREATE_SUCCESSFUL done']);
  });

  test('a pack that leaves the account out is done', () => {
    const region = new Region();
    region.pack().excluded.add(accountOf(a));
    region.subscribe(a);
    expect(region.letters(a)[0]?.rows[0]).toMatchObject({
      seen: { excluded: true },
      verdict: { is: 'done' },
    });
    expect(region.watch.open()).toEqual([]);
    // It is not looked for again while another pack is waited for.
    region.pack('Q').excluded.add(accountOf(b));
    region.row(b, CREATING, 'P');
    region.subscribe(b, { packs: ['P', 'Q'] });
    region.pass(HOUR);
    expect(region.watch.calls.rowless).toBe(0);
  });

  test('scope organization sees the organization-wide status, scope account does not', () => {
    const region = new Region();
    region.pack().aggregate = CREATING;
    for (const one of [a, b]) region.row(one, SUCCESSFUL);
    region.put(a, { scope: 'organization' });
    region.put(b);
    region.turn();
    expect(region.letters(a)[0]?.rows[0]?.seen).toEqual({ row: SUCCESSFUL, aggregate: CREATING });
    expect(region.letters(b)[0]?.rows[0]?.seen).toEqual({ row: SUCCESSFUL });
    expect(region.told(a)).toEqual([['P CREATE_SUCCESSFUL waiting']]);
    expect(region.told(b)).toEqual([['P CREATE_SUCCESSFUL done']]);
    region.pack().aggregate = SUCCESSFUL;
    region.pass(5 * MINUTE);
    expect(region.told(a).at(-1)).toEqual(['P CREATE_SUCCESSFUL done']);
  });

  test('scope organization: what was done is not when the organization-wide status relapses', () => {
    const region = new Region();
    region.row(a, SUCCESSFUL, 'P');
    region.row(a, CREATING, 'Q');
    region.subscribe(a, { scope: 'organization', packs: ['P', 'Q'] });
    region.pack('P').aggregate = FAILED;
    region.pass(MINUTE);
    expect(region.told(a).at(-1)).toEqual(['P CREATE_SUCCESSFUL failed 1']);
  });

  test('packs of one name and several owners are several', () => {
    const region = new Region();
    region.row(a, SUCCESSFUL, 'owner-1/P');
    region.row(a, CREATING, 'P');
    region.subscribe(a, { packs: ['P', { pack: 'P', owner: 'owner-1' }] });
    expect(region.letters(a)[0]?.rows).toMatchObject([
      { pack: 'P', verdict: { is: 'waiting' } },
      { pack: 'P', owner: 'owner-1', verdict: { is: 'done' } },
    ]);
    expect(region.looks[0]?.plan.packs).toMatchObject([
      { pack: 'P' },
      { pack: 'P', owner: 'owner-1' },
    ]);
  });

  test('how many pages a pack has is remembered for the next look', () => {
    const region = waiting();
    region.now += MINUTE;
    const plan = region.begin()!;
    const { packs, ...rest } = region.answer(plan);
    region.learn(plan, { ...rest, packs: packs.map((look) => ({ ...look, pages: 7 })) });
    region.pass(10 * MINUTE);
    expect(region.looks.at(-1)?.plan.packs[0]?.pages).toBe(7);
  });
});

test('after hours in which nobody looked, a look at some packs does not make the others count', () => {
  const packs = Array.from({ length: 12 }, (_, n) => `P${n}`);
  const region = new Region();
  for (const pack of packs) region.row(a, pack === 'P0' ? CREATING : SUCCESSFUL, pack);
  region.subscribe(a, { packs });
  region.passToRound();
  region.row(a, SUCCESSFUL, 'P0');
  region.row(a, FAILED, 'P11');
  // No worker, as over a night.
  region.now += 5 * HOUR;
  const before = region.told(a).length;
  const plan = region.begin()!;
  expect(plan.packs.map(({ pack }) => pack)).not.toContain('P11');
  region.learn(plan);
  for (const letter of region.send()) region.arrive(letter);
  const told = region.told(a).slice(before).flat();
  expect(told).toContain('P0 CREATE_SUCCESSFUL done');
  expect(told.find((line) => line.startsWith('P11'))).not.toContain('done');
  region.passToRound();
  expect(region.told(a).flat()).toContainEqual(expect.stringMatching(/^P11 .*FAILED/));
});

test('looks that are hours apart by the configuration are no outage: packs that finish one after the other are done', () => {
  const region = new Region();
  region.poll = { initialMs: 2 * HOUR, factor: 1, maxMs: 2 * HOUR };
  region.row(a, CREATING, 'P');
  region.row(a, CREATING, 'Q');
  region.subscribe(a, { packs: ['P', 'Q'] });
  region.passToRound();
  region.row(a, SUCCESSFUL, 'P');
  region.passToRound();
  region.row(a, SUCCESSFUL, 'Q');
  region.passToRound();
  region.pass(MINUTE);
  const told = region.told(a).flat();
  expect(told).toContain('P CREATE_SUCCESSFUL done');
  expect(told).toContain('Q CREATE_SUCCESSFUL done');
  expect(told.filter((line) => /NO_ROW/.test(line))).toEqual([]);
});

describe('how often', () => {
  test('the interval grows to its maximum', () => {
    const region = waiting();
    const from = region.now;
    region.pass(30 * MINUTE);
    const at = minutes(region, from, region.rounds);
    expect(at.slice(0, 4)).toEqual([1, 2, 3.5, 5.75]);
    expect((at.at(-1) ?? 0) - (at.at(-2) ?? 0)).toBe(5);
  });

  test('it looks sooner when somebody joins, and grows from there', () => {
    const region = waiting();
    region.pass(HOUR);
    region.row(b, CREATING);
    const from = region.now;
    region.subscribe(b);
    region.pass(5 * MINUTE);
    expect(minutes(region, from, region.rounds).filter((at) => at > 0)).toEqual([1, 2, 3.5]);
  });

  test('a round that is sooner anyway is not put off by one who joins', () => {
    const region = waiting();
    region.pass(50 * SECOND);
    region.row(b, CREATING);
    region.subscribe(b);
    region.pass(10 * SECOND);
    expect(region.rounds).toHaveLength(1);
  });

  test('nor is a round that is due while a look is under way', () => {
    const region = waiting();
    region.now += 55 * SECOND;
    region.put(b);
    const plan = region.begin()!;
    region.now += 6 * SECOND;
    region.put(holder('c'));
    region.learn(plan);
    region.turn();
    expect(region.rounds).toHaveLength(1);
  });

  test('the interval is the configuration’s as soon as a look has told it', () => {
    const region = new Region();
    region.poll = { initialMs: SECOND, factor: 2, maxMs: 4 * SECOND };
    const from = region.now;
    region.row(a, CREATING);
    region.subscribe(a);
    region.pass(MINUTE);
    region.pass(5 * SECOND);
    const seconds = region.rounds.map(({ at }) => (at - from) / SECOND);
    expect(seconds.slice(0, 3)).toEqual([1, 2, 4]);
  });

  test('throttled it looks ever more seldom, up to eight times, and is back at once after', () => {
    const region = waiting();
    region.isThrottled = true;
    region.pass(4 * HOUR);
    const at = minutes(region, 0, region.rounds);
    expect((at[1] ?? 0) - (at[0] ?? 0)).toBe(2);
    expect((at[2] ?? 0) - (at[1] ?? 0)).toBe(6);
    expect((at.at(-1) ?? 0) - (at.at(-2) ?? 0)).toBe(40);
    region.isThrottled = false;
    region.pass(3 * HOUR);
    const after = minutes(region, 0, region.rounds);
    expect((after.at(-1) ?? 0) - (after.at(-2) ?? 0)).toBe(5);
  });

  test('throttled, one who joins hurries it less', () => {
    const region = waiting();
    region.isThrottled = true;
    region.pass(4 * HOUR);
    region.row(b, CREATING);
    const from = region.now;
    region.watch.nextRoundAtMs = from + HOUR;
    region.put(b);
    expect(region.watch.nextRoundAtMs - from).toBe(8 * MINUTE);
  });

  test('it sleeps while nobody waits', () => {
    const region = new Region();
    expect(region.watch.nextDueAtMs(region.now)).toBe(Infinity);
    expect(region.begin()).toBeUndefined();
    region.subscribe(a);
    expect(region.watch.nextDueAtMs(region.now)).toBe(region.now + MINUTE);
    region.unsubscribe(a);
    expect(region.watch.nextDueAtMs(region.now)).toBe(Infinity);
    region.now += HOUR;
    expect(region.begin()).toBeUndefined();
  });

  test('one who wakes it is looked at by itself; the round comes with the interval', () => {
    const region = waiting();
    region.unsubscribe(a);
    region.pass(24 * HOUR);
    const from = region.now;
    region.row(b, CREATING);
    region.subscribe(b);
    expect(region.looks.at(-1)?.plan.accounts).toEqual([]);
    region.pass(2 * MINUTE);
    expect(minutes(region, from, region.rounds)).toEqual([1, 2]);
  });

  test('a look that could not even begin is made again at the next round', () => {
    const region = waiting();
    const from = region.now;
    region.now += MINUTE;
    region.watch.learnNothing(region.begin()!, region.now);
    expect(region.watch.nextDueAtMs(region.now)).toBe(from + 2 * MINUTE);
    region.pass(MINUTE);
    expect(region.rounds).toHaveLength(2);
    expect(region.watch.looks).toBe(2);
  });

  test('one whose first look could not begin hears so, and is looked at in the next round', () => {
    const region = new Region();
    region.row(a, SUCCESSFUL);
    region.put(a);
    region.watch.learnNothing(region.begin()!, region.now);
    region.turn();
    region.pass(MINUTE);
    expect(region.letters(a)[0]?.fault).toMatchObject({ error: { name: 'LookFailed' }, count: 1 });
    expect(region.told(a)).toEqual([[], ['P CREATE_SUCCESSFUL done']]);
  });
});

describe('slices', () => {
  const packs = ['P', 'Q', 'R', 'S'];
  /** All in progress, and looked at once. */
  function crowd(count: number): Region {
    const region = new Region();
    for (let n = 0; n < count; n += 1) {
      const one = holder(`v${n}`);
      for (const pack of packs) region.row(one, CREATING, pack);
      region.put(one, { packs });
    }
    region.turn();
    return region;
  }
  const listed = (region: Region) =>
    region.rounds.map(({ plan }) =>
      plan.packs.filter(({ lists }) => lists).map(({ pack }) => pack),
    );

  test('a look is at 8,000 accounts and packs at most: a round of many is several looks', () => {
    const region = crowd(3_000);
    region.pass(MINUTE);
    expect(listed(region)).toEqual([
      ['P', 'Q'],
      ['R', 'S'],
    ]);
    region.pass(MINUTE);
    expect(listed(region)).toHaveLength(4);
  });

  test('one pack at a time where even two are too many, and each once a round', () => {
    const region = crowd(5_000);
    region.pass(MINUTE);
    expect(listed(region)).toEqual([['P'], ['Q'], ['R'], ['S']]);
    expect(region.watch.calls.lists).toBe(4);
  });

  test('a round and those who come meanwhile share a look', () => {
    const region = crowd(4_000);
    region.now += MINUTE;
    for (let n = 0; n < 1_000; n += 1) {
      region.put(holder(`late-${n}`), { packs: [...packs, 'T', 'U', 'V'] });
    }
    const plan = region.begin()!;
    const lists = plan.packs.filter((one) => one.lists);
    const others = plan.packs.filter((one) => !one.lists).flatMap(({ confirm }) => confirm);
    expect(lists).toHaveLength(1);
    expect(others.length).toBeGreaterThan(0);
    expect(plan.accounts.length + others.length).toBeLessThanOrEqual(8_000);
  });

  test('a round that was under way when all left is over', () => {
    const region = crowd(3_000);
    region.now += MINUTE;
    const plan = region.begin()!;
    region.learn(plan);
    expect(region.watch.nextDueAtMs(region.now)).toBe(region.now);
    for (const { holder: one } of region.watch.subscribers.values()) {
      const { workflowId, firstExecutionRunId } = one;
      region.watch.unsubscribe({ v: 1, workflowId, of: firstExecutionRunId, ticket: 1 });
    }
    region.turn();
    region.row(a, CREATING, 'S');
    region.subscribe(a, { packs: ['S'] });
    expect(region.looks.at(-1)?.plan.packs).toMatchObject([{ pack: 'S', lists: false }]);
  });

  test('a pack that nobody waits for any more does not hold up its round', () => {
    const region = crowd(4_500);
    region.row(a, CREATING, 'only');
    region.subscribe(a, { packs: ['only'] });
    region.now += MINUTE;
    const plan = region.begin()!;
    region.watch.unsubscribe({ v: 1, workflowId: a.workflowId, of: 'run-a', ticket: 1 });
    region.learn(plan);
    region.turn();
    const before = region.rounds.length;
    region.pass(MINUTE);
    expect(listed(region).slice(before)).toEqual([['P'], ['Q'], ['R'], ['S']]);
  });

  test('a look costs no more calls than can be made in its time: the rest has the next look', () => {
    const fifty = Array.from({ length: 50 }, (_, n) => `pack-${n}`);
    const region = new Region();
    for (let n = 0; n < 200; n += 1) {
      const one = holder(`v${n}`);
      for (const pack of fifty) region.row(one, CREATING, pack);
      region.put(one, { packs: fifty });
    }
    region.turn();
    region.pass(10 * MINUTE);
    // One call for each account, in the worst case another one for each page before.
    const worst = region.looks.map(({ plan }) =>
      plan.packs.reduce((sum, { confirm, again }) => {
        const accounts = confirm.length + again.length;
        return sum + (accounts > 100 ? 200 : 2 * accounts);
      }, 0),
    );
    expect(Math.max(...worst)).toBeLessThanOrEqual(900);
    expect(Math.max(...worst)).toBeGreaterThan(300);
    expect(region.told(holder('v199')).flat()).toHaveLength(50);
  });

  test('those who come all at once are looked at in slices as well', () => {
    const region = crowd(3_000);
    for (const { plan } of region.looks) {
      const pairs = plan.packs.map(({ confirm, again }) => confirm.length + again.length);
      expect(pairs.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(8_000);
    }
    expect(region.watch.calls.confirming).toBe(12_000);
  });
});

describe('messages', () => {
  test('only the rows that changed are told, in one message a look', () => {
    const region = waiting('P', 'Q', 'R');
    expect(region.told(a)).toHaveLength(1);
    region.row(a, SUCCESSFUL, 'P');
    region.row(a, SUCCESSFUL, 'Q');
    region.pass(MINUTE);
    expect(region.told(a).slice(1)).toEqual([
      ['P CREATE_SUCCESSFUL done', 'Q CREATE_SUCCESSFUL done'],
    ]);
    region.pass(HOUR);
    expect(region.told(a)).toHaveLength(2);
  });

  test('a time that changes is no news; a text that changes is', () => {
    const region = new Region();
    const failed = { ...FAILED, errorMessage: 'the role may not be passed' };
    region.row(a, { ...failed, lastUpdateTime: '2026-11-22T05:00:00.000Z' });
    region.subscribe(a);
    region.pass(5 * MINUTE);
    region.row(a, { ...failed, lastUpdateTime: '2026-11-22T06:00:00.000Z' });
    region.pass(10 * MINUTE);
    expect(region.told(a)).toHaveLength(2);
    region.row(a, { ...failed, errorMessage: 'the bucket cannot be read' });
    region.pass(10 * MINUTE);
    expect(region.told(a)).toHaveLength(3);
  });

  test('each thing that a row shows is news', () => {
    const region = new Region();
    const errorMessage = 'in 1 account(s)';
    const told = () => region.told(a).length;
    region.pack().aggregate = CREATING;
    region.row(a, SUCCESSFUL);
    region.subscribe(a, { scope: 'organization' });
    for (const [row, aggregate] of [
      [{ status: 'UPDATE_SUCCESSFUL' }, CREATING],
      [CREATING, CREATING],
      [CREATING, SUCCESSFUL],
      [RECORDERLESS, SUCCESSFUL],
      [{ ...RECORDERLESS, errorMessage }, SUCCESSFUL],
    ] as const) {
      const before = told();
      region.row(a, row);
      region.pack().aggregate = aggregate;
      region.pass(5 * MINUTE);
      expect(told()).toBe(before + 1);
    }
  });

  test('a message says whose it is: region, account, execution and ticket', () => {
    const region = new Region();
    region.subscribe(a, { ticket: 4 });
    expect(region.said[0]).toMatchObject({ workflowId: 'vend-a', of: 'run-a', ticket: 4 });
    expect(region.letters(a)[0]).toMatchObject({
      v: 1,
      region: 'eu-west-1',
      accountId: 'account-a',
      of: 'run-a',
      ticket: 4,
    });
    expect(region.letters(a)[0]).not.toHaveProperty('fault');
  });

  test('members that an older or newer vend adds are ignored', () => {
    const region = new Region();
    region.row(a, SUCCESSFUL);
    const pack = { pack: 'P', priority: 'high' };
    const subscribe = { holder: a, ticket: 1, accountId: accountOf(a), packs: [pack] };
    const more = { v: 2, priority: 'high' };
    region.watch.subscribe({ ...more, ...subscribe, scope: 'account' } as never, region.now);
    region.turn();
    region.continueAsNew();
    expect(region.told(a)).toEqual([['P CREATE_SUCCESSFUL done']]);
    const unsubscribe = { workflowId: a.workflowId, of: a.firstExecutionRunId, ticket: 1 };
    region.watch.unsubscribe({ ...more, ...unsubscribe });
    expect(watchState(region.watch, iso).waiting).toBe(0);
  });

  test('none while another is under way; what changed meanwhile comes after it', () => {
    const region = waiting();
    region.row(a, SUCCESSFUL);
    region.now += MINUTE;
    region.learn(region.begin()!);
    const [letter] = region.send();
    region.put(a);
    expect(region.send()).toEqual([]);
    expect(region.watch.nextDueAtMs(region.now + HOUR)).toBe(Infinity);
    region.arrive(letter!);
    expect(region.send()).toHaveLength(1);
  });

  test('at most so many at once, the others after', () => {
    const region = new Region();
    for (const id of ['a', 'b', 'c']) region.put(holder(id));
    region.learn(region.begin()!);
    const first = region.send(2);
    expect(first.map(({ of }) => of)).toEqual(['run-a', 'run-b']);
    expect(region.send(0)).toEqual([]);
    expect(region.send(40).map(({ of }) => of)).toEqual(['run-c']);
  });

  test('the same ticket again tells all rows once more, and looks no sooner', () => {
    const region = waiting('P', 'Q');
    region.pass(30 * MINUTE);
    const due = region.watch.nextRoundAtMs;
    region.subscribe(a, { packs: ['P', 'Q'] });
    expect(region.told(a).slice(1)).toEqual([
      ['P CREATE_IN_PROGRESS waiting', 'Q CREATE_IN_PROGRESS waiting'],
    ]);
    expect(region.watch.nextRoundAtMs).toBe(due);
    region.pass(30 * MINUTE);
    expect(region.told(a)).toHaveLength(2);
  });

  test('the same ticket again before anything was seen is answered by the first look', () => {
    const region = new Region();
    region.put(a);
    const plan = region.begin()!;
    region.put(a);
    expect(region.send()).toEqual([]);
    region.learn(plan);
    region.turn();
    expect(region.told(a)).toEqual([['P NO_ROW waiting']]);
  });

  test('a lower ticket of the same execution, of a run that was reset, hears the later one', () => {
    const region = new Region();
    region.subscribe(a, { ticket: 3 });
    region.subscribe(a, { ticket: 1 });
    expect(region.letters(a).map(({ ticket }) => ticket)).toEqual([3, 3]);
    expect(region.watch.subscribers.get(a.workflowId)?.ticket).toBe(3);
  });

  test('a higher ticket begins anew: looked at at once, with no failure counted', () => {
    const region = new Region();
    region.row(a, FAILED);
    region.subscribe(a);
    region.pass(5 * MINUTE);
    region.subscribe(a, { ticket: 2 });
    expect(region.letters(a).at(-1)).toMatchObject({ ticket: 2 });
    expect(region.told(a).at(-1)).toEqual(['P CREATE_FAILED failed 1']);
  });

  test('another execution under the same workflow id replaces, whatever its ticket', () => {
    const region = new Region();
    region.subscribe(a, { ticket: 5 });
    const next = holder('a', 'the next run');
    region.subscribe(next);
    expect(region.letters(next)).toMatchObject([{ ticket: 1 }]);
    expect(region.watch.subscribers.size).toBe(1);
  });

  test('unsubscribe: nothing is told any more, and nothing is looked at', () => {
    const region = waiting();
    region.unsubscribe(a);
    region.row(a, SUCCESSFUL);
    region.pass(HOUR);
    expect(region.letters(a)).toHaveLength(1);
    expect(region.looks).toHaveLength(1);
    expect(region.watch.packs.size).toBe(0);
  });

  test('unsubscribe of an older ticket, or of another execution, changes nothing', () => {
    const region = new Region();
    region.subscribe(a, { ticket: 2 });
    region.unsubscribe(a, 1);
    region.unsubscribe(holder('a', 'another run'), 2);
    region.unsubscribe(b);
    expect(region.watch.subscribers.size).toBe(1);
    region.unsubscribe(a, 2);
    expect(region.watch.subscribers.size).toBe(0);
  });

  test('unsubscribe of a later ticket than the watch has heard of is of this one too', () => {
    const region = waiting();
    region.unsubscribe(a, 2);
    expect(region.watch.subscribers.size).toBe(0);
  });

  test('a pack for which others wait stays', () => {
    const region = waiting('P', 'Q');
    region.subscribe(b, { packs: ['Q'] });
    region.unsubscribe(a);
    expect([...region.watch.packs.keys()]).toEqual(['Q']);
  });

  test('whoever cannot be told is forgotten', () => {
    const region = new Region();
    region.dead.add('run-a');
    region.subscribe(a);
    expect(region.watch.subscribers.size).toBe(0);
    expect(region.watch.nextDueAtMs(region.now)).toBe(Infinity);
  });

  test('but not a newer subscription, which is told while the older message is under way', () => {
    const region = new Region();
    region.put(a);
    region.learn(region.begin()!);
    const [old] = region.send();
    region.put(a, { ticket: 2 });
    region.learn(region.begin()!);
    const [letter] = region.send();
    expect(letter?.ticket).toBe(2);
    region.watch.undelivered(old!);
    expect(region.watch.subscribers.size).toBe(1);
    // Nor does the older one's arrival say that the newer one has arrived.
    region.watch.delivered(old!, region.now);
    region.put(a, { ticket: 2 });
    expect(region.send()).toEqual([]);
    region.put(holder('a', 'the next run'), { ticket: 2 });
    region.watch.undelivered(letter!);
    expect(region.watch.subscribers.size).toBe(1);
  });
});

describe('the silent', () => {
  test('not heard of for six hours, it is told all once more', () => {
    const region = waiting('P', 'Q');
    region.pass(6 * HOUR - 1);
    expect(region.letters(a)).toHaveLength(1);
    region.pass(1);
    expect(region.told(a).at(-1)).toHaveLength(2);
    region.pass(6 * HOUR - 1);
    expect(region.letters(a)).toHaveLength(2);
    region.pass(1);
    expect(region.letters(a)).toHaveLength(3);
  });

  test('one that asks again is not silent', () => {
    const region = waiting();
    region.pass(5 * HOUR);
    region.subscribe(a);
    region.pass(5 * HOUR);
    expect(region.letters(a)).toHaveLength(2);
  });

  test('one whose account is ready, after ten minutes; in between the watch sleeps', () => {
    const region = new Region();
    region.row(a, SUCCESSFUL);
    region.subscribe(a);
    expect(region.watch.nextDueAtMs(region.now)).toBe(region.now + 10 * MINUTE);
    region.pass(10 * MINUTE - 1);
    expect(region.letters(a)).toHaveLength(1);
    region.pass(1);
    expect(region.letters(a)).toHaveLength(2);
    expect(region.looks).toHaveLength(1);
  });

  test('one that is gone is forgotten then', () => {
    const region = waiting();
    region.dead.add('run-a');
    region.pass(6 * HOUR);
    expect(region.watch.subscribers.size).toBe(0);
  });

  test('also one of which nothing was ever seen, and it makes no busy loop', () => {
    const region = new Region();
    region.put(a);
    region.watch.learnNothing(region.begin()!, region.now);
    region.now += 6 * HOUR;
    region.watch.learnNothing(region.begin()!, region.now);
    region.dead.add('run-a');
    region.turn();
    expect(region.watch.subscribers.size).toBe(0);
  });

  test('one that waits for no pack makes no busy loop either', () => {
    const region = new Region();
    region.subscribe(a, { packs: [] });
    region.pass(HOUR);
    expect(region.looks).toEqual([]);
    expect(region.letters(a).every(({ rows }) => rows.length === 0)).toBe(true);
  });
});

describe('how often each subscribes again', () => {
  const crowd = (size: number) => {
    const region = new Region();
    for (let n = 1; n < size; n += 1) region.put(holder(`v${n}`));
    region.row(a, CREATING);
    region.subscribe(a);
    return region;
  };

  test('where many wait, so seldom that one message in four seconds comes of it', () => {
    expect(crowd(2_000).letters(a)).toMatchObject([{ silenceMs: 2_000 * 4 * SECOND }]);
  });

  test('as many as there is room for, and still before the watch doubts that they are there', () => {
    const region = crowd(5_000);
    const silenceMs = 5_000 * 4 * SECOND;
    expect(region.letters(a)).toMatchObject([{ silenceMs }]);
    region.now += silenceMs;
    expect(region.send()).toEqual([]);
  });

  test('few do it as they please', () => {
    expect(crowd(10).letters(a)[0]).not.toHaveProperty('silenceMs');
    expect(crowd(225).letters(a)[0]).not.toHaveProperty('silenceMs');
    expect(crowd(226).letters(a)).toMatchObject([{ silenceMs: 226 * 4 * SECOND }]);
  });
});

describe('accounts that have left the organization', () => {
  const checks = (region: Region) =>
    region.looks.filter(({ plan }) => plan.checkMembership.length > 0);

  test('whoever has a row, or had none for half an hour at most, is not doubted', () => {
    const region = waiting();
    region.subscribe(b);
    region.pass(29 * MINUTE);
    expect(checks(region)).toEqual([]);
  });

  test('after half an hour without a row its membership is looked up, and hourly from then', () => {
    const region = new Region();
    const from = region.now;
    region.subscribe(a);
    region.pass(5 * HOUR);
    const at = minutes(region, from, checks(region));
    // The lookup itself is part of a look at the account, and so up to two intervals late.
    expect(at[0]).toBeGreaterThanOrEqual(30);
    expect(at[0]).toBeLessThanOrEqual(40);
    const answered = region.watch.subscribers.get(a.workflowId)?.checkedAtMs ?? 0;
    expect(answered).toBeGreaterThan(from + 4 * HOUR);
    const looked = checks(region).filter(({ plan }) =>
      plan.packs.some(({ again }) => again.length > 0),
    );
    const gaps = minutes(region, 0, looked).map((time, index, all) => time - (all[index - 1] ?? 0));
    for (const gap of gaps.slice(1)) expect(gap).toBeGreaterThanOrEqual(60);
    expect(looked.length).toBeGreaterThanOrEqual(4);
  });

  test('where that could not be looked up, it is asked at the next look and not an hour later', () => {
    const region = new Region();
    region.isMembershipHidden = true;
    region.departed.set(accountOf(a), LEFT);
    region.subscribe(a);
    region.pass(40 * MINUTE);
    expect(checks(region)).not.toEqual([]);
    region.isMembershipHidden = false;
    region.pass(10 * MINUTE);
    expect(region.told(a).at(-1)?.[0]).toMatch(/NO_ROW failed/);
  });

  test('a row that was lost is reason enough, at the next look after', () => {
    const region = waiting();
    region.row(a, undefined);
    region.departed.set(accountOf(a), LEFT);
    region.pass(6 * MINUTE);
    expect(checks(region)[0]?.plan.checkMembership).toEqual(['account-a']);
    expect(region.letters(a).at(-1)?.rows[0]).toMatchObject({ seen: { departed: LEFT } });
  });

  test('a row that was lost, and a member all the same: asked once', () => {
    const region = waiting();
    region.row(a, undefined);
    region.pass(25 * MINUTE);
    const looked = checks(region).filter(({ plan }) => plan.packs.some(({ again }) => again[0]));
    expect(looked).toHaveLength(1);
    expect(region.told(a).at(-1)).toEqual(['P NO_ROW waiting']);
    // With a row it is not doubted any more.
    region.row(a, CREATING);
    region.pass(2 * HOUR);
    expect(region.looks.at(-1)?.plan.checkMembership).toEqual([]);
  });

  test('departed is a failure, believed at the second look, and ends when it is a member again', () => {
    const region = waiting();
    region.row(a, undefined);
    region.departed.set(accountOf(a), LEFT);
    region.pass(HOUR);
    expect(region.told(a).slice(-2)).toEqual([['P NO_ROW failed 1'], ['P NO_ROW failed 2']]);
    // While it is departed each look asks.
    expect(region.looks.at(-1)?.plan.checkMembership).toEqual(['account-a']);
    region.departed.clear();
    region.pass(10 * MINUTE);
    expect(region.told(a).at(-1)).toEqual(['P NO_ROW waiting']);
    expect(region.letters(a).at(-1)?.rows[0]?.seen).not.toHaveProperty('departed');
  });

  test('what could not be looked up leaves it departed', () => {
    const region = waiting();
    region.row(a, undefined);
    region.departed.set(accountOf(a), LEFT);
    region.pass(HOUR);
    const before = region.letters(a).length;
    region.isMembershipHidden = true;
    region.pass(HOUR);
    expect(region.letters(a)).toHaveLength(before);
  });

  test('a row ends it as well', () => {
    const region = waiting();
    region.row(a, undefined);
    region.departed.set(accountOf(a), LEFT);
    region.pass(HOUR);
    region.departed.clear();
    region.row(a, CREATING);
    region.pass(10 * MINUTE);
    expect(region.told(a).at(-1)).toEqual(['P CREATE_IN_PROGRESS waiting']);
    region.pass(2 * HOUR);
    expect(region.looks.at(-1)?.plan.checkMembership).toEqual([]);
  });
});

describe('looks that AWS refuses', () => {
  test('for a quarter of an hour: what was seen before counts no more, until it is seen again', () => {
    for (const carriedOver of [false, true]) {
      const region = new Region();
      region.row(a, SUCCESSFUL, 'P');
      region.row(a, CREATING, 'Q');
      region.subscribe(a, { packs: ['P', 'Q'] });
      region.pass(5 * MINUTE);
      region.pack('P').fault = REFUSED;
      if (carriedOver) region.continueAsNew();
      region.pass(14 * MINUTE);
      expect(region.told(a).flat()).toEqual([
        'P CREATE_SUCCESSFUL done',
        'Q CREATE_IN_PROGRESS waiting',
      ]);
      region.pass(8 * MINUTE);
      expect(region.letters(a).at(-1)).toMatchObject({
        rows: [{ pack: 'P' }],
        fault: { error: REFUSED },
      });
      expect(region.letters(a).at(-1)?.rows[0]).not.toHaveProperty('seen');
      region.row(a, SUCCESSFUL, 'Q');
      region.pass(HOUR);
      expect(region.told(a).at(-1)).toEqual(['Q CREATE_SUCCESSFUL done']);
      region.pack('P').fault = undefined;
      region.pass(5 * MINUTE);
      expect(region.told(a).at(-1)).toContain('P CREATE_SUCCESSFUL done');
    }
  });

  test('so do looks that fail as a whole', () => {
    const region = new Region();
    region.row(a, SUCCESSFUL, 'P');
    region.row(a, CREATING, 'Q');
    region.subscribe(a, { packs: ['P', 'Q'] });
    for (let minute = 0; minute < 20; minute += 1) {
      region.now += MINUTE;
      const plan = region.begin();
      if (plan) region.watch.learnNothing(plan, region.now);
      for (const letter of region.send()) region.arrive(letter);
    }
    expect(region.letters(a).at(-1)).toMatchObject({ rows: [{ pack: 'P' }] });
    expect(region.letters(a).at(-1)?.rows[0]).not.toHaveProperty('seen');
  });

  test('are told once, counted, with the rows that were seen all the same; and so is their end', () => {
    const region = waiting('P', 'Q');
    region.pack('P').fault = REFUSED;
    region.row(a, SUCCESSFUL, 'Q');
    const from = region.now;
    region.pass(30 * MINUTE);
    expect(region.told(a).slice(1)).toEqual([['Q CREATE_SUCCESSFUL done']]);
    expect(region.letters(a).at(-1)?.fault).toEqual({
      error: REFUSED,
      sinceMs: from + MINUTE,
      count: 1,
    });
    region.subscribe(a, { packs: ['P', 'Q'] });
    expect(region.letters(a)).toHaveLength(3);
    expect(region.letters(a).at(-1)?.fault?.count).toBeGreaterThan(3);
    region.pack('P').fault = undefined;
    region.pass(5 * MINUTE);
    expect(region.letters(a)).toHaveLength(4);
    expect(region.letters(a).at(-1)).toMatchObject({ rows: [] });
    expect(region.letters(a).at(-1)).not.toHaveProperty('fault');
    region.pass(HOUR);
    expect(region.letters(a)).toHaveLength(4);
  });

  test('are told again to one that asks again, also where nothing was ever seen', () => {
    const region = new Region();
    region.pack().fault = REFUSED;
    region.subscribe(a);
    region.subscribe(a);
    expect(region.letters(a)).toMatchObject([
      { rows: [], fault: { count: 1 } },
      { rows: [], fault: { count: 1 } },
    ]);
  });

  test('since when is not forgotten for one who joins', () => {
    const region = waiting();
    region.pack().fault = REFUSED;
    const from = region.now;
    region.pass(10 * MINUTE);
    region.subscribe(b);
    expect(region.letters(b)[0]?.fault?.sinceMs).toBe(from + MINUTE);
  });

  test('AWS’s own reason tells one refusal from another', () => {
    const region = waiting();
    const limit = { ...REFUSED, name: 'X', reason: 'ONE' };
    region.pack().fault = limit;
    region.pass(5 * MINUTE);
    region.pack().fault = { ...limit, reason: 'OTHER' };
    region.pass(5 * MINUTE);
    expect(region.letters(a).slice(1)).toMatchObject([
      { fault: { error: { reason: 'ONE' } } },
      { fault: { error: { reason: 'OTHER' } } },
    ]);
  });

  test('concern only those who still wait for the pack', () => {
    const region = waiting('P', 'Q');
    region.row(a, SUCCESSFUL, 'P');
    region.pass(MINUTE);
    region.subscribe(b, { packs: ['Q'] });
    region.pack('P').fault = REFUSED;
    const before = [region.letters(a).length, region.letters(b).length];
    region.pass(10 * MINUTE);
    expect([region.letters(a).length, region.letters(b).length]).toEqual(before);
    // What it had been told of the pack is too old by then.
    region.pass(20 * MINUTE);
    expect([region.letters(a).length - 1, region.letters(b).length]).toEqual(before);
  });

  test('hold up nobody else’s pack, and are asked for again at the interval', () => {
    const region = waiting('P', 'Q');
    region.pack('P').fault = REFUSED;
    region.pass(30 * MINUTE);
    const at = minutes(region, 0, region.rounds);
    expect((at.at(-1) ?? 0) - (at.at(-2) ?? 0)).toBe(5);
    region.row(a, SUCCESSFUL, 'Q');
    region.pass(5 * MINUTE);
    expect(region.told(a).at(-1)).toEqual(['Q CREATE_SUCCESSFUL done']);
  });
});

describe('room', () => {
  test('5,000 accounts: the next one is told that it is full; a place that is free is given', () => {
    const region = new Region();
    for (let n = 0; n < 5_000; n += 1) region.put(holder(`v${n}`));
    region.put(a, { ticket: 7 });
    expect(region.watch.subscribers.size).toBe(5_000);
    expect(region.send(1)).toMatchObject([
      {
        workflowId: 'vend-a',
        of: 'run-a',
        ticket: 7,
        message: { isFull: true, rows: [], accountId: 'account-a', of: 'run-a', ticket: 7 },
      },
    ]);
    region.arrive(region.said[0]!);
    // Whoever is in asks again, or anew, all the same.
    region.put(holder('v0'), { ticket: 2 });
    expect(region.watch.subscribers.get('vend-v0')?.ticket).toBe(2);
    region.watch.unsubscribe({ v: 1, workflowId: 'vend-v1', of: 'run-v1', ticket: 1 });
    region.put(a, { ticket: 7 });
    expect(region.watch.subscribers.has('vend-a')).toBe(true);
  });

  test('50,000 accounts and packs: the next one is told that it is full', () => {
    const region = new Region();
    const packs = Array.from({ length: 500 }, (_, n) => `P${n}`);
    for (let n = 0; n < 99; n += 1) region.put(holder(`v${n}`), { packs });
    region.put(a, { packs: [...packs, 'one more'] });
    expect(region.watch.subscribers.has('vend-a')).toBe(false);
    region.put(a, { packs });
    expect(region.watch.subscribers.has('vend-a')).toBe(true);
    region.put(b);
    expect(region.send(40).map(({ of, message }) => [of, message.isFull])).toEqual([
      ['run-a', true],
      ['run-b', true],
    ]);
  });

  test('the refusals are among the messages that are sent at once', () => {
    const region = new Region();
    for (let n = 0; n < 5_000; n += 1) region.put(holder(`v${n}`));
    for (const id of ['x', 'y', 'z']) region.put(holder(id));
    expect(region.send(2)).toHaveLength(2);
    expect(region.send(2)).toHaveLength(1);
  });
});

test('nothing is looked at more seldom than the poll’s maximum allows', () => {
  const region = waiting();
  region.pass(3 * HOUR - 1);
  const at = region.looks.map((look) => look.at);
  for (const [index, time] of at.slice(1).entries()) {
    expect(time - (at[index] ?? 0)).toBeLessThanOrEqual(POLL.maxMs);
  }
});
