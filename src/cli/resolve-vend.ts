import { randomUUID } from 'node:crypto';
import {
  ApplicationFailure,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
  type Client,
} from '@temporalio/client';
import { resolveUpdate, stateQuery, type Decision, type Resolution } from '../contract';
import { CommandError, ExitStatus, invalid } from './errors';
import type { VendRef } from './find-vend';

/** A worker that is there answers at once; an answer that is on its way is waited for longer. */
const WORKER_ANSWERS_MS = 3_000;
const ANSWER_TAKEN_MS = 10_000;

/** Answers the open escalation of a vend. Refusals say why. */
export async function resolveVend(
  client: Client,
  ref: VendRef,
  resolution: Resolution,
): Promise<Decision> {
  const { requestId } = ref;
  if (ref.status !== 'RUNNING') {
    throw invalid(`${requestId} has ended (${ref.status}); there is nothing to answer.`);
  }
  const handle = client.workflow.getHandle(ref.workflowId, ref.runId);
  const within = <T>(ms: number, ask: () => Promise<T>) =>
    client.withDeadline(Date.now() + ms, ask);
  try {
    const escalationId =
      resolution.escalationId ??
      openEscalation(await within(WORKER_ANSWERS_MS, () => handle.query(stateQuery)));
    const args: [Resolution] = [{ ...resolution, escalationId }];
    const updateId = randomUUID();
    return await within(ANSWER_TAKEN_MS, () =>
      handle.executeUpdate(resolveUpdate, { args, updateId }),
    );
  } catch (error) {
    if (error instanceof CommandError) throw error;
    if (error instanceof WorkflowUpdateFailedError) throw refused(requestId, error);
    if (isSilence(error)) throw silent(requestId);
    throw error;
  }
}

function openEscalation(state: {
  requestId: string;
  stage: string;
  waitingFor?: string;
  escalation?: { id: string };
}): string {
  if (state.escalation) return state.escalation.id;
  const waits = state.waitingFor ? `; it waits for ${state.waitingFor}` : '';
  throw invalid(`${state.requestId} asks nothing: it is ${state.stage}${waits}.`);
}

function refused(requestId: string, error: WorkflowUpdateFailedError): CommandError {
  const { cause } = error;
  const why =
    cause instanceof ApplicationFailure ? cause.message : (cause?.message ?? error.message);
  return invalid(`${requestId} refuses this answer: ${why}`);
}

/**
 * Temporal answered, or waited, for want of a worker: with a deadline that passed on either side, or
 * because not even a first workflow task was taken.
 */
function isSilence(error: unknown): boolean {
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError) return true;
  const said = String(error instanceof Error ? (error.cause ?? error) : error);
  return /DEADLINE_EXCEEDED|CANCELLED|FAILED_PRECONDITION|no poller/i.test(said);
}

function silent(requestId: string): CommandError {
  const message = `No worker answered for ${requestId} in time. Start the worker, look with "vend show ${requestId}", and answer again if the escalation is still open.`;
  return new CommandError(ExitStatus.unreachable, message);
}
