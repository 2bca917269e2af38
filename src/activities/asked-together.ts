/**
 * One question that many ask: all who come while it is under way share the next answer. Nobody is given an
 * answer that was asked for before they came: what was there when a wait began has to count.
 */
export class AskedTogether<T> {
  #running: Promise<unknown> = Promise.resolve();
  #next: Promise<T> | undefined;

  ask(question: () => Promise<T>): Promise<T> {
    this.#next ??= this.#running
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        const running = question();
        this.#running = running;
        return running;
      });
    return this.#next;
  }
}
