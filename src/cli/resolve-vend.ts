import { randomUUID } from 'node:crypto';
import { ApplicationFailure, WorkflowUpdateFailedError, type Client } from '@temporalio/client';
import { resolveUpdate, stateQuery, type Decision, type Resolution } from '../contract';
import { CommandError, invalid } from './errors';
import { readGate, type GateRef } from './find-gate';
import type { VendRef } from './find-vend';
import { WORKER_ANSWERS_MS, isSilence, silent } from './silence';

/** An answer that is on its way is waited for longer than a worker that is there needs. */
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
  return heard({ what: requestId, look: `vend show ${requestId}` }, async () => {
    const escalationId =
      resolution.escalationId ??
      openEscalation(
        await client.withDeadline(Date.now() + WORKER_ANSWERS_MS, () => handle.query(stateQuery)),
      );
    return answer(client, ref, { ...resolution, escalationId });
  });
}

/** Answers what holds an organization back. Refusals say why. */
export async function resolveOrganization(
  client: Client,
  gate: GateRef,
  resolution: Resolution,
): Promise<Decision> {
  const { organizationId: what, workflowId } = gate;
  if (resolution.action !== 'retry') {
    throw invalid(
      'An organization is answered with --retry alone: only a vend can be abandoned, amended or given an account.',
    );
  }
  const { escalation } = await readGate(client, gate);
  if (!escalation && resolution.escalationId === undefined) {
    throw invalid(`${what} asks nothing: no escalation of the organization is open.`);
  }
  const escalationId = resolution.escalationId ?? escalation?.id ?? '';
  return heard({ what, look: 'vend show --organization' }, () =>
    answer(client, { workflowId }, { ...resolution, escalationId }),
  );
}

/** By workflow id alone where it may have continued as new in this moment. */
function answer(
  client: Client,
  { workflowId, runId }: { workflowId: string; runId?: string },
  resolution: Resolution,
): Promise<Decision> {
  const args: [Resolution] = [resolution];
  const updateId = randomUUID();
  return client.withDeadline(Date.now() + ANSWER_TAKEN_MS, () =>
    client.workflow.getHandle(workflowId, runId).executeUpdate(resolveUpdate, { args, updateId }),
  );
}

async function heard<T>(whom: { what: string; look: string }, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof CommandError) throw error;
    if (error instanceof WorkflowUpdateFailedError) throw refused(whom.what, error);
    if (isSilence(error)) throw silent(whom.what, whom.look);
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

function refused(what: string, error: WorkflowUpdateFailedError): CommandError {
  const { cause } = error;
  const why =
    cause instanceof ApplicationFailure ? cause.message : (cause?.message ?? error.message);
  return invalid(`${what} refuses this answer: ${why}`);
}
