import { WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { getClient } from '@temporalio/nexus';
import type { OperationError, SyncOperationHandler } from 'nexus-rpc';
import { resolveUpdate, stateQuery } from '../../contract';
import type { Decision, Resolution, VendState } from '../../contract';
import { withoutAddresses } from '../../domain/redact';
import { NexusFailure } from '../failures';
import type { ResolveInput } from '../service';
import { callerName, callerOf } from './caller';
import type { Caller } from './caller';
import { FOREIGN_ACCOUNT, FOREIGN_EAR, hasEar } from './entry';
import { findVend, isTheirs } from './find';
import { linkTo } from './links';
import { isSilence } from './patience';
import { later, refusal } from './refuse';

/** Temporal gives a handler ten seconds, and calls again with the same id: the answer is one and the same. */
const CARRIED_OUT_WITHIN_MS = 7_000;

/** Answers the open escalation of a vend that was asked for from the caller's namespace. */
export const resolve: SyncOperationHandler<ResolveInput, Decision> = async (ctx, given) => {
  const client = getClient();
  const input: Partial<ResolveInput> = given ?? {};
  const caller = callerOf(ctx);
  const vend = await findVend(input.requestId);
  if (!(await isTheirs(vend, caller))) {
    throw refused(
      `${vend.requestId} was not begun from your namespace: whoever asked for it answers, or a person by "vend resolve"`,
    );
  }
  const { workflowId, requestId } = vend;
  ctx.outboundLinks.push(linkTo(client.options.namespace, vend));
  const resolution = signed(input.resolution, caller);
  const handle = client.workflow.getHandle(workflowId);
  try {
    return await client.withDeadline(Date.now() + CARRIED_OUT_WITHIN_MS, async () => {
      if (resolution?.action === 'amend') mustNotBeApproved(await handle.query(stateQuery));
      const options = { args: [resolution] as [Resolution], updateId: `nexus-${ctx.requestId}` };
      return handle.executeUpdate(resolveUpdate, options);
    });
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError) throw refused(whyOf(error));
    if (error instanceof WorkflowNotFoundError)
      throw refused(`${requestId} has ended: there is nothing to answer`);
    if (isSilence(error)) throw later(`the answer to ${requestId} is not carried out yet`, error);
    throw error;
  }
};

/** The asking side cannot approve, and so cannot change what was approved. */
function mustNotBeApproved({ requestId, history }: VendState): void {
  if (!history.some(({ stage }) => stage === 'approving')) return;
  throw refused(
    `${requestId} was approved as it was asked for: a person changes that, by "vend resolve"`,
  );
}

/** With the caller as the one who decides, and what it says of itself behind that; all else the vend judges. */
function signed(given: unknown, caller: Caller): Resolution {
  if (typeof given !== 'object' || given === null) return given as Resolution;
  const resolution = given as Resolution;
  if (resolution.action === 'adopt') throw refused(`adopt ${FOREIGN_ACCOUNT}`);
  const changes: unknown = 'changes' in resolution ? resolution.changes : undefined;
  const isObject = typeof changes === 'object' && changes !== null;
  if (isObject && hasEar({ ...changes })) {
    throw refused(`changes.notifyWorkflow ${FOREIGN_EAR}`);
  }
  const who = callerName(caller);
  const by = typeof resolution.by === 'string' ? `${who} (${resolution.by})` : who;
  return { ...resolution, by: withoutAddresses(by) };
}

function refused(why: string): OperationError {
  return refusal(NexusFailure.ResolutionRefused, why);
}

function whyOf({ cause, message }: WorkflowUpdateFailedError): string {
  return cause?.message ?? message;
}
