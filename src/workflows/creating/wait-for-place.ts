import { OwnReason, VendFailure } from '../../contract';
import { formatDuration } from '../../domain/duration';
import type { Holder, Notice } from '../../domain/gate/messages';
import type { CreationProgress } from '../../domain/memory';
import { adoptEarlier } from '../steps/adopt';
import { ASK_GATE_AGAIN_MS, heedHolding, heldSilenceMs, silentGate } from '../steps/hold-back';
import type { Vend } from '../vend';
import { lookBack, meetEarlierRuns, mustBeTheSame } from './earlier-runs';
import { rememberLost } from './lost-account';
import type { Setback } from './setback';
import { timeMs } from '../time';

/** In a long queue the gate need not hear of everybody every few minutes. */
const ASK_AGAIN_MAX_MS = 30 * 60_000;

/**
 * Waits for a place to create, first come first served. It comes back with the place; or without,
 * where another run of this request has made the account, or has to be looked after first.
 */
export async function waitForPlace(
  vend: Vend,
  progress: CreationProgress,
): Promise<Setback | undefined> {
  const { gate } = vend;
  vend.enter('queued');
  vend.waitFor('a place to create');
  let silenceMs = ASK_GATE_AGAIN_MS;
  let unanswered = 0;
  let ignoreLedger = false;
  const turn = () => turnFor(vend, progress, ignoreLedger);
  await gate.ask(turn());
  for (;;) {
    await vend.continueAsNewIfSuggested();
    await vend.waitForGate(silenceMs);
    await vend.takeRetry();
    const news = gate.takeNews();
    unanswered = news ? 0 : unanswered + 1;
    switch (news?.is) {
      case undefined:
        if (unanswered > 1 && !vend.memory.escalation) vend.waitFor(silentGate(vend));
        await gate.askAgain(turn());
        break;
      case 'granted':
        gate.accept(news.grant, 'standard');
        if (progress.behind) {
          // The other one was in the queue, or has left without our hearing of it: what it made is looked at first.
          await gate.releasePlace('unwanted');
          await meetBehind(vend, progress, progress.behind);
          if (isFound(vend, progress)) return undefined;
          await gate.ask(turn());
          break;
        }
        progress.hadPlace = true;
        // A probe is to find out: what holds the organization back is not over yet.
        if (!news.grant.probe) await vend.settleHolding();
        vend.enter('creating');
        vend.waitFor('AWS to accept the creation');
        return undefined;
      case 'queued':
        vend.waitFor(placeInQueue(news));
        silenceMs = Math.min(ASK_AGAIN_MAX_MS, Math.max(ASK_GATE_AGAIN_MS, news.etaMs / 4));
        break;
      case 'held':
      case 'opened':
        await heedHolding(vend, news);
        silenceMs = heldSilenceMs(silenceMs);
        if (!vend.memory.escalation) vend.waitFor('a place to create');
        break;
      case 'stale':
        // Only a run that was reset asks with a ticket from before.
        gate.raiseTicketTo(news.lastTicket);
        await lookBack(vend, progress);
        return undefined;
      case 'twin':
        await compareOnce(vend, progress, news.of);
        progress.behind = news.of;
        await standBehind(vend, progress, news.of);
        if (isFound(vend, progress)) return undefined;
        await gate.ask(turn());
        break;
      case 'twin-gone':
        break;
      case 'known':
        vend.note('the gate remembers the account of this request');
        if (await adoptEarlier(vend, news.accountId)) return undefined;
        if (rememberLost(progress, news.accountId)) {
          progress.unproven ??= { sinceMs: timeMs(), looks: 0, complete: 0 };
          return undefined;
        }
        ignoreLedger = true;
        await gate.ask(turn());
        break;
      case 'email-in-flight':
        return emailInFlight(vend, progress, news.requestId);
      case 'ask-again':
        vend.waitFor(news.why);
        await vend.rest(news.afterMs, 'until the gate may be asked again');
        await gate.ask(turn());
        break;
    }
  }
}

function turnFor(vend: Vend, progress: CreationProgress, ignoreLedger: boolean) {
  const { kind, emailKey } = vend.admission.request;
  return {
    kind,
    ...(emailKey ? { emailKey } : {}),
    ...(progress.hadPlace ? { retried: true as const } : {}),
    ...(ignoreLedger ? { ignoreLedger: true as const } : {}),
  };
}

function placeInQueue({ ahead, inProgress, maxInProgress, etaMs }: Notice & { is: 'queued' }) {
  const before = ahead === 0 ? 'it is the next' : `${ahead} before it`;
  const soon = etaMs > 90_000 ? `, about ${formatDuration(etaMs)} at AWS's rate` : '';
  return `a place to create: ${inProgress} of ${maxInProgress} creations in progress, ${before}${soon}`;
}

/** The same request under another workflow id is before this one; what it makes is ours as well. */
async function standBehind(vend: Vend, progress: CreationProgress, first: Holder): Promise<void> {
  vend.waitFor(`the vend of the same request under workflow id ${first.workflowId}`);
  await vend.waitForGate(ASK_GATE_AGAIN_MS);
  await vend.takeRetry();
  const news = vend.gate.takeNews();
  if (news?.is !== 'twin-gone') return;
  if (news.accountId && (await adoptEarlier(vend, news.accountId))) return;
  await meetBehind(vend, progress, first);
}

async function compareOnce(vend: Vend, progress: CreationProgress, first: Holder): Promise<void> {
  if (progress.comparedWith === first.firstExecutionRunId) return;
  await mustBeTheSame(vend, first);
  progress.comparedWith = first.firstExecutionRunId;
}

async function meetBehind(vend: Vend, progress: CreationProgress, first: Holder): Promise<void> {
  await meetEarlierRuns(vend, progress, { before: first });
  delete progress.behind;
}

function isFound({ memory }: Vend, { following, unproven }: CreationProgress): boolean {
  return memory.accountId !== undefined || following !== undefined || unproven !== undefined;
}

/** At the start it ends the vend; an amended address is asked about again. */
function emailInFlight(vend: Vend, progress: CreationProgress, requestId: string): Setback {
  const what = `Another request with this e-mail address is on its way: ${requestId}.`;
  const advice = `${what} Give another address, or retry when that one has ended.`;
  if (progress.calls === 0 && !vend.memory.emailChanged) {
    throw vend.failure(VendFailure.EmailInFlight, advice);
  }
  return {
    reason: OwnReason.EmailInFlight,
    disposition: { look: true, verb: 'ask', scope: 'request', advice },
    detail: '',
  };
}
