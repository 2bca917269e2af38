/**
 * One question that many ask: all who come while it is under way share the next answer. Nobody is given an
 * answer that was asked for before they came: what was there when a wait began has to count.
 */
export class AskedTogether<T> {
  #running: Promise<void> = Promise.resolve();
  #next: Promise<T> | undefined;

  ask(question: () => Promise<T>): Promise<T> {
    this.#next ??= this.#running.then(() => {
      this.#next = undefined;
      const running = question();
      // Whether it is over, and not what it said: that would be kept for as long as nobody asks.
      this.#running = running.then(ignore, ignore);
      return running;
    });
    return this.#next;
  }
}

function ignore(): void {}
