import { getClient } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { SearchAttribute, WorkflowType } from '../contract';
import type { RunOfRequest } from '../domain/earlier-run';
import type { Holder } from '../domain/gate/messages';
import { Grpc, grpcCode } from '../vends/grpc';
import { isUnderWay } from '../vends/run-status';
import { beginningOf } from './run-beginning';

export interface EarlierRunsInput {
  requestId: string;
  workflowId: string;
  runId: string;
  firstExecutionRunId: string;
  /** ISO 8601: when the vend was begun, which continue-as-new and reset do not renew. */
  requestedAt: string;
  /** The vend of this request that the gate let go first: looked at whatever the list says. */
  before?: Holder;
}

type SeenRun = Pick<
  WorkflowExecutionInfo,
  'workflowId' | 'runId' | 'status' | 'startTime' | 'typedSearchAttributes'
>;

/**
 * The other runs of a request, the oldest first: ended ones (a run that was reset among them), and what
 * is under way under another workflow id, which a parent chose. The list lags about a second behind,
 * and shows a vend that has just continued as new nowhere: it says which workflow ids there are, and
 * how each of them stands Temporal is asked itself. Read-only.
 */
export async function listEarlierRuns(input: EarlierRunsInput): Promise<RunOfRequest[]> {
  const client = getClient();
  const seen: (SeenRun | undefined)[] = [];
  const elsewhere = new Set<string>();
  for (const run of await listRuns(client, input.requestId)) {
    const { workflowId, runId, status } = run;
    if (workflowId !== input.workflowId) elsewhere.add(workflowId);
    seen.push(isUnderWay(status.name) ? await describe(client, workflowId, runId) : run);
  }
  const { before } = input;
  if (before?.workflowId === input.workflowId) {
    seen.push(await describe(client, before.workflowId, before.firstExecutionRunId));
  } else if (before) elsewhere.add(before.workflowId);
  for (const workflowId of elsewhere) {
    const present = await describe(client, workflowId);
    // The workflow id may be that of something else by now.
    if (present?.typedSearchAttributes.get(SearchAttribute.requestId) === input.requestId) {
      seen.push(present);
    }
  }
  const others = new Map<string, SeenRun>();
  for (const run of seen) {
    if (!run || run.runId === input.runId || run.status.name === 'CONTINUED_AS_NEW') continue;
    others.set(run.runId, run);
  }
  const oldestFirst = [...others.values()].sort(
    (one, other) => one.startTime.getTime() - other.startTime.getTime(),
  );
  return Promise.all(oldestFirst.map((run) => toRun(client, run, input)));
}

async function listRuns(client: Client, requestId: string): Promise<SeenRun[]> {
  // The id has been checked: it can hold no quote.
  const query = `WorkflowType = '${WorkflowType.vendAccount}' AND ${SearchAttribute.requestId.name} = '${requestId}'`;
  const runs: SeenRun[] = [];
  try {
    for await (const run of client.workflow.list({ query })) runs.push(run);
  } catch (error) {
    if (grpcCode(error) !== Grpc.UNIMPLEMENTED) throw error;
  }
  return runs;
}

/** Without a run id: the present run. */
async function describe(
  client: Client,
  workflowId: string,
  runId?: string,
): Promise<SeenRun | undefined> {
  try {
    return await client.workflow.getHandle(workflowId, runId).describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

async function toRun(client: Client, run: SeenRun, input: EarlierRunsInput): Promise<RunOfRequest> {
  const { workflowId, runId } = run;
  const status = isUnderWay(run.status.name) ? 'RUNNING' : run.status.name;
  const accountId = run.typedSearchAttributes.get(SearchAttribute.accountId);
  const stage = run.typedSearchAttributes.get(SearchAttribute.stage) ?? 'queued';
  const isQueued =
    status === 'RUNNING' && !accountId && (stage === 'queued' || stage === 'approving');
  return {
    workflowId,
    runId,
    status,
    ...(accountId ? { accountId } : {}),
    ...(isQueued ? { queued: await queuedOf(client, run, input) } : {}),
  };
}

async function queuedOf(client: Client, { workflowId, runId }: SeenRun, input: EarlierRunsInput) {
  const { firstExecutionRunId, requestedAt } = await beginningOf(client, workflowId, runId);
  const isBefore =
    requestedAt === input.requestedAt
      ? firstExecutionRunId < input.firstExecutionRunId
      : requestedAt < input.requestedAt;
  return { firstExecutionRunId, isBefore };
}
