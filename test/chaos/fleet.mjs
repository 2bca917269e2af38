/** Worker processes that are started again whenever they end, after a short pause. */
import { createRequire } from 'node:module';
import { setTimeout as pause } from 'node:timers/promises';

const require = createRequire(import.meta.url);
const { startDemoWorker } = require('../../lib/local/demo-worker.js');

const LONGEST_PAUSE_MS = 1_500;
const LINES_KEPT = 5;

export class Fleet {
  /** Worker processes that were started, and the ends of those that nobody had killed. */
  started = 0;
  faults = [];
  #running = new Map();
  #keeping = [];
  #ending = new AbortController();
  #env;
  #random;

  /** Returns when the first of them polls. */
  static async start({ size, env, random }) {
    const fleet = new Fleet();
    fleet.#env = env;
    fleet.#random = random;
    const first = await fleet.#startWorker();
    fleet.#keeping = Array.from({ length: size }, (_, index) =>
      fleet.#keep(index === 0 ? first : undefined),
    );
    return fleet;
  }

  has(pid) {
    return this.#running.has(pid);
  }

  kill(pid) {
    if (this.has(pid)) process.kill(pid, 'SIGKILL');
  }

  async close() {
    this.#ending.abort();
    await Promise.all([...this.#running.values()].map((worker) => worker.close()));
    await Promise.all(this.#keeping);
  }

  async #keep(first) {
    let worker = first;
    while (!this.#ending.signal.aborted) {
      // Temporal may be away just now: then it ends at once, and that is told like any other end.
      worker ??= await this.#startWorker().catch((error) => this.#tell(error.message));
      if (worker) await this.#untilItEnds(worker);
      worker = undefined;
      await this.#rest();
    }
  }

  async #startWorker() {
    const last = [];
    const log = (line) => {
      last.push(line.slice(0, 300));
      if (last.length > LINES_KEPT) last.shift();
    };
    const worker = await startDemoWorker({ env: this.#env, log });
    this.started += 1;
    return { ...worker, last };
  }

  async #untilItEnds(worker) {
    this.#running.set(worker.pid, worker);
    if (this.#ending.signal.aborted) await worker.close();
    const how = await worker.ended;
    this.#running.delete(worker.pid);
    if (!how.includes('SIGKILL')) this.#tell([how, ...worker.last].join('\n  '));
  }

  #tell(fault) {
    if (!this.#ending.signal.aborted) this.faults.push(fault);
  }

  async #rest() {
    const { signal } = this.#ending;
    await pause(this.#random() * LONGEST_PAUSE_MS, undefined, { signal }).catch(() => undefined);
  }
}
