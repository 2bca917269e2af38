import { OwnReason } from '../../contract';
import type { Amendment, ResolutionAction } from '../../contract';
import {
  LOST_ANSWER_SETTLES_MS,
  amendableFields,
  isOfTheCreation,
  isOfTheIdentity,
} from '../../domain/amendment';
import { isThrottling } from '../../domain/dispositions';
import type { CreationProgress } from '../../domain/memory';
import { troubleOf } from '../../domain/gate/trouble';
import { growingDelay, refusedDelay } from '../../domain/pacing';
import type { Answer } from '../answers';
import { adopt } from '../steps/adopt';
import { amend, changesOf } from '../steps/amend';
import { isPatient } from '../steps/insist';
import type { Vend } from '../vend';
import { foreignMayBeOurs, goBy, lookForAccount, lookOnce, wasSentHere } from './reconcile';
import type { Search } from './reconcile';
import type { Setback } from './setback';
import { timeMs } from '../time';

/** Looks, waits or asks, as the table says, until it makes sense to go on. */
export async function overcome(
  vend: Vend,
  progress: CreationProgress,
  setback: Setback,
): Promise<void> {
  const { disposition } = setback;
  const isOfAll = disposition.scope === 'organization';
  // A call that AWS refuses for the moment says nothing about what was asked before.
  const isOver = disposition.verb !== 'repeat' && vend.memory.escalation?.reason !== setback.reason;
  if (isOver) await vend.settle();
  if (disposition.verb !== 'repeat' && !isOfAll) await vend.gate.releasePlace('failed');
  let found: Search | undefined = setback.isForeign ? 'foreign' : undefined;
  if (disposition.look) {
    found = await lookUntilClear(vend, progress);
    if (found === 'settled') return;
  }
  if (disposition.verb === 'repeat') {
    progress.refused ??= { sinceMs: timeMs(), count: 0 };
    progress.refused.count += 1;
    if (isPatient(disposition, progress.refused)) {
      if (setback.reason === FULL) {
        await vend.gate.releasePlace('full');
        return;
      }
      vend.waitFor(`AWS to accept the creation: it said ${setback.reason}`);
      // The ticket stays; the gate hears that one call more is to be sent.
      const is = isThrottling(setback.reason) ? 'throttled' : 'again';
      if (!setback.isNotSent) await vend.gate.report({ is }, vend.gate.place?.ticket);
      const delay = refusedDelay(progress.refused.count - 1, Math.random());
      await vend.rest(delay, `again after ${setback.reason}`);
      return;
    }
  }
  if (isOfAll) {
    await holdEverybodyBack(vend, progress, setback);
    return;
  }
  await vend.gate.releasePlace('failed');
  if (disposition.verb === 'retry') {
    const { retry } = vend.admission.policy.creation;
    progress.failures += 1;
    if (progress.failures < retry.attempts) {
      vend.waitFor(
        `the next attempt (${progress.failures + 1} of ${retry.attempts}): AWS said ${setback.reason}`,
      );
      const interval = { initialMs: retry.initialMs, factor: 2, maxMs: retry.maxMs };
      await vend.rest(
        growingDelay(interval, progress.failures - 1),
        `retry after ${setback.reason}`,
      );
      return;
    }
  }
  await askAboutCreation(vend, progress, setback, found);
}

/** What the AWS exception's `Reason` says where five creations are in progress. */
const FULL = 'ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED';

/**
 * It concerns the organization: the gate lets nobody create, asks once for all, and lets one vend
 * try when that was answered. What was sent meanwhile is not counted as this request's.
 */
async function holdEverybodyBack(
  vend: Vend,
  progress: CreationProgress,
  setback: Setback,
): Promise<void> {
  const { disposition, reason, detail } = setback;
  const message = detail ? `${disposition.advice} ${detail}` : disposition.advice;
  const trouble = troubleOf(
    { reason, message, disposition },
    'creating',
    vend.admission.request.kind,
  );
  if (vend.gate.place) await vend.gate.releasePlace('held-back', { trouble });
  else await vend.gate.report({ is: 'trouble', trouble });
  progress.callsAllowed = Math.max(progress.callsAllowed, progress.calls + 1);
  progress.failures = 0;
  delete progress.refused;
}

