import type { Decision } from '../../contract';
import {
  allowAsManyAgain,
  callsAllowedInDay,
  callsInDay,
  dayFreesAtMs,
  hasToken,
  newAllowance,
  refill,
  spend,
  untilTokenMs,
} from './allowance';
import type { Allowance } from './allowance';
import { Breaker, isAnswered } from './breaker';
import type { Block } from './breaker';
import { Load, idBytes } from '../carried';
import { bytesOf, isBefore, keyOf } from './member';
import type { Member, Turn, Wait } from './member';
import { nextReminderAtMs } from '../asking';
import type { Asked } from '../asking';
import { LANES_OF } from './messages';
import type { Ask, GatePolicy, Holder, Notice, Release, Report, Withdraw } from './messages';
import { Watchman } from './watchman';
import type { Observation } from './watchman';

/** More are told to ask again. */
const MOST_WAITERS = 5_000;
const ASK_AGAIN_MS = 10 * 60_000;
const MOST_LEDGER = 10_000;
const MOST_GONE = 1_000;
const GONE_MS = 3_600_000;
const MOST_OUTBOX = 1_000;
/** AWS has refused for the number in progress; so long nobody tries where it is not known better. */
const FULL_MS = 15_000;

/** A notice without what every message carries. */
export type Told = Notice extends infer One
  ? One extends Notice
    ? Omit<One, 'v' | 'ticket'>
    : never
  : never;

/** What the vend is told about a ticket, and not yet sent. */
export interface Letter {
  to: Holder;
  ticket: number;
  told: Told;
}

/** A second vend of a request, behind the first. */
export interface Twin {
  holder: Holder;
  ticket: number;
  /** The first execution's run id of the one before it. */
  behind: string;
}

/** What is told of the day's limit while it holds everybody back. */
export interface DayBlock {
  id: string;
  sinceMs: number;
}

/**
 * Who may create now, and whether anybody may: the rules of `organizationGate`, without any waiting.
 * Messages and observations come in, each with the time; `grantTurns` gives what can be given.
 */
export class Gate {
  readonly organizationId: string;
  policy: GatePolicy | undefined;
  policyReadAtMs = 0;
  allowance: Allowance | undefined;
  readonly members = new Map<string, Member>();
  /** Those that have left, with their last ticket: what they sent before may come late. */
  readonly gone = new Map<string, { ticket: number; atMs: number }>();
  readonly breaker: Breaker;
  day: DayBlock | undefined;
  /** Accounts of requests whose address is not the one that they began with. */
  readonly ledger = new Map<string, string>();
  twins: Twin[] = [];
  outbox: Letter[] = [];
  readonly watchman: Watchman;
  decisions: Decision[] = [];
  /** What people were told of and is not over. */
  asked: Asked[] = [];
  /** AWS says that as many as it allows are in progress. */
  fullUntilMs: number | undefined;
  order = 0;
  /** Asks whose answer depends on whether another vend is still there. */
  #parked: Ask[] = [];
  readonly #load = new Load();

  constructor(organizationId: string, breaker = new Breaker(), watchman = new Watchman()) {
    this.organizationId = organizationId;
    this.breaker = breaker;
    this.watchman = watchman;
  }

  // What vends say.

