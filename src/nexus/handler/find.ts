import { getClient } from '@temporalio/nexus';
import { isRequestId } from '../../contract';
import { describeOwn, listVends, NotAVend } from '../../vends/find-started';
import type { VendRef } from '../../vends/find-started';
import { NexusFailure } from '../failures';
import type { Caller } from './caller';
import { refusal } from './refuse';

/** Key in the memo of a vend that was begun by Nexus: the namespace from which it was asked for. */
export const MEMO_NEXUS_NAMESPACE = 'nexusNamespace';

/** The vend that is meant: ours that runs, else another one that runs, else the newest that has ended. */
export async function findVend(requestId: unknown): Promise<VendRef> {
  if (!isRequestId(requestId)) {
    const message = 'requestId must be 1-63 lower-case letters, digits and hyphens';
    throw refusal(NexusFailure.VendNotFound, message);
  }
  try {
    const client = getClient();
    const own = await describeOwn(client, requestId);
    if (own?.status === 'RUNNING') return own;
    const others = await listVends(client, requestId);
    const found = others.find(({ status }) => status === 'RUNNING') ?? own ?? others[0];
    if (found) return found;
  } catch (error) {
    if (!(error instanceof NotAVend)) throw error;
  }
  throw refusal(NexusFailure.VendNotFound, `there is no vend of ${requestId}`);
}

/** One namespace must not decide about the accounts of another. */
export async function isTheirs(vend: VendRef, { namespace }: Caller): Promise<boolean> {
  const { memo } = await getClient().workflow.getHandle(vend.workflowId, vend.runId).describe();
  return namespace !== undefined && memo?.[MEMO_NEXUS_NAMESPACE] === namespace;
}
