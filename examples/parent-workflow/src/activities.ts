import { setTimeout } from 'node:timers/promises';
import { getClient } from '@temporalio/activity';
import { WorkflowFailedError } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { VendState } from 'account-vending/contract';
import type { vendAccount } from 'account-vending/workflows';

/** How a vend has ended: with its account, or otherwise, and then perhaps with an account as well. */
export interface VendEnd {
  /** A `VendFailure`, or `CancelledFailure`, `TerminatedFailure`; absent where it is done. */
  failure?: string;
  accountId?: string;
}

/**
 * How a vend has ended; null while it runs.
 * @param input.isEnding it has said that it ends, which it does a moment before Temporal knows
 */
export async function lookAtVend(input: {
  workflowId: string;
  isEnding: boolean;
}): Promise<VendEnd | null> {
  const handle = getClient().workflow.getHandle<typeof vendAccount>(input.workflowId);
  for (let looks = input.isEnding ? 20 : 1; await isRunning(handle); looks -= 1) {
    if (looks <= 1) return null;
    await setTimeout(250);
  }
  try {
    return { accountId: (await handle.result()).accountId };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    return endOf(error.cause);
  }
}

async function isRunning(handle: WorkflowHandle): Promise<boolean> {
  return (await handle.describe()).status.name === 'RUNNING';
}

function endOf(cause: Error | undefined): VendEnd {
  if (!(cause instanceof ApplicationFailure)) return { failure: cause?.name ?? 'unknown' };
  // Each failure of a vend carries its last state.
  const state = cause.details?.[0] as VendState | undefined;
  return {
    failure: cause.type ?? 'unknown',
    ...(state?.accountId ? { accountId: state.accountId } : {}),
  };
}
