import { workflowInfo } from '@temporalio/workflow';
import { VendFailure } from '../../contract';
import type { VendRequest } from '../../contract';
import { LOST_ANSWER_SETTLES_MS } from '../../domain/amendment';
import { identityConflicts } from '../../domain/earlier-run';
import type { RunOfRequest } from '../../domain/earlier-run';
import type { Holder } from '../../domain/gate/messages';
import type { CreationProgress } from '../../domain/memory';
import { growingDelay } from '../../domain/pacing';
import { conflictProblems } from '../../domain/refusals';
import { world } from '../activity-proxies';
import { adoptEarlier } from '../steps/adopt';
import type { Vend } from '../vend';
import { isUnderAnotherAddress, lookForAccount } from './reconcile';

/** Another run of this request is waited for; so often is it looked at. */
const WAITING = { initialMs: 5_000, factor: 1.5, maxMs: 300_000 };

/** How far back an earlier run's creations are looked for: AWS keeps no longer what it tracks. */
const LOOK_BACK_MS = 90 * 24 * 3_600_000;

/**
 * The same request means the same account, for ever. What other runs of it left (ended ones, and
 * those that a parent started under an id of its own) is found before anything is sent: one that is
 * under way is waited for, a known account is taken, and whatever else they may have made is looked
 * for.
 */
export async function meetEarlierRuns(
  vend: Vend,
  progress: CreationProgress,
  options: Meeting = {},
): Promise<void> {
  const runs = await untilTheyEnd(vend, options);
  const queued = runs.find((run) => run.queued);
  // It may have gone before this one by the time that this one has a place: then it is looked at again.
  if (queued && !options.before) progress.behind ??= holderOf(vend, queued);
  // Where it is our turn, one that is under way may have the account already.
  const earlier = runs.filter(({ status, accountId }) => status !== 'RUNNING' || accountId);
  if (earlier.length === 0) return;
  const standing: Standing = [];
  const told: VendRequest[] = [];
  const creations: string[] = [];
  let lastSubmitAt = '';
  let lostAnswerAt = '';
  for (const run of earlier) {
    const { requests, createAccountRequestIds, ...sent } = await read(run);
    if (stands(run)) standing.push({ run, requests });
    creations.push(...createAccountRequestIds);
    if (!sent.lastSubmitAt) continue;
    told.push(...requests);
    if (sent.lastSubmitAt > lastSubmitAt) lastSubmitAt = sent.lastSubmitAt;
    if (sent.lostAnswerAt && sent.lostAnswerAt > lostAnswerAt) lostAnswerAt = sent.lostAnswerAt;
  }
  refuseAnother(vend, standing);
  rememberCreations(vend, progress, creations);
  for (const run of earlier) {
    if (run.accountId && (await adoptEarlier(vend, run.accountId))) return;
  }
  if (told.length === 0) return;
  // What AWS shows late of their last call, it shows late to this run, too.
  if (lostAnswerAt) {
    progress.lostAnswerAtMs = Math.max(progress.lostAnswerAtMs ?? 0, Date.parse(lostAnswerAt));
  }
  await findWhatTheyLeft(vend, progress, told, Date.parse(lastSubmitAt));
}

export interface Meeting {
  /** The vend of this request that the gate let go first. */
  before?: Holder;
  /** Another one that is under way is the gate's concern: it lets one at a time create. */
  isOurTurn?: boolean;
}

/** Another vend goes first: a conflict with it is told now, and not when it ends. */
export async function mustBeTheSame(vend: Vend, first: Holder): Promise<void> {
  const runs = await list(vend, first);
  await compare(
    vend,
    runs.filter((run) => run.workflowId === first.workflowId || goesFirst(run)),
  );
}

/**
 * This run may not be the first that creates: a reset forgets what was sent since. What other runs
 * left is met again, and looked for in full, before anything is sent.
 */
export async function lookBack(vend: Vend, progress: CreationProgress): Promise<void> {
  vend.note('an earlier run of this vend may have sent CreateAccount: looking for what came of it');
  await meetEarlierRuns(vend, progress, { isOurTurn: true });
  if (vend.memory.accountId || progress.following) return;
  progress.lostAnswerAtMs = Date.now();
  progress.unproven ??= { sinceMs: Date.now(), looks: 0, complete: 0 };
}

