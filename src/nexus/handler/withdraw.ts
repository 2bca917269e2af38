import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { getClient } from '@temporalio/nexus';
import type { temporal } from '@temporalio/proto';
import { WITHDRAW_CALLER } from '../../domain/withdrawal';
import type { Withdrawal, Withdrawn } from '../../domain/withdrawal';
import { isUnderWay } from '../../vends/run-status';
import { callerKey } from './caller';
import { MEMO_NEXUS_NAMESPACE } from './find';
import { isSilence } from './patience';
import { later } from './refuse';
import { readToken } from './token';

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
    if (!isUnderWay(before.status.name) || !isByNexus(before.memo)) return;
    const calls = callsByCaller(before.raw.callbacks).get(caller) ?? 0;
    const withdrawn = await tell(client, workflowId, { call, caller, calls });
    // After the telling: whoever has joined by now counts.
    const handle = client.workflow.getHandle(workflowId);
    const { raw } = await handle.describe();
    const isStillWanted = [...callsByCaller(raw.callbacks)].some(
      ([who, made]) => made > (withdrawn[who] ?? 0),
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
 * Temporal keeps a callback of each call, also of those whose time is up, and carries all of them over
 * where a vend continues as new. So callers count, and not calls: who has withdrawn does not wait by an
 * earlier call either.
 */
function callsByCaller(waiting: readonly Waiting[] | null | undefined): Map<string, number> {
  const calls = new Map<string, number>();
  for (const { callback } of waiting ?? []) {
    const { namespace, workflowId } = callback?.links?.[0]?.workflowEvent ?? {};
    const caller =
      callerKey({ namespace: namespace ?? '', workflowId: workflowId ?? '' }) ?? NOBODY;
    calls.set(caller, (calls.get(caller) ?? 0) + 1);
  }
  return calls;
}

/** Whom Temporal does not name cannot be told apart from others, and is never taken for withdrawn. */
const NOBODY = '';

function isByNexus(memo: Record<string, unknown> | undefined): boolean {
  return memo?.[MEMO_NEXUS_NAMESPACE] !== undefined;
}

async function tell(
  client: Client,
  workflowId: string,
  { call, ...withdrawal }: Withdrawal & { call: string },
): Promise<Withdrawn> {
  try {
    return await client.withDeadline(Date.now() + WITHDRAWN_WITHIN_MS, () =>
      client.workflow
        .getHandle(workflowId)
        .executeUpdate<Withdrawn, [Withdrawal]>(WITHDRAW_CALLER, {
          args: [withdrawal],
          updateId: `withdraw-${call}`,
        }),
    );
  } catch (error) {
    if (isSilence(error)) throw later('no worker has taken the cancellation yet', error);
    throw error;
  }
}
