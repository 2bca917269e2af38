import { CancellationScope, workflowInfo } from '@temporalio/workflow';
import { VendFailure } from '../../contract';
import type { VendRequest, VendResult } from '../../contract';
import { isCovered } from '../../domain/conformance';
import { bringIn } from '../../workflows/stages/bring-in';
import { admit } from '../../workflows/stages/admit';
import { approve } from '../../workflows/stages/approve';
import { endBadly } from '../../workflows/stages/end-badly';
import { place } from '../../workflows/stages/place';
import { ready } from '../../workflows/stages/ready';
import { settle } from '../../workflows/stages/settle';
import { Vend } from '../../workflows/vend';
import type { Brief } from '../fake-activities';
import type { ScriptedStage } from '../outcome';
import { create, emailInFlight } from './create';
import { play } from './play';
import { people, test } from './proxies';
import { publishOnlyIf } from './search-attributes';

/**
 * The fake `vendAccount`. What is seen from outside (state, messages, refusals, notices, search
 * attributes, failures) is the real one's own code; AWS, the organization's gate and the watches are
 * not there: the script says what they would have come to.
 */
export async function vendAccount(request: VendRequest): Promise<VendResult> {
  const startedAt = workflowInfo().startTime.toISOString();
  const brief = await CancellationScope.nonCancellable(() =>
    test.beginFakeVend({ request, startedAt }),
  );
  publishOnlyIf(brief.hasSearchAttributes);
  const vend = new Vend(request);
  try {
    await admit(vend);
    decideLater(brief);
    await approve(vend);
    refuse(vend, brief);
    const { existingAccountId } = vend.admission.request;
    await (existingAccountId ? bringIn(vend, existingAccountId) : create(vend, brief));
    await happenIn(vend, brief, 'placing');
    await place(vend);
    await happenIn(vend, brief, 'readying');
    await ready(vend);
    await happenIn(vend, brief, 'settling');
    await settle(vend);
    await conform(vend, brief);
    await vend.end('done');
    return { ...vend.result(), ...brief.script.result };
  } catch (error) {
    throw await endBadly(vend, error);
  }
}

async function happenIn(vend: Vend, { script }: Brief, stage: ScriptedStage): Promise<void> {
  for (const act of script.acts) {
    if (act.stage !== stage) continue;
    vend.enter(stage);
    await play(vend, act);
  }
}

/** Somebody approves or rejects, where the script says so. */
function decideLater({ script }: Brief): void {
  const verdict = script.approval?.verdict;
  if (!verdict) return;
  const { is, given } = verdict;
  people
    .answerAsScripted(is === 'approve' ? { approve: given } : { reject: given })
    .catch(() => undefined);
}

function refuse(vend: Vend, { script }: Brief): void {
  const { requestId } = vend.memory.request;
  switch (script.refusal?.type) {
    case VendFailure.EmailInFlight:
      throw emailInFlight(vend, 'another-request');
    case VendFailure.RequestConflict: {
      const { problems = [{ field: 'email', message: DIFFERS }] } = script.refusal;
      const fields = problems.map(({ field }) => field).join(', ');
      throw vend.failure(
        VendFailure.RequestConflict,
        `${requestId} was vended before, with another ${fields}. A requestId means one account for ever: take another one for another account.`,
        problems,
      );
    }
    default:
  }
}

const DIFFERS = 'differs from the vend of this requestId that is done';

async function conform(vend: Vend, brief: Brief): Promise<void> {
  vend.enter('conforming');
  const { required, deadlineMs } = vend.admission.conformance;
  const progress = (vend.memory.conformance = {
    packs: required.map((pack) => ({ ...pack, failedLooks: 0 })),
    deadlineAtMs: Date.now() + deadlineMs,
    looks: 0,
    seenAtMs: {},
  });
  await happenIn(vend, brief, 'conforming');
  const lastUpdateTime = new Date().toISOString();
  progress.packs = progress.packs.map((pack) =>
    isCovered(pack)
      ? pack
      : {
          ...pack,
          seen: { row: { status: 'CREATE_SUCCESSFUL', lastUpdateTime } },
          verdict: { is: 'done' as const },
        },
  );
}
