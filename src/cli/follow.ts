import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { VendRef } from './find-vend';
import { readVend, type VendView } from './read-vend';
import { isOutage } from './temporal';

/** What is seen of a vend at one look. */
export interface Look {
  ref: VendRef;
  /** Absent until the first answer. */
  view?: VendView;
  /** Temporal did not answer at this look; `view` is older. */
  outage: boolean;
}

export interface FollowOptions {
  /** Ends at the first look that shows an open escalation. */
  untilEscalation?: boolean;
  onLook: (looks: readonly Look[]) => void;
  signal?: AbortSignal;
}

const EVERY_MS = 1_000;
const CALL_MS = 10_000;
/** Temporal restarts and networks fail; beyond this a person should look. */
const LONGEST_OUTAGE_MS = 120_000;

/** Looks at vends until all have ended, and returns how they stood at the last look. */
export async function follow(
  client: Client,
  refs: readonly VendRef[],
  options: FollowOptions,
): Promise<VendView[]> {
  const looks: Look[] = refs.map((ref) => ({ ref, outage: false }));
  const waitOptions = options.signal ? { signal: options.signal } : {};
  let answeredAt = Date.now();
  for (;;) {
    options.signal?.throwIfAborted();
    const began = Date.now();
    const open = looks.filter(({ view }) => view === undefined || view.status === 'RUNNING');
    const outages = await Promise.all(open.map((look) => lookAgain(client, look)));
    const failed = outages.find((outage) => outage !== undefined);
    if (failed === undefined) answeredAt = Date.now();
    else if (Date.now() - answeredAt > LONGEST_OUTAGE_MS) throw failed;
    options.onLook(looks);
    const views = looks.flatMap(({ view }) => view ?? []);
    const mayEnd = views.length === looks.length;
    if (mayEnd && views.every(({ status }) => status !== 'RUNNING')) return views;
    if (mayEnd && options.untilEscalation && views.some(isEscalated)) return views;
    await pause(Math.max(0, EVERY_MS - (Date.now() - began)), undefined, waitOptions);
  }
}

export function isEscalated({ status, state, attributes }: VendView): boolean {
  if (status !== 'RUNNING') return false;
  return state ? state.escalation !== undefined : attributes['VendEscalation'] !== undefined;
}

/** Returns the error where Temporal is away for the moment. */
async function lookAgain(client: Client, look: Look): Promise<unknown> {
  try {
    look.view = await client.withDeadline(Date.now() + CALL_MS, () => readVend(client, look.ref));
    look.outage = false;
    return undefined;
  } catch (error) {
    if (!isOutage(error)) throw error;
    look.outage = true;
    return error;
  }
}
