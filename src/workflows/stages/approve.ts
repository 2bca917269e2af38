import { VendFailure } from '../../contract';
import { iso } from '../iso';
import type { Vend } from '../vend';
import { timeMs } from '../time';

/** Where the configuration asks for it: a person approves before anything is written at AWS. */
export async function approve(vend: Vend): Promise<void> {
  const { memory } = vend;
  const { approval } = vend.admission.policy;
  // It may have continued as new between the verdict and what follows from it.
  const isOver = memory.approval?.verdict === 'approved' && memory.stage !== 'approving';
  if (!approval || isOver) return;
  const expiresAtMs = timeMs() + approval.expiresAfterMs;
  memory.approval ??= { deadlineAtMs: expiresAtMs, expiresAt: iso(expiresAtMs) };
  const { deadlineAtMs, expiresAt } = memory.approval;
  vend.enter('approving');
  vend.waitFor(`an approval, until ${expiresAt}`);
  await vend.tellApprovalWanted();
  while (!memory.approval.verdict && timeMs() < deadlineAtMs) {
    await vend.waitForVerdict(deadlineAtMs - timeMs());
    await vend.continueAsNewIfSuggested();
  }
  switch (memory.approval.verdict) {
    case 'approved':
      await vend.tellPeople();
      vend.enter('queued');
      await vend.tellApproved();
      return;
    case 'rejected': {
      const decision = memory.decisions.findLast(({ action }) => action === 'reject');
      const why = decision?.reason ? `: ${decision.reason.replace(/\.$/, '')}` : '';
      throw vend.failure(
        VendFailure.ApprovalRefused,
        `The approval was refused${why}. Nothing was created.`,
      );
    }
    default:
      throw vend.failure(
        VendFailure.ApprovalExpired,
        `Nobody approved until ${expiresAt} (approval.expiresAfter). Nothing was created; start it again to ask again.`,
      );
  }
}
