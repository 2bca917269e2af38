import type { CreateAccountFailureReason } from '@aws-sdk/client-organizations';
import type {
  ApprovalVerdict,
  DurationText,
  EscalationScope,
  FieldProblem,
  OwnReason,
  Resolution,
  ResolutionAction,
  VendFailure,
  VendRequest,
  VendResult,
} from '../contract';

/** Why a person is asked: AWS's word (a FailureReason, or an exception's name), or one of ours. */
export type EscalationReason =
  CreateAccountFailureReason | keyof typeof OwnReason | (string & Record<never, never>);

/** Stages in which something can be made to happen. */
export type ScriptedStage = 'creating' | 'placing' | 'readying' | 'settling' | 'conforming';

/** A person is asked, and the vend waits: for the test, for the parent, for `answer` or `endsAfter`. */
export interface EscalatedStep {
  /** The reason, such as `EMAIL_ALREADY_EXISTS`. */
  escalated: EscalationReason;
  /** Default: where the reason belongs; `creating` for AWS's own. */
  stage?: ScriptedStage;
  /** Default: as the real vend judges the reason. */
  scope?: EscalationScope;
  /** Default: the advice that the real vend gives. */
  message?: string;
  /** Default: what the real vend takes in this stage. */
  actions?: ResolutionAction[];
  /** Of `ACCOUNT_NOT_OURS`: the account that has the address, which `adopt` would take. */
  foundAccountId?: string;
  /** The cause goes away by itself, after so long. */
  endsAfter?: DurationText;
  /** A person answers so, by an update as `vend resolve` sends it. */
  answer?: Resolution;
  /** When they do; default: at once. */
  answerAfter?: DurationText;
}

/** The vend stays in its stage for so long, in workflow time. */
export interface TakesStep {
  takes: DurationText;
  /** Default: the one of the step before, or `creating`. */
  stage?: ScriptedStage;
}

/** It waits for ever. */
export interface NeverStep {
  never: true;
  stage?: ScriptedStage;
}

/** Somebody cancels it: `vend cancel`. */
export interface CancelledStep {
  cancelled: true;
  stage?: ScriptedStage;
}

/** The configuration asks for an approval: only as the first step. */
export interface ApprovalStep {
  approval: 'approve' | 'reject' | 'wait';
  /** Who decides, and why; with `approve` and `reject`. */
  verdict?: ApprovalVerdict;
  /** Default: `7d`. */
  expiresAfter?: DurationText;
}

/** It fails, with this type. */
export interface FailsStep {
  fails: VendFailure;
  /** Why, where a person says why (`VendAbandoned`, `ApprovalRefused`). */
  reason?: string;
  /** Of `InvalidVendRequest` and `RequestConflict`. */
  problems?: FieldProblem[];
}

/** The account is ready. What is not said is made up. */
export interface DoneStep {
  done: Partial<VendResult>;
}

export type Step =
  EscalatedStep | TakesStep | NeverStep | CancelledStep | ApprovalStep | FailsStep | DoneStep;

/**
 * What a fake vend does, in the order of the stages. A vend whose steps are over is done.
 *
 * ```ts
 * 'done'
 * { escalated: 'EMAIL_ALREADY_EXISTS' }
 * [{ escalated: 'EMAIL_ALREADY_EXISTS' }, { escalated: 'INVALID_EMAIL' }, { takes: '3h' }]
 * { fails: 'VendAbandoned' }
 * { done: { accountId: '111122223333' } }
 * ```
 */
export type Outcome = 'done' | 'never' | 'cancelled' | Step | readonly Step[];

/** One for all, or one for each request, by its id or by a function; `done` where there is none. */
export type Outcomes =
  | Outcome
  | ((request: VendRequest) => Outcome | undefined | Promise<Outcome | undefined>)
  | { byRequestId: Readonly<Record<string, Outcome>> };
