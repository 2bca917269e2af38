import { reasonOf } from '../aws-error';
import type { AwsError } from '../aws-error';
import { Load, idBytes } from '../carried';
import { SEEN_LASTS_MS, settlesRow } from '../conformance';
import type { Holder } from '../gate/messages';
import { growingDelay } from '../pacing';
import type { Interval } from '../policy';
import { WATCH_PROTOCOL } from './messages';
import type {
  LookCalls,
  LookFault,
  LookPlan,
  LookResult,
  PackLook,
  PackLookPlan,
  PackRef,
  Subscribe,
  Unsubscribe,
  Verdict,
} from './messages';
import {
  isDone,
  isMembershipDoubtful,
  isUntold,
  lapse,
  newSubscriber,
  observe,
  packKey,
} from './subscriber';
import type { Pair, Subscriber } from './subscriber';

/** A pack that somebody waits for. */
export interface WatchedPack extends PackRef {
  pages?: number;
  /** They were not read to the end. */
  more?: true;
  /** Organization-wide. */
  aggregate?: string;
  fault?: LookFault;
}

/** A signal to a vend. */
export interface Outgoing {
  workflowId: string;
  of: string;
  ticket: number;
  message: Verdict;
}

/** A subscription for which there was no room. */
export interface Refused {
  workflowId: string;
  of: string;
  ticket: number;
  accountId: string;
}

/** What is left of a look: it may show so many pairs, and cost so many calls. */
interface Places {
  pairs: number;
  calls: number;
}

/**
 * How many calls it takes to confirm so many accounts, at most: one each, or all rows of the pack. As long as it is
 * not known how many pages these are, both.
 */
function callsFor(accounts: number, { pages, more }: WatchedPack): number {
  const isKnown = pages !== undefined && !more;
  return isKnown ? Math.min(accounts, pages) : Math.min(2 * accounts, MOST_PAGES);
}

function hasRoom({ pairs, calls }: Places, accounts: number, pack: WatchedPack): boolean {
  return accounts <= pairs && callsFor(accounts, pack) <= calls;
}

/** The activity itself failed: what was asked of AWS, and whether, cannot be told. */
const LOOK_FAILED: AwsError = {
  operation: 'GetOrganizationConformancePackDetailedStatus',
  name: 'LookFailed',
  message: 'the look itself failed; its activity says why',
  outcome: 'unknown',
};

/** Until the first look tells what the configuration says. */
const FIRST_POLL: Interval = { initialMs: 60_000, factor: 1.5, maxMs: 300_000 };
/** Temporal takes 2 MB a payload: what a look reports, and what is carried over, stays well below. */
const PAIRS_A_LOOK = 8_000;
/** At a call a second a look of more packs would take too long to be told of. */
const PACKS_A_LOOK = 10;
/** A quarter of an hour at a call a second: a look that takes longer than its activity may would begin anew for ever. */
const CALLS_A_LOOK = 900;
/** A list for each status of a row that is in progress, or has failed. */
const LISTING_CALLS = 4;
/** AWS has a hundred rows on a page: so many for the largest organizations. */
const MOST_PAGES = 200;
const MOST_PAIRS = 50_000;
const MOST_SUBSCRIBERS = 5_000;
/**
 * Not heard of for so long, a vend is told all once more: one that is gone is forgotten then. Longer
 * than as many as there is room for may be silent: 5,000 × 4 s are five hours and a half.
 */
const SILENT_MS = 6 * 60 * 60_000;
/** One whose account is ready unsubscribes at once. */
const SILENT_WHEN_DONE_MS = 10 * 60_000;
/** All vends together say no more than once in so long that they are still there. */
const SUBSCRIBED_AGAIN_EVERY_MS = 4_000;
/** So soon they do so by themselves: nothing need be said to them. */
const SHORTEST_SILENCE_MS = 15 * 60_000;
/** So long after a look was due no worker was there: one takes half an hour at most. */
const NOBODY_LOOKED_MS = 60 * 60_000;
/** Throttled, the watch looks ever more seldom: half as often, up to an eighth. */
const SLOWEST = 3;

/**
 * The rules of a region's watch: who waits for which packs, what to look at next, and who is to be
 * told what. It waits for nothing, and knows the time only by what it is told.
 *
 * A round asks each pack for its rows in progress or failed, which costs the same however many wait.
 * An account is confirmed by a look of its own when it is new, when it has left these lists, and
 * ever more seldom while it has no row.
 */
