import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { SearchAttribute, vendWorkflowId, WorkflowType } from '../contract';
import { statusName } from './run-status';

/** One run of a vend. */
export interface VendRef {
  requestId: string;
  workflowId: string;
  runId: string;
  status: string;
  /** As its search attributes say. */
  accountId?: string;
  organizationalUnitId?: string;
}

/** The id that a vend of this request would have is that of another workflow: a batch, as a rule. */
export class NotAVend extends Error {
  override readonly name = 'NotAVend';
  readonly requestId: string;
  /** What it is. */
  readonly type: string;
  constructor(requestId: string, type: string) {
    super(`${vendWorkflowId(requestId)} is a ${type}`);
    this.requestId = requestId;
    this.type = type;
  }
}

/** What a start would meet: a vend that is running or completed, wherever it was started. */
export async function findStarted(client: Client, requestId: string): Promise<VendRef | undefined> {
  const own = await describeOwn(client, requestId);
  if (own && stands(own)) return own;
  return (await listVends(client, requestId)).find(stands);
}

/** Every vend of a request: the one under the id that we give it, as it stands now, and what the list has besides. */
export async function allVends(client: Client, requestId: string): Promise<VendRef[]> {
  const own = await describeOwn(client, requestId);
  const listed = await listVends(client, requestId);
  return own ? [own, ...listed.filter(({ runId }) => runId !== own.runId)] : listed;
}

/** A start would meet it, and not begin anew. */
export function stands({ status }: VendRef): boolean {
  return status === 'RUNNING' || status === 'COMPLETED';
}

/** The vend under the id that we give it. */
export async function describeOwn(client: Client, requestId: string): Promise<VendRef | undefined> {
  return describe(client, vendWorkflowId(requestId), requestId);
}

async function describe(
  client: Client,
  workflowId: string,
  requestId: string,
): Promise<VendRef | undefined> {
  try {
    const info = await client.workflow.getHandle(workflowId).describe();
    if (info.type !== WorkflowType.vendAccount) throw new NotAVend(requestId, info.type);
    return asRef(info, requestId);
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** Every vend of a request under whatever id, the newest first; the list lags about a second behind. */
export async function listVends(client: Client, requestId: string): Promise<VendRef[]> {
  const query = `WorkflowType = '${WorkflowType.vendAccount}' AND ${SearchAttribute.requestId.name} = '${requestId}'`;
  const found: WorkflowExecutionInfo[] = [];
  for await (const info of client.workflow.list({ query })) {
    found.push(info);
    if (found.length === 100) break;
  }
  found.sort((a, b) => b.startTime.getTime() - a.startTime.getTime());
  const refs = found.map((info) => asRef(info, requestId));
  return [...(await successors(client, refs)), ...refs];
}

/** Of a vend that has just continued as new the list may hold the run before alone. */
async function successors(client: Client, refs: readonly VendRef[]): Promise<VendRef[]> {
  const newest = new Map(refs.toReversed().map((ref) => [ref.workflowId, ref]));
  const left = [...newest.values()].filter(({ status }) => status === 'CONTINUED_AS_NEW');
  const found = await Promise.all(
    left.map(({ workflowId, requestId }) => describe(client, workflowId, requestId)),
  );
  return found.filter((ref) => ref !== undefined);
}

type RunInfo = Pick<
  WorkflowExecutionInfo,
  'workflowId' | 'runId' | 'status' | 'typedSearchAttributes'
>;

export function asRef(info: RunInfo, requestId: string): VendRef {
  const { workflowId, runId, status, typedSearchAttributes } = info;
  const accountId = typedSearchAttributes.get(SearchAttribute.accountId);
  const organizationalUnitId = typedSearchAttributes.get(SearchAttribute.organizationalUnit);
  return {
    requestId,
    workflowId,
    runId,
    status: statusName(status.name),
    ...(accountId ? { accountId } : {}),
    ...(organizationalUnitId ? { organizationalUnitId } : {}),
  };
}
