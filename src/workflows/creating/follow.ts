import { ActivityFailure, isCancellation } from '@temporalio/workflow';
import type { CreationStatus, Outcome } from '../../activities';
import { reasonOf } from '../../domain/aws-error';
import type { AwsError } from '../../domain/aws-error';
import { judgeException } from '../../domain/dispositions';
import { formatDuration } from '../../domain/duration';
import { troubleOf } from '../../domain/gate/trouble';
import type { CreationProgress } from '../../domain/memory';
import { look } from '../activity-proxies';
import { iso } from '../iso';
import type { Vend } from '../vend';
import { conclude } from './conclude';
import { untilNextLookMs } from './next-look';
import type { Setback } from './setback';
import { raiseOwn, recover, tellTrouble } from '../steps/hold-back';
import { explain, isPatient } from '../steps/insist';
import { timeMs } from '../time';

type Following = NonNullable<CreationProgress['following']>;

/** So long AWS may not know its own new request; later the id is lost. */
const STATUS_LAG_MS = 2 * 60_000;

/**
 * Follows a creation until AWS says SUCCEEDED or FAILED: a first look early, then growing pauses.
 * A look that fails is simply followed by the next one, and never by another CreateAccount.
 */
export async function followToItsEnd(
  vend: Vend,
  progress: CreationProgress,
  following: Following,
): Promise<Setback | undefined> {
  while (progress.following === following) {
    await vend.continueAsNewIfSuggested();
    await waitForNextLook(vend, following);
    if (await vend.takeRetry()) lookAnew(vend, following);
    following.looks += 1;
    const seen = await lookAt(vend, following.id, `look ${following.looks}`);
    if (seen.ok) {
      await forgetFaults(vend, following);
      const setback = await conclude(vend, progress, following, seen.value);
      if (setback) return setback;
    } else if (seen.error.name !== 'CreateAccountStatusNotFoundException') {
      await complain(vend, following, seen.error);
    } else if (isLost(vend, following)) {
      lookForIt(vend, progress, following);
    }
  }
  return undefined;
}

/** A person wants to know now: soon, and without being told the same again at once. */
function lookAnew(vend: Vend, following: Following): void {
  following.looks = 0;
  following.quietUntilMs = timeMs() + vend.admission.policy.creation.overdueAfterMs;
  delete following.fault;
}

/** AWS had accepted it: looking may find the account, and only a person permits to send again. */
function lookForIt(vend: Vend, progress: CreationProgress, following: Following): void {
  delete progress.following;
  // A stranger's says nothing of what was unproven before, and whether a person permits to send again.
  const known = following.sibling ? progress.unproven : { accepted: true as const };
  progress.unproven = { ...known, sinceMs: timeMs(), looks: 0, complete: 0 };
  progress.lostAnswerAtMs = timeMs();
  vend.note(`AWS does not know ${following.id} any more: looking for what came of it`);
}

async function waitForNextLook(vend: Vend, following: Following): Promise<void> {
  const now = timeMs();
  const tookMs = now - following.sinceMs;
  const delay = untilNextLookMs(vend, following);
  const refused = following.fault ? ', AWS refuses to say how far it is' : '';
  const since = formatDuration(tookMs);
  const what = vend.memory.accountId ? 'name the GovCloud account' : 'create the account';
  vend.waitFor(
    `AWS to ${what} (${following.id}, in progress for ${since}${refused}); next look at ${iso(now + delay)}`,
  );
  await vend.pause(delay, `poll ${following.id} #${following.looks + 1}`);
}

/** An activity that could not answer (its worker was busy or died) is a failed look. */
export async function lookAt(
  vend: Vend,
  id: string,
  summary: string,
): Promise<Outcome<CreationStatus>> {
  try {
    return await look.describeCreateAccountStatus.executeWithOptions({ summary }, [
      { organizationId: vend.organizationId, createAccountRequestId: id },
    ]);
  } catch (error) {
    if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error;
    return {
      ok: false,
      error: {
        operation: 'DescribeCreateAccountStatus',
        name: 'ActivityFailure',
        message: 'the look gave no outcome',
        outcome: 'unknown',
      },
    };
  }
}

/** Soon after a creation, and now and then later, AWS does not know it; that is no loss yet. */
function isLost(vend: Vend, following: Following): boolean {
  following.unknownSinceMs ??= timeMs();
  return !vend.memory.accountId && timeMs() - following.unknownSinceMs >= STATUS_LAG_MS;
}

async function complain(vend: Vend, following: Following, error: AwsError): Promise<void> {
  const reason = reasonOf(error);
  const fault = (following.fault ??= { sinceMs: timeMs(), count: 0 });
  // What somebody was told of is over where AWS says something else, which has a patience of its own.
  if (fault.raised !== undefined && (fault.of ?? fault.raised) !== reason) {
    Object.assign(fault, { sinceMs: timeMs(), count: 0 });
  }
  fault.of = reason;
  fault.count += 1;
  const disposition = judgeException(error, 'reading');
  if (isPatient(disposition, fault)) return;
  fault.raised = reason;
  if (disposition.scope === 'organization') {
    const met = { reason, message: explain(vend, disposition, error), disposition };
    const { kind } = vend.admission.request;
    return tellTrouble(vend, troubleOf(met, 'reading', kind), fault.count);
  }
  await raiseOwn(vend, {
    scope: disposition.scope,
    reason,
    message: explain(vend, disposition, error),
    attempts: fault.count,
    actions: ['retry', 'abandon'],
    nextCheckAtMs: timeMs() + untilNextLookMs(vend, following),
  });
}

/** Ends the escalation that the refused looks had raised, and no other. */
async function forgetFaults(vend: Vend, following: Following): Promise<void> {
  const raised = following.fault?.raised;
  delete following.fault;
  delete following.unknownSinceMs;
  if (raised !== undefined && vend.memory.escalation?.reason === raised) await recover(vend);
}
