import { ApplicationFailure, condition, executeChild, setHandler } from '@temporalio/workflow';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
// As built: that is what a caller bundles.
import * as contract from '../../../lib/contract';
import type { VendNotice, VendRequest } from '../../../lib/contract';

/** A parent workflow that vends an account: what callers of the contract bundle. */
export async function parent(requestId: string): Promise<string> {
  let isTold = false;
  setHandler(defineSignal<[VendNotice]>('vend-notice'), () => {
    isTold = true;
  });
  setHandler(defineQuery<boolean>('told'), () => isTold);
  setHandler(defineUpdate<boolean>('tell'), () => (isTold = true));
  const request: VendRequest = { requestId };
  try {
    await executeChild(contract.WorkflowType.vendAccount, {
      taskQueue: contract.TASK_QUEUE,
      workflowId: contract.vendWorkflowId(requestId),
      args: [request],
    });
  } catch (error) {
    if (error instanceof ApplicationFailure && error.type === contract.VendFailure.VendAbandoned) {
      return contract.Stage.abandoned;
    }
    throw error;
  }
  await condition(() => isTold);
  return JSON.stringify(contract);
}
