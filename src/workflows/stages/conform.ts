import { OwnReason } from '../../contract';
import type { Resolution, ResolutionAction } from '../../contract';
import type { PackObservation } from '../../domain/conformance';
import {
  afterLook,
  conformanceComplaint,
  isCovered,
  judgePack,
  packLabel,
} from '../../domain/conformance';
import type { Complaint, PackProgress } from '../../domain/conformance';
import { reasonOf } from '../../domain/aws-error';
import type { AwsError } from '../../domain/aws-error';
import { judgeException } from '../../domain/dispositions';
import type { ConformanceProgress } from '../../domain/memory';
import type { Trouble } from '../../domain/gate/messages';
import { troubleOf } from '../../domain/gate/trouble';
import { growingDelay } from '../../domain/pacing';
import { purposeOf } from '../../domain/purpose';
import { withoutAddresses } from '../../domain/redact';
import { world } from '../activity-proxies';
import type { Answer } from '../answers';
import { iso } from '../iso';
import type { Vend } from '../vend';
import { recover, tellTrouble } from '../steps/hold-back';
import { explain, isPatient } from '../steps/insist';

const ACTIONS: readonly ResolutionAction[] = ['retry', 'waive', 'abandon'];

/**
 * Waits until every required organization conformance pack is successful in this account. Whatever
 * needs a person is told while the looks go on: when AWS moves on, so does the vend.
 */
export async function conform(vend: Vend): Promise<void> {
  vend.enter('conforming');
  const { admission, memory } = vend;
  memory.conformance ??= {
    packs: admission.conformance.required.map((pack) => ({ ...pack, failedLooks: 0 })),
    deadlineAtMs: Date.now() + admission.conformance.deadlineMs,
    looks: 0,
  };
  const progress = memory.conformance;

  while (!progress.packs.every(isCovered)) {
    if (!memory.waitingFor) vend.waitFor(`a look at ${progress.packs.length} conformance packs`);
    const fault = await lookEverywhere(vend, progress);
    if (progress.packs.every(isCovered)) break;
    const complaint = fault ?? complaintOf(vend, progress);
    if (complaint && 'trouble' in complaint) {
      await tellTrouble(vend, complaint.trouble, progress.looks);
    } else if (complaint) {
      await vend.raise({ ...complaint, attempts: progress.looks, actions: [...ACTIONS] });
    } else {
      await recover(vend);
    }
    await vend.continueAsNewIfSuggested();
    await waitForNextLook(vend, progress);
    const answer = await vend.takeAnswer();
    if (answer) await carryOut(vend, progress, answer);
  }
  await recover(vend);
}

/** Of this request, or of the whole organization. */
type ScopedComplaint = (Complaint & { scope: 'request' }) | { trouble: Trouble };

/** One look at each region with a pack that is still waited for; a complaint where AWS refuses. */
async function lookEverywhere(
  vend: Vend,
  progress: ConformanceProgress,
): Promise<ScopedComplaint | undefined> {
  progress.looks += 1;
  let complaint: ScopedComplaint | undefined;
  const open = progress.packs.filter((pack) => !isCovered(pack));
  for (const region of new Set(open.map((pack) => pack.region))) {
    const packs = open.filter((pack) => pack.region === region).map((pack) => pack.pack);
    const outcome = await world.lookAtConformance.executeWithOptions(
      {
        summary: `${region}: ${packs.length} of ${progress.packs.length} packs, look ${progress.looks}`,
      },
      [
        {
          organizationId: vend.organizationId,
          accountId: vend.memory.accountId ?? '',
          region,
          packs,
          withAggregate: vend.admission.conformance.scope === 'organization',
        },
      ],
    );
    if (outcome.ok) {
      delete progress.faults?.[region];
      learn(vend, progress, outcome.value);
    } else {
      complaint ??= patienceWith(vend, progress, region, outcome.error);
    }
  }
  return complaint;
}

