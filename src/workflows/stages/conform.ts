import { watchWorkflowId } from '../../contract';
import type { Resolution, ResolutionAction } from '../../contract';
import { reasonOf } from '../../domain/aws-error';
import { conformanceComplaint, isCovered, packLabel } from '../../domain/conformance';
import type { Complaint, PackProgress } from '../../domain/conformance';
import { afterVerdict, isWaived, nextComplaintAtMs, reopened, unseen } from '../../domain/covering';
import { judgeException } from '../../domain/dispositions';
import { formatDuration } from '../../domain/duration';
import type { ConformanceProgress } from '../../domain/memory';
import type { Trouble } from '../../domain/gate/messages';
import { troubleOf } from '../../domain/gate/trouble';
import { purposeOf } from '../../domain/purpose';
import { withoutPersonal } from '../../domain/redact';
import type { LookFault } from '../../domain/watch/messages';
import type { Answer } from '../answers';
import { iso } from '../iso';
import type { Vend } from '../vend';
import type { Wanted } from '../watch-link';
import { raiseOwn, recover, tellTrouble } from '../steps/hold-back';
import { explain, isPatient, patienceMs } from '../steps/insist';
import { timeMs } from '../time';

const ACTIONS: readonly ResolutionAction[] = ['retry', 'waive', 'abandon'];

/**
 * Waits until every required organization conformance pack is successful in this account. The
 * watches of the regions look, for all vends together, and tell what changed; whatever needs a
 * person is told while they go on: when AWS moves on, so does the vend.
 */
export async function conform(vend: Vend): Promise<void> {
  vend.enter('conforming');
  const { admission, memory } = vend;
  memory.conformance ??= {
    packs: admission.conformance.required.map((pack) => ({ ...pack, failedLooks: 0 })),
    deadlineAtMs: timeMs() + admission.conformance.deadlineMs,
    looks: 0,
    seenAtMs: {},
  };
  const progress = memory.conformance;

  while (!isReady(progress)) {
    await keepSubscribed(vend, progress);
    await tellPeople(vend, progress);
    await vend.continueAsNewIfSuggested();
    await waitForNews(vend, progress);
    for (const verdict of vend.watch.takeNews()) afterVerdict(progress, verdict, vend, timeMs());
    const answer = await vend.takeAnswer();
    if (answer) await carryOut(vend, progress, answer);
  }
  await vend.watch.leave();
  await recover(vend);
}

/** All at once: what a region showed long before the last one was ready is looked at once more. */
function isReady(progress: ConformanceProgress): boolean {
  if (!progress.packs.every(isCovered)) return false;
  progress.packs = reopened(progress, timeMs());
  if (!progress.packs.every(isCovered)) progress.reopenedAtMs ??= timeMs();
  return progress.packs.every(isCovered);
}

/** Subscribed in each region with a pack that is waited for, and nowhere else. */
async function keepSubscribed(vend: Vend, progress: ConformanceProgress): Promise<void> {
  for (const region of new Set(progress.packs.map((pack) => pack.region))) {
    const packs = progress.packs.filter((pack) => pack.region === region);
    if (packs.every(isCovered)) await vend.watch.unsubscribe(region);
    else if (!vend.watch.isSubscribed(region)) {
      await vend.watch.subscribe(region, wantedOf(vend, packs));
    } else await vend.watch.subscribeAgain(region, wantedOf(vend, packs));
  }
}

/** Also those that are successful already: a region is judged by one look at all of them. */
function wantedOf(vend: Vend, packs: readonly PackProgress[]): Wanted {
  return {
    accountId: vend.memory.accountId ?? '',
    packs: packs
      .filter((pack) => !isWaived(pack))
      .map(({ pack, owner }) => ({ pack, ...(owner ? { owner } : {}) })),
    scope: vend.admission.conformance.scope,
    joinedAt: vend.memory.joinedAt,
  };
}

/** Of this request, or of the whole organization. */
type ScopedComplaint = (Complaint & { attempts: number }) | { trouble: Trouble };

async function tellPeople(vend: Vend, progress: ConformanceProgress): Promise<void> {
  const complaint = complaintOf(vend, progress);
  if (!complaint) {
    // Refused for another reason now, and for a short time: what was told is not over yet.
    if (!isOfStandingFault(vend, progress)) await recover(vend);
  } else if ('trouble' in complaint) {
    await tellTrouble(vend, complaint.trouble, progress.looks);
  } else await raiseOwn(vend, { scope: 'request', ...complaint, actions: [...ACTIONS] });
}

/** The open escalation is about looks that AWS refuses, and it refuses still. */
function isOfStandingFault(vend: Vend, progress: ConformanceProgress): boolean {
  const open = vend.memory.escalation;
  const isRefused = Object.keys(progress.faults ?? {}).length > 0;
  return isRefused && open !== undefined && open.reason === progress.toldFault;
}