export class Watch {
  readonly organizationId: string;
  readonly region: string;
  /** By workflow id. */
  readonly subscribers = new Map<string, Subscriber>();
  readonly packs = new Map<string, WatchedPack>();
  poll: Interval = FIRST_POLL;
  nextRoundAtMs = 0;
  /** Since somebody joined, or the organization moved: the interval grows with it. */
  rounds = 0;
  slowness = 0;
  looks = 0;
  lastLookAtMs: number | undefined;
  calls: LookCalls = { lists: 0, confirming: 0, rowless: 0, throttled: 0 };
  /** Packs that the present round has still to look at. */
  round: string[] = [];
  /** To be told that there is no room. */
  refused: Refused[] = [];
  #isLooking = false;
  readonly #load = new Load();

  constructor(organizationId: string, region: string) {
    this.organizationId = organizationId;
    this.region = region;
  }

  // Messages.

  subscribe(subscribe: Subscribe, nowMs: number): void {
    const { holder, ticket } = subscribe;
    const known = this.subscribers.get(holder.workflowId);
    const isSame = known?.holder.firstExecutionRunId === holder.firstExecutionRunId;
    const isAnother = known?.ticket === ticket && !wantsTheSame(known, subscribe);
    if (known && isSame && known.ticket >= ticket && !isAnother) {
      // The same again; or a run that was reset, which learns from the answer of the later ticket.
      known.heardAtMs = nowMs;
      known.repeat = true;
      return;
    }
    if (!known && this.#isFull(subscribe)) {
      const { workflowId, firstExecutionRunId: of } = holder;
      this.refused.push({ workflowId, of, ticket, accountId: subscribe.accountId });
      return;
    }
    const wasAsleep = [...this.subscribers.values()].every(isDone);
    this.subscribers.set(holder.workflowId, newSubscriber(subscribe, this.region, nowMs));
    for (const ref of subscribe.packs) {
      const key = packKey(ref);
      if (!this.packs.has(key)) this.packs.set(key, { ...ref });
    }
    this.#hurry(wasAsleep, nowMs);
  }

  unsubscribe({ workflowId, of, ticket }: Unsubscribe): void {
    const known = this.subscribers.get(workflowId);
    if (known?.holder.firstExecutionRunId !== of || known.ticket > ticket) return;
    this.#forget(workflowId);
  }

  // Looks.

  /** Those for whom something is still to be seen. */
  open(): Subscriber[] {
    return [...this.subscribers.values()].filter((subscriber) => !isDone(subscriber));
  }

  /** What to look at now; undefined where nothing is due, or a look is under way. */
  beginLook(nowMs: number): LookPlan | undefined {
    if (this.#isLooking) return undefined;
    const open = this.open();
    if (open.length === 0) {
      this.round = [];
      return undefined;
    }
    const wanted = new Set(open.flatMap(({ pairs }) => [...pairs.keys()]));
    if (this.round.length === 0 && nowMs >= this.nextRoundAtMs) this.round = [...wanted];
    else this.#leaveOut((key) => !wanted.has(key), nowMs);
    const places = { pairs: PAIRS_A_LOOK, calls: CALLS_A_LOOK };
    const lists = this.#listsFor(open.length, places);
    const packs = [...wanted]
      .map((key) => this.#planPack(key, open, lists.has(key), places, nowMs))
      .filter((plan) => plan.lists || plan.confirm.length > 0);
    if (packs.length === 0) return undefined;
    this.#isLooking = true;
    const isRowless = ({ pairs }: Subscriber) => [...pairs.values()].some(({ again }) => again);
    return {
      packs,
      accounts: lists.size > 0 ? open.map(({ accountId }) => accountId) : [],
      withAggregate: open.some((one) => one.scope === 'organization' || isRowless(one)),
      checkMembership: open
        .filter((subscriber) => isMembershipDoubtful(subscriber, nowMs))
        .map(({ accountId }) => accountId),
    };
  }

  /** The next packs of the round, one at least: their lists are read, and whoever is not in them confirmed. */
  #listsFor(accounts: number, places: Places): Set<string> {
    const lists = new Set<string>();
    for (const key of this.round.slice(0, PACKS_A_LOOK)) {
      const calls = LISTING_CALLS + callsFor(accounts, this.#packOf(key));
      const isTooMuch = accounts > places.pairs || calls > places.calls;
      if (isTooMuch && lists.size > 0) break;
      lists.add(key);
      places.pairs -= accounts;
      places.calls -= calls;
    }
    return lists;
  }

  #packOf(key: string): WatchedPack {
    return this.packs.get(key) ?? { pack: key };
  }

  #planPack(
    key: string,
    open: Subscriber[],
    lists: boolean,
    places: Places,
    nowMs: number,
  ): PackLookPlan {
    const known = this.#packOf(key);
    const { pack, owner, pages } = known;
    const plan: PackLookPlan = {
      pack,
      ...(owner ? { owner } : {}),
      lists,
      confirm: [],
      again: [],
      ...(pages === undefined ? {} : { pages }),
    };
    let news = 0;
    for (const { accountId, pairs } of open) {
      const pair = pairs.get(key);
      if (!pair || (!lists && (pair.asked || !hasRoom(places, news + 1, known)))) continue;
      news += 1;
      pair.asked = true;
      const { seen, verdict } = pair.progress;
      if (pair.again) {
        if (pair.again.atMs <= nowMs) plan.again.push(accountId);
      } else if (!seen || seen.gone || verdict?.is !== 'done') plan.confirm.push(accountId);
    }
    if (!lists) {
      places.pairs -= news;
      places.calls -= callsFor(news, known);
    }
    return plan;
  }

