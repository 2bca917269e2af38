import type { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { WorkflowType } from '../../contract';

/** So many running workflows are looked at: whoever vends with keys has encrypted them all. */
const LOOKED_AT = 3;

/**
 * What the newest that run were started with, as Temporal stores it. The gate of an organization always
 * runs.
 */
export async function inputsThatRun({ workflowService, options }: Client): Promise<Payload[]> {
  const { namespace } = options;
  const types = [WorkflowType.vendAccount, WorkflowType.organizationGate];
  const query = `WorkflowType IN (${types.map((type) => `'${type}'`).join(', ')}) AND ExecutionStatus = 'Running'`;
  const { executions } = await workflowService.listWorkflowExecutions({
    namespace,
    query,
    pageSize: LOOKED_AT,
  });
  const found = await Promise.all(
    (executions ?? []).map(async ({ execution }) => {
      const { history } = await workflowService.getWorkflowExecutionHistory({
        namespace,
        execution: execution ?? {},
        maximumPageSize: 1,
      });
      const [first] = history?.events ?? [];
      return first?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
    }),
  );
  return found.flat();
}
