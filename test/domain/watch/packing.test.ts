import { packWatch } from '../../../src/domain/watch/packing';
import {
  CREATING,
  FAILED,
  HOUR,
  LEFT,
  MINUTE,
  RECORDERLESS,
  REFUSED,
  Region,
  SUCCESSFUL,
  accountOf,
  holder,
  iso,
} from './support';

const [a, b, c] = [holder('a'), holder('b'), holder('c')];

/** One of each kind, after some looks. */
function busy(): Region {
  const region = new Region();
  region.row(a, FAILED, 'P');
  region.row(a, CREATING, 'owner-1/Q');
  region.row(b, RECORDERLESS, 'P');
  region.subscribe(a, { ticket: 3, packs: ['P', { pack: 'Q', owner: 'owner-1' }] });
  region.subscribe(b, { scope: 'organization', joinedAt: '2026-11-22T05:00:00.000Z' });
  region.subscribe(c);
  region.pass(50 * MINUTE);
  return region;
}

describe('over continue-as-new', () => {
  test('who waits, and for what, is kept: one that asks again is the same', () => {
    const region = busy();
    region.continueAsNew();
    region.passToRound();
    const all = [...region.watch.subscribers.values()].sort((one, other) =>
      one.accountId < other.accountId ? -1 : 1,
    );
    expect(all).toMatchObject([
      { holder: a, ticket: 3, accountId: 'account-a', scope: 'account' },
      { holder: b, ticket: 1, scope: 'organization', joinedAt: '2026-11-22T05:00:00.000Z' },
      { holder: c, ticket: 1, scope: 'account' },
    ]);
    expect(all.map(({ pairs }) => [...pairs.keys()])).toEqual([['P', 'owner-1/Q'], ['P'], ['P']]);
    region.unsubscribe(a, 2);
    expect(region.watch.subscribers.size).toBe(3);
    region.unsubscribe(a, 3);
    expect(region.watch.subscribers.size).toBe(2);
  });

  test('a vend of another name than its request has is kept by its name', () => {
    const region = new Region();
    const own = { workflowId: 'a-parent-chose-it', firstExecutionRunId: 'r', requestId: 'a' };
    region.subscribe(own);
    region.continueAsNew();
    expect([...region.watch.subscribers.values()].map((one) => one.holder)).toEqual([own]);
    expect([...region.watch.subscribers.keys()]).toEqual(['a-parent-chose-it']);
  });

  test('what was told is not told again where nothing changed', () => {
    const region = busy();
    const before = region.said.length;
    for (let times = 0; times < 3; times += 1) {
      region.continueAsNew();
      region.pass(20 * MINUTE);
    }
    expect(region.said).toHaveLength(before);
  });

  test('what changed meanwhile is told, and only that', () => {
    const region = busy();
    region.row(a, SUCCESSFUL, 'owner-1/Q');
    region.continueAsNew();
    region.passToRound();
    expect(region.told(a).at(-1)).toEqual(['Q CREATE_SUCCESSFUL done']);
  });

  test('everybody is looked at in the round that comes next, none by itself before', () => {
    const region = busy();
    const before = region.looks.length;
    const due = region.watch.nextRoundAtMs;
    region.continueAsNew();
    region.pass(due - region.now - 1);
    expect(region.looks).toHaveLength(before);
    region.pass(1);
    expect(region.looks).toHaveLength(before + 1);
    expect(region.looks.at(-1)?.plan.packs.every(({ lists }) => lists)).toBe(true);
  });

  test('failures stay counted: the second look is the second', () => {
    const region = new Region();
    region.row(a, FAILED);
    region.subscribe(a);
    region.continueAsNew();
    region.pass(MINUTE - 1);
    expect(region.told(a)).toEqual([['P CREATE_FAILED failed 1']]);
    region.pass(1);
    expect(region.told(a)).toEqual([['P CREATE_FAILED failed 1'], ['P CREATE_FAILED failed 2']]);
  });

  test('since when no recorder runs is kept', () => {
    const region = new Region();
    const from = region.now;
    region.row(a, RECORDERLESS);
    region.subscribe(a);
    region.pass(HOUR);
    region.continueAsNew();
    region.passToRound();
    const before = region.letters(a).length;
    region.subscribe(a);
    expect(region.letters(a)).toHaveLength(before + 1);
    expect(region.letters(a).at(-1)?.rows[0]?.noRecorderSinceMs).toBe(from);
  });

  test('a fault that was told is not told again, and its end is', () => {
    const region = new Region();
    region.pack().fault = REFUSED;
    region.subscribe(a);
    const from = region.now;
    region.pass(HOUR);
    region.continueAsNew();
    region.pass(HOUR);
    expect(region.letters(a)).toHaveLength(1);
    region.subscribe(a);
    expect(region.letters(a).at(-1)?.fault).toMatchObject({ sinceMs: from });
    region.pack().fault = undefined;
    region.row(a, CREATING);
    region.pass(5 * MINUTE);
    expect(region.letters(a).at(-1)).not.toHaveProperty('fault');
  });

  test('the interval, the slowness and the counts go on where they were', () => {
    const region = busy();
    region.poll = { initialMs: 1_000, factor: 2, maxMs: 4_000 };
    region.isThrottled = true;
    region.pass(10 * MINUTE);
    const { poll, slowness, rounds, looks, lastLookAtMs, calls, nextRoundAtMs } = region.watch;
    expect(slowness).toBe(3);
    region.continueAsNew();
    expect(region.watch).toMatchObject({ poll, slowness, rounds, looks, lastLookAtMs, calls });
    expect(region.watch.nextRoundAtMs).toBe(nextRoundAtMs);
    expect(region.watch.packs.get('owner-1/Q')).toEqual({
      pack: 'Q',
      owner: 'owner-1',
      aggregate: 'CREATE_SUCCESSFUL',
    });
  });

  test('that the organization moved is seen across it', () => {
    const region = new Region();
    region.subscribe(a);
    region.pass(HOUR);
    region.pack().aggregate = { status: 'UPDATE_IN_PROGRESS' };
    region.continueAsNew();
    // The first round finds out that there is no row, the second how the organization stands.
    region.passToRound();
    region.passToRound();
    expect(region.watch.rounds).toBe(1);
  });

  test('a silent vend stays silent as long as it was', () => {
    const region = new Region();
    region.row(a, CREATING);
    region.subscribe(a);
    region.pass(5 * HOUR);
    region.continueAsNew();
    region.pass(HOUR);
    expect(region.letters(a)).toHaveLength(2);
  });

  test('membership is not looked up more often for it', () => {
    const region = new Region();
    region.subscribe(a);
    region.pass(HOUR);
    const { checkedAtMs } = region.watch.subscribers.get(a.workflowId)!;
    expect(checkedAtMs).toBeDefined();
    region.continueAsNew();
    region.passToRound();
    expect(region.watch.subscribers.get(a.workflowId)?.checkedAtMs).toBe(checkedAtMs);
  });

  test('who had left the organization has left it: nothing is told, and the next round asks', () => {
    const region = new Region();
    region.row(a, CREATING);
    region.subscribe(a);
    region.row(a, undefined);
    region.departed.set(accountOf(a), LEFT);
    region.pass(HOUR);
    const before = region.letters(a).length;
    region.continueAsNew();
    region.passToRound();
    expect(region.letters(a)).toHaveLength(before);
    expect(region.looks.at(-1)?.plan.checkMembership).toEqual(['account-a']);
  });

  test('a row that was lost before is asked about after', () => {
    const region = new Region();
    region.row(a, CREATING);
    region.subscribe(a);
    region.row(a, undefined);
    region.pass(MINUTE);
    region.continueAsNew();
    region.passToRound();
    expect(region.looks.at(-1)?.plan.checkMembership).toEqual(['account-a']);
  });

  test('whoever asked right before is answered at once', () => {
    const region = new Region();
    region.row(a, CREATING);
    region.subscribe(a, { ticket: 2 });
    region.put(a, { ticket: 1 });
    region.continueAsNew();
    region.send();
    expect(region.letters(a).map(({ ticket }) => ticket)).toEqual([2, 2]);
    expect(region.told(a)[1]).toEqual(['P CREATE_IN_PROGRESS waiting']);
  });

  test('and whoever asks right after by the next round', () => {
    const region = new Region();
    region.row(a, CREATING);
    region.subscribe(a);
    region.continueAsNew();
    region.put(a);
    region.send();
    region.passToRound();
    expect(region.told(a)).toHaveLength(2);
  });
});

