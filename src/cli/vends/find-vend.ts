import { setTimeout as pause } from 'node:timers/promises';
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { isRequestId, SearchAttribute, vendWorkflowId, WorkflowType } from '../../contract';
import { CommandError, ExitStatus, invalid } from '../errors';
import { isNotFound } from '../temporal';

/** One run of a vend. */
export interface VendRef {
  requestId: string;
  workflowId: string;
  runId: string;
  status: string;
}

/** Lists lag about a second behind. */
const LIST_LAG_MS = 3_000;

/**
 * The vend of a request: the one that we started, else one that a parent started under an id of its
 * own. Where ours has ended and another is running, that one is meant.
 */
export async function findVend(client: Client, requestId: string): Promise<VendRef> {
  const own = await describeOwn(client, requestId);
  if (own?.status === 'RUNNING') return own;
  const others = await listVends(client, requestId, own ? 0 : LIST_LAG_MS);
  const running = others.filter(({ status }) => status === 'RUNNING');
  if (running.length > 1) {
    const ids = running.map(({ workflowId }) => `  ${workflowId}`);
    const message = `${running.length} vends of ${requestId} are running, each under its own workflow id; address one in the Web UI:`;
    throw invalid([message, ...ids].join('\n'));
  }
  const found = running[0] ?? own ?? others[0];
  if (!found) {
    const hint = requestId.startsWith('vend-') ? ` Without "vend-" in front it may be one.` : '';
    const message = `There is no vend of ${requestId}.${hint} "vend list --all" shows those there are.`;
    throw new CommandError(ExitStatus.noSuchVend, message);
  }
  return found;
}

/** What `start` would meet: a vend that is running or completed, wherever it was started. */
export async function findStarted(client: Client, requestId: string): Promise<VendRef | undefined> {
  const own = await describeOwn(client, requestId);
  if (own && stands(own)) return own;
  return (await listVends(client, requestId, 0)).find(stands);
}

function stands({ status }: VendRef): boolean {
  return status === 'RUNNING' || status === 'COMPLETED';
}

async function describeOwn(client: Client, requestId: string): Promise<VendRef | undefined> {
  try {
    const info = await client.workflow.getHandle(vendWorkflowId(requestId)).describe();
    if (info.type !== WorkflowType.vendAccount) throw notAVend(requestId, info.type);
    return asRef(info, requestId);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** A batch is `vend-batch-<name>`, as the Web UI shows it. */
function notAVend(requestId: string, type: string): CommandError {
  const name = requestId.replace(/^batch-/, '');
  const message =
    type === WorkflowType.vendBatch
      ? `${requestId} is no request ID: ${vendWorkflowId(requestId)} is the batch of the manifest ${name}. See how it stands by "vend apply -f MANIFEST --dry-run"; "vend cancel --batch ${name}" ends it.`
      : `${requestId} is no request ID: ${vendWorkflowId(requestId)} is a ${type}.`;
  return invalid(message);
}

/** Running ones first, then the newest. */
async function listVends(client: Client, requestId: string, lagMs: number): Promise<VendRef[]> {
  const query = `WorkflowType = '${WorkflowType.vendAccount}' AND ${SearchAttribute.requestId.name} = '${requestId}'`;
  const deadline = Date.now() + lagMs;
  for (;;) {
    const found: WorkflowExecutionInfo[] = [];
    for await (const info of client.workflow.list({ query })) {
      found.push(info);
      if (found.length === 100) break;
    }
    if (found.length > 0 || Date.now() >= deadline) {
      found.sort((a, b) => b.startTime.getTime() - a.startTime.getTime());
      return found.map((info) => asRef(info, requestId));
    }
    await pause(300);
  }
}

function asRef({ workflowId, runId, status }: RunInfo, requestId: string): VendRef {
  return { requestId, workflowId, runId, status: statusName(status.name) };
}

type RunInfo = Pick<WorkflowExecutionInfo, 'workflowId' | 'runId' | 'status'>;

/** The client spells one status as nobody else does. */
export function statusName(name: string): string {
  return name === 'CANCELLED' ? 'CANCELED' : name;
}

export function checkRequestId(requestId: string): void {
  if (isRequestId(requestId)) return;
  throw invalid(
    'That is no request ID: one has 1-63 lower-case letters, digits and hyphens, as given by --request-id.',
  );
}
