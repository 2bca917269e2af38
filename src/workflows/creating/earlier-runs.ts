import { workflowInfo } from '@temporalio/workflow';
import { VendFailure } from '../../contract';
import type { VendRequest } from '../../contract';
import { LOST_ANSWER_SETTLES_MS } from '../../domain/amendment';
import { identityConflicts } from '../../domain/earlier-run';
import type { RunOfRequest } from '../../domain/earlier-run';
import type { Holder } from '../../domain/gate/messages';
import type { CreationProgress } from '../../domain/memory';
import { growingDelay } from '../../domain/pacing';
import { world } from '../activity-proxies';
import { adoptEarlier } from '../steps/adopt';
import type { Vend } from '../vend';
import { lookForAccount } from './reconcile';

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
  if (runs.length === 0) return;
  const told: VendRequest[] = [];
  let lastSubmitAt = '';
  for (const run of runs) {
    const { requests, ...sent } = await world.readRun.executeWithOptions(
      { summary: `read an earlier run (${run.status})` },
      [run],
    );
    const conflicts = identityConflicts(vend.memory.request, requests);
    if (run.status === 'COMPLETED' && conflicts.length > 0) throw conflict(vend, run, conflicts);
    if (!sent.lastSubmitAt) continue;
    told.push(...requests);
    if (sent.lastSubmitAt > lastSubmitAt) lastSubmitAt = sent.lastSubmitAt;
  }
  for (const run of runs) {
    if (run.accountId && (await adoptEarlier(vend, run.accountId))) return;
  }
  if (told.length === 0) return;
  await findWhatTheyLeft(vend, progress, told, Date.parse(lastSubmitAt));
}

export interface Meeting {
  /** The vend of this request that the gate let go first. */
  before?: Holder;
  /** Another one that is under way is the gate's concern: it lets one at a time create. */
  isOurTurn?: boolean;
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
  const found = await lookForAccount(vend, progress);
  if (found === 'settled') return;
  const email = vend.admission.request.email?.toLowerCase();
  const isSameAddress = told.every((request) => request.email?.toLowerCase() === email);
  const isLongAgo = Date.now() - lastSubmitAtMs >= LOST_ANSWER_SETTLES_MS;
  if (found !== 'unclear' && (isSameAddress || isLongAgo)) return;
  progress.unproven = { sinceMs: Date.now(), looks: 0, complete: 0 };
}

async function untilTheyEnd(vend: Vend, { before, isOurTurn }: Meeting): Promise<RunOfRequest[]> {
  vend.waitFor('Temporal to list earlier runs of this request');
  for (let looks = 0; ; looks += 1) {
    const { workflowId, runId, startTime } = workflowInfo();
    const runs = await world.listEarlierRuns.executeWithOptions(
      { summary: 'earlier runs of this request' },
      [
        {
          requestId: vend.memory.request.requestId,
          workflowId,
          runId,
          startedAt: startTime.toISOString(),
          ...(before ? { before } : {}),
        },
      ],
    );
    const running = runs.find(({ status }) => status === 'RUNNING');
    if (!running) return runs;
    if (isOurTurn) return runs.filter(({ status }) => status !== 'RUNNING');
    await vend.continueAsNewIfSuggested();
    vend.waitFor(`the vend of the same request under workflow id ${running.workflowId}`);
    await vend.rest(growingDelay(WAITING, looks), 'wait for the other vend of this request');
  }
}

function conflict(vend: Vend, run: RunOfRequest, fields: string[]) {
  const problems = fields.map((field) => ({
    field,
    message: 'differs from the vend of this requestId that is done',
  }));
  return vend.failure(
    VendFailure.RequestConflict,
    `${vend.memory.request.requestId} was vended before, as ${run.workflowId}, with another ${fields.join(', ')}. A requestId means one account for ever: take another one for another account.`,
    problems,
  );
}
