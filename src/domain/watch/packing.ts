import { vendWorkflowId } from '../../contract';
import type { ConformanceScope } from '../../contract';
import { Room } from '../carried';
import type { PackObservation } from '../conformance';
import type { Interval } from '../policy';
import type { LookCalls, PackRef } from './messages';
import { isLapsed, isUntold, markLapsed, newSubscriber, recall } from './subscriber';
import type { Pair, Subscriber } from './subscriber';
import { Watch } from './watch';
import type { Refused, WatchedPack } from './watch';

/**
 * What a watch hands to itself when it continues as new. Of the rows only those are in it of which vends were not told
 * yet: the next round reads the others anew, and what vends were told already is known by its fingerprint.
 * Thousands wait, and Temporal takes 2 MB: what most of them share is there once. Fields that are
 * added later must be optional.
 */
export interface CarriedWatch {
  packs: WatchedPack[];
  pasts: Past[];
  subscribers: CarriedSubscriber[];
  poll: Interval;
  rounds: number;
  slowness: number;
  looks: number;
  lastLookAtMs?: number;
  calls: LookCalls;
  nextRoundAtMs?: number;
  /** Places in `packs`: those that the present round has still to look at. */
  round?: number[];
  refused?: Refused[];
  /** What looks have shown, without the time of the row. */
  shown?: PackObservation[];
  news?: News[];
  /** What was seen counts no more, and nobody was told of that yet: places in `subscribers` and `packs`. */
  lapsed?: [subscriber: number, pack: number][];
}

/** Nobody was told of it yet: places in `subscribers`, `packs` and `shown`, and the row's time. */
type News = [subscriber: number, pack: number, shown: number, lastUpdateTime?: string];

/** Of an account and a pack: the fingerprint of what was told, failed looks, since when no recorder. */
type Past = [told: string, failedLooks: number, noRecorderSinceMs: number | null];

interface CarriedSubscriber {
  requestId: string;
  /** Where it is another than follows from the request. */
  workflowId?: string;
  /** `firstExecutionRunId` */
  of: string;
  ticket: number;
  accountId: string;
  scope?: ConformanceScope;
  joinedAt?: string;
  /** Places in `packs` and in `pasts`. */
  packs: [pack: number, past: number][];
  heardAtMs: number;
  checkedAtMs?: number;
  /** Some of its packs were never looked at for it. */
  isNew?: true;
  /** Its membership is in doubt. */
  lost?: true;
  fault?: string;
}

export function packWatch(watch: Watch): CarriedWatch {
  const places = new Map([...watch.packs.keys()].map((key, place) => [key, place]));
  const pasts = new Pasts();
  const { poll, rounds, slowness, looks, lastLookAtMs, calls, nextRoundAtMs } = watch;
  const round = watch.round.flatMap((key) => places.get(key) ?? []);
  const carried: CarriedWatch = {
    packs: [...watch.packs.values()],
    subscribers: [...watch.subscribers.values()].map((one) => packSubscriber(one, places, pasts)),
    pasts: pasts.all,
    poll,
    rounds,
    slowness,
    looks,
    ...(lastLookAtMs === undefined ? {} : { lastLookAtMs }),
    calls,
    nextRoundAtMs,
    ...(round.length > 0 ? { round } : {}),
  };
  // Whoever is not told by the next run subscribes again, or hears of the next look.
  const room = new Room(carried);
  const refused = watch.refused.filter((one) => room.takes(one));
  return {
    ...carried,
    ...(refused.length > 0 ? { refused } : {}),
    ...packNews(watch, places, room),
  };
}

function packNews(
  watch: Watch,
  packs: ReadonlyMap<string, number>,
  room: Room,
): Pick<CarriedWatch, 'shown' | 'news' | 'lapsed'> {
  const shown: PackObservation[] = [];
  const places = new Map<string, number>();
  const news: News[] = [];
  const lapsed: [number, number][] = [];
  for (const [index, subscriber] of [...watch.subscribers.values()].entries()) {
    for (const [pack, pair] of subscriber.pairs) {
      const { seen } = pair.progress;
      if (!isUntold(subscriber, pair)) continue;
      if (!seen) {
        const one: [number, number] = [index, packs.get(pack) ?? 0];
        if (isLapsed(pair) && room.takes(one)) lapsed.push(one);
        continue;
      }
      const [common, time] = withoutTime(seen);
      const key = JSON.stringify(common);
      const known = places.get(key);
      const place = known ?? shown.length;
      const one: News = [index, packs.get(pack) ?? 0, place];
      if (time !== undefined) one.push(time);
      if (!room.takes(known === undefined ? [one, common] : one)) continue;
      if (known === undefined) {
        places.set(key, place);
        shown.push(common);
      }
      news.push(one);
    }
  }
  return {
    ...(news.length > 0 ? { shown, news } : {}),
    ...(lapsed.length > 0 ? { lapsed } : {}),
  };
}

/** Thousands of rows differ in nothing else. */
function withoutTime(seen: PackObservation): [PackObservation, string | undefined] {
  if (!seen.row) return [seen, undefined];
  const { lastUpdateTime, ...row } = seen.row;
  return [{ ...seen, row }, lastUpdateTime];
}

