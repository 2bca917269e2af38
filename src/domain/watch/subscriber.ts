import type { ConformanceScope } from '../../contract';
import { afterLook, isListed, judgePack, settlesRow } from '../conformance';
import type { PackObservation, PackProgress } from '../conformance';
import type { Holder } from '../gate/messages';
import { growingDelay } from '../pacing';
import type { Interval } from '../policy';
import type { PackRef, Subscribe } from './messages';

/** One pack for one account. */
export interface Pair {
  progress: PackProgress;
  /** Planned at least once. */
  asked?: true;
  /** No list shows it (there is no row, mostly): looked at again then. */
  again?: { atMs: number; looks: number; sinceMs: number };
  /** Fingerprint of what was seen last; kept, since it is compared before every message. */
  news?: string;
  /** What its vend was told last, as a fingerprint. */
  told?: string;
}

/** An account that a vend waits for. */
export interface Subscriber {
  holder: Holder;
  ticket: number;
  accountId: string;
  scope: ConformanceScope;
  joinedAt?: string;
  /** By the key of the pack. */
  pairs: Map<string, Pair>;
  /** Its membership was looked up then. */
  checkedAtMs?: number;
  /** A row of it was there, and is not any more. */
  hasLostRow?: true;
  /** A look showed something new then. */
  seenAtMs?: number;
  /** When it was heard of last. */
  heardAtMs: number;
  /** It is to be told all rows. */
  repeat?: true;
  /** A message to it is under way. */
  isSending?: true;
  /** Name of the fault that it was told last. */
  toldFault?: string;
}

export function packKey({ pack, owner }: PackRef): string {
  return owner ? `${owner}/${pack}` : pack;
}

export function newSubscriber(subscribe: Subscribe, region: string, nowMs: number): Subscriber {
  const { holder, ticket, accountId, scope, joinedAt, packs } = subscribe;
  return {
    holder,
    ticket,
    accountId,
    scope,
    ...(joinedAt ? { joinedAt } : {}),
    pairs: new Map(
      packs.map((ref) => [packKey(ref), { progress: { region, ...ref, failedLooks: 0 } }]),
    ),
    heardAtMs: nowMs,
  };
}

/** Every pack is as it should be, all of them at once. */
export function isDone({ pairs }: Subscriber): boolean {
  for (const { progress } of pairs.values()) if (progress.verdict?.is !== 'done') return false;
  return true;
}

/** Takes in what a look showed of one pack. */
export function observe(
  subscriber: Subscriber,
  pair: Pair,
  seen: PackObservation,
  now: { nowMs: number; poll: Interval },
): void {
  const { scope, joinedAt } = subscriber;
  const before = pair.progress.seen;
  if (before?.row && !seen.row) subscriber.hasLostRow = true;
  const verdict = judgePack(seen, scope, joinedAt);
  pair.progress = afterLook(pair.progress, seen, verdict, now.nowMs);
  const news = fingerprint(seen, pair.progress);
  if (news !== pair.news) subscriber.seenAtMs = now.nowMs;
  pair.news = news;
  const isToBeFound = !seen.gone && !seen.excluded;
  if (isToBeFound && !isListed(seen.row) && !settlesRow(seen.row, joinedAt)) {
    const { looks, sinceMs } = pair.again ?? { looks: 0, sinceMs: now.nowMs };
    const atMs = now.nowMs + growingDelay(now.poll, looks);
    pair.again = { atMs, looks: looks + 1, sinceMs };
  } else {
    delete pair.again;
  }
}

/** The vend has still to be told what was seen of the pack. */
export function isUntold({ repeat }: Subscriber, { news, told }: Pair): boolean {
  return news !== undefined && (repeat === true || news !== told);
}

/** In the place of a fingerprint. */
const LAPSED = 'lapsed';

/** Nobody has seen the pack for long: whoever was told that it is as it should be hears that nobody knows. */
export function lapse(pair: Pair): void {
  const { seen: _, verdict, ...rest } = pair.progress;
  const isKnown = verdict ? verdict.is === 'done' : pair.told !== undefined;
  if (!isKnown) return;
  pair.progress = rest;
  markLapsed(pair);
}

export function markLapsed(pair: Pair): void {
  pair.news = LAPSED;
}

export function isLapsed({ news }: Pair): boolean {
  return news === LAPSED;
}

/** Takes in what a look of the run before has shown. */
export function recall(subscriber: Subscriber, pair: Pair, seen: PackObservation): void {
  const verdict = judgePack(seen, subscriber.scope, subscriber.joinedAt);
  pair.progress = { ...pair.progress, seen, verdict };
  pair.news = fingerprint(seen, pair.progress);
}

/** After so long without a row it is worth asking whether the account is still there. */
const ROWLESS_IS_LONG_MS = 30 * 60_000;
const CHECK_EVERY_MS = 60 * 60_000;

/** An account that has left the organization gets no row any more. */
export function isMembershipDoubtful(subscriber: Subscriber, nowMs: number): boolean {
  const pairs = [...subscriber.pairs.values()];
  if (pairs.some(({ progress }) => progress.seen?.departed)) return true;
  const { checkedAtMs, hasLostRow } = subscriber;
  if (checkedAtMs !== undefined && nowMs - checkedAtMs < CHECK_EVERY_MS) return false;
  const since = (pair: Pair) => nowMs - (pair.again?.sinceMs ?? nowMs);
  return hasLostRow === true || pairs.some((pair) => since(pair) >= ROWLESS_IS_LONG_MS);
}

/** What a vend has to be told of; times alone are no news. */
function fingerprint(
  { row, aggregate, excluded }: PackObservation,
  { verdict, failedLooks }: PackProgress,
): string {
  return hash(
    JSON.stringify([
      verdict,
      row?.status,
      row?.errorCode,
      row?.errorMessage,
      aggregate?.status,
      excluded,
      Math.min(failedLooks, 2),
    ]),
  );
}

/** FNV-1a: a few letters are carried over, not the text. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return (value >>> 0).toString(36);
}