describe('what a look has shown and nobody was told of yet', () => {
  test('is told by the next run, without another look', () => {
    const region = new Region();
    const row = { ...SUCCESSFUL, lastUpdateTime: '2026-11-22T05:00:00.000Z' };
    region.row(a, row);
    region.row(b, FAILED);
    region.put(a);
    region.put(b, { ticket: 3, scope: 'organization' });
    region.put(c);
    region.learn(region.begin()!);
    region.continueAsNew();
    region.send();
    expect(region.told(a)).toEqual([['P CREATE_SUCCESSFUL done']]);
    expect(region.letters(a)[0]).toMatchObject({ seenAtMs: region.now, rows: [{ seen: { row } }] });
    expect(region.told(b)).toEqual([['P CREATE_FAILED failed 1']]);
    expect(region.letters(b)[0]?.ticket).toBe(3);
    expect(region.told(c)).toEqual([['P NO_ROW waiting']]);
    expect(region.looks).toHaveLength(1);
  });

  test('is not told twice', () => {
    const region = new Region();
    region.row(a, CREATING);
    region.put(a);
    region.learn(region.begin()!);
    region.continueAsNew();
    for (const letter of region.send()) region.arrive(letter);
    region.continueAsNew();
    region.pass(HOUR);
    expect(region.told(a)).toHaveLength(1);
  });

  test('that there is no room', () => {
    const region = new Region();
    for (let n = 0; n < 5_000; n += 1) region.put(holder(`v${n}`));
    region.put(a, { ticket: 7 });
    region.continueAsNew();
    region.send(1);
    expect(region.letters(a)).toMatchObject([{ isFull: true, ticket: 7, accountId: 'account-a' }]);
    region.continueAsNew();
    region.send(1);
    expect(region.letters(a)).toHaveLength(1);
  });
});

