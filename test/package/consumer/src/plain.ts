import { ApplicationFailure, condition, executeChild, setHandler } from '@temporalio/workflow';
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';

/** The same parent as `parent.ts`, with names of its own: what its bundle would be without us. */
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
  return 'done';
}
