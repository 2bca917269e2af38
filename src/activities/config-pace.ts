/** AWS publishes no rate for these calls of AWS Config; one a second is what it bears. */
const EVERY_MS = 1_000;
const SLOWEST_MS = 30_000;
/** By which the pace becomes quicker again with each call that AWS takes. */
const RECOVERY = 0.8;

interface Lane {
  /** When the next call may be sent. */
  freeAtMs: number;
  everyMs: number;
  /** The turn that was asked for last. */
  last: Promise<void>;
}

/**
 * Paces the calls of AWS Config: at most one a second in a Region, shared by all activities of this
 * worker. Throttled, it becomes slower for all of them.
 */
export class ConfigPace {
  readonly #everyMs: number;
  readonly #lanes = new Map<string, Lane>();

  constructor(everyMs = EVERY_MS) {
    this.#everyMs = everyMs;
  }

  /** Resolves when a call may be sent, in the order of asking. */
  turn(region: string): Promise<void> {
    const lane = this.#lane(region);
    lane.last = lane.last.then(() => takeTurn(lane));
    return lane.last;
  }

  throttled(region: string): void {
    const lane = this.#lane(region);
    lane.everyMs = Math.min(Math.max(SLOWEST_MS, this.#everyMs), lane.everyMs * 2);
    lane.freeAtMs = Math.max(lane.freeAtMs, performance.now() + lane.everyMs);
  }

  taken(region: string): void {
    const lane = this.#lane(region);
    lane.everyMs = Math.max(this.#everyMs, lane.everyMs * RECOVERY);
  }

  #lane(region: string): Lane {
    const known = this.#lanes.get(region);
    if (known) return known;
    const lane = { freeAtMs: 0, everyMs: this.#everyMs, last: Promise.resolve() };
    this.#lanes.set(region, lane);
    return lane;
  }
}

async function takeTurn(lane: Lane): Promise<void> {
  // Throttled meanwhile, it is later than it was; and a timer may come a moment early.
  while (performance.now() < lane.freeAtMs) {
    const ms = lane.freeAtMs - performance.now();
    await new Promise((resolve) => setTimeout(resolve, ms));
  }
  // From now and not from when it was due: a worker that was busy makes up for nothing.
  lane.freeAtMs = performance.now() + lane.everyMs;
}
