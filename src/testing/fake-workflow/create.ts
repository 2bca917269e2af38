import { OwnReason, VendFailure } from '../../contract';
import type { CreationProgress } from '../../domain/memory';
import { conclude } from '../../workflows/creating/conclude';
import { meetEarlierRuns } from '../../workflows/creating/earlier-runs';
import { iso } from '../../workflows/iso';
import type { Vend } from '../../workflows/vend';
import type { Brief } from '../fake-activities';
import type { Act } from '../script';
import { play } from './play';
import { test } from './proxies';
import { isFailureReason } from './question';

/** The account is made, after what the script has to say; or that of an earlier vend is taken. */
export async function create(vend: Vend, { script, account }: Brief): Promise<void> {
  const { memory } = vend;
  const progress = newProgress(vend);
  await meetEarlierRuns(vend, progress);
  memory.creation = progress;
  if (!memory.accountId) await wait(vend);
  for (const act of script.acts.filter(({ stage }) => stage === 'creating')) {
    if (memory.accountId) break;
    await happen(vend, progress, act);
  }
  if (!memory.accountId) {
    const following = submit(vend, progress);
    await conclude(vend, progress, following, {
      id: following.id,
      state: 'SUCCEEDED',
      ...account,
      completedAt: iso(Date.now()),
    });
  }
  await vend.settle();
  await vend.tellAccountExists();
}

/** For a place: a second vend with one address is refused there. */
async function wait(vend: Vend): Promise<void> {
  vend.waitFor('a place to create');
  const other = await test.whoHasTheAddress();
  if (other !== undefined) throw emailInFlight(vend, other);
}

export function emailInFlight(vend: Vend, requestId: string) {
  return vend.failure(
    VendFailure.EmailInFlight,
    `Another request with this e-mail address is on its way: ${requestId}. Give another address, or retry when that one has ended.`,
  );
}

async function happen(vend: Vend, progress: CreationProgress, act: Act): Promise<void> {
  if (act.is !== 'escalated' || act.escalated === OwnReason.OVERDUE) {
    submit(vend, progress);
    await play(vend, act);
    return;
  }
  if (isFailureReason(act.escalated)) {
    progress.ended.push(submit(vend, progress).id);
    delete progress.following;
  } else {
    // AWS has refused the call itself.
    vend.enter('creating');
    progress.calls += 1;
  }
  // Held back, it waits in the queue, as all others do.
  if (act.scope === 'organization') vend.enter('queued');
  await play(vend, act);
  // What follows is asked of the gate again.
  if (!vend.memory.accountId) vend.enter('queued');
}

/** One creation, in progress; the one that is there, where there is one. */
function submit(vend: Vend, progress: CreationProgress) {
  if (progress.following) return progress.following;
  vend.enter('creating');
  progress.calls += 1;
  const { createAccountRequestIds } = vend.memory;
  const number = createAccountRequestIds.length + 1;
  const id = `car-${requestHash(vend)}${String(number).padStart(4, '0')}`;
  createAccountRequestIds.push(id);
  progress.following = { id, sinceMs: Date.now(), looks: 0, sibling: false };
  vend.waitFor(`AWS to create the account (${id})`);
  return progress.following;
}

/** AWS's are `car-` and 8 to 32 letters or digits. */
function requestHash({ memory }: Vend): string {
  return memory.request.requestId.replaceAll('-', '').slice(0, 28);
}

function newProgress({ admission }: Vend): CreationProgress {
  const callsAllowed = admission.policy.creation.perVend;
  return { sinceMs: Date.now(), calls: 0, callsAllowed, failures: 0, ended: [] };
}
