import { OwnReason } from '../../contract';
import type { CreationProgress } from '../../domain/memory';
import { followToItsEnd } from '../creating/follow';
import { overcome } from '../creating/overcome';
import { reconcile } from '../creating/reconcile';
import type { Setback } from '../creating/setback';
import { submitOnce } from '../creating/submit';
import type { Vend } from '../vend';

/**
 * Creates the account, exactly once: submit, follow what was submitted to its end, judge. An answer
 * that was lost is looked for before anything is sent again.
 */
export async function create(vend: Vend): Promise<void> {
  if (isCreated(vend)) return;
  vend.enter('creating');
  const progress = (vend.memory.creation ??= newProgress(vend));
  while (!isCreated(vend)) {
    await vend.continueAsNewIfSuggested();
    const setback = await advance(vend, progress);
    if (setback) await overcome(vend, progress, setback);
  }
  await vend.settle();
  await vend.tellAccountExists();
}

function newProgress(vend: Vend): CreationProgress {
  return {
    sinceMs: Date.now(),
    calls: 0,
    callsAllowed: vend.admission.policy.creation.perVend,
    failures: 0,
    ended: [],
  };
}

/** A GovCloud creation is followed on until AWS names both accounts. */
function isCreated({ memory }: Vend): boolean {
  return memory.accountId !== undefined && memory.creation?.following === undefined;
}

/** The one next thing to do. */
async function advance(vend: Vend, progress: CreationProgress): Promise<Setback | undefined> {
  if (progress.following) return followToItsEnd(vend, progress, progress.following);
  if (progress.unproven) return reconcile(vend, progress, progress.unproven);
  if (progress.calls >= progress.callsAllowed) return budgetSpent(progress);
  return submitOnce(vend, progress);
}

function budgetSpent(progress: CreationProgress): Setback {
  return {
    reason: OwnReason.CREATION_BUDGET_SPENT,
    disposition: {
      verb: 'ask',
      scope: 'request',
      look: true,
      advice: `${progress.calls} CreateAccount calls were sent for this request, as many as creation.perVend allows. Find out why none made an account; retry allows as many again.`,
    },
    detail: '',
  };
}
