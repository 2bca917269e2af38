import { ApplicationFailure, CancellationScope, isCancellation } from '@temporalio/workflow';
import { VendFailure } from '../../contract';
import type { CreationProgress } from '../../domain/memory';
import { Abandoned } from '../vend';
import type { Vend } from '../vend';
import { followToItsEnd } from '../creating/follow';
import { followEarlier } from '../creating/open-creation';
import { reconcile } from '../creating/reconcile';
import { learnWhetherTaken } from '../steps/adopt';
import { timeMs } from '../time';

/**
 * Cancelled, abandoned or failed: what AWS had already begun is followed to its end first, so that
 * no account is left that nobody knows of. Returns what the workflow then throws. Anything else (a
 * bug, or continue-as-new) is handed back as it came: it must not end the vend.
 */
export async function endBadly(vend: Vend, error: unknown): Promise<unknown> {
  if (isCancellation(error)) {
    await CancellationScope.nonCancellable(async () => {
      await windDown(vend);
      await vend.end('cancelled');
    });
    return error;
  }
  if (error instanceof Abandoned) {
    try {
      await windDown(vend);
    } catch (interruption) {
      if (!isCancellation(interruption)) throw interruption;
      return endBadly(vend, interruption);
    }
    const outcome = `Abandoned: ${error.message}`;
    await vend.end('abandoned', { failure: VendFailure.VendAbandoned, outcome });
    return vend.failure(VendFailure.VendAbandoned, outcome);
  }
  if (error instanceof ApplicationFailure && isRefusal(error.type)) {
    const [, ...more] = error.details ?? [];
    await vend.end('failed', { failure: error.type, outcome: error.message });
    return vend.failure(error.type, error.message, ...more);
  }
  return error;
}

const REFUSALS = [
  VendFailure.InvalidVendRequest,
  VendFailure.RequestConflict,
  VendFailure.EmailInFlight,
  VendFailure.ApprovalRefused,
  VendFailure.ApprovalExpired,
] as const;

function isRefusal(type: string | null | undefined): type is (typeof REFUSALS)[number] {
  return REFUSALS.some((refusal) => refusal === type);
}

async function windDown(vend: Vend): Promise<void> {
  await vend.beginEnding();
  // A ticket in the queue is given back at once, for those behind it.
  if (vend.gate.isWaiting && !vend.gate.place) await vend.gate.leave();
  await learnWhetherTaken(vend);
  const progress = vend.memory.creation;
  if (!progress || vend.memory.accountId) return;
  if (!progress.following && !progress.unproven) {
    if (progress.lostAnswerAtMs === undefined && !progress.meeting) return;
    // An answer was lost once: one full reconcile more, since AWS may show late what came of it.
    progress.unproven = { sinceMs: timeMs(), looks: 0, complete: 0 };
  }
  // AWS knows the end of what an earlier run had sent by its id, also where the look for it was refused.
  const { acceptedId: id } = progress.unproven ?? {};
  if (id && !progress.following) followEarlier(progress, id);
  vend.enter('cancelling');
  await untilKnown(vend, progress);
}

/** No answer, and nothing sent any more: AWS's own end, or one full reconcile. */
async function untilKnown(vend: Vend, progress: CreationProgress): Promise<void> {
  while (!vend.memory.accountId) {
    if (progress.following) await followToItsEnd(vend, progress, progress.following);
    else if (progress.unproven) {
      if (await reconcile(vend, progress, progress.unproven)) return;
    } else return;
  }
}
