import { getClient } from '@temporalio/nexus';
import { isRequestId } from '../../contract';
import { describeOwn, listVends, NotAVend } from '../../vends/find-started';
import type { VendRef } from '../../vends/find-started';
import { NexusFailure } from '../failures';
import { refusal } from './refuse';

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
