import * as fc from 'fast-check';
import type { LookPlan } from '../../../src/domain/watch/messages';
import { isUntold } from '../../../src/domain/watch/subscriber';
import type { Outgoing } from '../../../src/domain/watch/watch';
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
  SUCCESSFUL,
  accountOf,
  holder,
} from './support';
import type { Wish } from './support';

type Deed = 'subscribe' | 'again' | 'late' | 'unsubscribe' | 'die' | 'leave' | 'return';
/** What happens to a watch, in any order. Vends and packs are numbered. */
type Event =
  | { is: Deed; vend: number }
  | { is: 'move'; vend: number; pack: number; to: number }
  | { is: 'aggregate'; pack: number; to: number }
  | { is: 'fault' | 'mend'; pack: number }
  | { is: 'throttle' | 'look' | 'break' | 'arrive' | 'continue-as-new' }
  | { is: 'pass'; ms: number };

const VENDS = 7;
const PACKS = ['P', 'Q', 'R'] as const;
const ROWS = [
  undefined,
  CREATING,
  FAILED,
  RECORDERLESS,
  SUCCESSFUL,
  { status: 'UPDATE_SUCCESSFUL' },
];
const isGood = (status: string | undefined) => (status ?? '').endsWith('_SUCCESSFUL');

const vend = fc.nat({ max: VENDS - 1 });
const pack = fc.nat({ max: PACKS.length - 1 });
const to = fc.nat({ max: ROWS.length - 1 });
const of = <T extends string>(...names: T[]) => fc.constantFrom(...names);
const anyEvent: fc.Arbitrary<Event> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ is: of('subscribe'), vend }) },
  {
    weight: 3,
    arbitrary: fc.record({
      is: of('again', 'late', 'unsubscribe', 'die', 'leave', 'return'),
      vend,
    }),
  },
  { weight: 8, arbitrary: fc.record({ is: of('move'), vend, pack, to }) },
  { weight: 2, arbitrary: fc.record({ is: of('aggregate'), pack, to }) },
  { weight: 1, arbitrary: fc.record({ is: of('fault', 'mend'), pack }) },
  { weight: 10, arbitrary: fc.record({ is: of('look', 'arrive') }) },
  { weight: 2, arbitrary: fc.record({ is: of('throttle', 'break', 'continue-as-new') }) },
  {
    weight: 5,
    arbitrary: fc.record({ is: of('pass'), ms: fc.integer({ min: 1, max: 20 * MINUTE }) }),
  },
);

/** Plays AWS and the vends; looks and messages take their time, and meet other events on the way. */
class World extends Region {
  readonly problems: string[] = [];
  readonly #tickets = new Map<string, number>();
  /** Unsubscribed, and the watch has heard of it. */
  readonly #left = new Set<string>();
  /** By vend: the packs that it was told are done. */
  readonly #done = new Map<string, Set<string>>();
  /** By vend and pack: was it as it should be when it was looked at last? */
  readonly #stood = new Map<string, boolean>();
  #look: LookPlan | undefined;
  #mail: Outgoing[] = [];

  readonly vends = Array.from({ length: VENDS }, (_, n) => holder(`v${n}`));

  wish(run: string): Required<Pick<Wish, 'scope'>> & { packs: string[] } {
    const n = Number(run.slice('run-v'.length));
    return { packs: PACKS.slice(n % 2), scope: n % 3 === 0 ? 'organization' : 'account' };
  }

  play(event: Event): void {
    switch (event.is) {
      case 'pass':
        this.now += event.ms;
        break;
      case 'move':
        this.#move(this.vends[event.vend]!, PACKS[event.pack]!, event.to);
        break;
      case 'aggregate':
        this.pack(PACKS[event.pack]).aggregate = ROWS[event.to] ?? SUCCESSFUL;
        break;
      case 'fault':
      case 'mend':
        this.pack(PACKS[event.pack]).fault = event.is === 'fault' ? REFUSED : undefined;
        break;
      case 'throttle':
        this.isThrottled = !this.isThrottled;
        break;
      case 'look':
        this.#learn();
        break;
      case 'break':
        if (this.#look) this.watch.learnNothing(this.#look, this.now);
        this.#look = undefined;
        break;
      case 'arrive':
        this.#arrive();
        break;
      case 'continue-as-new':
        this.calm();
        this.continueAsNew();
        break;
      default:
        this.do(event.is, this.vends[event.vend]!.firstExecutionRunId);
    }
    this.#act();
  }

  /** A row that is successful may be updated, but is not lost as long as the account stays. */
  #move(who: (typeof this.vends)[number], key: string, index: number): void {
    const isSuccessful = isGood(this.pack(key).rows.get(accountOf(who))?.status);
    const next = ROWS[index];
    // No list tells one success from another, so that is no change to be told.
    if (!isSuccessful || (next && !isGood(next.status))) this.row(who, next, key);
  }

