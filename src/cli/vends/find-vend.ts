import type { Client } from '@temporalio/client';
import { isRequestId, vendWorkflowId, WorkflowType } from '../../contract';
import { describeOwn, listVends, NotAVend, type VendRef } from '../../vends/find-started';
import { CommandError, ExitStatus, invalid } from '../errors';
import { LIST_LAG_MS, untilListed } from './until-listed';

export type { VendRef } from '../../vends/find-started';
export { statusName } from '../../vends/run-status';

/**
 * The vend of a request: the one that we started, else one that a parent started under an id of its
 * own. Where ours has ended and another is running, that one is meant.
 */
export async function findVend(client: Client, requestId: string): Promise<VendRef> {
  const own = await orNotAVend(describeOwn(client, requestId));
  if (own?.status === 'RUNNING') return own;
  const others = await untilListed(() => listVends(client, requestId), own ? 0 : LIST_LAG_MS);
  const running = others.filter(({ status }) => status === 'RUNNING');
  if (running.length > 1) {
    const ids = running.map(({ workflowId }) => `  ${workflowId}`);
    const message = `${running.length} vends of ${requestId} are running, each under its own workflow id; address one in the Web UI:`;
    throw invalid([message, ...ids].join('\n'));
  }
  const found = running[0] ?? own ?? others[0];
  if (!found) {
    const hint = requestId.startsWith('vend-') ? ` Without "vend-" in front it may be one.` : '';
    const message = `There is no vend of ${requestId}.${hint} "vend list --all" shows those there are.`;
    throw new CommandError(ExitStatus.noSuchVend, message);
  }
  return found;
}

/** A batch is `vend-batch-<name>`, as the Web UI shows it. */
function notAVend(requestId: string, type: string): CommandError {
  const name = requestId.replace(/^batch-/, '');
  const message =
    type === WorkflowType.vendBatch
      ? `${requestId} is no request ID: ${vendWorkflowId(requestId)} is the batch of the manifest ${name}. See how it stands by "vend apply -f MANIFEST --dry-run"; "vend cancel --batch ${name}" ends it.`
      : `${requestId} is no request ID: ${vendWorkflowId(requestId)} is a ${type}.`;
  return invalid(message);
}

/** The word for whoever types a command. */
export async function orNotAVend<T>(looking: Promise<T>): Promise<T> {
  try {
    return await looking;
  } catch (error) {
    throw error instanceof NotAVend ? notAVend(error.requestId, error.type) : error;
  }
}

export function checkRequestId(requestId: string): void {
  if (isRequestId(requestId)) return;
  throw invalid(
    'That is no request ID: one has 1-63 lower-case letters, digits and hyphens, as given by --request-id.',
  );
}
