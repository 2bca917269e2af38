import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { getClient } from '@temporalio/nexus';
import { requiredTsToMs } from '@temporalio/common/lib/time';
import type { temporal } from '@temporalio/proto';
import { WITHDRAW_CALLER } from '../../domain/withdrawal';
import type { Withdrawal, Withdrawn } from '../../domain/withdrawal';
import { callerKey } from './caller';
import { isSilence } from './patience';
import { later } from './refuse';
import { readToken } from './token';

/** Key in the memo of a vend that was begun by Nexus: the namespace from which it was asked for. */
export const MEMO_NEXUS_NAMESPACE = 'nexusNamespace';

/** Well within the ten seconds that Temporal gives a handler. */
const WITHDRAWN_WITHIN_MS = 5_000;

/**
 * A caller has cancelled. The vend is cancelled with the last one that waits for it, and only where
 * Nexus began it: nobody's cancellation takes an account from another caller who wants it.
 */
export async function withdraw(token: string): Promise<void> {
  const { workflowId, call, caller = call } = readToken(token) ?? {};
  if (!workflowId || !call || !caller) return;
  const client = getClient();
  try {
    const before = await client.workflow.getHandle(workflowId).describe();
    if (before.status.name !== 'RUNNING' || !isByNexus(before.memo)) return;
    const withdrawn = await tell(client, workflowId, { call, caller });
    // After the telling: whoever has joined by now counts.
    const handle = client.workflow.getHandle(workflowId);
    const { raw } = await handle.describe();
    const begunAt = requiredTsToMs(raw.workflowExecutionInfo?.startTime, 'startTime');
    const isStillWanted = (raw.callbacks ?? []).some((waiting) =>
      isWanted(waiting, withdrawn, begunAt),
    );
    if (!isStillWanted) {
      await handle.cancel();
    }
  } catch (error) {
    // It has ended meanwhile: Temporal tells the caller how.
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

type Waiting = temporal.api.workflow.v1.ICallbackInfo;

/**
 * Temporal keeps a callback of each call, also of those whose time is up. So callers count, and not
 * calls: who has withdrawn does not wait by an earlier call either. Where a vend continues as new,
 * all callbacks begin anew with the run; what was withdrawn before stays so.
 */
function isWanted(
  { callback, registrationTime }: Waiting,
  withdrawn: Withdrawn,
  begunAt: number,
): boolean {
  const { namespace, workflowId } = callback?.links?.[0]?.workflowEvent ?? {};
  const caller = callerKey({ namespace: namespace ?? '', workflowId: workflowId ?? '' });
  const withdrawnAt = caller === undefined ? undefined : withdrawn[caller];
  if (withdrawnAt === undefined) return true;
  const calledAt = requiredTsToMs(registrationTime, 'registrationTime');
  return calledAt > begunAt && calledAt > withdrawnAt;
}

function isByNexus(memo: Record<string, unknown> | undefined): boolean {
  return memo?.[MEMO_NEXUS_NAMESPACE] !== undefined;
}

async function tell(
  client: Client,
  workflowId: string,
  { call, caller }: { call: string; caller: string },
): Promise<Withdrawn> {
  try {
    return await client.withDeadline(Date.now() + WITHDRAWN_WITHIN_MS, () =>
      client.workflow
        .getHandle(workflowId)
        .executeUpdate<Withdrawn, [Withdrawal]>(WITHDRAW_CALLER, {
          args: [{ caller }],
          updateId: `withdraw-${call}`,
        }),
    );
  } catch (error) {
    if (isSilence(error)) throw later('no worker has taken the cancellation yet', error);
    throw error;
  }
}
