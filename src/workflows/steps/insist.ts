import type { ResolutionAction } from '../../contract';
import type { Outcome } from '../../activities';
import { amendableFields } from '../../domain/amendment';
import { reasonOf } from '../../domain/aws-error';
import type { AwsError } from '../../domain/aws-error';
import { judgeException } from '../../domain/dispositions';
import type { Disposition } from '../../domain/dispositions';
import { REFUSED_PATIENCE_MS, refusedDelay } from '../../domain/pacing';
import { withoutPersonal } from '../../domain/redact';
import { purposeOf } from '../../domain/purpose';
import { troubleOf } from '../../domain/gate/trouble';
import type { Answer } from '../answers';
import type { Vend } from '../vend';
import { holdBack, recover, waitForTurn } from './hold-back';
import { timeMs } from '../time';

/** How long AWS has been refusing a step, and how often in a row. */
export interface Patience {
  sinceMs: number;
  count: number;
}

/** What the credentials refuse to every vend is looked at again: it mends itself for all of them. */
const UNKNOWN_ORGANIZATION_MS = 5 * 60_000;

/** True as long as a refused call is repeated without asking anybody. */
export function isPatient(disposition: Disposition, patience: Patience): boolean {
  if (disposition.verb === 'ask') return false;
  return timeMs() - patience.sinceMs < patienceMs(disposition);
}

export function patienceMs(disposition: Disposition): number {
  return disposition.patienceMs ?? REFUSED_PATIENCE_MS;
}

/** What a person reads about an error: what to do, and AWS's own words, which may quote the account's name. */
export function explain({ memory }: Vend, disposition: Disposition, error: AwsError): string {
  const said = withoutPersonal(error.message, memory.request.accountName);
  return `${disposition.advice} AWS said to ${error.operation}: ${said}`;
}

export interface Step {
  /** For a person, such as `place the account`. */
  what: string;
  /** What a person can answer where it concerns the request. */
  actions: readonly ResolutionAction[];
}

/**
 * Does a step that may be repeated (a read or an idempotent write) until AWS lets it through.
 * Comes back with the value, or with an answer other than retry, which the stage has to carry out.
 */
export async function insist<T>(
  vend: Vend,
  step: Step,
  work: () => Promise<Outcome<T>>,
): Promise<{ value: T } | { answer: Answer }> {
  const isAdmitted = vend.memory.admission !== undefined;
  let patience: Patience | undefined;
  // Of the run before, where that has continued as new: it had asked nothing else yet.
  let raised = isAdmitted ? undefined : vend.memory.escalation?.reason;
  if (vend.gate.isWaitingForStep) await waitForTurn(vend);
  for (;;) {
    // Before it is known whose concern it is, it may be tried for weeks.
    if (!isAdmitted) await vend.continueAsNewIfSuggested();
    if (!vend.memory.escalation) vend.waitFor(`AWS to let us ${step.what}`);
    const outcome = await work();
    if (outcome.ok) {
      const hadTurn = vend.gate.hasStep;
      await vend.gate.releaseStep('succeeded');
      if (raised !== undefined && vend.memory.escalation?.reason === raised) {
        await (hadTurn ? vend.settle() : recover(vend));
      } else if (hadTurn) await vend.settleHolding();
      return { value: outcome.value };
    }
    const { error } = outcome;
    const disposition = judgeException(error, purposeOf(error.operation));
    patience ??= { sinceMs: timeMs(), count: 0 };
    patience.count += 1;
    const isOfAll = disposition.scope === 'organization' && isAdmitted;
    // What is tried again to find out is not tried for minutes: others wait for it.
    if (!isOfAll) await vend.gate.releaseStep('failed');
    if (!(isOfAll && vend.gate.hasStep) && isPatient(disposition, patience)) {
      vend.waitFor(`AWS to let us ${step.what}: it said ${reasonOf(error)} to ${error.operation}`);
      await vend.rest(refusedDelay(patience.count - 1, Math.random()), `again: ${error.operation}`);
      continue;
    }
    raised = reasonOf(error);
    if (isOfAll) {
      const met = { reason: raised, message: explain(vend, disposition, error), disposition };
      const { kind } = vend.admission.request;
      await holdBack(vend, troubleOf(met, purposeOf(error.operation), kind));
      patience = undefined;
      continue;
    }
    const isOwn = disposition.scope === 'request';
    const answer = await vend.ask({
      scope: disposition.scope,
      reason: raised,
      message: explain(vend, disposition, error),
      attempts: patience.count,
      actions: isOwn ? [...step.actions] : ['retry', 'abandon'],
      ...(isOwn && step.actions.includes('amend')
        ? { amendable: amendableFields(vend.memory, timeMs(), false) }
        : {}),
      // Before the organization is known there is no gate that could ask once for all.
      ...(isOwn ? {} : { nextCheckAtMs: timeMs() + UNKNOWN_ORGANIZATION_MS }),
    });
    if (!answer) continue;
    if (answer.resolution.action !== 'retry') return { answer };
    await vend.accept(answer);
    patience = undefined;
    // A parent may answer for as long as it is asked. With its account a stage begins again from the memory.
    if (vend.memory.accountId !== undefined) await vend.continueAsNewIfSuggested();
  }
}

/** The same where a person can only have it tried again, or end the vend: there is always a value. */
export async function insistOn<T>(
  vend: Vend,
  what: string,
  work: () => Promise<Outcome<T>>,
): Promise<T> {
  const done = await insist(vend, { what, actions: ['retry', 'abandon'] }, work);
  if ('answer' in done) throw new Error('only retry and abandon were offered');
  return done.value;
}