  learn(plan: LookPlan, result: LookResult, nowMs: number): void {
    this.#isLooking = false;
    this.poll = result.poll;
    this.looks += 1;
    const listed = listedBy(plan);
    const dueAtMs = Math.max(this.lastLookAtMs ?? nowMs, this.nextRoundAtMs);
    if (nowMs - dueAtMs >= NOBODY_LOOKED_MS) this.#lapseAllBut(listed);
    this.lastLookAtMs = nowMs;
    for (const name of ['lists', 'confirming', 'rowless', 'throttled'] as const) {
      this.calls[name] += result.calls[name];
    }
    const isThrottled = result.calls.throttled > 0;
    this.slowness = isThrottled ? Math.min(SLOWEST, this.slowness + 1) : 0;
    // The first look tells the interval, and only then is it known how soon "soon" is.
    if (this.rounds === 0) this.nextRoundAtMs = Math.min(this.nextRoundAtMs, this.#soon(nowMs));
    const hasMoved = result.packs
      .map((look) => this.#learnPack(look, listed.has(packKey(look)), nowMs))
      .some(Boolean);
    this.#endRound(listed, hasMoved, nowMs);
  }

  /** A look shows some of the packs: the others were seen before nobody looked, and may be otherwise since. */
  #lapseAllBut(listed: ReadonlySet<string>): void {
    for (const { pairs } of this.open()) {
      for (const [key, pair] of pairs) if (!listed.has(key)) lapse(pair);
    }
  }

  /** The look could not even begin, as when the worker is of another version. */
  learnNothing(plan: LookPlan, nowMs: number): void {
    this.#isLooking = false;
    for (const ref of plan.packs) {
      const known = this.packs.get(packKey(ref));
      if (!known) continue;
      known.fault = oneMore(known.fault, LOOK_FAILED, nowMs);
      if (!isLong(known.fault, nowMs)) continue;
      for (const { pairs } of this.open()) {
        const pair = pairs.get(packKey(ref));
        if (pair) lapse(pair);
      }
    }
    this.#endRound(listedBy(plan), false, nowMs);
  }

  /** True where the organization-wide status is another than before. */
  #learnPack(look: PackLook, isListed: boolean, nowMs: number): boolean {
    const key = packKey(look);
    const known = this.packs.get(key);
    if (!known) return false;
    if (look.fault) {
      // What was seen before AWS refused is true all the same.
      known.fault = oneMore(known.fault, look.fault, nowMs);
    } else delete known.fault;
    if (look.pages !== undefined) {
      known.pages = look.pages;
      if (look.more) known.more = true;
      else delete known.more;
    }
    const hasMoved =
      look.aggregate !== undefined &&
      known.aggregate !== undefined &&
      known.aggregate !== look.aggregate.status;
    if (look.aggregate) known.aggregate = look.aggregate.status;
    for (const subscriber of this.open()) {
      const pair = subscriber.pairs.get(key);
      if (!pair) continue;
      const before = pair.progress;
      this.#learnPair(subscriber, pair, look, isListed, nowMs);
      const isSeen = pair.progress !== before;
      if (!isSeen && isLong(known.fault, nowMs)) lapse(pair);
      if (hasMoved && pair.again) pair.again = { ...pair.again, atMs: nowMs, looks: 0 };
      const { departed, isMember } = look.rowless[subscriber.accountId] ?? {};
      if (departed || isMember) {
        subscriber.checkedAtMs = nowMs;
        delete subscriber.hasLostRow;
      }
    }
    return hasMoved;
  }

