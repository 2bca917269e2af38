import { ApplicationFailure, condition, executeChild, setHandler } from '@temporalio/workflow';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import * as nexus from 'account-vending/nexus';

/** The parent of `plain.ts`, which knows the service as well. */
export async function parent(requestId: string): Promise<string> {
  let isTold = false;
  setHandler(defineSignal('vend-notice'), () => {
    isTold = true;
  });
  setHandler(defineQuery<boolean>('told'), () => isTold);
  setHandler(defineUpdate<boolean>('tell'), () => (isTold = true));
  try {
    await executeChild('other', { workflowId: `other-${requestId}`, args: [{ requestId }] });
  } catch (error) {
    if (error instanceof ApplicationFailure) return error.type ?? 'none';
    throw error;
  }
  await condition(() => isTold);
  return `${nexus.accountVending.name} ${JSON.stringify(nexus)}`;
}
