import type { ConformanceScope } from '../../contract';
import type { Holder } from '../gate/messages';
import type { Interval } from '../policy';
import type { LookCalls, PackRef } from './messages';
import { newSubscriber } from './subscriber';
import type { Subscriber } from './subscriber';
import { Watch } from './watch';
import type { WatchedPack } from './watch';

/**
 * What a watch hands to itself when it continues as new. The rows are not in it: the first look of
 * the next run reads them anew, and what vends were told already is known by its fingerprint.
 * Fields that are added later must be optional.
 */
export interface CarriedWatch {
  packs: WatchedPack[];
  subscribers: CarriedSubscriber[];
  poll: Interval;
  rounds: number;
  slowness: number;
  looks: number;
  lastLookAtMs?: number;
  calls: LookCalls;
}

interface CarriedSubscriber {
  holder: Holder;
  ticket: number;
  accountId: string;
  scope?: ConformanceScope;
  joinedAt?: string;
  /** Places in `packs`, and the fingerprint of what was told of each. */
  packs: [place: number, told: string][];
  /** Of packs that had failed, or lacked a recorder: place, looks that showed it, since when. */
  bad?: [place: number, failedLooks: number, noRecorderSinceMs: number | null][];
  heardAtMs: number;
  checkedAtMs?: number;
  fault?: string;
  repeat?: true;
}

export function packWatch(watch: Watch): CarriedWatch {
  const keys = new Map([...watch.packs.keys()].map((key, place) => [key, place]));
  const { poll, rounds, slowness, looks, lastLookAtMs, calls } = watch;
  return {
    packs: [...watch.packs.values()],
    subscribers: [...watch.subscribers.values()].map((one) => packSubscriber(one, keys)),
    poll,
    rounds,
    slowness,
    looks,
    ...(lastLookAtMs === undefined ? {} : { lastLookAtMs }),
    calls,
  };
}

function packSubscriber(
  subscriber: Subscriber,
  keys: ReadonlyMap<string, number>,
): CarriedSubscriber {
  const { holder, ticket, accountId, scope, joinedAt, heardAtMs, checkedAtMs } = subscriber;
  const packs: CarriedSubscriber['packs'] = [];
  const bad: CarriedSubscriber['bad'] = [];
  for (const [key, { progress, told = '' }] of subscriber.pairs) {
    const place = keys.get(key) ?? 0;
    packs.push([place, told]);
    const { failedLooks, noRecorderSinceMs } = progress;
    if (failedLooks > 0 || noRecorderSinceMs !== undefined) {
      bad.push([place, failedLooks, noRecorderSinceMs ?? null]);
    }
  }
  return {
    holder,
    ticket,
    accountId,
    packs,
    heardAtMs,
    ...(scope === 'account' ? {} : { scope }),
    ...(joinedAt ? { joinedAt } : {}),
    ...(bad.length > 0 ? { bad } : {}),
    ...(checkedAtMs === undefined ? {} : { checkedAtMs }),
    ...(subscriber.repeat ? { repeat: true as const } : {}),
    ...(subscriber.toldFault ? { fault: subscriber.toldFault } : {}),
  };
}

export function unpackWatch(
  organizationId: string,
  region: string,
  carried: CarriedWatch,
  nowMs: number,
): Watch {
  const watch = new Watch(organizationId, region);
  const refs: PackRef[] = carried.packs.map(({ pack, owner }) => ({
    pack,
    ...(owner ? { owner } : {}),
  }));
  watch.restore(
    carried.packs,
    carried.subscribers.map((one) => unpackSubscriber(one, refs, region)),
  );
  watch.poll = carried.poll;
  watch.rounds = carried.rounds;
  watch.slowness = carried.slowness;
  watch.looks = carried.looks;
  watch.lastLookAtMs = carried.lastLookAtMs;
  watch.calls = carried.calls;
  watch.nextRoundAtMs = nowMs;
  return watch;
}

function unpackSubscriber(one: CarriedSubscriber, refs: PackRef[], region: string): Subscriber {
  const { holder, ticket, accountId, scope = 'account', joinedAt, heardAtMs, bad = [] } = one;
  const wanted = one.packs.map(([place]) => refs[place]).filter((ref) => ref !== undefined);
  const subscriber = newSubscriber(
    { v: 0, holder, ticket, accountId, scope, packs: wanted, ...(joinedAt ? { joinedAt } : {}) },
    region,
    heardAtMs,
  );
  const pairs = [...subscriber.pairs.values()];
  for (const [index, [place, told]] of one.packs.entries()) {
    const pair = pairs[index];
    if (!pair) continue;
    if (told) pair.told = told;
    // All are looked at in the round that is due at once.
    pair.asked = true;
    const known = bad.find(([of]) => of === place);
    if (!known) continue;
    const [, failedLooks, since] = known;
    pair.progress = {
      ...pair.progress,
      failedLooks,
      ...(since === null ? {} : { noRecorderSinceMs: since }),
    };
  }
  if (one.checkedAtMs !== undefined) subscriber.checkedAtMs = one.checkedAtMs;
  if (one.repeat) subscriber.repeat = true;
  if (one.fault) subscriber.toldFault = one.fault;
  return subscriber;
}
