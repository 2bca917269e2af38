import { workflowInfo } from '@temporalio/workflow';

/**
 * What the run before has handed over. Whoever starts a workflow may give it a second argument: that
 * counts for nothing. A run that Temporal begins again, by a retry policy or a cron schedule, names one
 * before it as well, and has the arguments of the start.
 */
export function handedOver<T>(carried: T | undefined): T | undefined {
  const { continuedFromExecutionRunId, attempt, cronSchedule } = workflowInfo();
  const isContinued = continuedFromExecutionRunId !== undefined && attempt === 1 && !cronSchedule;
  return isContinued ? carried : undefined;
}