  ask(ask: Ask): void {
    const key = keyOf(ask.holder);
    const member = this.members.get(key);
    if (member?.wait?.ticket === ask.ticket) {
      delete member.wait.acked;
      delete member.told;
      return;
    }
    for (const turn of [member?.place, member?.step]) {
      if (turn?.ticket !== ask.ticket || turn.adopted) continue;
      turn.unsent = true;
      return;
    }
    const lastTicket = Math.max(member?.ticket ?? 0, this.gone.get(key)?.ticket ?? 0);
    if (ask.ticket <= lastTicket) {
      this.#tell(ask, { is: 'stale', lastTicket });
      return;
    }
    // Those that ask a person, say, keep their address, and are as many as there are.
    if (!member && !this.#canRemember(ask)) {
      this.#refuse(ask, 'it knows as many vends as it can remember');
      return;
    }
    if (ask.kind !== 'step' && this.#isInTheWay(ask, key)) return;
    this.#enqueue(ask, key, member);
  }

  release(release: Release, nowMs: number): void {
    const key = keyOf(release.holder);
    const member = this.members.get(key);
    const { ticket, outcome } = release;
    this.#note(release.holder, release.accountId);
    if (!member) {
      // This gate began after the turn did, and knows nothing of it but what is said now.
      if (this.gone.has(key)) return;
      if (release.trouble) this.breaker.meet(release.trouble, { key, ticket }, this.policy, nowMs);
      if (outcome === 'full') this.#isFull(nowMs);
      return;
    }
    if (member.wait?.ticket === ticket) delete member.wait;
    const isStep = member.step?.ticket === ticket;
    // Of a place that was taken over nobody knows the ticket.
    const isPlace = !isStep && (member.place?.adopted ?? member.place?.ticket === ticket);
    if (!isPlace && !isStep) {
      this.#forgetIfIdle(key, member, nowMs);
      return;
    }
    if (isPlace) {
      delete member.place;
      // Something has ended at AWS: what it said about the number is old.
      if (outcome === 'succeeded' || outcome === 'failed') this.fullUntilMs = undefined;
    } else delete member.step;
    if (outcome === 'full') this.#isFull(nowMs);
    if (release.trouble) this.breaker.meet(release.trouble, { key, ticket }, this.policy, nowMs);
    this.breaker.probeEnds({ key, ticket }, outcome === 'succeeded');
    if (isPlace && outcome === 'succeeded') this.#leave(key, member, nowMs, release.accountId);
    else this.#forgetIfIdle(key, member, nowMs);
  }

  withdraw(withdraw: Withdraw, nowMs: number): void {
    const key = keyOf(withdraw.holder);
    const member = this.members.get(key);
    this.#note(withdraw.holder, withdraw.accountId);
    this.#parked = this.#parked.filter(({ holder }) => keyOf(holder) !== key);
    this.twins = this.twins.filter(({ holder }) => keyOf(holder) !== key);
    if (!member || member.ticket > withdraw.ticket) return;
    this.#leave(key, member, nowMs, withdraw.accountId);
  }

  report(report: Report, nowMs: number): void {
    const key = keyOf(report.holder);
    const member = this.members.get(key);
    if (report.is === 'trouble') {
      if (!this.#isNews(member, report) || !report.trouble) return;
      // Outside of a turn: no probe can be meant.
      this.breaker.meet(report.trouble, { key, ticket: -report.n }, this.policy, nowMs);
      return;
    }
    if (report.is === 'recovered') {
      if (this.#isNews(member, report) && report.reason) this.breaker.recover(report.reason);
      return;
    }
    if (member?.place?.ticket !== report.ticket || !this.#isNews(member, report)) return;
    if (!this.allowance || !this.policy) return;
    refill(this.allowance, this.policy, nowMs);
    // The bucket at AWS is empty, whatever we thought.
    if (report.is === 'throttled') this.allowance.tokens = Math.min(0, this.allowance.tokens);
    spend(this.allowance, nowMs);
  }

  // What people say.

  /** The escalation that an answer is for: the one that is named, else the first that it is news to. */
  retry(escalationId: string | undefined, nowMs: number): string | undefined {
    const id = escalationId ?? this.escalationIds()[0];
    if (this.day && this.day.id === id) {
      if (this.allowance && this.policy) allowAsManyAgain(this.allowance, this.policy, nowMs);
      this.day = undefined;
      return id;
    }
    const block = this.breaker.before('govcloud').find((each) => each.id === id);
    if (!block) return undefined;
    const isWaitedFor = this.waiters().some(({ wait }) => LANES_OF[wait.kind].includes(block.lane));
    this.breaker.retry(block, isWaitedFor);
    return block.id;
  }

  /** Of all that holds somebody back: what an answer is news to comes first, and of that the gravest. */
  escalationIds(): string[] {
    const blocks = this.breaker.before('govcloud');
    const ids = (some: Block[]) => some.map(({ id }) => id);
    return [
      ...ids(blocks.filter((block) => !isAnswered(block))),
      ...(this.day ? [this.day.id] : []),
      ...ids(blocks.filter(isAnswered)),
    ];
  }

  // What was found out.

  learnPolicy(policy: GatePolicy, nowMs: number): void {
    this.policy = policy;
    this.policyReadAtMs = nowMs;
    this.allowance ??= newAllowance(policy, nowMs);
    this.allowance.tokens = Math.min(this.allowance.tokens, policy.burst);
  }

  /** A new gate takes over what is under way already, whoever let it through. */
  takeOver(creating: readonly Holder[], nowMs: number): void {
    for (const holder of creating) {
      const key = keyOf(holder);
      if (this.members.has(key)) continue;
      const place: Turn = { ticket: 0, kind: 'standard', runId: '', sinceMs: nowMs, adopted: true };
      this.members.set(key, { holder, ticket: 0, place: { ...place, delivered: true } });
    }
  }

  observe(seen: Observation, nowMs: number): void {
    for (const key of this.watchman.learn(seen, this.members, nowMs)) this.#bury(key, nowMs);
    for (const { key, hasAccount } of seen.holders) if (hasAccount) this.#endPlace(key, nowMs);
    this.#handProbesOn();
    if (seen.creations && this.#freePlaces() > 0) this.fullUntilMs = undefined;
    const checked = new Set(seen.holders.map(({ key }) => key));
    this.#parked = this.#parked.filter((ask) => {
      const other = this.#inTheWay(ask, keyOf(ask.holder));
      if (!other || !checked.has(keyOf(other.holder))) return true;
      this.#answerRival(ask, other);
      return false;
    });
  }

  /** AWS has ended the creation. A vend that was reset meanwhile finds the account, and does not know that it had a place. */
  #endPlace(key: string, nowMs: number): void {
    const member = this.members.get(key);
    if (!member?.place) return;
    this.#takeBack(key, member, 'place', true);
    delete member.emailKey;
    this.#forgetIfIdle(key, member, nowMs);
  }

  /** AWS may create for a dead one for hours, and its place is taken: but from it nobody hears what it met. */
  #handProbesOn(): void {
    for (const [key, { place }] of this.members) {
      if (!place?.probe || place.deadSinceMs === undefined) continue;
      delete place.probe;
      this.breaker.probeEnds({ key, ticket: place.ticket }, false);
    }
  }

  /** Who stood in their way has gone. */
  #unpark(): void {
    for (const ask of this.#parked.splice(0)) {
      if (this.#inTheWay(ask, keyOf(ask.holder))) this.#parked.push(ask);
      else this.ask(ask);
    }
  }

  delivered(holder: Holder, ticket: number): void {
    const member = this.members.get(keyOf(holder));
    for (const turn of [member?.place, member?.step]) {
      if (turn?.ticket === ticket) turn.delivered = true;
    }
  }

  /** Nobody is there to take it: a grant that never arrived made nothing at AWS. */
  undelivered(holder: Holder, ticket: number, nowMs: number): void {
    const key = keyOf(holder);
    const member = this.members.get(key);
    if (!member) return;
    if (member.wait?.ticket === ticket) this.#leave(key, member, nowMs);
    else if (member.place?.ticket === ticket || member.step?.ticket === ticket) {
      if (member.place?.delivered) this.watchman.doubt(key);
      else this.#bury(key, nowMs);
    }
  }

  /** The look gave nothing: whoever waits for it asks again. */
  observeNothing(nowMs: number): void {
    this.watchman.fail(nowMs);
    this.#parked = [];
  }

  get parked(): readonly Ask[] {
    return this.#parked;
  }

  // What can be given.

  grantTurns(nowMs: number): void {
    if (!this.policy || !this.allowance) return;
    this.#unpark();
    refill(this.allowance, this.policy, nowMs);
    this.breaker.recheck(nowMs);
    this.#minTheDay(nowMs);
    for (;;) {
      const next = this.#next(nowMs);
      if (!next) return;
      this.#grant(next.member, next.wait, next.isProbe, nowMs);
    }
  }

  /** Creations in progress, or about to be: ours and those of others. */
  occupied(): number {
    return this.placed().length + this.watchman.foreign;
  }

  placed(): Member[] {
    return [...this.members.values()].filter(({ place }) => place);
  }

  /** Those that wait, in their order. */
  waiters(): { member: Member; wait: Wait }[] {
    const waiting: { member: Member; wait: Wait }[] = [];
    for (const member of this.members.values()) {
      if (member.wait) waiting.push({ member, wait: member.wait });
    }
    return waiting.sort((one, other) => (isBefore(one.wait, other.wait) ? -1 : 1));
  }

  /** When something is due without a message: epoch milliseconds, or Infinity. */
  nextDueAtMs(nowMs: number): number {
    const due = [
      this.breaker.nextCheckAtMs(),
      this.watchman.nextCheckAtMs(this.members),
      nextReminderAtMs(this.asked),
    ];
    if (this.day && this.allowance) due.push(dayFreesAtMs(this.allowance, nowMs));
    // Before its policy is read it grants nothing, and would be due again at once.
    if (this.fullUntilMs !== undefined && this.policy) due.push(this.fullUntilMs);
    if (this.policy && this.allowance && this.#wantsToken()) {
      due.push(nowMs + untilTokenMs(this.allowance, this.policy));
    }
    return Math.min(...due);
  }

  /** Whether a turn waits for nothing but a token. */
  #wantsToken(): boolean {
    if (this.#freePlaces() <= 0 || this.day || this.fullUntilMs !== undefined) return false;
    for (const { wait } of this.members.values()) {
      if (wait && wait.kind !== 'step' && this.breaker.passes(wait.kind) !== 'no') return true;
    }
    return false;
  }

  #freePlaces(): number {
    return (this.policy?.maxInProgress ?? 0) - this.occupied();
  }

