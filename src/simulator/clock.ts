/**
 * Simulated time. Everything in the simulator that depends on time is computed from `now()` when
 * somebody asks; nothing happens "in the background", so a clock that stands still is a world that
 * stands still.
 */
export interface SimulatorClock {
  /** Simulated time, in milliseconds since the epoch. Never goes backwards. */
  now(): number;
  /** Jumps forward. A clock without it cannot be moved by `advance`. */
  advance?(ms: number): void;
  /** Resolves after that much simulated time, or at once when the signal aborts. */
  sleep?(ms: number, signal?: AbortSignal): Promise<void>;
}

interface Sleeper {
  until: number;
  wake: () => void;
}

/** A clock that moves only when told to, and never backwards. It starts no timers. */
export class ManualClock implements SimulatorClock {
  #now: number;
  readonly #sleepers = new Set<Sleeper>();

  constructor(startMs: number = Date.now()) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now;
  }

  advance(ms: number): void {
    this.set(this.#now + ms);
  }

  set(ms: number): void {
    if (!(ms >= this.#now)) {
      throw new RangeError(`A clock never goes backwards: it is ${this.#now}, got ${ms}.`);
    }
    this.#now = ms;
    for (const sleeper of this.#sleepers) {
      if (sleeper.until <= ms) sleeper.wake();
    }
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms <= 0 || signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper: Sleeper = {
        until: this.#now + ms,
        wake: () => {
          this.#sleepers.delete(sleeper);
          signal?.removeEventListener('abort', sleeper.wake);
          resolve();
        },
      };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', sleeper.wake, { once: true });
    });
  }
}

/** Wall time, sped up by a factor. Built on a monotonic source: a corrected system clock does not move it. */
export class WallClock implements SimulatorClock {
  readonly #speed: number;
  readonly #start = Date.now();
  readonly #startedAt = performance.now();
  #jumped = 0;

  constructor(speed = 1) {
    if (!(speed > 0)) throw new RangeError(`speed must be above 0, got ${speed}.`);
    this.#speed = speed;
  }

  now(): number {
    const elapsed = (performance.now() - this.#startedAt) * this.#speed;
    return Math.floor(this.#start + elapsed + this.#jumped);
  }

  advance(ms: number): void {
    if (!(ms >= 0)) throw new RangeError(`A clock never goes backwards, got ${ms}.`);
    this.#jumped += ms;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return sleepOnTheWall(ms / this.#speed, signal);
  }
}

/** A timer that the client's abort ends early; it never keeps the process alive by itself. */
export function sleepOnTheWall(ms: number, signal?: AbortSignal): Promise<void> {
  if (ms <= 0 || signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}
