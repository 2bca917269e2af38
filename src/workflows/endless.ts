import { allHandlersFinished, condition, workflowInfo } from '@temporalio/workflow';
import { conditionWithin, timeMs } from './time';

/** Something that has happened, and is taken in when the loop comes to it. */
type Event = (nowMs: number) => void;

/**
 * The loop of a workflow that never ends, or only when nothing is left to do. Handlers and whatever runs beside the loop only put down
 * what came; the loop acts. It continues as new when the server suggests it, and only with nothing
 * under way: a signal that is merely sent would be lost.
 */
export abstract class Endless {
  #inbox: Event[] = [];
  #underWay = 0;

  /** Begins what is due. */
  protected abstract act(): void;
  /** What is still begun by a run that is to continue as new, while it waits for what is under way. */
  protected actLeaving(): void {
    // Nothing, mostly: it only comes later, and what is under way must come to its end.
  }
  /** Shows where it stands. */
  protected abstract publish(): void;
  /** When something is due without anything coming in; Infinity for never. */
  protected abstract nextDueAtMs(nowMs: number): number;
  protected abstract continueAsNew(): Promise<never>;

  /** Nothing is left to do; most never get there. */
  protected get isOver(): boolean {
    return false;
  }

  /** Events of a run, after which it continues as new even if the server does not suggest it yet. */
  protected get mostEvents(): number {
    return Infinity;
  }

  /** Whether it may continue as new. */
  protected get mayContinue(): boolean {
    return true;
  }

  async run(): Promise<void> {
    for (;;) {
      this.takeIn();
      if (this.isOver && this.#mayLeave()) {
        this.publish();
        return;
      }
      // What is still under way would be lost: it has to come back first.
      const { continueAsNewSuggested, historyLength } = workflowInfo();
      const isLong = continueAsNewSuggested || historyLength > this.mostEvents;
      const isLeaving = isLong && this.mayContinue;
      if (!isLeaving) this.act();
      else if (this.#mayLeave()) await this.continueAsNew();
      else this.actLeaving();
      this.publish();
      const dueInMs = isLeaving ? Infinity : this.nextDueAtMs(timeMs()) - timeMs();
      // Leaving, it waits for what is under way to come back; and a handler that has just put
      // something down counts as running until the loop has waited once.
      const isNews = () =>
        this.#inbox.length > 0 || ((isLeaving || this.isOver) && this.#mayLeave());
      if (dueInMs === Infinity) await condition(isNews);
      else await conditionWithin(isNews, dueInMs, 'until something is due');
    }
  }

  /** For what has happened: the loop wakes and takes it in. */
  protected put(event: Event): void {
    this.#inbox.push(event);
  }

  /** Takes in what was put down; also for a handler that must know all before it answers. */
  protected takeIn(): void {
    for (const event of this.#inbox.splice(0)) event(timeMs());
  }

  /** For what a handler has done itself: the loop looks what follows from it. */
  protected wake(): void {
    this.put(() => undefined);
  }

  /** Runs beside the loop; what came of it is put down. */
  protected start(work: () => Promise<Event>): void {
    this.#underWay += 1;
    void work().then((event) => {
      this.#underWay -= 1;
      this.put(event);
    });
  }

  protected get underWay(): number {
    return this.#underWay;
  }

  #mayLeave(): boolean {
    return this.#underWay === 0 && this.#inbox.length === 0 && allHandlersFinished();
  }
}
