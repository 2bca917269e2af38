import {
  ApplicationFailure,
  ChildWorkflowFailure,
  ParentClosePolicy,
  condition,
  defineSignal,
  executeChild,
  getExternalWorkflowHandle,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { VendFailure, WorkflowType, rejectSignal, resolveSignal } from '../../src/contract';
import type { VendNotice, VendRequest, VendResult, VendState } from '../../src/contract';
import type { vendAccount } from '../../src/workflows';

/** What a caller's workflow looks like: names from the contract, types checked, no value of ours. */
export interface ParentInput {
  request: VendRequest;
  taskQueue: string;
  /** How the parent answers an escalation. */
  answer: 'amend' | 'abandon';
}

export interface ParentResult {
  result?: VendResult;
  failure?: { type: string; state: VendState };
  notices: VendNotice[];
}

export async function onboardTeam(input: ParentInput): Promise<ParentResult> {
  const notices: VendNotice[] = [];
  const childId = `${workflowInfo().workflowId}-child`;
  setHandler(defineSignal<[VendNotice]>('onVendNotice'), (notice) => {
    notices.push(notice);
  });
  const vend = executeChild<typeof vendAccount>(WorkflowType.vendAccount, {
    workflowId: childId,
    taskQueue: input.taskQueue,
    args: [
      {
        ...input.request,
        notifyWorkflow: { workflowId: workflowInfo().workflowId, signal: 'onVendNotice' },
      },
    ],
  }).then(
    (result) => ({ result }),
    (error: unknown) => ({ failure: failureOf(error) }),
  );
  const escalated = condition(() => notices.some(({ escalation }) => escalation), '1h').then(
    async (isEscalated) => {
      const escalation = notices.find((notice) => notice.escalation)?.escalation;
      if (!isEscalated || !escalation) return;
      await getExternalWorkflowHandle(childId).signal(
        resolveSignal,
        input.answer === 'amend'
          ? {
              action: 'amend',
              changes: { email: 'mended@example.com' },
              escalationId: escalation.id,
            }
          : { action: 'abandon', reason: 'the parent says so' },
      );
    },
  );
  const outcome = await vend;
  void escalated;
  return { ...outcome, notices };
}

function failureOf(error: unknown): { type: string; state: VendState } {
  if (!(error instanceof ChildWorkflowFailure)) throw error;
  const { cause } = error;
  if (!(cause instanceof ApplicationFailure) || cause.type !== VendFailure.VendAbandoned)
    throw error;
  return { type: cause.type, state: cause.details?.[0] as VendState };
}

/** What becomes of one child, as its parent sees it. */
export interface CallInput {
  request: VendRequest;
  taskQueue: string;
  childId: string;
}

export interface CallOutcome {
  accountId?: string;
  /** Name of the error that the call throws, of its cause, and what that carries. */
  error?: string;
  cause?: string;
  type?: string;
  details?: unknown[];
}

/** Lets the parent reject its child. */
export const rejectChildSignal = defineSignal('rejectChild');

export async function callVend({ request, taskQueue, childId }: CallInput): Promise<CallOutcome> {
  setHandler(rejectChildSignal, () =>
    getExternalWorkflowHandle(childId).signal(rejectSignal, { by: 'a parent', reason: 'no need' }),
  );
  try {
    const { accountId } = await executeChild<typeof vendAccount>(WorkflowType.vendAccount, {
      workflowId: childId,
      taskQueue,
      parentClosePolicy: ParentClosePolicy.ABANDON,
      args: [request],
    });
    return { accountId };
  } catch (error) {
    const { name, cause } = error as { name: string; cause?: unknown };
    return {
      error: name,
      ...(cause instanceof Error ? { cause: cause.name } : {}),
      ...(cause instanceof ApplicationFailure
        ? { type: cause.type ?? '', details: cause.details ?? [] }
        : {}),
    };
  }
}
