import { once } from 'node:events';
import type { Client } from '@temporalio/client';
import { ExitStatus } from '../errors';
import type { VendRef } from './find-vend';
import { follow, isApproving, isEscalated } from './follow';
import { onInterrupt } from '../interrupt';
import { print, printJson, type Io } from '../io';
import { showProgress } from '../drawing/progress';
import { viewToJson, type VendView } from './read-vend';

export interface FollowFlags {
  json?: boolean;
  untilEscalation?: boolean;
  /** Ends, with the same status, also where an approval is waited for. */
  untilApproval?: boolean;
  /** Every vend that is under way, also those that begin meanwhile. */
  all?: boolean;
}

/** Follows vends with their progress shown; returns the command's exit status. */
export async function followToEnd(
  io: Io,
  client: Client,
  refs: readonly VendRef[],
  flags: FollowFlags,
): Promise<ExitStatus> {
  const { json = false, all = false } = flags;
  const { status, views } = await followShown(io, client, refs, flags);
  if (status === ExitStatus.interrupted) return status;
  if (all && views.length === 0) print(io.stderr, 'Nothing is under way.');
  if (json) {
    const documents = views.map(viewToJson);
    printJson(io, documents.length === 1 && !all ? documents[0] : documents);
  }
  return status;
}

/** The same without the document of `--json`: how they stood at the last look, for who goes on from there. */
export async function followShown(
  io: Io,
  client: Client,
  refs: readonly VendRef[],
  { json = false, untilEscalation = false, untilApproval = false, all = false }: FollowFlags,
): Promise<{ status: ExitStatus; views: VendView[] }> {
  const interrupt = onInterrupt();
  const { signal } = interrupt;
  const progress = await showProgress(io, json ? io.stderr : io.stdout);
  try {
    const views = await unlessAborted(
      signal,
      follow(client, refs, { untilEscalation, untilApproval, all, onLook: progress.show, signal }),
    );
    progress.end();
    return { status: statusOf(views, untilApproval), views };
  } catch (error) {
    if (!signal.aborted) throw error;
    progress.end();
    print(io.stderr, ...goesOn(io, refs, all));
    return { status: ExitStatus.interrupted, views: [] };
  } finally {
    progress.end();
    interrupt.release();
  }
}

/** At once, also where a call is on its way that Temporal is slow to answer. */
export async function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  const aborted = once(signal, 'abort').then(() => signal.throwIfAborted());
  return Promise.race([work, aborted.then(() => work)]);
}

/** Who looks away changes nothing. */
function goesOn({ command }: Io, refs: readonly VendRef[], all: boolean): string[] {
  const [one] = refs;
  if (all) return ['No longer watched; the vends go on.'];
  if (refs.length !== 1 || !one) return [`No longer watched; the ${refs.length} vends go on.`];
  const { requestId } = one;
  return [`No longer watched; ${requestId} goes on. See it again: ${command} watch ${requestId}`];
}

function statusOf(views: readonly VendView[], untilApproval: boolean): ExitStatus {
  if (views.some((view) => isEscalated(view))) return ExitStatus.escalated;
  if (untilApproval && views.some((view) => isApproving(view))) return ExitStatus.escalated;
  const allDone = views.every(({ status }) => status === 'COMPLETED');
  return allDone ? ExitStatus.done : ExitStatus.endedOtherwise;
}