/** What AWS does not show yet is no evidence: it is looked for again, a few times and ever later. */
async function lookUntilClear(vend: Vend, progress: CreationProgress): Promise<Search> {
  const { settleMs, attempts } = vend.admission.policy.creation.reconcile;
  let found = await lookForAccount(vend, progress);
  for (let looks = 0; isShownLate(progress, found) && looks < attempts; looks += 1) {
    vend.waitFor('AWS to show whether there is an account of this request');
    await vend.rest(settleMs * 2 ** looks, 'look for the account again');
    found = await lookForAccount(vend, progress);
  }
  return found;
}

/** A closed account stays as it is: to wait for it is no use. */
function isShownLate({ inactive }: CreationProgress, found: Search): boolean {
  return found === 'unclear' && inactive === undefined;
}

/** For a person. */
function inactiveAdvice({ accountId, state }: { accountId: string; state: string }): string {
  return `The account of this request is there (${accountId}, with its tag), and AWS says that it is ${state}. Have it made active again (AWS Support, within 90 days), and retry: the vend takes it. For another account, abandon this vend, and ask with another requestId and another e-mail address.`;
}

/** A person was told of them, and permits to send all the same. */
function passOver(progress: CreationProgress): void {
  const { passedOver = [], goneAccountIds = [] } = progress;
  if (goneAccountIds.length > 0) {
    progress.passedOver = [...new Set([...passedOver, ...goneAccountIds])];
  }
}

/** For a person. */
function goneAdvice({ goneAccountIds = [], lostAccounts = [] }: CreationProgress): string {
  const isLost = (id: string) => lostAccounts.some(({ accountId }) => accountId === id);
  const lost = goneAccountIds.filter(isLost).join(', ');
  const made = goneAccountIds.filter((id) => !isLost(id)).join(', ');
  return [
    lost &&
      `This request had ${lost}, which is no member of the organization or has not its tag (any more, or not yet): retry only if another account shall be made.`,
    made &&
      `Creations under this name have made ${made}, which the organization does not have (any more, or not yet): retry only if that is not this request's.`,
  ]
    .filter(Boolean)
    .join(' ');
}

/**
 * For a person.
 * @param mayBeOurs a call whose answer was lost may have made it, and somebody changed its tag
 */
export function foreignAdvice(accountId: string | undefined, mayBeOurs = false): string {
  const which = accountId ? ` (${accountId})` : '';
  const met = `The e-mail address belongs to an account of this organization${which} that does not carry this request's tag.`;
  return mayBeOurs
    ? `${met} It may be the one that the lost call made: adopt it then. If it is another's, abandon this vend, and ask with another requestId and another e-mail address.`
    : `${met} Adopt it if it is the one, or give another address.`;
}

/** Asks until an answer is carried out, or until a look finds the account. */
async function askAboutCreation(
  vend: Vend,
  progress: CreationProgress,
  setback: Setback,
  firstFound: Search | undefined,
): Promise<void> {
  const { disposition } = setback;
  const sinceMs = timeMs();
  let found = firstFound;
  for (;;) {
    const isForeign = found === 'foreign';
    const isSettled = found === 'nothing' || isForeign;
    const foreign = isForeign ? progress.foreignAccountId : undefined;
    const inactive = isForeign ? undefined : progress.inactive;
    const met = isForeign
      ? {
          reason: OwnReason.ACCOUNT_NOT_OURS,
          advice: foreignAdvice(foreign, foreignMayBeOurs(progress)),
        }
      : inactive
        ? { reason: OwnReason.ACCOUNT_NOT_ACTIVE, advice: inactiveAdvice(inactive) }
        : { reason: setback.reason, advice: disposition.advice };
    const amendable = amendableFields(vend.memory, timeMs(), isSettled);
    const actions: ResolutionAction[] = ['retry', 'adopt', 'abandon'];
    // Where nothing of the creation may change, an amendment could not mend it.
    if (amendable.some(isOfTheCreation)) actions.splice(1, 0, 'amend');
    const nextCheckAtMs = disposition.look ? whenToLookAgain(progress, found, sinceMs) : undefined;
    const answer = await vend.ask({
      scope: 'request',
      reason: met.reason,
      message: [met.advice, setback.detail, goneAdvice(progress)].filter(Boolean).join(' '),
      attempts: progress.calls,
      actions,
      ...(actions.includes('amend') ? { amendable } : {}),
      ...(foreign ? { foundAccountId: foreign } : {}),
      ...(nextCheckAtMs === undefined ? {} : { nextCheckAtMs }),
    });
    if (answer) {
      found = (await carryOut(vend, progress, answer, isSettled)) ?? found;
      const isAdoption = answer.resolution.action === 'adopt';
      if (!vend.memory.escalation && (!isAdoption || vend.memory.accountId)) return;
    } else {
      found = await lookForAccount(vend, progress);
      if (found !== 'settled') continue;
      await vend.settle();
      return;
    }
  }
}

