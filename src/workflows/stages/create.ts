import { OwnReason } from '../../contract';
import type { CreationProgress } from '../../domain/memory';
import { findPair } from '../creating/find-pair';
import { lookBack, meetEarlierRuns } from '../creating/earlier-runs';
import { followToItsEnd } from '../creating/follow';
import { overcome } from '../creating/overcome';
import { reconcile } from '../creating/reconcile';
import type { Setback } from '../creating/setback';
import { takeOn } from '../steps/adopt';
import { submitOnce } from '../creating/submit';
import { waitForPlace } from '../creating/wait-for-place';
import type { Vend } from '../vend';
import { timeMs } from '../time';

/**
 * Creates the account, exactly once: wait for a place, submit, follow what was submitted to its end, judge. An answer
 * that was lost is looked for before anything is sent again.
 */
export async function create(vend: Vend): Promise<void> {
  if (isCreated(vend)) return;
  const notTaken = await takeOn(vend);
  const progress = await begin(vend);
  if (notTaken) await overcome(vend, progress, notTaken);
  while (!isCreated(vend)) {
    // A place belongs to the run that it was given to: the next one would look for minutes first.
    if (!isAboutToSubmit(vend, progress)) await vend.continueAsNewIfSuggested();
    const setback = await advance(vend, progress);
    if (setback) await overcome(vend, progress, setback);
  }
  await vend.gate.leave(vend.accountForLedger);
  await vend.settle();
  await vend.tellAccountExists();
}

async function begin(vend: Vend): Promise<CreationProgress> {
  const progress = (vend.memory.creation ??= {
    sinceMs: timeMs(),
    calls: 0,
    callsAllowed: vend.admission.policy.creation.perVend,
    failures: 0,
    ended: [],
  });
  if (progress.metEarlierRuns) return progress;
  await meetEarlierRuns(vend, progress);
  progress.metEarlierRuns = true;
  return progress;
}

/** A GovCloud creation is followed on until AWS names both accounts. */
function isCreated({ memory }: Vend): boolean {
  const { following, isPairUnknown } = memory.creation ?? {};
  return memory.accountId !== undefined && !following && !isPairUnknown;
}

function isAboutToSubmit({ gate }: Vend, progress: CreationProgress): boolean {
  return gate.place !== undefined && !progress.following && !progress.unproven;
}

/** The one next thing to do. */
async function advance(vend: Vend, progress: CreationProgress): Promise<Setback | undefined> {
  if (progress.isPairUnknown) return findPair(vend, progress);
  // Begun by the run before this one, which has continued as new meanwhile.
  if (progress.meeting) {
    await lookBack(vend, progress);
    return undefined;
  }
  // Under another address AWS would make a second account: all has to be seen first.
  if (progress.isHidden && !progress.following) {
    delete progress.isHidden;
    progress.unproven ??= { sinceMs: timeMs(), looks: 0, complete: 0 };
  }
  if (progress.following || progress.unproven) vend.enter('creating');
  if (progress.following) return followToItsEnd(vend, progress, progress.following);
  if (progress.unproven) return reconcile(vend, progress, progress.unproven);
  if (progress.calls >= progress.callsAllowed) return budgetSpent(progress);
  if (!vend.gate.place) return waitForPlace(vend, progress);
  return submitOnce(vend, progress, vend.gate.place);
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
