import { OwnReason } from '../../contract';
import type { ResolutionAction } from '../../contract';
import type { Outcome } from '../../activities';
import type { SettlingProgress } from '../../domain/memory';
import { REGION_LOOKS, REGIONS_DEADLINE_MS } from '../../domain/pacing';
import { isEnabled, regionsToEnable } from '../../domain/regions';
import { world } from '../activity-proxies';
import type { Answer } from '../answers';
import { amend } from '../steps/amend';
import { awaitAws, newWait } from '../steps/await-aws';
import type { Seen } from '../steps/await-aws';
import { insist } from '../steps/insist';
import type { Vend } from '../vend';

const ACTIONS: readonly ResolutionAction[] = ['retry', 'amend', 'waive', 'abandon'];

const ADVICE =
  'AWS enables a region within minutes for most accounts and can take hours. The vend goes on by itself when AWS is done; retry waits as long again, waive goes on without.';

/** Sets the alternate contacts and enables the opt-in regions, where they are asked for. */
export async function settle(vend: Vend): Promise<void> {
  const { memory } = vend;
  if (!vend.admission.settling || memory.settling?.isOver) return;
  vend.enter('settling');
  const progress = (memory.settling ??= {});
  const end = await putContacts(vend, progress);
  if (end !== 'waived') await enableRegions(vend, progress);
  progress.isOver = true;
}

async function putContacts(vend: Vend, progress: SettlingProgress): Promise<'done' | 'waived'> {
  while (!progress.contactsPut) {
    const contacts = vend.admission.settling?.contacts ?? [];
    if (contacts.length === 0) {
      // From here on it is about regions: contacts that are amended now would be put by nobody.
      progress.contactsPut = true;
      break;
    }
    const step = { what: 'set the alternate contacts', actions: ACTIONS };
    const put = await insist(vend, step, () => sendContacts(vend, contacts.join(', ')));
    if ('answer' in put) {
      if ((await carryOut(vend, put.answer)) === 'waived') return 'waived';
    } else {
      progress.contactsPut = true;
    }
  }
  return 'done';
}

/** What they say goes from the request to the activity, and nowhere else. */
function sendContacts(vend: Vend, which: string) {
  const { accountId = '', request } = vend.memory;
  const { alternateContacts: given } = request;
  return world.putAlternateContacts.executeWithOptions({ summary: `set contacts: ${which}` }, [
    {
      organizationId: vend.organizationId,
      requestId: request.requestId,
      accountId,
      ...(given ? { given } : {}),
    },
  ]);
}

async function carryOut(vend: Vend, answer: Answer): Promise<'again' | 'waived'> {
  switch (answer.resolution.action) {
    case 'amend':
      await amend(vend, answer, false);
      return 'again';
    case 'waive':
      await vend.accept(answer, 'settling');
      return 'waived';
    default:
      answer.refuse('it does not fit this stage');
      return 'again';
  }
}

async function enableRegions(vend: Vend, progress: SettlingProgress): Promise<void> {
  const { regions = [] } = vend.admission.settling ?? {};
  if (regions.length === 0) return;
  progress.regions ??= newWait(REGIONS_DEADLINE_MS);
  await awaitAws(vend, {
    stage: 'settling',
    what: 'opt-in regions to be enabled',
    progress: progress.regions,
    interval: REGION_LOOKS,
    deadlineMs: REGIONS_DEADLINE_MS,
    overdue: { reason: OwnReason.REGIONS_DEADLINE, advice: ADVICE },
    actions: ACTIONS,
    look: () => lookAtRegions(vend, progress),
  });
}

/** One look, and EnableRegion for those that nobody has begun with. */
async function lookAtRegions(vend: Vend, progress: SettlingProgress): Promise<Outcome<Seen>> {
  const { organizationId } = vend;
  const { accountId = '' } = vend.memory;
  const { requestId } = vend.admission.request;
  const { regions = [] } = vend.admission.settling ?? {};
  const seen = await world.lookAtRegions.executeWithOptions(
    { summary: `${regions.length} opt-in regions, look ${progress.regions?.looks}` },
    [{ organizationId, accountId, regions }],
  );
  if (!seen.ok) return seen;
  const open = seen.value.filter((region) => !isEnabled(region));
  if (open.length === 0) return { ok: true, value: { is: 'done' } };
  const asked = regionsToEnable(seen.value);
  let begun: string[] = [];
  if (asked.length > 0) {
    progress.regionsBegun = true;
    const outcome = await world.enableRegions.executeWithOptions(
      { summary: `enable ${asked.join(', ')}` },
      [{ organizationId, requestId, accountId, regions: asked }],
    );
    if (!outcome.ok) return outcome;
    begun = outcome.value;
  }
  const waiting = open.map(({ region, status }) =>
    begun.includes(region) ? `${region} (ENABLING)` : `${region} (${status})`,
  );
  return { ok: true, value: { is: 'waiting', for: waiting.join(', ') } };
}
