import { condition, sleep } from '@temporalio/workflow';
import { OwnReason } from '../../contract';
import { waived } from '../../workflows/stages/conform';
import { adopt } from '../../workflows/steps/adopt';
import { amend } from '../../workflows/steps/amend';
import type { Answer } from '../../workflows/answers';
import type { Vend } from '../../workflows/vend';
import type { Act } from '../script';
import { people } from './proxies';
import { questionOf } from './question';

type Escalated = Extract<Act, { is: 'escalated' }>;

/** Does what the script says of a stage that the vend is in. */
export async function play(vend: Vend, act: Act): Promise<void> {
  switch (act.is) {
    case 'escalated':
      await askAPerson(vend, act);
      return;
    case 'takes':
      vend.waitFor(`the time that the test gives to ${act.stage}`);
      await vend.pause(act.ms, `${act.stage} takes so long`);
      return;
    case 'cancelled':
      vend.waitFor('its cancellation');
      await people.cancelAsScripted();
      await condition(() => false);
      return;
    case 'never':
      vend.waitFor(`an end of ${act.stage} that the test never gives`);
      await condition(() => false);
  }
}

/** Until an answer is carried out, or the cause has gone. */
async function askAPerson(vend: Vend, act: Escalated): Promise<void> {
  const endsAtMs = act.endsAfterMs === undefined ? undefined : Date.now() + act.endsAfterMs;
  answerLater(act);
  for (;;) {
    const answer = await vend.ask({
      ...questionOf(vend, act),
      ...(endsAtMs === undefined ? {} : { nextCheckAtMs: endsAtMs }),
    });
    if (answer) await carryOut(vend, act, answer);
    // That one is over when the account is there.
    else if (act.escalated === OwnReason.OVERDUE && act.stage === 'creating') return;
    else if (act.scope === 'organization') await vend.settleHolding();
    else await vend.settle();
    if (!vend.memory.escalation) return;
  }
}

/** Beside the vend, which waits for it. */
function answerLater({ answer, answerAfterMs = 0 }: Escalated): void {
  if (!answer) return;
  const send = async () => {
    if (answerAfterMs > 0) await sleep(answerAfterMs, { summary: 'until the scripted answer' });
    await people.answerAsScripted({ resolve: answer });
  };
  // Cancelled, the vend ends without it.
  send().catch(() => undefined);
}

async function carryOut(vend: Vend, { stage }: Escalated, answer: Answer): Promise<void> {
  const { memory } = vend;
  const { resolution } = answer;
  switch (resolution.action) {
    case 'retry':
      return vend.accept(answer);
    case 'amend':
      return amend(vend, answer, stage === 'creating');
    case 'adopt':
      return adopt(vend, answer);
    case 'waive':
      if (stage === 'placing') {
        memory.placed = true;
        memory.organizationalUnitId = vend.admission.rootId;
        return vend.accept(answer, 'placing: the account stays where it is');
      }
      if (stage === 'readying') memory.readied = true;
      if (stage === 'settling') (memory.settling ??= {}).isOver = true;
      if ('pack' in resolution && memory.conformance) {
        const { packs } = memory.conformance;
        memory.conformance.packs = packs.map((pack) => waived(pack, resolution));
        return vend.accept(answer);
      }
      return vend.accept(answer, stage);
    default:
      answer.refuse('it does not fit this stage');
  }
}