  #next(nowMs: number): { member: Member; wait: Wait; isProbe: boolean } | undefined {
    const isFull = this.fullUntilMs !== undefined && this.fullUntilMs > nowMs;
    if (!isFull) this.fullUntilMs = undefined;
    const hasPlace =
      !isFull &&
      !this.day &&
      this.#freePlaces() > 0 &&
      !!this.allowance &&
      hasToken(this.allowance);
    let best: { member: Member; wait: Wait } | undefined;
    for (const member of this.members.values()) {
      const { wait } = member;
      if (!wait || (wait.kind !== 'step' && !hasPlace)) continue;
      if (best && isBefore(best.wait, wait)) continue;
      if (this.breaker.passes(wait.kind) !== 'no') best = { member, wait };
    }
    return best && { ...best, isProbe: this.breaker.passes(best.wait.kind) === 'probe' };
  }

  #grant(member: Member, wait: Wait, isProbe: boolean, nowMs: number): void {
    const key = keyOf(member.holder);
    const { ticket, kind } = wait;
    const turn: Turn = {
      ticket,
      kind,
      runId: wait.runId ?? member.holder.firstExecutionRunId,
      sinceMs: nowMs,
      unsent: true,
      ...(isProbe ? { probe: true as const } : {}),
    };
    delete member.wait;
    delete member.told;
    if (isProbe) this.breaker.send({ key, ticket }, kind);
    if (kind === 'step') {
      member.step = turn;
      return;
    }
    member.place = turn;
    if (this.allowance) spend(this.allowance, nowMs);
    this.#minTheDay(nowMs);
  }

  /** The day's limit asks a person as soon as somebody waits for it, and ends by itself. */
  #minTheDay(nowMs: number): void {
    if (!this.policy || !this.allowance) return;
    const isSpent = callsInDay(this.allowance) >= callsAllowedInDay(this.allowance, this.policy);
    if (!isSpent) this.day = undefined;
    else if (!this.day && this.#someoneWantsToCreate()) {
      this.day = { id: this.breaker.newId(), sinceMs: nowMs };
    }
  }

  #someoneWantsToCreate(): boolean {
    for (const { wait } of this.members.values()) {
      if (wait && wait.kind !== 'step') return true;
    }
    return false;
  }

  // Asking.

  #enqueue(ask: Ask, key: string, known: Member | undefined): void {
    const isWaiting = known?.wait !== undefined;
    if (!isWaiting && this.#waitingCount() >= MOST_WAITERS) {
      this.#refuse(ask, `${MOST_WAITERS} vends are waiting already`);
      return;
    }
    const member: Member = known ?? { holder: ask.holder, ticket: 0 };
    const { holder, ticket, kind, runId } = ask;
    // A run that was reset does not know what turns it had.
    if (member.step) this.#takeBack(key, member, 'step', false);
    if (kind !== 'step') {
      if (member.place) this.#takeBack(key, member, 'place', false);
      if (ask.emailKey === undefined) delete member.emailKey;
      else member.emailKey = ask.emailKey;
    }
    member.ticket = ticket;
    const isRetried = ask.retried || member.wait?.retried;
    member.wait = {
      ticket,
      kind,
      ...(runId === holder.firstExecutionRunId ? {} : { runId }),
      ...(isRetried ? { retried: true as const } : {}),
      // Who asks anew while it waits (it has continued as new) keeps its place in the queue.
      order: member.wait?.order ?? (this.order += 1),
    };
    delete member.told;
    this.members.set(key, member);
    this.twins = this.twins.filter((twin) => keyOf(twin.holder) !== key);
  }

  #takeBack(key: string, member: Member, which: 'place' | 'step', isSuccess: boolean): void {
    const turn = member[which];
    delete member[which];
    if (turn) this.breaker.probeEnds({ key, ticket: turn.ticket }, isSuccess);
  }

  /** Whether the ledger, the same request or the same address stands before it. */
  #isInTheWay(ask: Ask, key: string): boolean {
    const { requestId } = ask.holder;
    const accountId = this.ledger.get(requestId);
    if (accountId !== undefined && !ask.ignoreLedger) {
      this.#tell(ask, { is: 'known', accountId });
      return true;
    }
    const other = this.#inTheWay(ask, key);
    if (!other) return false;
    // It may have ended without a word: that is looked at before anybody is refused.
    this.watchman.doubt(keyOf(other.holder));
    this.#parked.push(ask);
    return true;
  }

  #inTheWay(ask: Ask, key: string): Member | undefined {
    for (const [otherKey, member] of this.members) {
      if (otherKey === key) continue;
      const isTwin = member.holder.requestId === ask.holder.requestId;
      const isSameEmail = ask.emailKey !== undefined && member.emailKey === ask.emailKey;
      // A vend that was only held back in a later step has nothing to do with creating.
      if ((isTwin && (member.place || member.wait || member.emailKey)) || isSameEmail)
        return member;
    }
    return undefined;
  }

  #answerRival(ask: Ask, other: Member): void {
    const { holder } = other;
    if (holder.requestId === ask.holder.requestId) {
      const { holder: own, ticket } = ask;
      this.twins = this.twins.filter((twin) => keyOf(twin.holder) !== keyOf(own));
      this.twins.push({ holder: own, ticket, behind: keyOf(holder) });
      this.#tell(ask, { is: 'twin', of: holder });
    } else if (other.place?.deadSinceMs !== undefined) {
      const why = `AWS to show what the ended vend of ${holder.requestId} has made with this e-mail address`;
      this.#tell(ask, { is: 'ask-again', afterMs: 30_000, why });
    } else {
      this.#tell(ask, { is: 'email-in-flight', requestId: holder.requestId });
    }
  }

  #tell({ holder, ticket }: Ask, told: Told): void {
    this.outbox.push({ to: holder, ticket, told });
    // Who was not answered asks again.
    if (this.outbox.length > MOST_OUTBOX) this.outbox.shift();
  }

  #refuse(ask: Ask, why: string): void {
    const room = `room at the organization's gate: ${why}`;
    this.#tell(ask, { is: 'ask-again', afterMs: ASK_AGAIN_MS, why: room });
  }

  /** Whether it can be carried over with all that is there. */
  #canRemember({ holder, emailKey = '' }: Ask): boolean {
    return this.#load.takes(bytesOf({ holder, ticket: 0, emailKey }), () => this.#bytes());
  }

  #bytes(): number {
    let bytes = 0;
    for (const member of this.members.values()) bytes += bytesOf(member);
    for (const [requestId, account] of this.ledger) bytes += requestId.length + account.length + 6;
    for (const { holder, behind } of this.twins) bytes += 150 + idBytes(holder) + behind.length;
    for (const { holder } of this.#parked) bytes += 250 + idBytes(holder);
    return bytes;
  }

  #waitingCount(): number {
    let count = 0;
    for (const { wait } of this.members.values()) if (wait) count += 1;
    return count;
  }

  // Leaving.

  #leave(key: string, member: Member, nowMs: number, accountId?: string): void {
    this.members.delete(key);
    for (const turn of [member.place, member.step]) {
      if (turn) this.breaker.probeEnds({ key, ticket: turn.ticket }, false);
    }
    this.watchman.forget(key);
    this.gone.set(key, { ticket: member.ticket, atMs: nowMs });
    this.#pruneGone(nowMs);
    const behind = this.twins.filter((twin) => twin.behind === key);
    if (behind.length === 0) return;
    this.twins = this.twins.filter((twin) => twin.behind !== key);
    for (const { holder: to, ticket } of behind) {
      const told = {
        is: 'twin-gone',
        of: member.holder,
        ...(accountId ? { accountId } : {}),
      } as const;
      this.outbox.push({ to, ticket, told });
    }
  }

  /** Its vend is dead, and nothing of it is in progress at AWS. */
  #bury(key: string, nowMs: number): void {
    const member = this.members.get(key);
    if (member) this.#leave(key, member, nowMs);
  }

  /** Without a turn, a wait or an address it wants nothing of the gate. */
  #forgetIfIdle(key: string, member: Member, nowMs: number): void {
    if (member.wait || member.place || member.step || member.emailKey !== undefined) return;
    this.#leave(key, member, nowMs);
  }

  #pruneGone(nowMs: number): void {
    for (const [key, { atMs }] of this.gone) {
      if (this.gone.size <= MOST_GONE && nowMs - atMs < GONE_MS) return;
      this.gone.delete(key);
    }
  }

  #note({ requestId }: Holder, accountId: string | undefined): void {
    if (accountId === undefined) return;
    this.ledger.delete(requestId);
    this.ledger.set(requestId, accountId);
    const [oldest] = this.ledger.keys();
    if (this.ledger.size > MOST_LEDGER && oldest !== undefined) this.ledger.delete(oldest);
  }

  #isFull(nowMs: number): void {
    this.fullUntilMs = nowMs + FULL_MS;
    this.watchman.countCreations();
  }

  #isNews(member: Member | undefined, { n }: Report): boolean {
    if (!member) return true;
    if (n <= (member.reports ?? 0)) return false;
    member.reports = n;
    return true;
  }
}
