import { CancellationScope, condition, workflowInfo } from '@temporalio/workflow';
import type { ConformanceScope } from '../contract';
import type { Holder } from '../domain/gate/messages';
import type { VendMemory, WatchTies } from '../domain/memory';
import { WATCH_PROTOCOL, isVerdict } from '../domain/watch/messages';
import type { PackRef, Subscribe, Unsubscribe, Verdict } from '../domain/watch/messages';
import { FIRST_SILENCE_MS, silenceAfterAnswer, silenceAfterAsking } from '../domain/watch/silence';
import type { WatchMessage } from '../activities';
import { world } from './activity-proxies';
import { listen } from './listen';
import { verdictSignal } from './watch-signals';
import { timeMs } from './time';

/** What is asked of the watch of a region. */
export interface Wanted {
  accountId: string;
  packs: PackRef[];
  scope: ConformanceScope;
  joinedAt?: string | undefined;
}

/**
 * A vend's end of the line to the watches. The handler only puts down what came; every message is
 * awaited, and may arrive twice: it carries a ticket, which is raised whenever something else is
 * wanted.
 */
export class WatchLink {
  readonly #memory: VendMemory;

  constructor(memory: VendMemory) {
    this.#memory = memory;
    listen(verdictSignal, isVerdict, (verdict) => this.#take(verdict));
    void this.#refuseForEver();
  }

  get hasNews(): boolean {
    return (this.#memory.watch?.news.length ?? 0) > 0;
  }

  takeNews(): Verdict[] {
    return this.#memory.watch?.news.splice(0) ?? [];
  }

  isSubscribed(region: string): boolean {
    return this.#memory.watch?.regions[region] !== undefined;
  }

  /** Subscribed so often, without any answer since. */
  unanswered(region: string): number {
    return this.#memory.watch?.regions[region]?.unanswered ?? 0;
  }

  /** When the next watch is told again that we are here. */
  get nextAskAtMs(): number {
    const all = Object.values(this.#memory.watch?.regions ?? {});
    return Math.min(Infinity, ...all.map(({ askedAtMs, silenceMs }) => askedAtMs + silenceMs));
  }

  async subscribe(region: string, wanted: Wanted): Promise<void> {
    const ties = this.#ties;
    ties.ticket += 1;
    ties.regions[region] = {
      ticket: ties.ticket,
      askedAtMs: timeMs(),
      silenceMs: FIRST_SILENCE_MS,
      unanswered: 0,
    };
    await this.#ask(region, wanted);
  }

  /** The same once more where that is due. */
  async subscribeAgain(region: string, wanted: Wanted): Promise<void> {
    const known = this.#ties.regions[region];
    if (!known || timeMs() < known.askedAtMs + known.silenceMs) return;
    known.askedAtMs = timeMs();
    known.silenceMs = silenceAfterAsking(known.silenceMs);
    await this.#ask(region, wanted);
  }

  async unsubscribe(region: string): Promise<void> {
    const ties = this.#memory.watch;
    const known = ties?.regions[region];
    if (!ties || !known) return;
    delete ties.regions[region];
    ties.news = ties.news.filter((verdict) => verdict.region !== region);
    await this.#refuse({ region, of: workflowInfo().firstExecutionRunId, ticket: known.ticket });
  }

  /** Nothing more is wanted of any watch. */
  async leave(): Promise<void> {
    for (const region of Object.keys(this.#memory.watch?.regions ?? {})) {
      await this.unsubscribe(region);
    }
  }

  /** Before the vend ends or continues as new. */
  async drained(): Promise<void> {
    await condition(() => (this.#memory.watch?.unwanted.length ?? 0) === 0);
  }

  #take(verdict: Verdict): void {
    const ties = this.#ties;
    const { region, of, ticket } = verdict;
    const isOurs = of === workflowInfo().firstExecutionRunId;
    const known = ties.regions[region];
    if (isOurs && known?.ticket === ticket && verdict.accountId === this.#memory.accountId) {
      known.unanswered = 0;
      known.silenceMs = silenceAfterAnswer(known.silenceMs, verdict.silenceMs);
      ties.news.push(verdict);
      return;
    }
    ties.unwanted.push({ region, of, ticket });
    if (!isOurs || ticket <= ties.ticket) return;
    // This run was reset: the watch knows a later ticket, and so it is subscribed anew.
    ties.ticket = ticket;
    delete ties.regions[region];
  }

  /** Beside the stages: what nobody wants may come in at any time. */
  async #refuseForEver(): Promise<void> {
    await CancellationScope.nonCancellable(async () => {
      for (;;) {
        await condition(() => (this.#memory.watch?.unwanted.length ?? 0) > 0);
        const [unwanted] = this.#ties.unwanted;
        if (unwanted) await this.#refuse(unwanted);
        this.#ties.unwanted.shift();
      }
    });
  }

  get #ties(): WatchTies {
    return (this.#memory.watch ??= { ticket: 0, regions: {}, news: [], unwanted: [] });
  }

  async #ask(region: string, wanted: Wanted): Promise<void> {
    const known = this.#ties.regions[region];
    if (!known) return;
    known.unanswered += 1;
    const { workflowId, firstExecutionRunId } = workflowInfo();
    const { requestId } = this.#memory.request;
    const holder: Holder = { workflowId, firstExecutionRunId, requestId };
    const { joinedAt, ...rest } = wanted;
    const message: Subscribe = {
      v: WATCH_PROTOCOL,
      holder,
      ticket: known.ticket,
      ...rest,
      ...(joinedAt ? { joinedAt } : {}),
    };
    await this.#tell(region, { subscribe: message });
  }

  async #refuse({ region, of, ticket }: WatchTies['unwanted'][number]): Promise<void> {
    const { workflowId } = workflowInfo();
    const message: Unsubscribe = { v: WATCH_PROTOCOL, workflowId, of, ticket };
    await this.#tell(region, { unsubscribe: message });
  }

  async #tell(region: string, message: WatchMessage): Promise<void> {
    const { organizationId } = this.#memory.admission ?? {};
    if (!organizationId) return;
    const [summary = ''] = Object.keys(message);
    await CancellationScope.nonCancellable(() =>
      world.tellWatch.executeWithOptions({ summary: `${summary} ${region}` }, [
        { organizationId, region, message },
      ]),
    );
  }
}
