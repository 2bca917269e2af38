import { ActivityFailure, CancellationScope, TimeoutFailure } from '@temporalio/workflow';
import type { CreationStatus, SubmitOutcome } from '../../activities';
import { MAY_NOT_BE_THE_FIRST, reasonOf } from '../../domain/aws-error';
import type { AwsError } from '../../domain/aws-error';
import { isKnownException, judgeException } from '../../domain/dispositions';
import type { Grant } from '../../domain/gate/messages';
import type { CreationProgress } from '../../domain/memory';
import { SEND_WITHIN_MS, TAKEN_WITHIN_MS, submit } from '../activity-proxies';
import type { Vend } from '../vend';
import { conclude } from './conclude';
import { lookBack } from './earlier-runs';
import type { Setback } from './setback';
import { timeMs } from '../time';

/**
 * One CreateAccount. What AWS refused, or never got, is a setback; where the answer was lost it is
 * left unproven, and looked for before anything else is sent.
 */
export async function submitOnce(
  vend: Vend,
  progress: CreationProgress,
  place: Grant,
): Promise<Setback | undefined> {
  const scope = CancellationScope.current();
  if (scope.consideredCancelled) await scope.cancelRequested;
  await vend.takeRetry();
  vend.waitFor('AWS to accept the creation');
  // Their end is known, or a person has permitted another one.
  progress.overIds = [...vend.memory.createAccountRequestIds];
  const outcome = await send(vend, progress, place);
  if (outcome.ok) {
    progress.calls += 1;
    delete progress.refused;
    return accepted(vend, progress, outcome.value);
  }
  const { error, inProgress } = outcome;
  if (error.name === MAY_NOT_BE_THE_FIRST) {
    await lookBack(vend, progress);
    return undefined;
  }
  if (error.outcome === 'unknown') {
    progress.calls += 1;
    progress.unproven = { sinceMs: timeMs(), looks: 0, complete: 0 };
    progress.lostAnswerAtMs = timeMs();
    vend.note(
      `the answer to ${error.operation} was lost (${error.name}): looking for what came of it`,
    );
    return undefined;
  }
  // They are counted after AWS's refusal, and one may have ended in between: fewer than five are
  // believed, and told as the daily limit, only when it is said twice in a row.
  const counted = progress.refused ? inProgress : undefined;
  const disposition = judgeException(error, 'creating', counted);
  if (disposition.verb !== 'repeat') progress.calls += 1;
  // Nothing happened, as far as AWS's own exceptions go; of one that nobody knows that is not proven.
  if (!isKnownException(error)) progress.lostAnswerAtMs = timeMs();
  return {
    reason: reasonOf(error),
    disposition,
    detail: `AWS said: ${error.message}`,
    ...(error.outcome === 'not-sent' ? { isNotSent: true } : {}),
  };
}

/** Mostly IN_PROGRESS; where AWS knows more at once, no look is needed. */
async function accepted(
  vend: Vend,
  progress: CreationProgress,
  status: CreationStatus,
): Promise<Setback | undefined> {
  vend.memory.createAccountRequestIds.push(status.id);
  progress.following = { id: status.id, sinceMs: timeMs(), looks: 0, sibling: false };
  vend.waitFor(`AWS to create the account (${status.id})`);
  return conclude(vend, progress, progress.following, status);
}

/** Not even a cancellation interrupts it: what AWS was asked for has to be known. */
async function send(
  vend: Vend,
  { provenRunId }: CreationProgress,
  { runId: grantedRunId }: Grant,
): Promise<SubmitOutcome> {
  const { request } = vend.admission;
  try {
    return await CancellationScope.nonCancellable(() =>
      submit.createAccount.executeWithOptions({ summary: `create (${request.kind})` }, [
        {
          organizationId: vend.organizationId,
          request,
          grantedRunId,
          ...(provenRunId ? { provenRunId } : {}),
          takenWithinMs: TAKEN_WITHIN_MS,
          sendWithinMs: SEND_WITHIN_MS,
        },
      ]),
    );
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    return { ok: false, error: lost(error, request.kind) };
  }
}

/** The activity gave no outcome: its worker died, or it took too long. */
function lost(failure: ActivityFailure, kind: string): AwsError {
  const { cause } = failure;
  const isNotSent = cause instanceof TimeoutFailure && cause.timeoutType === 'SCHEDULE_TO_START';
  return {
    operation: kind === 'govcloud' ? 'CreateGovCloudAccount' : 'CreateAccount',
    name: cause instanceof TimeoutFailure ? `${cause.timeoutType} time-out` : 'ActivityFailure',
    message: 'the activity gave no outcome',
    outcome: isNotSent ? 'not-sent' : 'unknown',
  };
}
