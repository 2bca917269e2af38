import {
  ApplicationFailure,
  CancellationScope,
  ChildWorkflowFailure,
  condition,
  defineSignal,
  executeChild,
  getExternalWorkflowHandle,
  isCancellation,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { WorkflowType, resolveSignal } from '../../src/contract';
import type { Resolution, VendNotice, VendRequest, VendResult } from '../../src/contract';
import type { vendAccount } from '../../src/workflows';

/** A parent that writes down all that it sees of a vend. */
export interface ObserverInput {
  request: VendRequest;
  /** Where the vend runs. */
  taskQueue: string;
  /** What it answers to the first escalation, to the second, and so on. `OPEN` is the open one's id. */
  answers?: Resolution[];
  /** It cancels the vend when it is escalated. */
  cancels?: boolean;
}

export interface Observed {
  notices: VendNotice[];
  result?: VendResult;
  failure?: { type?: string | null; message: string; details: unknown[] };
  cancelled?: true;
}

export const OPEN = 'OPEN';

export async function observer(input: ObserverInput): Promise<Observed> {
  const notices: VendNotice[] = [];
  const { workflowId } = workflowInfo();
  const childId = `${workflowId}-vend`;
  setHandler(defineSignal<[VendNotice]>('heard'), (notice) => {
    notices.push(notice);
  });
  const scope = new CancellationScope();
  void answerAll(notices, childId, input.answers ?? []);
  void cancelAsAsked(scope, notices, input.cancels);
  const outcome = await scope
    .run(() =>
      executeChild<typeof vendAccount>(WorkflowType.vendAccount, {
        workflowId: childId,
        taskQueue: input.taskQueue,
        args: [{ ...input.request, notifyWorkflow: { workflowId, signal: 'heard' } }],
      }),
    )
    .then(
      (result) => ({ result }),
      (error: unknown) => failureOf(error),
    );
  return { notices, ...outcome };
}

async function answerAll(notices: VendNotice[], childId: string, answers: Resolution[]) {
  const asked = new Set<string>();
  const isNew = ({ escalation }: VendNotice) => escalation && !asked.has(escalation.id);
  for (const resolution of answers) {
    await condition(() => notices.some(isNew));
    const { escalation } = notices.find(isNew) ?? {};
    asked.add(escalation?.id ?? '');
    await getExternalWorkflowHandle(childId).signal(resolveSignal, {
      ...resolution,
      ...(resolution.escalationId === OPEN && escalation ? { escalationId: escalation.id } : {}),
    });
  }
}

async function cancelAsAsked(scope: CancellationScope, notices: VendNotice[], cancels = false) {
  if (!cancels) return;
  await condition(() => notices.some(({ escalation }) => escalation));
  scope.cancel();
}

function failureOf(error: unknown): Partial<Observed> {
  if (isCancellation(error)) return { cancelled: true };
  const cause = error instanceof ChildWorkflowFailure ? error.cause : error;
  if (!(cause instanceof ApplicationFailure)) throw error;
  const { type, message, details } = cause;
  return { failure: { ...(type === undefined ? {} : { type }), message, details: details ?? [] } };
}
