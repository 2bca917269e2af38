import type { Client } from '@temporalio/client';
import { resolveUpdate, stateQuery } from '../../contract';
import type { Decision, Resolution, VendState } from '../../contract';
import { invalid } from '../errors';
import { readGate, type GateRef } from './find-gate';
import type { VendRef } from './find-vend';
import { heard, sendUpdate } from './send-update';
import { WORKER_ANSWERS_MS } from '../silence';

/** Answers the open escalation of a vend. Refusals say why. */
export async function resolveVend(
  client: Client,
  ref: VendRef,
  resolution: Resolution,
): Promise<Decision> {
  const { requestId, workflowId } = ref;
  if (ref.status !== 'RUNNING') {
    throw invalid(`${requestId} has ended (${ref.status}); there is nothing to answer.`);
  }
  const handle = client.workflow.getHandle(workflowId, ref.runId);
  const asked = { what: requestId, workflowId, look: `vend show ${requestId}` };
  return heard(client, asked, async () => {
    const escalationId =
      resolution.escalationId ??
      openEscalation(
        await client.withDeadline(Date.now() + WORKER_ANSWERS_MS, () => handle.query(stateQuery)),
      );
    return sendUpdate(client, ref, resolveUpdate, { ...resolution, escalationId });
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
  return heard(client, { what, workflowId, look: 'vend show --organization' }, () =>
    sendUpdate(client, { workflowId }, resolveUpdate, { ...resolution, escalationId }),
  );
}

function openEscalation(state: VendState): string {
  if (state.escalation) return state.escalation.id;
  const waits = state.waitingFor ? `; it waits for ${state.waitingFor}` : '';
  const instead =
    state.stage === 'approving' ? ` "vend approve ${state.requestId}" lets it begin.` : '';
  throw invalid(`${state.requestId} asks nothing: it is ${state.stage}${waits}.${instead}`);
}
