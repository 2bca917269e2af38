import { getClient } from '@temporalio/nexus';
import type { SyncOperationHandler } from 'nexus-rpc';
import { stateQuery } from '../../contract';
import type { VendState } from '../../contract';
import type { StateInput } from '../service';
import { findVend } from './find';
import { linkTo } from './links';
import { isSilence } from './patience';
import { later } from './refuse';

const ANSWERS_WITHIN_MS = 5_000;

/** How a vend stands. What a worker answers later than Temporal waits is asked again. */
export const state: SyncOperationHandler<StateInput, VendState> = async (ctx, input) => {
  const client = getClient();
  const vend = await findVend((input as StateInput | undefined)?.requestId);
  ctx.outboundLinks.push(linkTo(client.options.namespace, vend));
  const { workflowId, runId, requestId } = vend;
  try {
    return await client.withDeadline(Date.now() + ANSWERS_WITHIN_MS, () =>
      client.workflow.getHandle(workflowId, runId).query(stateQuery),
    );
  } catch (error) {
    if (isSilence(error)) throw later(`no worker has answered for ${requestId} yet`, error);
    throw error;
  }
};
