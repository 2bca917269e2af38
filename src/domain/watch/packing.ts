import { vendWorkflowId } from '../../contract';
import type { ConformanceScope } from '../../contract';
import type { Interval } from '../policy';
import type { LookCalls, PackRef } from './messages';
import { newSubscriber } from './subscriber';
import type { Pair, Subscriber } from './subscriber';
import { Watch } from './watch';
import type { WatchedPack } from './watch';

/**
 * What a watch hands to itself when it continues as new. The rows are not in it: the first look of
 * the next run reads them anew, and what vends were told already is known by its fingerprint.
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
}

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
  /** Its membership is in doubt. */
  lost?: true;
  fault?: string;
}

export function packWatch(watch: Watch): CarriedWatch {
  const places = new Map([...watch.packs.keys()].map((key, place) => [key, place]));
  const pasts = new Pasts();
  const { poll, rounds, slowness, looks, lastLookAtMs, calls } = watch;
  return {
    packs: [...watch.packs.values()],
    subscribers: [...watch.subscribers.values()].map((one) => packSubscriber(one, places, pasts)),
    pasts: pasts.all,
    poll,
    rounds,
    slowness,
    looks,
    ...(lastLookAtMs === undefined ? {} : { lastLookAtMs }),
    calls,
  };
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
  for (const one of carried.subscribers) {
    const subscriber = unpackSubscriber(one, carried, region);
    watch.subscribers.set(subscriber.holder.workflowId, subscriber);
  }
  watch.poll = carried.poll;
  watch.rounds = carried.rounds;
  watch.slowness = carried.slowness;
  watch.looks = carried.looks;
  watch.lastLookAtMs = carried.lastLookAtMs;
  watch.calls = carried.calls;
  watch.nextRoundAtMs = nowMs;
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
    // All are looked at in the round that is due at once.
    pair.asked = true;
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
