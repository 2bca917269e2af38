import { condition, sleep } from '@temporalio/workflow';
import { OwnReason } from '../../contract';
import { isCovered } from '../../domain/conformance';
import { iso } from '../../workflows/iso';
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
  if (act.stage === 'conforming') failAPack(vend, act.escalated);
  const { endsAfterMs } = act;
  const endsAtMs = endsAfterMs === undefined ? undefined : Date.now() + endsAfterMs;
  answerLater(act);
  for (;;) {
    const answer = await ask(vend, act, endsAtMs);
    if (answer) await carryOut(vend, act, answer);
    else {
      // The vend goes on by itself; it says that this is over when the account is there.
      if (act.stage !== 'creating') await vend.settle();
      return;
    }
    if (!vend.memory.escalation) return;
  }
}

/** Undefined when the time has come at which the cause is gone. */
async function ask(vend: Vend, act: Escalated, endsAtMs?: number): Promise<Answer | undefined> {
  const question = questionOf(vend, act);
  if (endsAtMs === undefined) return vend.ask(question);
  const isOverdue = question.reason === OwnReason.OVERDUE;
  await vend.raise(isOverdue ? { ...question, nextCheckAtMs: endsAtMs } : question);
  await vend.pause(endsAtMs - Date.now(), `until ${question.reason} has gone by itself`);
  return vend.takeAnswer();
}

/** The first pack that is waited for shows what AWS Config says; deadlines are none of its words. */
function failAPack({ memory }: Vend, errorCode: string): void {
  const { conformance } = memory;
  if (!conformance || Object.hasOwn(OwnReason, errorCode)) return;
  const open = conformance.packs.find((pack) => !isCovered(pack));
  if (!open) return;
  const errorMessage = 'as the test has it';
  const lastUpdateTime = iso(Date.now());
  open.seen = { row: { status: 'CREATE_FAILED', errorCode, errorMessage, lastUpdateTime } };
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
        memory.conformance.packs = packs.map((pack) =>
          waived(pack, resolution, memory.request.accountName),
        );
        return vend.accept(answer);
      }
      return vend.accept(answer, stage);
    default:
      answer.refuse('it does not fit this stage');
  }
}