/** One look where AWS itself guards the address; the full reconcile before another one is sent. */
async function findWhatTheyLeft(
  vend: Vend,
  progress: CreationProgress,
  told: VendRequest[],
  lastSubmitAtMs: number,
): Promise<void> {
  progress.earlier = told.map(({ email, accountName }) => ({
    ...(email ? { email } : {}),
    ...(accountName ? { accountName } : {}),
  }));
  progress.sinceMs -= LOOK_BACK_MS;
  vend.note('an earlier run of this request sent CreateAccount: looking for what came of it');
  // Until this look has said something, also to a vend that is cancelled meanwhile.
  progress.unproven = { sinceMs: Date.now(), looks: 0, complete: 0 };
  const found = await lookForAccount(vend, progress);
  const isLongAgo = Date.now() - lastSubmitAtMs >= LOST_ANSWER_SETTLES_MS;
  const isClear = found !== 'unclear' && (!isUnderAnotherAddress(vend, progress) || isLongAgo);
  if (found === 'settled' || isClear) delete progress.unproven;
}

/**
 * Waits for a vend of this request that is under way under another workflow id and has come further
 * than the queue. Who only waits for a place, as this one does, is the gate's concern.
 */
async function untilTheyEnd(vend: Vend, { before, isOurTurn }: Meeting): Promise<RunOfRequest[]> {
  vend.waitFor('Temporal to list earlier runs of this request');
  let compared: string[] = [];
  for (let looks = 0; ; looks += 1) {
    const runs = await list(vend, before);
    const running = runs.filter(({ status }) => status === 'RUNNING');
    const ahead = running.filter(goesFirst);
    if (ahead.some(({ runId }) => !compared.includes(runId))) {
      await compare(vend, runs.filter(goesFirst));
      compared = ahead.map(({ runId }) => runId);
    }
    const first = running.find(({ queued }) => !queued);
    if (!first || isOurTurn) return runs;
    await vend.continueAsNewIfSuggested();
    vend.waitFor(`the vend of the same request under workflow id ${first.workflowId}`);
    await vend.rest(growingDelay(WAITING, looks), 'wait for the other vend of this request');
  }
}

function list(vend: Vend, before?: Holder): Promise<RunOfRequest[]> {
  const { workflowId, runId, firstExecutionRunId } = workflowInfo();
  const { request, requestedAt } = vend.memory;
  const { requestId } = request;
  return world.listEarlierRuns.executeWithOptions({ summary: 'earlier runs of this request' }, [
    {
      requestId,
      workflowId,
      runId,
      firstExecutionRunId,
      requestedAt,
      ...(before ? { before } : {}),
    },
  ]);
}

function read(run: RunOfRequest) {
  const which = run.status === 'RUNNING' ? 'another run' : 'an earlier run';
  return world.readRun.executeWithOptions({ summary: `read ${which} (${run.status})` }, [run]);
}

function holderOf({ memory }: Vend, { workflowId, runId, queued }: RunOfRequest): Holder {
  const { requestId } = memory.request;
  return { workflowId, firstExecutionRunId: queued?.firstExecutionRunId ?? runId, requestId };
}

/** What earlier runs of the request sent is this vend's as well; the oldest first. */
function rememberCreations(vend: Vend, progress: CreationProgress, ids: readonly string[]): void {
  const { memory } = vend;
  const unknown = ids.filter((id) => !memory.createAccountRequestIds.includes(id));
  const earlier = (progress.earlierIds ??= []);
  memory.createAccountRequestIds.splice(earlier.length, 0, ...unknown);
  earlier.push(...unknown);
}

/** Of two that merely wait for a place, the one that was begun first. */
function goesFirst({ queued }: RunOfRequest): boolean {
  return queued?.isBefore ?? true;
}

/** Under way or done; one that ended otherwise may be begun again with another content. */
function stands({ status }: RunOfRequest): boolean {
  return status === 'RUNNING' || status === 'COMPLETED';
}

type Standing = { run: RunOfRequest; requests: VendRequest[] }[];

async function compare(vend: Vend, runs: readonly RunOfRequest[]): Promise<void> {
  const standing: Standing = [];
  for (const run of runs.filter(stands)) {
    standing.push({ run, requests: (await read(run)).requests });
  }
  refuseAnother(vend, standing);
}

/** What equals any of them, as it began or as it was amended, is the same request. */
function refuseAnother(vend: Vend, standing: Standing): void {
  const { request } = vend.memory;
  const fields = identityConflicts(
    request,
    standing.flatMap(({ requests }) => requests),
  );
  const [first] = standing;
  if (!first || fields.length === 0) return;
  const { workflowId, status } = first.run;
  throw vend.failure(
    VendFailure.RequestConflict,
    `${request.requestId} was vended before, as ${workflowId}, with another ${fields.join(', ')}. A requestId means one account for ever: take another one for another account.`,
    conflictProblems(fields, status),
  );
}
