import { OwnReason } from '../../contract';
import type { ResolutionAction } from '../../contract';
import { amendableFields } from '../../domain/amendment';
import {
  FAILURE_REASONS,
  isKnownException,
  judgeException,
  judgeFailureReason,
} from '../../domain/dispositions';
import type { CallPurpose } from '../../domain/dispositions';
import { overdueAdvice } from '../../workflows/creating/conclude';
import { foreignAdvice } from '../../workflows/creating/overcome';
import type { Question, Vend } from '../../workflows/vend';
import type { ScriptedStage } from '../outcome';
import type { Act } from '../script';

type Escalated = Extract<Act, { is: 'escalated' }>;

/** What the real vend takes, stage by stage. */
const ACTIONS: Readonly<Record<ScriptedStage, readonly ResolutionAction[]>> = {
  creating: ['retry', 'amend', 'adopt', 'abandon'],
  placing: ['retry', 'amend', 'waive', 'abandon'],
  readying: ['retry', 'waive', 'abandon'],
  settling: ['retry', 'amend', 'waive', 'abandon'],
  conforming: ['retry', 'waive', 'abandon'],
};

/** An escalation as the real vend would word it, unless the script says otherwise. */
export function questionOf(vend: Vend, act: Escalated): Question {
  const { escalated: reason, stage, scope = 'request' } = act;
  const { memory } = vend;
  const actions = act.actions ?? actionsOf(act);
  const isCreating = stage === 'creating';
  return {
    scope,
    reason,
    message: act.message ?? messageOf(act, memory.createAccountRequestIds.at(-1)),
    attempts: isCreating ? (memory.creation?.calls ?? 1) : 1,
    actions: [...actions],
    ...(actions.includes('amend')
      ? { amendable: amendableFields(memory, Date.now(), isLookedFor(act)) }
      : {}),
    ...(act.foundAccountId ? { foundAccountId: act.foundAccountId } : {}),
    // The gate has given it its id.
    ...(scope === 'organization' ? { id: 'o1' } : {}),
  };
}

function actionsOf({ escalated, scope, stage }: Escalated): readonly ResolutionAction[] {
  if (scope === 'organization') return ['abandon'];
  return ABOUT_A_CREATION[escalated] ?? ACTIONS[stage];
}

/** Where AWS may have made an account, or has: the address stays. */
const ABOUT_A_CREATION: Readonly<Record<string, readonly ResolutionAction[]>> = {
  [OwnReason.OVERDUE]: ['retry', 'abandon'],
  [OwnReason.OUTCOME_UNCLEAR]: ['retry', 'adopt', 'abandon'],
  [OwnReason.GOVCLOUD_ACCOUNT_UNKNOWN]: ['retry', 'abandon'],
};

/** Only what AWS has said of the request itself makes a vend look whether there is an account of it. */
function isLookedFor({ escalated: reason, stage }: Escalated): boolean {
  if (stage !== 'creating') return false;
  if (isFailureReason(reason)) return judgeFailureReason(reason).look ?? false;
  const error = { name: reason, reason, outcome: 'rejected' as const };
  return isKnownException(error) ? (judgeException(error, stage).look ?? false) : true;
}

/** AWS ends a creation with it. */
export function isFailureReason(reason: string): boolean {
  return Object.hasOwn(FAILURE_REASONS, reason) || FAILED_BY_OTHER_NAMES.includes(reason);
}

/** A foreign account is looked for and found when AWS says that the address is taken. */
const FAILED_BY_OTHER_NAMES: readonly string[] = [
  OwnReason.FAILED_WITHOUT_REASON,
  OwnReason.ACCOUNT_NOT_OURS,
];

function messageOf(act: Escalated, creation = 'the creation'): string {
  const advice = adviceOf(act, creation);
  return act.scope === 'organization' ? `${advice} ${ONCE_FOR_ALL}` : advice;
}

/** As the gate has it. */
const ONCE_FOR_ALL = 'It is answered once, for the whole organization.';

function adviceOf(
  { escalated: reason, stage, foundAccountId }: Escalated,
  creation: string,
): string {
  if (reason === OwnReason.OVERDUE) return overdueAdvice(creation);
  if (isFailureReason(reason)) {
    const isForeign = reason === OwnReason.ACCOUNT_NOT_OURS;
    const advice = isForeign ? foreignAdvice(foundAccountId) : judgeFailureReason(reason).advice;
    return `${advice} AWS ended ${creation} as FAILED.`;
  }
  const error = { name: reason, reason, outcome: 'rejected' as const };
  if (!isKnownException(error)) return `${reason}, as the test has it.`;
  return judgeException(error, purposeOf(stage)).advice;
}

function purposeOf(stage: ScriptedStage): CallPurpose {
  return stage === 'conforming' ? 'conformance' : stage;
}
