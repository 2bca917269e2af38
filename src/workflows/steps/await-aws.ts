import type { ResolutionAction, WaivableStage } from '../../contract';
import type { Outcome } from '../../activities';
import { amendableFields } from '../../domain/amendment';
import { reasonOf } from '../../domain/aws-error';
import type { AwsError } from '../../domain/aws-error';
import { judgeException } from '../../domain/dispositions';
import { troubleOf } from '../../domain/gate/trouble';
import type { WaitProgress } from '../../domain/memory';
import { growingDelay } from '../../domain/pacing';
import type { Interval } from '../../domain/policy';
import { purposeOf } from '../../domain/purpose';
import type { Answer } from '../answers';
import { iso } from '../iso';
import type { Question, Vend } from '../vend';
import { amend } from './amend';
import { raiseOwn, recover, tellTrouble } from './hold-back';
import { explain, isPatient } from './insist';
import { timeMs } from '../time';

/** What a look showed; `for` is a person's. */
export type Seen = { is: 'done' } | { is: 'waiting'; for: string };

/** Something that AWS does by itself, in its own time. */
export interface Wait {
  stage: WaivableStage;
  /** For a person, such as `the account to be usable`. */
  what: string;
  progress: WaitProgress;
  interval: Interval;
  deadlineMs: number;
  /** After the deadline: an own reason, and what to do. */
  overdue: { reason: string; advice: string };
  /** What a person can answer where it concerns the request. */
  actions: readonly ResolutionAction[];
  look(): Promise<Outcome<Seen>>;
}

export function newWait(deadlineMs: number): WaitProgress {
  const sinceMs = timeMs();
  return { sinceMs, deadlineAtMs: sinceMs + deadlineMs, looks: 0 };
}

/**
 * Looks until AWS has done it, or a person goes on without it. Whatever needs a person is told while
 * the looks go on: when AWS moves on, so does the vend.
 */
export async function awaitAws(vend: Vend, wait: Wait): Promise<'done' | 'waived'> {
  const { progress } = wait;
  for (;;) {
    if (!vend.memory.waitingFor) vend.waitFor(wait.what);
    progress.looks += 1;
    const outcome = await wait.look();
    if (outcome.ok) {
      delete progress.fault;
      if (outcome.value.is === 'done') break;
      progress.seen = outcome.value.for;
    }
    const nextLookAtMs = timeMs() + untilNextLook(wait);
    await tell(vend, wait, outcome.ok ? undefined : outcome.error, nextLookAtMs);
    await vend.continueAsNewIfSuggested();
    vend.waitFor(
      `${wait.what}: ${progress.seen ?? 'not seen yet'}; since ${iso(progress.sinceMs)}, next look at ${iso(nextLookAtMs)}`,
    );
    await vend.pause(nextLookAtMs - timeMs(), `next look at ${wait.what}`);
    const answer = await vend.takeAnswer();
    if (answer && (await carryOut(vend, wait, answer)) === 'waived') return 'waived';
  }
  await recover(vend);
  return 'done';
}

function untilNextLook({ progress, interval }: Wait): number {
  const grown = growingDelay(interval, progress.looks - 1);
  const untilDeadline = progress.deadlineAtMs - timeMs();
  return untilDeadline > 0 ? Math.min(grown, untilDeadline) : grown;
}

async function tell(
  vend: Vend,
  wait: Wait,
  error: AwsError | undefined,
  nextCheckAtMs: number,
): Promise<void> {
  const isTold = error !== undefined && (await tellRefusal(vend, wait, error, nextCheckAtMs));
  if (isTold) return;
  const { progress, overdue } = wait;
  if (timeMs() < progress.deadlineAtMs) {
    // Only a look that AWS answered shows that it is over.
    if (error === undefined) await recover(vend);
    return;
  }
  const message = `Waited for ${wait.what} since ${iso(progress.sinceMs)}: ${progress.seen ?? 'not seen yet'}. ${overdue.advice}`;
  await raiseOwn(vend, { ...question(vend, wait), reason: overdue.reason, message, nextCheckAtMs });
}

/** What does not pass by itself is told; a throttled look is simply the next look. */
async function tellRefusal(
  vend: Vend,
  wait: Wait,
  error: AwsError,
  nextCheckAtMs: number,
): Promise<boolean> {
  const { progress } = wait;
  const reason = reasonOf(error);
  const purpose = purposeOf(error.operation);
  const disposition = judgeException(error, purpose);
  progress.seen = `AWS said ${reason} to ${error.operation}`;
  const open = vend.memory.escalation;
  // What somebody was told of is over where AWS says something else, which has a patience of its own.
  const isOver = open?.scope === 'organization' && open.reason !== reason;
  if (!progress.fault || (isOver && progress.fault.of !== reason)) {
    progress.fault = { sinceMs: timeMs(), count: 0 };
  }
  progress.fault.of = reason;
  progress.fault.count += 1;
  if (isPatient(disposition, progress.fault)) return false;
  const message = explain(vend, disposition, error);
  if (disposition.scope === 'organization') {
    const { kind } = vend.admission.request;
    const trouble = troubleOf({ reason, message, disposition }, purpose, kind);
    await tellTrouble(vend, trouble, progress.looks);
  } else {
    await raiseOwn(vend, { ...question(vend, wait), reason, message, nextCheckAtMs });
  }
  return true;
}

function question(vend: Vend, { progress, actions }: Wait): Omit<Question, 'reason' | 'message'> {
  return {
    scope: 'request',
    attempts: progress.looks,
    actions: [...actions],
    ...(actions.includes('amend')
      ? { amendable: amendableFields(vend.memory, timeMs(), false) }
      : {}),
  };
}

async function carryOut(vend: Vend, wait: Wait, answer: Answer): Promise<'again' | 'waived'> {
  const { progress } = wait;
  switch (answer.resolution.action) {
    case 'retry':
      if (timeMs() >= progress.deadlineAtMs) {
        progress.deadlineAtMs = timeMs() + wait.deadlineMs;
      }
      progress.looks = 0;
      delete progress.fault;
      await vend.accept(answer);
      return 'again';
    case 'amend':
      await amend(vend, answer, false);
      if (!vend.memory.escalation) delete progress.fault;
      return 'again';
    case 'waive':
      await vend.accept(answer, wait.stage);
      return 'waived';
    default:
      answer.refuse('it does not fit this stage');
      return 'again';
  }
}
