import { OwnReason } from '../contract';
import type { ApprovalVerdict, EscalationScope, VendRequest, VendResult } from '../contract';
import { isOfOrganization } from '../domain/dispositions';
import { parseDuration } from '../domain/duration';
import type {
  EscalatedStep,
  FailsStep,
  NeverStep,
  Outcome,
  Outcomes,
  ScriptedStage,
  Step,
} from './outcome';

/** The order in which a vend passes them. */
const STAGES: readonly ScriptedStage[] = [
  'creating',
  'placing',
  'readying',
  'settling',
  'conforming',
];

/** What the fake workflow is told: an outcome, read and checked. Times are milliseconds. */
export interface Script {
  acts: Act[];
  approval?: {
    expiresAfterMs: number;
    verdict?: { is: 'approve' | 'reject'; given: ApprovalVerdict };
  };
  /** It fails before anything is created. */
  refusal?: Pick<FailsStep, 'problems'> & {
    type: 'InvalidVendRequest' | 'RequestConflict' | 'EmailInFlight';
  };
  result: Partial<VendResult>;
}

export type Act = { stage: ScriptedStage } & (
  | (Omit<EscalatedStep, 'endsAfter' | 'answerAfter' | 'stage'> & {
      is: 'escalated';
      endsAfterMs?: number;
      answerAfterMs?: number;
    })
  | { is: 'takes'; ms: number }
  | { is: 'never' }
  | { is: 'cancelled' }
);

/** What this request is to come to. */
export async function outcomeFor(outcomes: Outcomes, request: VendRequest): Promise<Outcome> {
  if (typeof outcomes === 'function') return (await outcomes(request)) ?? 'done';
  if (typeof outcomes === 'object' && 'byRequestId' in outcomes) {
    return outcomes.byRequestId[request.requestId] ?? 'done';
  }
  return outcomes;
}

/** Reads an outcome; throws where it makes no sense, so that a test hears of it and does not hang. */
export function readScript(outcome: Outcome): Script {
  const script: Script = { acts: [], result: {} };
  for (const [index, step] of stepsOf(outcome).entries()) read(step, index, script);
  return script;
}

function stepsOf(outcome: Outcome): readonly Step[] {
  switch (outcome) {
    case 'done':
      return [];
    case 'never':
      return [{ never: true }];
    case 'cancelled':
      return [{ cancelled: true }];
    default:
      return isList(outcome) ? outcome : [outcome];
  }
}

function isList(outcome: Step | readonly Step[]): outcome is readonly Step[] {
  return Array.isArray(outcome);
}

function read(step: Step, index: number, script: Script): void {
  const where = `step ${index + 1} of the outcome`;
  if ('fails' in step) readFailure(step, index, script);
  else if ('done' in step) script.result = step.done;
  else if ('approval' in step) {
    if (index > 0) throw new Error(`${where}: an approval is only asked for first`);
    script.approval = approvalOf(step, where);
  } else if ('escalated' in step) act(script, where, escalation(step, where));
  else if ('takes' in step) {
    const ms = milliseconds(step.takes, `${where}: takes`);
    act(script, where, { is: 'takes', ms, stage: step.stage ?? lastStage(script) });
  } else if ('never' in step || 'cancelled' in step) {
    const is = 'never' in step ? ('never' as const) : ('cancelled' as const);
    const { stage } = step as NeverStep;
    act(script, where, { is, stage: stage ?? lastStage(script) });
  } else throw new Error(`${where} is none of escalated, takes, approval, fails, done, …`);
}

function act(script: Script, where: string, next: Act): void {
  const before = lastStage(script);
  if (STAGES.indexOf(next.stage) < STAGES.indexOf(before)) {
    throw new Error(
      `${where} happens in ${next.stage}, and the step before it in ${before}: a vend passes ${STAGES.join(', ')} in this order`,
    );
  }
  script.acts.push(next);
}

function lastStage({ acts }: Script): ScriptedStage {
  return acts.at(-1)?.stage ?? 'creating';
}

function escalation(step: EscalatedStep, where: string): Act {
  const { endsAfter, answerAfter, stage, ...rest } = step;
  return {
    is: 'escalated',
    ...rest,
    stage: stage ?? stageOf(step.escalated),
    scope: step.scope ?? scopeOf(step.escalated),
    ...(endsAfter ? { endsAfterMs: milliseconds(endsAfter, `${where}: endsAfter`) } : {}),
    ...(answerAfter ? { answerAfterMs: milliseconds(answerAfter, `${where}: answerAfter`) } : {}),
  };
}

function scopeOf(reason: string): EscalationScope {
  const isOfAll = isOfOrganization(reason) || reason === OwnReason.DAILY_CREATIONS_SPENT;
  return isOfAll ? 'organization' : 'request';
}

const OF_LATER_STAGES: Readonly<Record<string, ScriptedStage>> = {
  [OwnReason.ALREADY_PLACED]: 'placing',
  [OwnReason.READINESS_DEADLINE]: 'readying',
  [OwnReason.REGIONS_DEADLINE]: 'settling',
  [OwnReason.CONFORMANCE_DEADLINE]: 'conforming',
  [OwnReason.CONFORMANCE_OWNER_UNKNOWN]: 'conforming',
  [OwnReason.CONFORMANCE_REGION_NOT_ENABLED]: 'conforming',
  [OwnReason.ACCOUNT_NOT_ACTIVE]: 'conforming',
};

function stageOf(reason: string): ScriptedStage {
  return OF_LATER_STAGES[reason] ?? 'creating';
}

/** What somebody abandons a vend for. */
const SCRIPTED_REASON = 'EMAIL_ALREADY_EXISTS';

function readFailure({ fails, reason, problems }: FailsStep, index: number, script: Script): void {
  const where = `step ${index + 1} of the outcome`;
  const why = reason ?? 'the test says so';
  switch (fails) {
    case 'VendAbandoned':
      act(script, where, {
        is: 'escalated',
        escalated: SCRIPTED_REASON,
        stage: lastStage(script),
        answer: { action: 'abandon', reason: why, by: 'the test' },
      });
      return;
    case 'ApprovalRefused':
      script.approval = {
        expiresAfterMs: WEEK_MS,
        verdict: { is: 'reject', given: { by: 'the test', reason: why } },
      };
      return;
    case 'ApprovalExpired':
      script.approval = { expiresAfterMs: SOON_MS };
      return;
    default:
      if (index > 0) throw new Error(`${where}: ${fails} is found before anything else`);
      script.refusal = { type: fails, ...(problems ? { problems } : {}) };
  }
}

const WEEK_MS = 7 * 24 * 3_600_000;
const SOON_MS = 1_000;

function approvalOf(
  step: Extract<Step, { approval: string }>,
  where: string,
): NonNullable<Script['approval']> {
  const { approval, expiresAfter, verdict } = step;
  const expiresAfterMs = expiresAfter
    ? milliseconds(expiresAfter, `${where}: expiresAfter`)
    : WEEK_MS;
  if (approval === 'wait') return { expiresAfterMs };
  return { expiresAfterMs, verdict: { is: approval, given: verdict ?? { by: 'the test' } } };
}

function milliseconds(text: string, field: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new Error(`${field} must be a duration such as 30s, 5m or 8h`);
  return ms;
}
