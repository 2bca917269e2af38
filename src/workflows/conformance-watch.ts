import {
  ActivityFailure,
  CancellationScope,
  continueAsNew,
  getExternalWorkflowHandle,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { watchStateQuery } from '../contract';
import { isMail, isSubscribe, isUnsubscribe } from '../domain/watch/messages';
import type { LookPlan } from '../domain/watch/messages';
import { packWatch, unpackWatch } from '../domain/watch/packing';
import type { CarriedWatch } from '../domain/watch/packing';
import { watchDetails, watchState } from '../domain/watch/view';
import { Watch } from '../domain/watch/watch';
import type { Outgoing } from '../domain/watch/watch';
import { region as world } from './activity-proxies';
import { Endless } from './endless';
import { handedOver } from './handed-over';
import { iso } from './iso';
import { listen, warnOfMessage } from './listen';
import { mailSignal, verdictSignal } from './watch-signals';
import { timeMs } from './time';

export interface WatchInput {
  /** `o-…` */
  organizationId: string;
  /** `us-east-1` */
  region: string;
}

/**
 * Thousands that subscribe send more than any other workflow gets. The server refuses to let it continue as new
 * while a signal has just come in, and it is then read again from its history: that must not take long, or the next one
 * has come in by then.
 */
const MOST_EVENTS = 2_000;
/** Temporal allows 2,000 signals under way for a workflow, and buffers 100 events that come back. */
const MOST_SIGNALS = 40;

/**
 * One for each organization and region: looks at the conformance packs for all vends that wait, and
 * tells each what changed for its account. The rules are in domain/watch; here is what waits, looks
 * and sends. It sleeps while nobody waits, and never ends.
 */
export async function conformanceWatch(input: WatchInput, carried?: CarriedWatch): Promise<void> {
  // Whoever cancels it would leave the vends waiting; terminated, it is started anew by them.
  await CancellationScope.nonCancellable(() => new WatchLoop(input, carried).run());
}

class WatchLoop extends Endless {
  readonly #watch: Watch;

  constructor({ organizationId, region }: WatchInput, carried?: CarriedWatch) {
    super();
    const before = handedOver(carried);
    this.#watch = before
      ? unpackWatch(organizationId, region, before, timeMs())
      : new Watch(organizationId, region);
    const watch = this.#watch;
    listen(mailSignal, isMail, ({ subscribe, unsubscribe }) =>
      this.put((now) => {
        for (const message of subscribe.filter(known(isSubscribe))) watch.subscribe(message, now);
        for (const message of unsubscribe.filter(known(isUnsubscribe))) watch.unsubscribe(message);
      }),
    );
    setHandler(watchStateQuery, () => watchState(watch, iso), {
      description: 'Who waits for which packs, and when the next look is.',
    });
  }

  protected override act(): void {
    const plan = this.#watch.beginLook(timeMs());
    if (plan) this.#look(plan);
    this.#sendMail();
  }

  /**
   * A look that is under way may take half an hour more, and nobody shall wait for its end to hear what is known already.
   * What it shows then is told by the next run.
   */
  protected override actLeaving(): void {
    if (this.#watch.isLooking && !workflowInfo().continueAsNewSuggested) this.#sendMail();
  }

  protected override get mostEvents(): number {
    return MOST_EVENTS;
  }

  get #signals(): number {
    return this.underWay - (this.#watch.isLooking ? 1 : 0);
  }

  #sendMail(): void {
    const room = MOST_SIGNALS - this.#signals;
    for (const letter of this.#watch.takeMail(room, timeMs())) this.#send(letter);
  }

  #look(plan: LookPlan): void {
    const watch = this.#watch;
    const { organizationId, region } = watch;
    const lists = plan.packs.filter((pack) => pack.lists).length;
    const single = new Set(plan.packs.flatMap(({ confirm, again }) => [...confirm, ...again])).size;
    const summary = `${region}: ${lists} packs for ${plan.accounts.length} accounts, ${single} accounts by themselves`;
    this.start(async () => {
      try {
        const input = { organizationId, region, ...plan };
        const result = await world.lookAtPacks.executeWithOptions({ summary }, [input]);
        return (now) => watch.learn(plan, result, now);
      } catch (error) {
        if (!(error instanceof ActivityFailure)) throw error;
        return (now) => watch.learnNothing(plan, now);
      }
    });
  }

  /** By workflow id: the vend may have continued as new since. One that is gone is forgotten. */
  #send(letter: Outgoing): void {
    const watch = this.#watch;
    const target = getExternalWorkflowHandle(letter.workflowId);
    this.start(async () => {
      try {
        await target.signal(verdictSignal, letter.message);
        return (now) => watch.delivered(letter, now);
      } catch {
        return () => watch.undelivered(letter);
      }
    });
  }

  protected override publish(): void {
    setCurrentDetails(watchDetails(watchState(this.#watch, iso)));
  }

  protected override nextDueAtMs(nowMs: number): number {
    // With no signal left, one that comes back wakes the loop.
    return this.#signals < MOST_SIGNALS ? this.#watch.nextDueAtMs(nowMs) : Infinity;
  }

  protected override continueAsNew(): Promise<never> {
    const { organizationId, region } = this.#watch;
    return continueAsNew<typeof conformanceWatch>(
      { organizationId, region },
      packWatch(this.#watch),
    );
  }
}

/** Passes what is such a message, and warns of what is none. */
function known<Message>(isMessage: (given: unknown) => given is Message) {
  return (given: unknown): given is Message => {
    const isKnown = isMessage(given);
    if (!isKnown) warnOfMessage(mailSignal.name);
    return isKnown;
  };
}