function withTime(seen: PackObservation, lastUpdateTime: string | undefined): PackObservation {
  if (!seen.row || lastUpdateTime === undefined) return seen;
  return { ...seen, row: { ...seen.row, lastUpdateTime } };
}

class Pasts {
  readonly all: Past[] = [];
  readonly #places = new Map<string, number>();

  placeOf({ told = '', progress }: Pair, repeat: boolean): number {
    const { failedLooks, noRecorderSinceMs = null } = progress;
    const past: Past = [repeat ? '' : told, failedLooks, noRecorderSinceMs];
    const key = past.join(' ');
    const place = this.#places.get(key) ?? this.all.push(past) - 1;
    this.#places.set(key, place);
    return place;
  }
}

function packSubscriber(
  subscriber: Subscriber,
  places: ReadonlyMap<string, number>,
  pasts: Pasts,
): CarriedSubscriber {
  const { holder, ticket, accountId, scope, joinedAt, heardAtMs, checkedAtMs } = subscriber;
  const { requestId, workflowId, firstExecutionRunId: of } = holder;
  const { repeat = false, toldFault: fault } = subscriber;
  const pairs = [...subscriber.pairs];
  const hasDeparted = pairs.some(([, { progress }]) => progress.seen?.departed);
  return {
    requestId,
    ...(workflowId === vendWorkflowId(requestId) ? {} : { workflowId }),
    of,
    ticket,
    accountId,
    packs: pairs.map(([key, pair]) => [places.get(key) ?? 0, pasts.placeOf(pair, repeat)]),
    heardAtMs,
    ...(pairs.every(([, { asked }]) => asked) ? {} : { isNew: true }),
    ...(scope === 'account' ? {} : { scope }),
    ...(joinedAt ? { joinedAt } : {}),
    // One that had left is asked about at once, or it would seem to be back.
    ...(checkedAtMs === undefined || hasDeparted ? {} : { checkedAtMs }),
    ...(hasDeparted || subscriber.hasLostRow ? { lost: true } : {}),
    ...(fault ? { fault } : {}),
  };
}

export function unpackWatch(
  organizationId: string,
  region: string,
  carried: CarriedWatch,
  nowMs: number,
): Watch {
  const watch = new Watch(organizationId, region);
  for (const pack of carried.packs) watch.restore(pack);
  const subscribers = carried.subscribers.map((one) => unpackSubscriber(one, carried, region));
  for (const subscriber of subscribers) {
    watch.subscribers.set(subscriber.holder.workflowId, subscriber);
  }
  const keys = [...watch.packs.keys()];
  for (const [index, pack, place, time] of carried.news ?? []) {
    const subscriber = subscribers[index];
    const pair = subscriber?.pairs.get(keys[pack] ?? '');
    const seen = carried.shown?.[place];
    if (!subscriber || !pair || !seen) continue;
    recall(subscriber, pair, withTime(seen, time));
    if (carried.lastLookAtMs !== undefined) subscriber.seenAtMs = carried.lastLookAtMs;
  }
  for (const [index, pack] of carried.lapsed ?? []) {
    const pair = subscribers[index]?.pairs.get(keys[pack] ?? '');
    if (pair) markLapsed(pair);
  }
  watch.poll = carried.poll;
  watch.rounds = carried.rounds;
  watch.slowness = carried.slowness;
  watch.looks = carried.looks;
  watch.lastLookAtMs = carried.lastLookAtMs;
  watch.calls = carried.calls;
  watch.nextRoundAtMs = carried.nextRoundAtMs ?? nowMs;
  watch.round = (carried.round ?? []).flatMap((place) => keys[place] ?? []);
  watch.refused = carried.refused ?? [];
  return watch;
}

function unpackSubscriber(
  one: CarriedSubscriber,
  { packs, pasts }: CarriedWatch,
  region: string,
): Subscriber {
  const { requestId, of, ticket, accountId, scope = 'account', joinedAt, heardAtMs } = one;
  const workflowId = one.workflowId ?? vendWorkflowId(requestId);
  const wanted: PackRef[] = [];
  for (const [place] of one.packs) {
    const { pack, owner } = packs[place] ?? {};
    if (pack !== undefined) wanted.push({ pack, ...(owner ? { owner } : {}) });
  }
  const subscriber = newSubscriber(
    {
      v: 0,
      holder: { workflowId, firstExecutionRunId: of, requestId },
      ticket,
      accountId,
      scope,
      packs: wanted,
      ...(joinedAt ? { joinedAt } : {}),
    },
    region,
    heardAtMs,
  );
  for (const [index, pair] of [...subscriber.pairs.values()].entries()) {
    const [, place = 0] = one.packs[index] ?? [];
    const [told, failedLooks, since] = pasts[place] ?? ['', 0, null];
    if (told) pair.told = told;
    // The others are looked at in the next round.
    if (!one.isNew) pair.asked = true;
    pair.progress = {
      ...pair.progress,
      failedLooks,
      ...(since === null ? {} : { noRecorderSinceMs: since }),
    };
  }
  if (one.checkedAtMs !== undefined) subscriber.checkedAtMs = one.checkedAtMs;
  if (one.lost) subscriber.hasLostRow = true;
  if (one.fault) subscriber.toldFault = one.fault;
  return subscriber;
}