  #learnPair(
    subscriber: Subscriber,
    pair: Pair,
    look: PackLook,
    isListed: boolean,
    nowMs: number,
  ): void {
    const { accountId, scope, joinedAt } = subscriber;
    const aggregate =
      scope === 'organization' && look.aggregate ? { aggregate: look.aggregate } : {};
    const now = { nowMs, poll: this.poll };
    const row = look.rows[accountId];
    const rowless = look.rowless[accountId];
    const before = pair.progress.seen;
    if (look.gone) observe(subscriber, pair, { gone: true }, now);
    else if (row) observe(subscriber, pair, { row, ...aggregate }, now);
    else if (rowless) {
      const departed = rowless.departed ?? (rowless.isMember ? undefined : before?.departed);
      const seen = {
        ...(rowless.excluded ? { excluded: true as const } : {}),
        ...(departed ? { departed } : {}),
      };
      observe(subscriber, pair, { ...seen, ...aggregate }, now);
    } else if (isListed && 'aggregate' in aggregate && settlesRow(before?.row, joinedAt)) {
      // The lists would show it, had it changed.
      observe(subscriber, pair, { ...before, ...aggregate }, now);
    }
  }

  #endRound(done: ReadonlySet<string>, hasMoved: boolean, nowMs: number): void {
    if (hasMoved) this.rounds = 0;
    this.#leaveOut((key) => done.has(key), nowMs);
  }

  /** These packs are not to be looked at in this round (any more); with the last it is over. */
  #leaveOut(isOver: (key: string) => boolean, nowMs: number): void {
    if (this.round.length === 0) return;
    this.round = this.round.filter((key) => !isOver(key));
    if (this.round.length > 0) return;
    this.nextRoundAtMs = nowMs + growingDelay(this.poll, this.rounds) * 2 ** this.slowness;
    this.rounds += 1;
  }

  /** A pack that was watched before the watch continued as new. */
  restore(pack: WatchedPack): void {
    this.packs.set(packKey(pack), { ...pack });
  }

  /** Somebody has just joined: the next round comes soon, and one that is due is not put off. */
  #hurry(wasAsleep: boolean, nowMs: number): void {
    this.rounds = 0;
    const soon = this.#soon(nowMs);
    this.nextRoundAtMs = wasAsleep ? soon : Math.min(this.nextRoundAtMs, soon);
  }

  #soon(nowMs: number): number {
    return nowMs + this.poll.initialMs * 2 ** this.slowness;
  }

  // Mail.

  /** What is to be sent now, at most so much, and marked as sent. */
  takeMail(room: number, nowMs: number): Outgoing[] {
    const mail = this.refused.splice(0, room).map((one) => this.#refusalOf(one));
    for (const subscriber of this.subscribers.values()) {
      if (mail.length >= room) break;
      if (subscriber.isSending) continue;
      const isSilent = nowMs >= silentAtMs(subscriber);
      if (isSilent) subscriber.repeat = true;
      const message = this.#verdictFor(subscriber, isSilent);
      if (!message) continue;
      subscriber.isSending = true;
      this.#putLast(subscriber);
      const { workflowId, firstExecutionRunId: of } = subscriber.holder;
      mail.push({ workflowId, of, ticket: subscriber.ticket, message });
    }
    return mail;
  }

  /** Whoever was told last waits for the others: with many, not all can be told after each look. */
  #putLast(subscriber: Subscriber): void {
    const { workflowId } = subscriber.holder;
    this.subscribers.delete(workflowId);
    this.subscribers.set(workflowId, subscriber);
  }

  /** @param isSilent to be told in any case: that shows whether it is there. */
  #verdictFor(subscriber: Subscriber, isSilent: boolean): Verdict | undefined {
    const { pairs, repeat, toldFault = '' } = subscriber;
    const fault = this.#faultOf(subscriber);
    const faultName = fault ? reasonOf(fault.error) : '';
    const rows = [];
    for (const pair of pairs.values()) {
      const { news } = pair;
      if (news === undefined || !isUntold(subscriber, pair)) continue;
      pair.told = news;
      rows.push(pair.progress);
    }
    const isNews = rows.length > 0 || faultName !== toldFault || (repeat && fault);
    if (!isNews && !isSilent) return undefined;
    delete subscriber.repeat;
    subscriber.toldFault = faultName;
    return {
      v: WATCH_PROTOCOL,
      region: this.region,
      accountId: subscriber.accountId,
      of: subscriber.holder.firstExecutionRunId,
      ticket: subscriber.ticket,
      rows,
      ...(subscriber.seenAtMs === undefined ? {} : { seenAtMs: subscriber.seenAtMs }),
      ...(fault ? { fault } : {}),
      ...this.#silence,
    };
  }

  get #silence(): Pick<Verdict, 'silenceMs'> {
    const silenceMs = this.subscribers.size * SUBSCRIBED_AGAIN_EVERY_MS;
    return silenceMs > SHORTEST_SILENCE_MS ? { silenceMs } : {};
  }

  #faultOf({ pairs }: Subscriber): LookFault | undefined {
    for (const [key, { progress }] of pairs) {
      const fault = this.packs.get(key)?.fault;
      if (fault && progress.verdict?.is !== 'done') return fault;
    }
    return undefined;
  }

  delivered(sent: Outgoing, nowMs: number): void {
    const subscriber = this.#recipient(sent);
    if (!subscriber) return;
    delete subscriber.isSending;
    subscriber.heardAtMs = nowMs;
  }

  /** Its vend is gone. */
  undelivered(sent: Outgoing): void {
    if (this.#recipient(sent)) this.#forget(sent.workflowId);
  }

  #recipient({ workflowId, of, ticket }: Outgoing): Subscriber | undefined {
    const known = this.subscribers.get(workflowId);
    return known?.holder.firstExecutionRunId === of && known.ticket === ticket ? known : undefined;
  }

  // Time.

  /** When something is to be done without any message coming in; Infinity while it sleeps. */
  nextDueAtMs(nowMs: number): number {
    // A look always ends, and then it is asked again.
    if (this.#isLooking) return Infinity;
    let due = Infinity;
    for (const subscriber of this.subscribers.values()) {
      due = Math.min(due, silentAtMs(subscriber));
    }
    const open = this.open();
    if (open.length === 0) return due;
    const isNew = open.some(({ pairs }) => [...pairs.values()].some(({ asked }) => !asked));
    return isNew || this.round.length > 0 ? nowMs : Math.min(due, this.nextRoundAtMs);
  }

  get isLooking(): boolean {
    return this.#isLooking;
  }

  #isFull({ holder, packs }: Subscribe): boolean {
    let pairs = packs.length;
    for (const subscriber of this.subscribers.values()) pairs += subscriber.pairs.size;
    return (
      this.subscribers.size >= MOST_SUBSCRIBERS ||
      pairs > MOST_PAIRS ||
      !this.#load.takes(bytesOf(holder, packs.length), () => this.#bytes())
    );
  }

  #bytes(): number {
    let bytes = 0;
    for (const { holder, pairs } of this.subscribers.values()) bytes += bytesOf(holder, pairs.size);
    return bytes;
  }

  #refusalOf({ workflowId, of, ticket, accountId }: Refused): Outgoing {
    const { region } = this;
    const message: Verdict = {
      v: WATCH_PROTOCOL,
      region,
      accountId,
      of,
      ticket,
      rows: [],
      isFull: true,
    };
    return { workflowId, of, ticket, message };
  }

  #forget(workflowId: string): void {
    this.subscribers.delete(workflowId);
    const wanted = new Set<string>();
    for (const { pairs } of this.subscribers.values())
      for (const key of pairs.keys()) wanted.add(key);
    for (const key of this.packs.keys()) if (!wanted.has(key)) this.packs.delete(key);
  }
}