const UNCLEAR_LOOK_MS = 5 * 60_000;
/** What AWS has not shown for hours it may hide for weeks, and the history must not grow so fast. */
const UNCLEAR_FOR_LONG_MS = 6 * 3_600_000;
const SLOW_UNCLEAR_LOOK_MS = 60 * 60_000;

/**
 * Soon after a lost answer the address may not change, and then only after one more look that saw
 * everything. What was not seen in full is looked at again, but for an account that is closed.
 */
function whenToLookAgain(
  { lostAnswerAtMs: lostAt, inactive }: CreationProgress,
  found: Search | undefined,
  askedAtMs: number,
): number | undefined {
  const freeAtMs = lostAt === undefined ? 0 : lostAt + LOST_ANSWER_SETTLES_MS;
  if (freeAtMs > timeMs()) return freeAtMs;
  const isSeen = found === 'nothing' || found === 'foreign';
  if (isSeen || inactive || (lostAt === undefined && found === undefined)) return undefined;
  const isForLong = timeMs() - (lostAt ?? askedAtMs) >= UNCLEAR_FOR_LONG_MS;
  return timeMs() + (isForLong ? SLOW_UNCLEAR_LOOK_MS : UNCLEAR_LOOK_MS);
}

/**
 * The look that freed the address may lie days back: before another one is sent, one more.
 * @returns what it came to; undefined where the answer was refused without one
 */
async function lookOnceMore(
  vend: Vend,
  progress: CreationProgress,
  answer: Answer,
): Promise<Search | undefined> {
  vend.waitFor('AWS to show whether an earlier attempt made an account');
  const outcome = await lookOnce(vend, progress);
  if (!outcome.ok) {
    const { name } = outcome.error;
    answer.refuse(`the account could not be looked for once more: AWS said ${name}; try again`);
    return undefined;
  }
  const { value: finding } = outcome;
  // Names are not unique: it may be anybody's, and to follow it would take this question away.
  if (finding.is === 'in-progress' && !wasSentHere(vend, progress, finding.creation.id)) {
    answer.refuse(
      `a creation of this name is in progress (${finding.creation.id}), and whose it is AWS shows when it has ended; try again then`,
    );
    return undefined;
  }
  const found = await goBy(vend, progress, finding);
  if (found === 'settled') {
    answer.refuse('what an earlier attempt made was found just now: the vend goes on with it');
    await vend.settle();
  } else if (found === 'unclear') {
    const { inactive } = progress;
    const advice = inactive ? inactiveAdvice(inactive) : goneAdvice(progress);
    answer.refuse(advice || 'AWS does not show everything; try again in a minute');
  }
  return found;
}

function changesTheIdentity({ resolution }: Answer): boolean {
  return (Object.keys(changesOf(resolution)) as (keyof Amendment)[]).some(isOfTheIdentity);
}

/** @returns what a look has come to meanwhile, where there was one */
async function carryOut(
  vend: Vend,
  progress: CreationProgress,
  answer: Answer,
  lookedFor: boolean,
): Promise<Search | undefined> {
  let found: Search | undefined;
  switch (answer.resolution.action) {
    case 'retry':
      if (progress.calls >= progress.callsAllowed) {
        progress.callsAllowed += vend.admission.policy.creation.perVend;
      }
      await vend.accept(answer);
      // It is looked for again, and then sent: a person says so.
      if (progress.unproven) progress.unproven.permitted = true;
      passOver(progress);
      break;
    case 'amend':
      if (lookedFor && changesTheIdentity(answer)) {
        found = await lookOnceMore(vend, progress, answer);
        if (found !== 'nothing' && found !== 'foreign') return found;
      }
      await amend(vend, answer, lookedFor);
      break;
    case 'adopt':
      await adopt(vend, answer);
      break;
    default:
      answer.refuse('it does not fit this stage');
  }
  if (vend.memory.escalation) return found;
  progress.failures = 0;
  delete progress.refused;
  return found;
}