function learn(vend: Vend, progress: ConformanceProgress, seen: PackObservation[]): void {
  const { scope } = vend.admission.conformance;
  const { joinedAt } = vend.memory;
  for (const observation of seen) {
    const verdict = judgePack(observation, scope, joinedAt);
    progress.packs = progress.packs.map((pack) =>
      packLabel(pack) === packLabel(observation)
        ? afterLook(pack, observation, verdict, Date.now())
        : pack,
    );
  }
}

/** A throttled look is simply the next look; what does not pass by itself is told. */
function patienceWith(
  vend: Vend,
  progress: ConformanceProgress,
  region: string,
  error: AwsError,
): ScopedComplaint | undefined {
  progress.faults ??= {};
  const patience = (progress.faults[region] ??= { sinceMs: Date.now(), count: 0 });
  patience.count += 1;
  const disposition = judgeException(error, purposeOf(error.operation));
  if (isPatient(disposition, patience)) return undefined;
  const met = {
    reason: reasonOf(error),
    message: `${region}: ${explain(disposition, error)}`,
    disposition,
  };
  if (disposition.scope === 'organization') {
    return { trouble: troubleOf(met, 'conformance', vend.admission.request.kind) };
  }
  return { scope: 'request', reason: met.reason, message: met.message };
}

function complaintOf(vend: Vend, progress: ConformanceProgress): ScopedComplaint | undefined {
  const complaint = conformanceComplaint(progress.packs, {
    nowMs: Date.now(),
    deadlineAtMs: progress.deadlineAtMs,
    recorderGraceMs: vend.admission.policy.conformance.recorderGraceMs,
  });
  return complaint && { scope: 'request', ...complaint };
}

async function waitForNextLook(vend: Vend, progress: ConformanceProgress): Promise<void> {
  const { poll } = vend.admission.policy.conformance;
  const now = Date.now();
  const grown = growingDelay(poll, progress.looks - 1);
  const untilDeadline = progress.deadlineAtMs - now;
  const delay = untilDeadline > 0 ? Math.min(grown, untilDeadline) : grown;
  const open = progress.packs.filter((pack) => !isCovered(pack));
  vend.waitFor(
    `${open.length} of ${progress.packs.length} conformance packs: ${open.map(waitedFor).join(', ')}; next look at ${iso(now + delay)}`,
  );
  await vend.pause(delay, `next look at ${open.length} conformance packs`);
}

function waitedFor(pack: PackProgress): string {
  const { verdict } = pack;
  const what =
    verdict?.is === 'waiting'
      ? verdict.for
      : verdict?.is === 'no-recorder'
        ? `no configuration recorder runs ${verdict.own ? 'in the account' : 'in other accounts'}`
        : (pack.seen?.row?.status ?? 'not seen yet');
  return `${packLabel(pack)} (${what})`;
}

async function carryOut(vend: Vend, progress: ConformanceProgress, answer: Answer): Promise<void> {
  const { resolution } = answer;
  if (resolution.action === 'waive' && 'pack' in resolution) {
    progress.packs = progress.packs.map((pack) => waived(pack, resolution));
  } else if (resolution.action === 'retry') {
    if (vend.memory.escalation?.reason === OwnReason.CONFORMANCE_DEADLINE) {
      progress.deadlineAtMs = Date.now() + vend.admission.conformance.deadlineMs;
    }
    progress.looks = 0;
    progress.packs = progress.packs.map(forgiven);
  } else {
    answer.refuse('it does not fit this stage');
    return;
  }
  await vend.accept(answer);
}

function waived(
  pack: PackProgress,
  resolution: Extract<Resolution, { action: 'waive'; pack: string }>,
): PackProgress {
  const isMeant =
    pack.pack === resolution.pack && (resolution.region ?? pack.region) === pack.region;
  if (!isMeant || isCovered(pack)) return pack;
  return {
    ...pack,
    waived: { reason: withoutAddresses(resolution.reason), by: resolution.by ?? 'unknown' },
  };
}

/** After a retry a failure is believed again only at the second look. */
function forgiven(pack: PackProgress): PackProgress {
  const { noRecorderSinceMs: _, ...rest } = pack;
  return { ...rest, failedLooks: 0 };
}