/** A run that was reset may want something else with the same ticket. */
function wantsTheSame(
  known: Subscriber,
  { accountId, packs, scope, joinedAt }: Subscribe,
): boolean {
  return (
    known.accountId === accountId &&
    known.scope === scope &&
    known.joinedAt === joinedAt &&
    [...known.pairs.keys()].join() === packs.map(packKey).join()
  );
}

/** What a subscriber takes, about, where a watch hands it to itself (see `packing.ts`). */
function bytesOf(holder: Holder, pairs: number): number {
  return 150 + idBytes(holder) + 8 * pairs;
}

function oneMore(fault: LookFault | undefined, error: AwsError, nowMs: number): LookFault {
  return { error, sinceMs: fault?.sinceMs ?? nowMs, count: (fault?.count ?? 0) + 1 };
}

/** What was seen before the first refusal is too old by now. */
function isLong(fault: LookFault | undefined, nowMs: number): boolean {
  return fault !== undefined && nowMs - fault.sinceMs >= SEEN_LASTS_MS;
}

function listedBy({ packs }: LookPlan): Set<string> {
  return new Set(packs.filter(({ lists }) => lists).map(packKey));
}

function silentAtMs(subscriber: Subscriber): number {
  if (subscriber.isSending) return Infinity;
  return subscriber.heardAtMs + (isDone(subscriber) ? SILENT_WHEN_DONE_MS : SILENT_MS);
}
