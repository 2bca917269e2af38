import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import { WorkflowType } from '../../contract';
import type { VendRequest } from '../../contract';
import { conflictProblems } from '../../domain/refusals';
import { compareWithVend } from '../../vends/compare-requests';
import { describeOwn, findStarted } from '../../vends/find-started';
import { vendStartOptions } from '../../vends/start-options';
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
    const there = await orNotAVend(describeOwn(client, requestId));
    if (!there) throw error;
    return asItIs(client, there, request);
  }
}

async function asItIs(client: Client, ref: VendRef, request: VendRequest): Promise<StartOutcome> {
  const { conflicts, changed } = await compareWithVend(client, ref, request);
  if (conflicts.length > 0) throw conflict(ref, conflicts);
  const { requestId, workflowId, runId } = ref;
  return { requestId, workflowId, runId, started: false, changed };
}

function conflict(ref: VendRef, fields: string[]) {
  const message = `RequestConflict: ${ref.requestId} was vended with other values.`;
  return invalid(message, conflictProblems(fields, ref.status));
}
