import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import { WorkflowType } from '../../contract';
import type { VendRequest } from '../../contract';
import { conflictProblems } from '../../domain/refusals';
import { findStarted } from '../../vends/find-started';
import { amendedRequests, startedRequests } from '../../vends/request-of';
import { vendStartOptions } from '../../vends/start-options';
import { compareRequests } from './compare-requests';
import { invalid } from '../errors';
import { orNotAVend, type VendRef } from './find-vend';

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
  const before = await orNotAVend(findStarted(client, requestId));
  if (before) return asItIs(client, before, request);
  const options = vendStartOptions(request, requestedBy);
  const { workflowId } = options;
  try {
    const handle = await client.workflow.start(WorkflowType.vendAccount, { ...options, taskQueue });
    return { requestId, workflowId, runId: handle.firstExecutionRunId, started: true, changed: [] };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const { runId, status } = await client.workflow.getHandle(workflowId).describe();
    return asItIs(client, { requestId, workflowId, runId, status: status.name }, request);
  }
}

async function asItIs(client: Client, ref: VendRef, request: VendRequest): Promise<StartOutcome> {
  const [started, amended] = await Promise.all([
    startedRequests(client, ref),
    amendedRequests(client, ref),
  ]);
  const { conflicts, changed } = compareRequests(request, [...started, ...amended]);
  if (conflicts.length > 0) throw conflict(ref, conflicts);
  const { requestId, workflowId, runId } = ref;
  return { requestId, workflowId, runId, started: false, changed };
}

function conflict(ref: VendRef, fields: string[]) {
  const message = `RequestConflict: ${ref.requestId} was vended with other values.`;
  return invalid(message, conflictProblems(fields, ref.status));
}