function complaintOf(vend: Vend, progress: ConformanceProgress): ScopedComplaint | undefined {
  for (const [region, fault] of Object.entries(progress.faults ?? {})) {
    const complaint = complaintAbout(vend, region, fault);
    if (!complaint) continue;
    progress.toldFault = reasonOf(fault.error);
    return complaint;
  }
  const complaint = conformanceComplaint(progress.packs, {
    nowMs: timeMs(),
    deadlineAtMs: progress.deadlineAtMs,
    recorderGraceMs: vend.admission.policy.conformance.recorderGraceMs,
  });
  return complaint && { ...complaint, attempts: progress.looks };
}

/** A throttled look is simply the next look; what does not pass by itself is told. */
function complaintAbout(vend: Vend, region: string, fault: LookFault): ScopedComplaint | undefined {
  const { error, count } = fault;
  const disposition = judgeException(error, purposeOf(error.operation));
  if (isPatient(disposition, fault)) return undefined;
  const reason = reasonOf(error);
  const message = `${region}: ${explain(vend, disposition, error)}`;
  if (disposition.scope === 'organization') {
    const met = { reason, message, disposition };
    return { trouble: troubleOf(met, 'conformance', vend.admission.request.kind) };
  }
  return { reason, message, attempts: count };
}

async function waitForNews(vend: Vend, progress: ConformanceProgress): Promise<void> {
  const open = progress.packs.filter((pack) => !isCovered(pack));
  const regions = [...new Set(open.map(({ region }) => region))];
  vend.waitFor(
    [
      `${open.length} of ${progress.packs.length} conformance packs: ${open.map(waitedFor).join(', ')}`,
      ...regions.map((region) => watchedBy(vend, progress, region)),
    ].join('; '),
  );
  const faults = Object.values(progress.faults ?? {}).map(
    ({ error, sinceMs }) => sinceMs + patienceMs(judgeException(error, purposeOf(error.operation))),
  );
  const now = timeMs();
  const { recorderGraceMs } = vend.admission.policy.conformance;
  const atMs = nextComplaintAtMs(progress, recorderGraceMs, now, faults);
  await vend.waitForWatch(Math.min(atMs, vend.watch.nextAskAtMs) - now);
}

function watchedBy(vend: Vend, progress: ConformanceProgress, region: string): string {
  const watch = `\`${watchWorkflowId(vend.organizationId, region)}\``;
  const again = iso(vend.watch.nextAskAtMs);
  if (vend.watch.unanswered(region) > 1) {
    return `${watch} has not answered, so no worker serves it perhaps; it is asked again at ${again}`;
  }
  if (progress.full?.includes(region)) {
    return `${watch} looks after as many accounts as it can; it is asked again at ${again}`;
  }
  const { initialMs, maxMs } = vend.admission.policy.conformance.poll;
  return `${watch} looks every ${formatDuration(initialMs)} to ${formatDuration(maxMs)}, and tells what changes`;
}

function waitedFor(pack: PackProgress): string {
  const { verdict, seen } = pack;
  const notYet = seen ? 'to be seen once more' : 'not seen yet';
  const what =
    verdict?.is === 'waiting'
      ? verdict.for
      : verdict?.is === 'no-recorder'
        ? `no configuration recorder runs ${verdict.own ? 'in the account' : 'in other accounts'}`
        : ((verdict && seen?.row?.status) ?? notYet);
  return `${packLabel(pack)} (${what})`;
}

async function carryOut(vend: Vend, progress: ConformanceProgress, answer: Answer): Promise<void> {
  const { resolution } = answer;
  const refused = Object.keys(progress.faults ?? {});
  if (resolution.action === 'waive' && 'pack' in resolution) {
    progress.packs = progress.packs.map((pack) =>
      waived(pack, resolution, vend.memory.request.accountName),
    );
  } else if (resolution.action === 'retry') {
    if (timeMs() >= progress.deadlineAtMs) {
      progress.deadlineAtMs = timeMs() + vend.admission.conformance.deadlineMs;
    }
    progress.looks = 0;
    progress.packs = progress.packs.map(forgiven);
    delete progress.faults;
  } else {
    answer.refuse('it does not fit this stage');
    return;
  }
  // The watches begin anew with what is wanted now, and look at once. They do not know since when AWS has refused
  // to show a pack that was as it should be: it counts when it is seen again.
  progress.packs = progress.packs.map((pack) =>
    refused.includes(pack.region) ? unseen(pack) : pack,
  );
  await vend.watch.leave();
  await vend.accept(answer);
}

/** The pack as it stands after a waiver, where that means this one. */
export function waived(
  pack: PackProgress,
  resolution: Extract<Resolution, { action: 'waive'; pack: string }>,
  accountName: string | undefined,
): PackProgress {
  const isMeant =
    pack.pack === resolution.pack && (resolution.region ?? pack.region) === pack.region;
  if (!isMeant || isCovered(pack)) return pack;
  return {
    ...pack,
    // It goes into the result and to whoever is told of the end.
    waived: {
      reason: withoutPersonal(resolution.reason, accountName),
      by: resolution.by ?? 'unknown',
    },
  };
}

/** After a retry a failure is believed again only at the second look. */
function forgiven(pack: PackProgress): PackProgress {
  const { noRecorderSinceMs: _, ...rest } = pack;
  return { ...rest, failedLooks: 0 };
}