describe('what was to be looked at', () => {
  test('the packs that a round had still to look at are the next ones', () => {
    const region = new Region();
    const packs = Array.from({ length: 12 }, (_, n) => `P${n}`);
    region.subscribe(a, { packs });
    region.now = region.watch.nextRoundAtMs;
    region.learn(region.begin()!);
    region.continueAsNew();
    const listed = region.begin()?.packs.filter(({ lists }) => lists);
    expect(listed?.map(({ pack }) => pack)).toEqual(['P10', 'P11']);
  });

  test('an account that had just come is looked at at once, and no other', () => {
    const region = new Region();
    region.row(a, CREATING);
    region.subscribe(a);
    region.pass(20 * MINUTE);
    region.put(b);
    region.continueAsNew();
    const plan = region.begin();
    expect(plan?.packs).toEqual([
      expect.objectContaining({ lists: false, confirm: ['account-b'] }),
    ]);
  });
});

/** Temporal takes 2 MB a payload. */
describe('as large as it may become', () => {
  /** As the text of ids is: of the usual length, and the longest that a request may have. */
  const longest = (n: number) => `${'x'.repeat(58)}${10_000 + n}`;
  const usual = (n: number) => `team-${10_000 + n}-production`;
  const RUN = '019ab3c0-5c3e-7d1f-9a1b-0123456789ab';

  function crowd(
    count: number,
    packs: number,
    id: (n: number) => string,
    isBad: boolean,
    { isTold = true, text = '' } = {},
  ): Region {
    const region = new Region();
    const names = Array.from({ length: packs }, (_, n) => `Operational-Best-Practices-${n}`);
    for (let n = 0; n < count; n += 1) {
      const account = String(100_000_000_000 + n);
      const lastUpdateTime = iso(region.now + n);
      const errorMessage = text && `${account} ${text}`;
      const row = { ...(isBad ? RECORDERLESS : CREATING), lastUpdateTime };
      for (const name of names) region.row(account, text ? { ...row, errorMessage } : row, name);
      region.put(holder(id(n), RUN.replace('0123456', String(1_000_000 + n))), {
        packs: names,
        account,
      });
    }
    for (let plan = region.begin(); plan; plan = region.begin()) {
      region.learn(plan);
      region.now += 1_234;
    }
    if (isTold) for (const letter of region.send(count)) region.arrive(letter);
    return region;
  }
  const size = (region: Region) => JSON.stringify(packWatch(region.watch)).length;

  test('5,000 accounts with three packs each stay under 1 MB', () => {
    const region = crowd(5_000, 3, usual, false);
    expect(size(region)).toBeLessThan(1_000_000);
    const [said, looks] = [region.said.length, region.looks.length];
    region.continueAsNew();
    region.passToRound();
    expect(region.said).toHaveLength(said);
    expect(region.watch.open()).toHaveLength(5_000);
    // In a round of several looks none is looked at twice.
    const pairs = region.looks.slice(looks).flatMap(({ plan }) => plan.packs);
    expect(pairs.flatMap(({ confirm }) => confirm)).toHaveLength(15_000);
  });

  test('50,000 accounts and packs stay under 2 MB, also where none has a recorder', () => {
    expect(size(crowd(5_000, 10, usual, true))).toBeLessThan(2_000_000);
    expect(size(crowd(5_000, 10, longest, true))).toBeLessThan(2_000_000);
  });

  test('5,000 accounts with three packs each that nobody was told of yet stay under 2 MB', () => {
    const region = crowd(5_000, 3, usual, false, { isTold: false });
    expect(size(region)).toBeLessThan(2_000_000);
    region.continueAsNew();
    expect(region.send(5_000)).toHaveLength(5_000);
    expect(region.said.every(({ message }) => message.rows.length === 3)).toBe(true);
  });

  test('what does not fit is told after the next look', () => {
    const region = crowd(5_000, 3, longest, true, { isTold: false, text: 'x'.repeat(250) });
    expect(size(region)).toBeLessThan(2_000_000);
    region.continueAsNew();
    const first = region.send(5_000);
    expect(first.length).toBeGreaterThan(1_000);
    expect(first.length).toBeLessThan(5_000);
    for (const letter of first) region.arrive(letter);
    region.passToRound();
    const rows = region.said.flatMap(({ of, message }) =>
      message.rows.map(({ pack }) => `${of} ${pack}`),
    );
    expect(new Set(rows).size).toBe(15_000);
  });

  test('workflow ids of a thousand bytes: who does not fit is told that it is full', () => {
    const region = new Region();
    const longNamed = (n: number) => ({
      ...holder(longest(n), RUN.replace('0123456', String(1_000_000 + n))),
      workflowId: `${'é'.repeat(490)}-${n}`,
    });
    for (let n = 0; n < 3_000; n += 1) region.put(longNamed(n));
    const { subscribers, refused } = region.watch;
    expect(subscribers.size).toBeGreaterThan(1_500);
    expect(subscribers.size + refused.length).toBe(3_000);
    const packed = packWatch(region.watch);
    expect(Buffer.byteLength(JSON.stringify(packed))).toBeLessThan(2_000_000);
  });
});
