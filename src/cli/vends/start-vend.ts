import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow';
import {
  MEMO_REQUESTED_BY,
  requestQuery,
  SearchAttribute,
  Stage,
  vendWorkflowId,
  WorkflowType,
} from '../../contract';
import type { FieldProblem, VendRequest } from '../../contract';
import { compareRequests } from './compare-requests';
import { invalid } from '../errors';
import { findStarted, type VendRef } from './find-vend';

/** What `start --json` prints. */
export interface StartOutcome {
  requestId: string;
  workflowId: string;
  runId: string;
  /** False where the vend was there already. */
  started: boolean;
  /** Fields in which the request now differs from that one. */
  changed: string[];
}

/** As long as a worker may take to say how the request stands. */
const WORKER_ANSWERS_MS = 3_000;

/**
 * Starts the vend of a request, or finds the one that is there. Temporal takes one running workflow
 * of an id, so of two starts at the same moment one starts it and the other finds it.
 */
export async function startVend(
  client: Client,
  request: VendRequest,
  { taskQueue, requestedBy }: { taskQueue: string; requestedBy: string },
): Promise<StartOutcome> {
  const { requestId } = request;
  const before = await findStarted(client, requestId);
  if (before) return asItIs(client, before, request);
  const workflowId = vendWorkflowId(requestId);
  try {
    const handle = await client.workflow.start(WorkflowType.vendAccount, {
      workflowId,
      taskQueue,
      args: [request],
      memo: { [MEMO_REQUESTED_BY]: requestedBy },
      // USE_EXISTING would join a run that another start made a moment ago without telling so; then
      // two callers would both hear that they started it.
      workflowIdConflictPolicy: 'FAIL',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
      staticSummary: `${request.kind ?? 'standard'} account for request ${requestId}`,
      typedSearchAttributes: [
        { key: SearchAttribute.requestId, value: requestId },
        { key: SearchAttribute.stage, value: Stage.queued },
      ],
    });
    return { requestId, workflowId, runId: handle.firstExecutionRunId, started: true, changed: [] };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const { runId, status } = await client.workflow.getHandle(workflowId).describe();
    return asItIs(client, { requestId, workflowId, runId, status: status.name }, request);
  }
}

async function asItIs(client: Client, ref: VendRef, request: VendRequest): Promise<StartOutcome> {
  const [asked, amended] = await Promise.all([firstRequest(client, ref), askRequest(client, ref)]);
  const { conflicts, changed } = compareRequests(request, [asked, amended]);
  if (conflicts.length > 0) throw conflict(ref, conflicts);
  const { requestId, workflowId, runId } = ref;
  return { requestId, workflowId, runId, started: false, changed };
}

function conflict(ref: VendRef, fields: string[]) {
  const problems: FieldProblem[] = fields.map((field) => ({
    field,
    message: `differs from the vend that is there (${ref.status.toLowerCase()}); a request ID means one account for ever, so take another requestId for another account`,
  }));
  return invalid(`RequestConflict: ${ref.requestId} was vended with other values.`, problems);
}

/** The request as it was started, from the first event of its history. */
export async function firstRequest(client: Client, ref: VendRef): Promise<VendRequest | undefined> {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId: ref.workflowId, runId: ref.runId },
    maximumPageSize: 1,
  });
  const started = history?.events?.[0]?.workflowExecutionStartedEventAttributes;
  const payloads = started?.input?.payloads;
  const [request] = await decodeArrayFromPayloads(client.options.loadedDataConverter, payloads);
  return request as VendRequest | undefined;
}

/** The request with its amendments, where a worker answers. */
export async function askRequest(client: Client, ref: VendRef): Promise<VendRequest | undefined> {
  const handle = client.workflow.getHandle(ref.workflowId, ref.runId);
  try {
    return await client.withDeadline(Date.now() + WORKER_ANSWERS_MS, () =>
      handle.query(requestQuery),
    );
  } catch {
    return undefined;
  }
}
