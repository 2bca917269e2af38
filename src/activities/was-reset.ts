import { activityInfo, getClient } from '@temporalio/activity';

/** Whether the workflow run of this activity began as a reset of another one. Read-only. */
export async function wasReset(): Promise<boolean> {
  const { workflowExecution } = activityInfo();
  if (!workflowExecution) return false;
  const { workflowId, runId } = workflowExecution;
  const { raw } = await getClient().workflow.getHandle(workflowId, runId).describe();
  return !!raw.workflowExtendedInfo?.lastResetTime;
}
