import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { VendRef } from './find-vend';
import {
  isApproving,
  isEscalated,
  isOpen,
  lookAtAll,
  lookAtEach,
  stageOf,
  type Look,
  type Sight,
} from './look';
import type { VendView } from './read-vend';

export { isApproving, isEscalated, type Look } from './look';

export interface FollowOptions {
  /** Ends at the first look that shows an open escalation. */
  untilEscalation?: boolean;
  /** Ends at the first look that shows one that waits for an approval. */
  untilApproval?: boolean;
  /** Takes in every vend that is under way, also those that begin meanwhile. */
  all?: boolean;
  onLook: (looks: readonly Look[]) => void;
  signal?: AbortSignal;
}

const SOONEST_MS = 1_000;
const LATEST_MS = 5_000;
/** Looking takes a tenth of the time, as far as that is not too late. */
const SHARE = 10;
/** Where nothing has moved for so long times the pause, the pause grows. */
const QUIET = 60;
/** Temporal restarts and networks fail; beyond this a person should look. */
const LONGEST_OUTAGE_MS = 120_000;
/** So many are looked at one by one; more are read from a list. */
const FEW = 20;

/** Looks at vends until all have ended, and returns how they stood at the last look. */
export async function follow(
  client: Client,
  refs: readonly VendRef[],
  options: FollowOptions,
): Promise<VendView[]> {
  const sight: Sight = { looks: refs.map((ref) => ({ ref, outage: false })), rounds: 0 };
  const { signal, all = false } = options;
  let answeredAt = Date.now();
  let movedAt = Date.now();
  let before = '';
  for (;;) {
    signal?.throwIfAborted();
    const began = Date.now();
    const few = sight.looks.filter(isOpen).length <= FEW && !all;
    const outage = await (few
      ? lookAtEach(client, sight)
      : lookAtAll(client, sight, { all, few: FEW }));
    signal?.throwIfAborted();
    if (outage === undefined) answeredAt = Date.now();
    else if (Date.now() - answeredAt > LONGEST_OUTAGE_MS) throw outage;
    options.onLook(sight.looks);
    const views = sight.looks.flatMap(({ view }) => view ?? []);
    const mayEnd = views.length === sight.looks.length && outage === undefined;
    if (mayEnd && !sight.looks.some(isOpen)) return views;
    if (mayEnd && options.untilEscalation && views.some(isEscalated)) return views;
    if (mayEnd && options.untilApproval && views.some(isApproving)) return views;
    const now = sight.looks.map(({ view }) => view && standing(view)).join();
    if (now !== before) movedAt = Date.now();
    before = now;
    const took = Date.now() - began;
    const quiet = (Date.now() - movedAt) / QUIET;
    const every = Math.min(LATEST_MS, Math.max(SOONEST_MS, quiet, took * SHARE));
    await pause(Math.max(0, every - took), undefined, signal ? { signal } : {});
  }
}

/** What counts as movement. */
function standing({ status, state, attributes }: VendView): string {
  return [
    status,
    stageOf({ state, attributes }),
    state?.history.length,
    state?.escalation?.id,
  ].join();
}
