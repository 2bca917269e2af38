import { ActivityFailure, isCancellation } from '@temporalio/workflow';
import type { CreationStatus, Outcome } from '../../activities';
import { reasonOf } from '../../domain/aws-error';
import type { AwsError } from '../../domain/aws-error';
import { judgeException } from '../../domain/dispositions';
import { formatDuration } from '../../domain/duration';
import type { CreationProgress } from '../../domain/memory';
import { growingDelay } from '../../domain/pacing';
import { look } from '../activity-proxies';
import { iso } from '../vend';
import type { Vend } from '../vend';
import { conclude } from './conclude';
import type { Setback } from './setback';
import { explain, isPatient } from '../steps/insist';
import type { Patience } from '../steps/insist';

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
  let fault: Patience | undefined;
  while (progress.following === following) {
    await vend.continueAsNewIfSuggested();
    await waitForNextLook(vend, following);
    const answer = await vend.takeAnswer();
    // OVERDUE and the like offer nothing but to look at once.
    if (answer) await vend.accept(answer);
    following.looks += 1;
    const seen = await lookOnce(vend, following);
    if (seen.ok) {
      if (fault) await vend.settle();
      fault = undefined;
      const setback = await conclude(vend, progress, following, seen.value);
      if (setback) return setback;
      continue;
    }
    if (isLost(seen.error, following)) {
      delete progress.following;
      progress.unproven = { sinceMs: Date.now(), looks: 0, complete: 0 };
      vend.note(`AWS does not know ${following.id} any more: looking for what came of it`);
      return undefined;
    }
    if (seen.error.name === 'CreateAccountStatusNotFoundException') continue;
    fault ??= { sinceMs: Date.now(), count: 0 };
    fault.count += 1;
    await complain(vend, seen.error, fault);
  }
  return undefined;
}

async function waitForNextLook(vend: Vend, following: Following): Promise<void> {
  const now = Date.now();
  const delay = growingDelay(vend.admission.policy.creation.poll, following.looks);
  const since = formatDuration(now - following.sinceMs);
  const what = vend.memory.accountId ? 'name the GovCloud account' : 'create the account';
  vend.waitFor(
    `AWS to ${what} (${following.id}, in progress for ${since}); next look at ${iso(now + delay)}`,
  );
  await vend.pause(delay, `poll ${following.id} #${following.looks + 1}`);
}

/** A local activity that could not answer (its worker was busy or died) is a failed look. */
async function lookOnce(vend: Vend, following: Following): Promise<Outcome<CreationStatus>> {
  try {
    return await look.describeCreateAccountStatus({
      organizationId: vend.organizationId,
      createAccountRequestId: following.id,
    });
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

function isLost(error: AwsError, following: Following): boolean {
  return (
    error.name === 'CreateAccountStatusNotFoundException' &&
    Date.now() - following.sinceMs >= STATUS_LAG_MS
  );
}

async function complain(vend: Vend, error: AwsError, fault: Patience): Promise<void> {
  const disposition = judgeException(error, 'reading');
  if (isPatient(disposition, fault)) return;
  await vend.raise({
    scope: disposition.scope,
    reason: reasonOf(error),
    message: explain(disposition, error),
    attempts: fault.count,
    actions: ['retry', 'abandon'],
  });
}
