import { gateWorkflowId } from '../../contract';
import type { Notice, Trouble } from '../../domain/gate/messages';
import type { Question, Vend } from '../vend';
import { timeMs } from '../time';

/** A gate that was terminated or reset has to hear of us again. */
export const ASK_GATE_AGAIN_MS = 3 * 60_000;

const HELD_SILENCE_MAX_MS = 15 * 60_000;

/** What is held back may be so for days: it asks ever more seldom whether the gate still knows. */
export function heldSilenceMs(before: number): number {
  return Math.min(HELD_SILENCE_MAX_MS, before * 1.5);
}

/** A gate that works says at once where we stand. */
export function silentGate({ organizationId }: Vend): string {
  return `the organization's gate to answer: is there a worker on the task queue of ${gateWorkflowId(organizationId)}?`;
}

/** Shows on the vend what holds its organization back. Only abandon is answered here. */
export async function heedHolding(
  vend: Vend,
  news: Notice & { is: 'held' | 'opened' },
): Promise<void> {
  if (news.is === 'opened') return vend.settleHolding();
  const { nextCheckAt, ...escalation } = news.escalation;
  // Any text can be sent.
  const nextCheckAtMs = Date.parse(nextCheckAt ?? '');
  await vend.raise({
    ...escalation,
    ...(Number.isFinite(nextCheckAtMs) ? { nextCheckAtMs } : {}),
  });
}

/**
 * A step has met what concerns the whole organization: everybody is held back, somebody is asked
 * once, and this comes back when the step is to be tried again.
 */
export async function holdBack(vend: Vend, trouble: Trouble): Promise<void> {
  const { gate } = vend;
  if (gate.hasStep) await gate.releaseStep('held-back', trouble);
  else await gate.report({ is: 'trouble', trouble });
  await gate.ask({ kind: 'step' });
  await waitForTurn(vend);
}

/** Comes back when the step that was held back is to be tried again. It may be held back for weeks. */
export async function waitForTurn(vend: Vend): Promise<void> {
  const { gate } = vend;
  const { waitingFor } = vend.memory;
  let silenceMs = ASK_GATE_AGAIN_MS;
  let unanswered = 0;
  for (;;) {
    await vend.continueAsNewIfSuggested();
    await vend.waitForGate(silenceMs);
    await vend.takeRetry();
    const news = gate.takeNews();
    if (news && unanswered > 1 && waitingFor) vend.waitFor(waitingFor);
    unanswered = news ? 0 : unanswered + 1;
    switch (news?.is) {
      case undefined:
        if (unanswered > 1 && !vend.memory.escalation) vend.waitFor(silentGate(vend));
        await gate.askAgain({ kind: 'step' });
        break;
      case 'granted':
        gate.accept(news.grant, 'step');
        if (!news.grant.probe) await vend.settleHolding();
        return;
      case 'held':
      case 'opened':
        await heedHolding(vend, news);
        silenceMs = heldSilenceMs(silenceMs);
        break;
      case 'stale':
        gate.raiseTicketTo(news.lastTicket);
        await gate.ask({ kind: 'step' });
        break;
      case 'ask-again':
        await vend.rest(news.afterMs, 'until the gate may be asked again');
        await gate.ask({ kind: 'step' });
        break;
      default:
        // The others are about creating.
        break;
    }
  }
}

/** The gate may have been begun anew, or have heard from somebody else that it is over. */
const TELL_AGAIN_MS = 60 * 60_000;

/**
 * The same from a step that looks again by itself anyway: it is told once an hour, and shown on the vend
 * until `recover`.
 */
export async function tellTrouble(vend: Vend, trouble: Trouble, attempts: number): Promise<void> {
  const { reason, message } = trouble;
  const open = vend.memory.escalation;
  // A vend that is ending shows nothing of it any more.
  const isShown = vend.isEnding || (open?.scope === 'organization' && open.reason === reason);
  const told = vend.memory.troubleTold;
  const isTold = isShown && told?.reason === reason && timeMs() - told.atMs < TELL_AGAIN_MS;
  await letGoOf(vend, { scope: 'organization', reason });
  if (!isTold) {
    vend.memory.troubleTold = { reason, atMs: timeMs() };
    await vend.gate.report({ is: 'trouble', trouble });
  }
  await vend.raise({ scope: 'organization', reason, message, attempts, actions: ['abandon'] });
}

/** Another complaint takes the place of the organization's: its cause is gone, and the gate hears so. */
async function letGoOf(vend: Vend, next: { scope: string; reason: string }): Promise<void> {
  const open = vend.memory.escalation;
  if (open?.scope !== 'organization') return;
  if (next.scope === 'organization' && next.reason === open.reason) return;
  await vend.gate.report({ is: 'recovered', reason: open.reason });
}

/** Opens an escalation of the request alone, in a step that looks again by itself. */
export async function raiseOwn(vend: Vend, question: Question): Promise<void> {
  await letGoOf(vend, question);
  await vend.raise(question);
}

/** The open escalation is over: the gate hears of it where it concerned the organization. */
export async function recover(vend: Vend): Promise<void> {
  const open = vend.memory.escalation;
  if (open?.scope === 'organization') {
    await vend.gate.report({ is: 'recovered', reason: open.reason });
  }
  await vend.settle();
}
