import { workflowInfo } from '@temporalio/workflow';
import { VendFailure } from '../../contract';
import type { VendRequest } from '../../contract';
import { LOST_ANSWER_SETTLES_MS } from '../../domain/amendment';
import { identityConflicts, withAsked } from '../../domain/earlier-run';
import type { AskedAs, RunOfRequest } from '../../domain/earlier-run';
import type { Holder } from '../../domain/gate/messages';
import type { CreationProgress } from '../../domain/memory';
import { growingDelay } from '../../domain/pacing';
import { conflictProblems } from '../../domain/refusals';
import { world } from '../activity-proxies';
import { adoptEarlier, lookAtEarlier } from '../steps/adopt';
import type { Vend } from '../vend';
import { isAnotherAddress, isUnderAnotherAddress, lookForAccount, search } from './reconcile';
import { lookAt } from './follow';
import { rememberLost } from './lost-account';
import { followEarlier, openOfEarlier } from './open-creation';
import { timeMs } from '../time';

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
  progress.meeting = true;
  await learnFrom(vend, progress, earlier);
  delete progress.meeting;
}

/** What these runs have, and what they may have made. */
async function learnFrom(
  vend: Vend,
  progress: CreationProgress,
  earlier: readonly RunOfRequest[],
): Promise<void> {
  const standing: Standing = [];
  const told: AskedAs[] = [];
  const all: AskedAs[] = [];
  const creations: string[] = [];
  const over: string[] = [];
  // The newest first: it may have taken the place of one that was lost.
  const known = earlier.toReversed().map(({ accountId }) => accountId);
  let lastSubmitAt = '';
  let lostAnswerAt = '';
  for (const run of earlier) {
    const {
      requests,
      asked = [],
      createAccountRequestIds,
      ended,
      accountIds,
      ...sent
    } = await read(run);
    if (stands(run)) standing.push({ run, requests });
    creations.push(...createAccountRequestIds);
    known.push(...(accountIds ?? []).toReversed());
    // What versions before have read says nothing of it.
    over.push(...(ended ?? createAccountRequestIds));
    all.push(...asked, ...requests);
    if (!sent.lastSubmitAt) continue;
    told.push(...asked, ...requests);
    if (sent.lastSubmitAt > lastSubmitAt) lastSubmitAt = sent.lastSubmitAt;
    if (sent.lostAnswerAt && sent.lostAnswerAt > lostAnswerAt) lostAnswerAt = sent.lostAnswerAt;
  }
  refuseAnother(vend, standing);
  rememberCreations(vend, progress, creations);
  progress.overIds = [...new Set([...(progress.overIds ?? []), ...over])];
  for (const accountId of new Set(known)) {
    if (accountId === undefined) continue;
    const { emailChanged } = vend.memory;
    if (isAnotherAddress(vend, all)) vend.memory.emailChanged = true;
    if (await adoptEarlier(vend, accountId)) {
      progress.earlier = withAsked(progress.earlier, all);
      return;
    }
    if (!emailChanged) delete vend.memory.emailChanged;
    rememberLost(progress, accountId);
  }
  if (told.length === 0 && !progress.lostAccounts) return;
  // What AWS shows late of their last call, it shows late to this run, too.
  if (lostAnswerAt) {
    progress.lostAnswerAtMs = Math.max(progress.lostAnswerAtMs ?? 0, Date.parse(lostAnswerAt));
  }
  await findWhatTheyLeft(vend, progress, { told, lastSubmitAtMs: Date.parse(lastSubmitAt) });
}

