import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { forEachAtOnce } from '../vends/at-once';
import { countEntries, countsLine, isApproving, needsPerson } from './batch-wording';
import { isLive, plain, print, type Io, type Output } from '../io';
import type { Entry, Plan, Standing } from './plan-batch';
import { readFailure } from '../vends/read-vend';
import { isPast, listVends, surveyVends, type Past, type Sighting } from './survey';
import { isOutage } from '../temporal';
import { clockTime } from '../drawing/wording';

export interface FollowBatchOptions {
  untilEscalation: boolean;
  /** Runs of those that have been started again: their end is not the end. */
  past: Past;
  /** Ctrl-C ends the look alone. */
  signal?: AbortSignal;
}

const EVERY_MS = 2_000;
const LONGEST_OUTAGE_MS = 120_000;

/** Follows all accounts of all manifests to their ends; the entries then say how each came out. */
export async function followBatches(
  io: Io,
  out: Output,
  client: Client,
  plans: readonly Plan[],
  options: FollowBatchOptions,
): Promise<void> {
  const entries = plans.flatMap((plan) => plan.entries);
  const picture = await show(io, out, entries);
  let answeredAt = Date.now();
  try {
    for (;;) {
      const began = Date.now();
      try {
        const isOver = await lookAgain(client, plans, entries, options.past);
        answeredAt = Date.now();
        picture.draw();
        if (isOver || (options.untilEscalation && entries.some(needsPerson))) return;
      } catch (error) {
        if (!isOutage(error) || Date.now() - answeredAt > LONGEST_OUTAGE_MS) throw error;
      }
      const { signal } = options;
      signal?.throwIfAborted();
      await pause(
        Math.max(0, EVERY_MS - (Date.now() - began)),
        undefined,
        signal ? { signal } : {},
      );
    }
  } finally {
    picture.end();
  }
}

/** From the lists, which are quick; what they never show is asked for once nothing else is open. */
async function lookAgain(
  client: Client,
  plans: readonly Plan[],
  entries: readonly Entry[],
  past: Past,
): Promise<boolean> {
  const open = entries.filter(isOpen);
  const ids = open.map(({ requestId }) => requestId);
  const seen = await listVends(client, ids, past);
  await learn(client, open, seen);
  if (open.some(({ standing, vend }) => standing === 'running' && vend)) return false;
  const left = entries.filter(isOpen);
  if (left.length === 0) return true;
  const batches = await forEachAtOnce(plans, (plan) => isBatchRunning(client, plan));
  if (batches.includes(true)) return false;
  // The batches have ended, or were ended: what they have not started is not started any more.
  const last = await surveyVends(
    client,
    left.map(({ requestId }) => requestId),
  );
  for (const [id, vend] of last) if (isPast(past, id, vend.startedAtMs)) last.delete(id);
  await learn(client, left, last);
  for (const entry of left) if (!entry.vend || !last.has(entry.requestId)) entry.standing = 'ended';
  return !entries.some(isOpen);
}

function isOpen({ standing }: Entry): boolean {
  return standing === 'new' || standing === 'waiting' || standing === 'running';
}

async function learn(
  client: Client,
  entries: readonly Entry[],
  seen: ReadonlyMap<string, Sighting>,
): Promise<void> {
  await forEachAtOnce(entries, async (entry) => {
    const vend = seen.get(entry.requestId);
    if (!vend) return;
    entry.vend = vend;
    entry.standing = standingOf(vend.status);
    if (entry.standing !== 'ended') return;
    const failure = await readFailure(client, vend);
    if (failure) entry.failure = failure;
  });
}

function standingOf(status: string): Standing {
  if (status === 'RUNNING') return 'running';
  return status === 'COMPLETED' ? 'done' : 'ended';
}

async function isBatchRunning(client: Client, { workflowId }: Plan): Promise<boolean> {
  try {
    const { status } = await client.workflow.getHandle(workflowId).describe();
    return status.name === 'RUNNING';
  } catch (error) {
    if (isOutage(error)) throw error;
    return false;
  }
}

