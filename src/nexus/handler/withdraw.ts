import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { getClient } from '@temporalio/nexus';
import { WITHDRAW_CALLER } from '../../domain/withdrawal';
import type { Withdrawal, Withdrawn } from '../../domain/withdrawal';
import { isSilence } from './patience';
import { later } from './refuse';
import { readToken } from './token';

/** Key in the memo of a vend that was begun by Nexus: the namespace from which it was asked for. */
export const MEMO_NEXUS_NAMESPACE = 'nexusNamespace';

/** Well within the ten seconds that Temporal gives a handler. */
const WITHDRAWN_WITHIN_MS = 5_000;

/**
 * A caller has cancelled. The vend is cancelled with the last one that waits for it, and only where
 * Nexus began it: nobody's cancellation takes an account from somebody else who wants it.
 */
export async function withdraw(token: string): Promise<void> {
  const { workflowId, call } = readToken(token) ?? {};
  if (!workflowId || !call) return;
  const client = getClient();
  try {
    const before = await client.workflow.getHandle(workflowId).describe();
    if (before.status.name !== 'RUNNING' || !isByNexus(before.memo)) return;
    const { calls } = await tell(client, workflowId, call);
    // After the telling: whoever has joined by now counts.
    const handle = client.workflow.getHandle(workflowId);
    const { raw } = await handle.describe();
    if (calls >= (raw.callbacks ?? []).length) await handle.cancel();
  } catch (error) {
    // It has ended meanwhile: Temporal tells the caller how.
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

function isByNexus(memo: Record<string, unknown> | undefined): boolean {
  return memo?.[MEMO_NEXUS_NAMESPACE] !== undefined;
}

async function tell(client: Client, workflowId: string, call: string): Promise<Withdrawn> {
  try {
    return await client.withDeadline(Date.now() + WITHDRAWN_WITHIN_MS, () =>
      client.workflow
        .getHandle(workflowId)
        .executeUpdate<Withdrawn, [Withdrawal]>(WITHDRAW_CALLER, {
          args: [{ call }],
          updateId: `withdraw-${call}`,
        }),
    );
  } catch (error) {
    if (isSilence(error)) throw later('no worker has taken the cancellation yet', error);
    throw error;
  }
}