export interface Meeting {
  /** The vend of this request that the gate let go first. */
  before?: Holder;
  /** Another one that is under way is the gate's concern: it lets one at a time create. */
  isOurTurn?: boolean;
  /** No gate gives it a turn: who was begun before it goes first, until its account is known. */
  hasNoTurn?: boolean;
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
 * Before an account is brought in: the account that another run of this request has, or that one made
 * for it, is this one, or the request is refused.
 */
export async function refuseAnotherAccount(vend: Vend, accountId: string): Promise<void> {
  for (const run of await untilTheyEnd(vend, { hasNoTurn: true })) {
    if (run.status === 'RUNNING' && !run.accountId) continue;
    const other = run.accountId ?? (await madeBy(vend, run));
    if (!other || other === accountId || !(await lookAtEarlier(vend, other))) continue;
    const { requestId } = vend.memory.request;
    throw vend.failure(
      VendFailure.RequestConflict,
      `${requestId} has the account ${other}, vended as ${run.workflowId}, and existingAccountId names another one. A requestId means one account for ever: take another one for another account.`,
      conflictProblems(['existingAccountId'], run.status),
    );
  }
}

/** The account of a run that has ended, and did not know it. */
async function madeBy(vend: Vend, run: RunOfRequest): Promise<string | undefined> {
  const told = await read(run);
  const { requests, asked = [], lastSubmitAt, lostAnswerAt } = told;
  const earlier = withAsked(asked, requests);
  for (const known of told.accountIds ?? []) if (await lookAtEarlier(vend, known)) return known;
  if (!lastSubmitAt) return undefined;
  const ended = told.ended ?? told.createAccountRequestIds;
  let open = told.createAccountRequestIds.filter((id) => !ended.includes(id));
  const sinceMs = Date.parse(lastSubmitAt) - LOOK_BACK_MS;
  for (let looks = 0; ; looks += 1) {
    const found = await search(vend, { sinceMs, ended: [], earlier });
    if (found?.is === 'ours') return found.accountId;
    open = await withoutFailed(vend, open);
    const isSeen = (found?.is === 'foreign' || found?.is === 'nothing') && (found.complete ?? true);
    // What AWS shows late it shows by then; later nothing is in the way but what it never shows, such as a closed account.
    const believedAtMs = Date.parse(lostAnswerAt ?? lastSubmitAt) + LOST_ANSWER_SETTLES_MS;
    const isAnswered = !lostAnswerAt && open.length === 0;
    const isBelieved = (isSeen && isAnswered) || timeMs() >= believedAtMs;
    if (found?.is !== 'in-progress' && isBelieved) return undefined;
    await vend.continueAsNewIfSuggested();
    vend.waitFor(`AWS to show what an earlier run of this request made (${run.workflowId})`);
    await vend.rest(growingDelay(WAITING, looks), 'look for the account of an earlier run');
  }
}

/** Creations that AWS has not ended as FAILED. */
async function withoutFailed(vend: Vend, ids: readonly string[]): Promise<string[]> {
  const open: string[] = [];
  for (const id of ids) {
    const seen = await lookAt(vend, id, 'look at a creation of an earlier run');
    if (!seen.ok || seen.value.state !== 'FAILED') open.push(id);
  }
  return open;
}

/**
 * This run may not be the first that creates: a reset forgets what was sent since. What other runs
 * left is met again, and looked for in full, before anything is sent.
 */
export async function lookBack(vend: Vend, progress: CreationProgress): Promise<void> {
  vend.note('an earlier run of this vend may have sent CreateAccount: looking for what came of it');
  progress.meeting = true;
  await meetEarlierRuns(vend, progress, { isOurTurn: true });
  delete progress.meeting;
  if (vend.memory.accountId || progress.following) return;
  progress.lostAnswerAtMs = timeMs();
  progress.unproven ??= { sinceMs: timeMs(), looks: 0, complete: 0 };
}

/** AWS has answered all, and made nothing but what was a stranger's and has left. */
function isInNobodysWay({ goneAccountIds, lostAnswerAtMs, lostAccounts }: CreationProgress) {
  return goneAccountIds !== undefined && lostAnswerAtMs === undefined && !lostAccounts;
}

interface Left {
  /** What AWS was told. */
  told: readonly AskedAs[];
  lastSubmitAtMs: number;
}

/** One look where AWS itself guards the address; the full reconcile before another one is sent. */
async function findWhatTheyLeft(
  vend: Vend,
  progress: CreationProgress,
  { told, lastSubmitAtMs }: Left,
): Promise<void> {
  const open = openOfEarlier(progress);
  progress.earlier = withAsked(progress.earlier, told);
  progress.sinceMs -= LOOK_BACK_MS;
  vend.note('an earlier run of this request sent CreateAccount: looking for what came of it');
  // Until this look has said something, also to a vend that is cancelled meanwhile.
  const accepted = open ? { accepted: true as const, acceptedId: open } : {};
  progress.unproven = { sinceMs: timeMs(), looks: 0, complete: 0, ...accepted };
  const found = await lookForAccount(vend, progress);
  // What is ours is known now, or followed; a stranger's creation proves nothing, and is met again.
  const isFollowed = progress.following?.id === open;
  if (found === 'settled' && (!open || isFollowed || vend.memory.accountId)) return;
  if (open) {
    followEarlier(progress, open);
    return;
  }
  const isLongAgo = timeMs() - lastSubmitAtMs >= LOST_ANSWER_SETTLES_MS;
  const isGuarded = !isUnderAnotherAddress(vend, progress);
  const isClear =
    found === 'unclear' ? isGuarded && isInNobodysWay(progress) : isGuarded || isLongAgo;
  if (isClear) delete progress.unproven;
}

/**
 * Waits for a vend of this request that is under way under another workflow id and has come further
 * than the queue. Who only waits for a place, as this one does, is the gate's concern.
 */
async function untilTheyEnd(
  vend: Vend,
  { before, isOurTurn, hasNoTurn }: Meeting,
): Promise<RunOfRequest[]> {
  const isInTheWay = (run: RunOfRequest) =>
    hasNoTurn ? !run.accountId && goesFirst(run) : !run.queued;
  vend.waitFor('Temporal to list earlier runs of this request');
  let compared: string[] = [];
  for (let looks = 0; ; looks += 1) {
    const runs = await list(vend, before);
    const running = runs.filter(({ status }) => status === 'RUNNING');
    const ahead = running.filter(goesFirst);
    // An account that is brought in has no other content than its id.
    if (!hasNoTurn && ahead.some(({ runId }) => !compared.includes(runId))) {
      await compare(vend, runs.filter(goesFirst));
      compared = ahead.map(({ runId }) => runId);
    }
    const first = running.find(isInTheWay);
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
  const unknown = [...new Set(ids)].filter((id) => !memory.createAccountRequestIds.includes(id));
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