  do(is: Deed, run: string): void {
    const who = this.vends.find((one) => one.firstExecutionRunId === run)!;
    const ticket = this.#tickets.get(run) ?? 0;
    const isIn = ticket > 0 && !this.#left.has(run);
    if (this.dead.has(run)) return;
    switch (is) {
      case 'subscribe':
        this.#tickets.set(run, ticket + 1);
        this.#done.set(run, new Set());
        this.#left.delete(run);
        this.put(who, { ...this.wish(run), ticket: ticket + 1 });
        break;
      case 'again':
        if (isIn) this.put(who, { ...this.wish(run), ticket });
        break;
      case 'late':
        if (isIn && ticket > 1) this.put(who, { ...this.wish(run), ticket: ticket - 1 });
        break;
      case 'unsubscribe':
        this.watch.unsubscribe({ v: 1, workflowId: who.workflowId, of: run, ticket });
        this.#left.add(run);
        break;
      case 'die':
        this.dead.add(run);
        break;
      case 'leave':
        if (PACKS.some((key) => isGood(this.pack(key).rows.get(accountOf(who))?.status))) break;
        this.departed.set(accountOf(who), LEFT);
        for (const key of PACKS) this.row(who, undefined, key);
        break;
      case 'return':
        this.departed.delete(accountOf(who));
        break;
    }
  }

