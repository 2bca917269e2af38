import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { getClient, startWorkflow } from '@temporalio/nexus';
import { HandlerStartOperationResult } from 'nexus-rpc';
import type { OperationHandler, StartOperationContext } from 'nexus-rpc';
import { VendFailure, WorkflowType, vendWorkflowId } from '../../contract';
import type { VendRequest, VendResult } from '../../contract';
import { conflictProblems, invalidMessage, refusedState } from '../../domain/refusals';
import { conflictsWithVend } from '../../vends/compare-requests';
import { allVends, NotAVend, stands } from '../../vends/find-started';
import type { VendRef } from '../../vends/find-started';
import { vendStartOptions } from '../../vends/start-options';
import type { vendAccount } from '../../workflows';
import { callerKey, callerName, callerOf } from './caller';
import { entryProblems } from './entry';
import { isTheirs, MEMO_NEXUS_NAMESPACE } from './find';
import { linkTo } from './links';
import { later, refusal } from './refuse';
import { writeToken } from './token';
import { withdraw } from './withdraw';

type Started = HandlerStartOperationResult<VendResult>;

/** A vend may end, or begin, in the very moment in which it is looked for. */
const LOOKS = 3;

/** One account, start to end; the vend of the same requestId is joined, and a completed one handed out. */
export const vendAccountOperation: OperationHandler<VendRequest, VendResult> = {
  async start(ctx, request): Promise<Started> {
    const problems = entryProblems(request);
    if (problems.length > 0) {
      throw refuse(VendFailure.InvalidVendRequest, invalidMessage(problems), request, problems);
    }
    for (let looks = 0; looks < LOOKS; looks += 1) {
      const started = await startOrJoin(ctx, request);
      if (started) return started;
    }
    throw later(`the vend of ${request.requestId} is just beginning or ending`);
  },
  cancel: (_ctx, token) => withdraw(token),
};

/** Undefined where it has changed since it was looked at. */
async function startOrJoin(
  ctx: StartOperationContext,
  request: VendRequest,
): Promise<Started | undefined> {
  const client = getClient();
  const vends = await find(client, request);
  const there = vends.find(stands);
  if (there) await mustBeTheSame(client, there, request);
  else await mayBeginAnew(vends, ctx, request);
  if (there?.status === 'COMPLETED') {
    ctx.outboundLinks.push(linkTo(client.options.namespace, there));
    const { workflowId, runId } = there;
    const handle = client.workflow.getHandle<typeof vendAccount>(workflowId, runId);
    return HandlerStartOperationResult.sync(await handle.result());
  }
  try {
    const { workflowId } = await startWorkflow<typeof vendAccount>(
      ctx,
      WorkflowType.vendAccount,
      there ? joinOptions(there, request) : startOptions(ctx, request),
    );
    const { namespace } = client.options;
    return HandlerStartOperationResult.async(
      writeToken(namespace, { workflowId, call: ctx.requestId, ...callerOfToken(ctx) }),
    );
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return undefined;
    throw error;
  }
}

function callerOfToken(ctx: StartOperationContext): { caller?: string } {
  const caller = callerKey(callerOf(ctx));
  return caller === undefined ? {} : { caller };
}

function startOptions(ctx: StartOperationContext, request: VendRequest) {
  const caller = callerOf(ctx);
  const options = vendStartOptions(request, callerName(caller, request.accountName));
  const memo = { ...options.memo, [MEMO_NEXUS_NAMESPACE]: caller.namespace ?? '' };
  return { ...options, memo };
}

/** The caller is told by the run that is there how it ends; one that has just ended is not begun anew. */
function joinOptions({ workflowId }: VendRef, request: VendRequest) {
  return {
    workflowId,
    args: [request] as [VendRequest],
    workflowIdConflictPolicy: 'USE_EXISTING' as const,
    workflowIdReusePolicy: 'REJECT_DUPLICATE' as const,
  };
}

async function find(client: Client, request: VendRequest): Promise<VendRef[]> {
  try {
    return await allVends(client, request.requestId);
  } catch (error) {
    if (!(error instanceof NotAVend)) throw error;
    const message = `cannot be used: ${vendWorkflowId(request.requestId)} is a ${error.type}; take another one`;
    const problems = [{ field: 'requestId', message }];
    throw refuse(VendFailure.InvalidVendRequest, invalidMessage(problems), request, problems);
  }
}

async function mustBeTheSame(client: Client, there: VendRef, request: VendRequest): Promise<void> {
  const conflicts = await conflictsWithVend(client, there, request);
  if (conflicts.length === 0) return;
  const message = `${there.requestId} was vended before, as ${there.workflowId}, with another ${conflicts.join(', ')}. A requestId means one account for ever: take another one for another account.`;
  const problems = conflictProblems(conflicts, there.status);
  throw refuse(VendFailure.RequestConflict, message, request, problems);
}

/** A vend takes what an ended one of its request has left: the account, to tag, settle and move it. */
async function mayBeginAnew(
  ended: readonly VendRef[],
  ctx: StartOperationContext,
  request: VendRequest,
): Promise<void> {
  const caller = callerOf(ctx);
  for (const vend of ended) {
    if (await isTheirs(vend, caller)) continue;
    const message = `${request.requestId} was begun elsewhere, as ${vend.workflowId}, and has ended. Whoever began it may begin it again ("vend start"): take another requestId.`;
    const problems = [
      { field: 'requestId', message: 'is that of a vend that was begun elsewhere' },
    ];
    throw refuse(VendFailure.RequestConflict, message, request, problems);
  }
}

/** As a vend that refuses its request itself would say it. */
function refuse(type: VendFailure, message: string, request: VendRequest, problems: unknown) {
  return refusal(type, message, refusedState(request, new Date().toISOString()), problems);
}