interface Picture {
  draw(): void;
  end(): void;
}

/** Redrawn in place where a person looks; elsewhere a line for each that ends or needs a person. */
async function show(io: Io, out: Output, entries: readonly Entry[]): Promise<Picture> {
  if (!isLive(io, out)) return plainPicture(io, out, entries);
  const { createLogUpdate } = await import('log-update');
  const update = createLogUpdate(out, { showCursor: true });
  return {
    draw: () => update(pictureOf(io, entries).join('\n')),
    end: () => update.done(),
  };
}

const MOST_SHOWN = 8;

function pictureOf(io: Io, entries: readonly Entry[]): string[] {
  const stages = new Map<string, number>();
  for (const { standing, vend } of entries) {
    if (standing !== 'running') continue;
    const stage = vend?.stage ?? 'just begun';
    stages.set(stage, (stages.get(stage) ?? 0) + 1);
  }
  const asked = entries.filter(needsPerson);
  const approving = entries.filter(isApproving);
  return [
    `${clockTime(new Date())}  ${countsLine(countEntries(entries))}`,
    ...[...stages].map(([stage, count]) => `  ${String(count).padStart(5)}  ${stage}`),
    ...asked.slice(0, MOST_SHOWN).map((entry) => `  ! ${personLine(entry)}`),
    ...(asked.length > MOST_SHOWN
      ? [`    and ${asked.length - MOST_SHOWN} more: ${io.command} list --escalated`]
      : []),
    ...approving.slice(0, MOST_SHOWN).map((entry) => `  ? ${approvalLine(io, entry)}`),
    ...(approving.length > MOST_SHOWN
      ? [`    and ${approving.length - MOST_SHOWN} more: ${approvalList(io)}`]
      : []),
  ];
}

function plainPicture(io: Io, out: Output, entries: readonly Entry[]): Picture {
  const told = new Map<string, string>();
  // How those stand that have ended already was told before.
  for (const entry of entries) {
    const line = isOpen(entry) ? undefined : newsOf(io, entry);
    if (line !== undefined) told.set(entry.requestId, line);
  }
  let counted = '';
  let isListTold = false;
  return {
    draw() {
      // Of many that wait for an approval no line each: one says how to find them.
      const areMany = entries.filter(isApproving).length > MOST_SHOWN;
      for (const entry of entries) {
        if (areMany && isApproving(entry)) continue;
        const line = newsOf(io, entry);
        if (line === undefined || told.get(entry.requestId) === line) continue;
        told.set(entry.requestId, line);
        print(out, `${clockTime(new Date())}  ${line}`);
      }
      const counts = countsLine(countEntries(entries));
      if (counts !== counted) print(out, `${clockTime(new Date())}  ${counts}`);
      counted = counts;
      if (areMany && !isListTold)
        print(out, `  those that wait for an approval: ${approvalList(io)}`);
      isListTold = areMany;
    },
    end: () => undefined,
  };
}

function newsOf(io: Io, entry: Entry): string | undefined {
  if (needsPerson(entry)) return personLine(entry);
  if (isApproving(entry)) return approvalLine(io, entry);
  const { requestId, standing, vend, failure } = entry;
  if (standing === 'done') return `${requestId}  done: account ${vend?.accountId ?? 'unknown'}`;
  if (standing !== 'ended') return undefined;
  return `${requestId}  ended: ${failure ?? vend?.status ?? 'it was never started'}`;
}

function approvalLine(io: Io, { requestId }: Entry): string {
  return `${requestId}  waits for an approval: ${io.command} approve ${requestId}`;
}

function approvalList(io: Io): string {
  return `${io.command} list --stage approving`;
}

function personLine({ requestId, vend }: Entry): string {
  return `${requestId}  needs a person: ${plain(vend?.escalation ?? '')}`;
}