  /** As the workflow does after whatever came. */
  #act(): void {
    this.#look ??= this.begin();
    for (const letter of this.send(5 - this.#mail.length)) {
      if (this.#mail.some((other) => other.of === letter.of && other.ticket === letter.ticket)) {
        this.problems.push('a second message before the first had arrived');
      }
      if (this.#left.has(letter.of)) this.problems.push('told one that had unsubscribed');
      this.#mail.push(letter);
      this.#read(letter);
    }
    if (this.#look ?? this.#mail[0]) return;
    if (this.watch.nextDueAtMs(this.now) <= this.now) this.problems.push('a busy loop');
  }

  #learn(): void {
    const plan = this.#look;
    if (!plan) return;
    this.#look = undefined;
    for (const { pack: key, lists, confirm, again } of plan.packs) {
      const { rows, aggregate, fault } = this.pack(key);
      if (fault) continue;
      for (const who of this.vends) {
        const account = accountOf(who);
        const run = who.firstExecutionRunId;
        if (!lists && !confirm.includes(account) && !again.includes(account)) continue;
        const isOwn = isGood(rows.get(account)?.status);
        const isWhole = this.wish(run).scope === 'account' || isGood(aggregate.status);
        this.#stood.set(`${run} ${key}`, isOwn && isWhole);
      }
    }
    this.learn(plan);
  }

  #read({ of: run, ticket, message }: Outgoing): void {
    const done = this.#done.get(run);
    if (!done || ticket !== this.#tickets.get(run)) return;
    const before = done.size;
    for (const { pack: key, verdict } of message.rows) {
      if (verdict?.is === 'done') done.add(key);
      else done.delete(key);
    }
    if (this.isDone(run) && done.size > before) {
      const all = this.wish(run).packs.map((key) => this.#stood.get(`${run} ${key}`));
      if (!all.every(Boolean)) this.problems.push(`${run} was told done, and is not`);
    }
  }

  isDone(run: string): boolean {
    return this.wish(run).packs.every((key) => this.#done.get(run)?.has(key));
  }

  get waiting(): string[] {
    return [...this.#tickets.keys()].filter((run) => !this.#left.has(run) && !this.dead.has(run));
  }

  #arrive(): void {
    const letter = this.#mail.shift();
    if (letter) this.arrive(letter);
  }

  /** Nothing is under way any more. */
  calm(): void {
    this.#learn();
    while (this.#mail.length > 0) this.#arrive();
  }

  /** AWS refuses nothing any more. */
  mend(): void {
    this.calm();
    this.isThrottled = false;
    for (const key of PACKS) this.pack(key).fault = undefined;
  }

  /** Time passes, and nothing is on its way for long. */
  go(ms: number): void {
    const from = this.said.length;
    this.turn();
    this.pass(ms);
    for (const letter of this.said.slice(from)) this.#read(letter);
  }

  everythingIsSuccessful(): void {
    this.mend();
    this.departed.clear();
    for (const key of PACKS) {
      this.pack(key).aggregate = SUCCESSFUL;
      for (const who of this.vends) {
        this.row(who, SUCCESSFUL, key);
        this.#stood.set(`${who.firstExecutionRunId} ${key}`, true);
      }
    }
  }
}

const events = fc.array(anyEvent, { minLength: 5, maxLength: 80 });

function played(list: readonly Event[]): World {
  const world = new World();
  for (const one of list) world.play(one);
  return world;
}

test('any order of events: nobody is told done that is not, or hears of it after it left, and no busy loop', () => {
  fc.assert(
    fc.property(events, (list) => {
      expect(played(list).problems).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

test('any order of events: in the end all hear that they are done, within two of the longest intervals', () => {
  fc.assert(
    fc.property(events, (list) => {
      const world = played(list);
      world.everythingIsSuccessful();
      // The first look that goes through; it may be far away where AWS had throttled.
      const rounds = world.rounds.length;
      for (let n = 0; n < 8 && world.rounds.length === rounds; n += 1) world.go(POLL.maxMs);
      world.go(2 * POLL.maxMs);
      expect(world.waiting.filter((run) => !world.isDone(run))).toEqual([]);
      expect(world.problems).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test('any order of events: where nothing changes nothing is told, also over continue-as-new', () => {
  fc.assert(
    fc.property(events, (list) => {
      const world = played(list);
      world.mend();
      // An account that has had no row for long is asked about ever more seldom.
      world.go(3 * HOUR);
      for (const run of world.waiting) world.do(world.isDone(run) ? 'unsubscribe' : 'again', run);
      world.go(MINUTE);
      const before = world.said.length;
      world.continueAsNew();
      world.go(HOUR);
      expect(world.said.slice(before)).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

test('any order of events: what nobody was told of yet is the same after continue-as-new', () => {
  const untold = ({ watch }: World) =>
    [...watch.subscribers.values()].map((subscriber) => ({
      holder: subscriber.holder,
      ticket: subscriber.ticket,
      rows: [...subscriber.pairs.values()]
        .filter((pair) => isUntold(subscriber, pair))
        .map(({ progress }) => progress),
    }));
  fc.assert(
    fc.property(events, (list) => {
      const world = played(list);
      world.calm();
      const before = untold(world);
      const { nextRoundAtMs, packs } = world.watch;
      const round = world.watch.round.filter((key) => packs.has(key));
      world.continueAsNew();
      expect(untold(world)).toEqual(before);
      expect(world.watch).toMatchObject({ nextRoundAtMs, round });
    }),
    { numRuns: 300 },
  );
});

test('what the lists of a round cost does not depend on how many wait', () => {
  const callsFor = (count: number, packs: string[]) => {
    const region = new Region();
    for (let n = 0; n < count; n += 1) {
      for (const key of packs) region.row(holder(`v${n}`), CREATING, key);
      region.put(holder(`v${n}`), { packs });
    }
    region.turn();
    region.pass(HOUR);
    return { lists: region.watch.calls.lists, rounds: region.rounds.length };
  };
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 80 }), fc.integer({ min: 1, max: 5 }), (count, many) => {
      const packs = Array.from({ length: many }, (_, n) => `P${n}`);
      const one = callsFor(1, packs);
      expect(one.lists).toBe(one.rounds * many);
      expect(callsFor(count, packs)).toEqual(one);
    }),
    { numRuns: 15 },
  );
});
