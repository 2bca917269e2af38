import * as fc from 'fast-check';
import { packGate, unpackGate } from '../../../src/domain/gate/packing';
import type { GatePolicy, Holder, Lane, TurnKind } from '../../../src/domain/gate/messages';
import { Desk, HOUR, LIMIT, PUBLISHED, UNPACED, holder } from './support';

/** What happens to a gate, in any order. Vends are numbered; a number may be of no vend at all. */
type Event =
  | { is: 'ask' | 'ask-again' | 'ask-late'; vend: number }
  | {
      is: 'release';
      vend: number;
      outcome: 'succeeded' | 'failed' | 'held-back' | 'full' | 'unwanted';
      lane: Lane;
    }
  | { is: 'withdraw' | 'die' | 'again' | 'throttled'; vend: number }
  | { is: 'pass'; ms: number }
  | { is: 'retry' | 'continue-as-new' };

const vend = fc.nat({ max: 11 });
const outcome = fc.constantFrom('succeeded', 'failed', 'held-back', 'full', 'unwanted' as const);
const lane = fc.constantFrom('everything', 'creating', 'govcloud' as const);
const anyEvent: fc.Arbitrary<Event> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ is: fc.constant('ask' as const), vend }) },
  { weight: 5, arbitrary: fc.record({ is: fc.constant('release' as const), vend, outcome, lane }) },
  {
    weight: 3,
    arbitrary: fc.record({
      is: fc.constantFrom(
        'ask-again' as const,
        'ask-late' as const,
        'withdraw' as const,
        'die' as const,
        'again' as const,
        'throttled' as const,
      ),
      vend,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      is: fc.constant('pass' as const),
      ms: fc.integer({ min: 1, max: 20 * 60_000 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ is: fc.constantFrom('retry' as const, 'continue-as-new' as const) }),
  },
);

/** Plays vends that keep to the language, and watches what the gate does. */
class World extends Desk {
  /** What must never be. */
  readonly problems: string[] = [];
  readonly #policy: GatePolicy;
  readonly #tickets = new Map<number, number>();
  readonly #dead = new Set<number>();
  readonly #grants = new Set<string>();
  readonly #sentAt: number[] = [];
  #seen = 0;
  #reports = 0;

  constructor(policy: GatePolicy) {
    super(policy);
    this.#policy = policy;
  }

  who(n: number): Holder {
    return holder(`v${n}`);
  }

  kind(n: number): TurnKind {
    if (n % 5 === 4) return 'step';
    return n % 5 === 3 ? 'govcloud' : 'standard';
  }

  play(event: Event): void {
    switch (event.is) {
      case 'pass':
        this.pass(event.ms);
        break;
      case 'retry':
        this.gate.retry(undefined, this.now);
        break;
      case 'continue-as-new': {
        const before = packGate(this.gate);
        this.gate = unpackGate(structuredClone(before));
        const after = packGate(this.gate).waiting;
        if (after.join() !== before.waiting.join()) this.problems.push('carried over otherwise');
        break;
      }
      default:
        if (!this.#dead.has(event.vend)) this.#act(event);
    }
    this.turn();
    this.watch();
  }

  #act(event: Exclude<Event, { is: 'pass' | 'retry' | 'continue-as-new' }>): void {
    const n = event.vend;
    const who = this.who(n);
    const ticket = this.#tickets.get(n) ?? 0;
    const message = { v: 1, holder: who, ticket };
    switch (event.is) {
      case 'ask':
        if (this.gate.members.get(who.firstExecutionRunId)?.wait) return;
        this.#tickets.set(n, ticket + 1);
        this.ask(who, ticket + 1, { kind: this.kind(n), ...(n % 2 ? { retried: true } : {}) });
        break;
      case 'ask-again':
        if (ticket > 0) this.ask(who, ticket, { kind: this.kind(n) });
        break;
      case 'ask-late':
        if (ticket > 1) this.ask(who, ticket - 1, { kind: this.kind(n) });
        break;
      case 'release': {
        const trouble =
          event.outcome === 'held-back' ? { trouble: { ...LIMIT, lane: event.lane } } : {};
        this.release(who, ticket, { outcome: event.outcome, ...trouble });
        break;
      }
      case 'withdraw':
        this.gate.withdraw(message, this.now);
        break;
      case 'die':
        this.#dead.add(n);
        break;
      case 'again':
      case 'throttled':
        this.#reports += 1;
        // The call that is repeated is sent as well, and was paid for in advance.
        this.gate.report({ ...message, n: this.#reports, is: event.is }, this.now);
        break;
    }
  }

  /** The dead are found, AWS has nothing in progress, everybody answers: what then? */
  settle(): void {
    for (let round = 0; round < 400 && this.gate.waiters().length > 0; round += 1) {
      this.gate.retry(undefined, this.now);
      this.turn();
      for (const member of this.gate.members.values()) {
        for (const turn of [member.place, member.step]) {
          if (turn) this.release(member.holder, turn.ticket);
        }
      }
      this.pass(20_000);
      this.watch();
    }
  }

  watch(): void {
    const { gate } = this;
    if (gate.placed().length > this.#policy.maxInProgress) this.problems.push('too many places');
    for (const letter of this.said.slice(this.#seen)) {
      if (letter.signal !== 'grant') continue;
      const turn = `${letter.to.firstExecutionRunId} ${letter.ticket}`;
      if (this.#grants.has(turn)) continue;
      this.#grants.add(turn);
      const n = Number(letter.to.requestId.slice(1));
      if (this.kind(n) !== 'step') this.#sentAt.push(letter.at);
    }
    this.#seen = this.said.length;
    for (const block of gate.breaker.blocks.values()) {
      const probes = [...gate.members.values()].filter(
        ({ place, step }) => place?.probe ?? step?.probe,
      );
      if (block.state === 'probing' && probes.length > 1) this.problems.push('two probes');
    }
  }

  /** In no window were there more than the burst and the rate allow. */
  minTheRate(): void {
    const { burst, perSecond } = this.#policy;
    this.#sentAt.forEach((from, first) => {
      this.#sentAt.slice(first).forEach((to, index) => {
        const allowed = burst + ((to - from) / 1_000) * perSecond;
        if (index + 1 > allowed + 1e-6) this.problems.push(`${index + 1} calls in ${to - from} ms`);
      });
    });
  }
}

const events = fc.array(anyEvent, { minLength: 5, maxLength: 60 });

test('any order of events: never more than five, never faster than the rate, no probe beside another', () => {
  fc.assert(
    fc.property(events, fc.boolean(), (list, isPaced) => {
      const world = new World(isPaced ? PUBLISHED : UNPACED);
      for (const one of list) world.play(one);
      if (isPaced) world.minTheRate();
      expect(world.problems).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test('any order of events: in the end everybody who waits gets a turn', () => {
  fc.assert(
    fc.property(events, (list) => {
      const world = new World(PUBLISHED);
      for (const one of list) world.play(one);
      world.settle();
      expect(world.problems).toEqual([]);
      expect(world.gate.waiters()).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

test('a ticket is granted anew only to the vend that asks for it again', () => {
  fc.assert(
    fc.property(events, (list) => {
      const world = new World(UNPACED);
      for (const one of list.filter(({ is }) => is !== 'ask-again')) world.play(one);
      const grants = world.said
        .filter(({ signal }) => signal === 'grant')
        .map(({ to, ticket }) => `${to.requestId} ${ticket}`);
      expect(new Set(grants).size).toBe(grants.length);
    }),
    { numRuns: 200 },
  );
});

test('while a lane is closed nobody is granted a turn of it', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 40 }), { minLength: 1, maxLength: 30 }), (askers) => {
      const desk = new Desk(UNPACED);
      desk.ask(holder('first'));
      desk.release(holder('first'), 1, { outcome: 'held-back', trouble: LIMIT });
      for (const n of askers) desk.ask(holder(`v${n}`));
      desk.pass(HOUR);
      expect(desk.granted()).toEqual(['first']);
    }),
    { numRuns: 100 },
  );
});

test('first come first served, whatever the number', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat({ max: 500 }), { minLength: 1, maxLength: 60 }), (ids) => {
      const desk = new Desk(UNPACED);
      for (const id of ids) desk.ask(holder(`v${id}`));
      for (let done = 0; done < ids.length; done += 1)
        desk.release(holder(desk.granted()[done] ?? ''));
      expect(desk.granted()).toEqual(ids.map((id) => `v${id}`));
    }),
    { numRuns: 100 },
  );
});
