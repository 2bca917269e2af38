import { activityInfo, getClient } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { firstEvent } from '../vends/first-event';

/**
 * Whether the workflow run of this activity began as a reset of another one, or one of those did that it
 * has continued from: a vend that was reset and continues as new in the queue has forgotten all the same.
 * True also where Temporal does not keep one of them any more. Read-only.
 * @param provenRunId up to this run nothing is left to be looked for
 */
export async function wasReset(provenRunId?: string): Promise<boolean> {
  const { workflowExecution } = activityInfo();
  if (!workflowExecution) return false;
  const { workflowId } = workflowExecution;
  const client = getClient();
  let runId: string | undefined = workflowExecution.runId;
  try {
    while (runId && runId !== provenRunId) {
      if (await beganByReset(client, workflowId, runId)) return true;
      runId = await runBefore(client, workflowId, runId);
    }
    return false;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return true;
    throw error;
  }
}

async function beganByReset(client: Client, workflowId: string, runId: string): Promise<boolean> {
  const { raw } = await client.workflow.getHandle(workflowId, runId).describe();
  return !!raw.workflowExtendedInfo?.lastResetTime;
}

/** The run that continued as this one; undefined where this is the first. */
async function runBefore(
  client: Client,
  workflowId: string,
  runId: string,
): Promise<string | undefined> {
  const event = await firstEvent(client, workflowId, runId);
  return event.workflowExecutionStartedEventAttributes?.continuedExecutionRunId || undefined;
}
