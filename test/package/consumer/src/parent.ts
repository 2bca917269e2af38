import {
  ApplicationFailure,
  condition,
  defineQuery,
  defineSignal,
  defineUpdate,
  executeChild,
  setHandler,
} from '@temporalio/workflow';
import type { ChildWorkflowFailure } from '@temporalio/workflow';
import * as contract from 'account-vending/contract';
import type { VendNotice, VendRequest, VendResult } from 'account-vending/contract';
import type { vendAccount } from 'account-vending/workflows';

/** A parent workflow that vends an account, and holds on to all of the contract. */
export async function parent(requestId: string): Promise<string> {
  let isTold = false;
  setHandler(defineSignal<[VendNotice]>('vend-notice'), () => {
    isTold = true;
  });
  setHandler(defineQuery<boolean>('told'), () => isTold);
  setHandler(defineUpdate<boolean>('tell'), () => (isTold = true));
  const request: VendRequest = { requestId };
  try {
    const result: VendResult = await executeChild<typeof vendAccount>(
      contract.WorkflowType.vendAccount,
      {
        taskQueue: contract.TASK_QUEUE,
        workflowId: contract.vendWorkflowId(requestId),
        args: [request],
      },
    );
    // The contract as a whole: a bundler can leave nothing of it out.
    return result.accountId + JSON.stringify(contract);
  } catch (error) {
    const { cause } = error as ChildWorkflowFailure;
    if (cause instanceof ApplicationFailure && cause.type === contract.VendFailure.VendAbandoned) {
      return contract.Stage.abandoned;
    }
    throw error;
  } finally {
    await condition(() => isTold);
  }
}

/** What the compiler must refuse; it fails where one of these is no mistake any more. */
export async function mistakes(): Promise<void> {
  const id = { workflowId: 'vend-a' };
  // @ts-expect-error -- a misspelt field
  await executeChild<typeof vendAccount>('vendAccount', {
    args: [{ requestId: 'a', emial: 'a@b' }],
  });
  // @ts-expect-error -- a word that is none
  await executeChild<typeof vendAccount>('vendAccount', {
    args: [{ requestId: 'a', kind: 'gov' }],
  });
  // @ts-expect-error -- no request
  await executeChild<typeof vendAccount>('vendAccount', id);
  const result = await executeChild<typeof vendAccount>('vendAccount', {
    args: [{ requestId: 'a' }],
  });
  // @ts-expect-error -- a field that a result does not have
  void result.account;
  // @ts-expect-error -- an answer that needs a reason
  const abandon: contract.Resolution = { action: 'abandon' };
  void abandon;
}
