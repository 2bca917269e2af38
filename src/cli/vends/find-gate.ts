import type { Client } from '@temporalio/client';
import { WorkflowType, gateStateQuery, gateWorkflowId, type GateState } from '../../contract';
import { CommandError, ExitStatus, invalid } from '../errors';
import { WORKER_ANSWERS_MS, isSilence, silent } from '../silence';
import { isNotFound } from '../temporal';
import { LIST_LAG_MS, untilListed } from './until-listed';

/** The gate of an organization. */
export interface GateRef {
  organizationId: string;
  workflowId: string;
  runId: string;
}

const PREFIX = gateWorkflowId('');
const ORGANIZATION_ID = /^o-[a-z0-9]{10,32}$/;

/** What `--organization` gives: nothing (there is only one), or an id. */
export type OrganizationFlag = boolean | string | undefined;

/** Before anybody is asked. */
export function checkOrganization(flag: OrganizationFlag): void {
  if (typeof flag !== 'string' || ORGANIZATION_ID.test(flag)) return;
  throw invalid('--organization takes the id of an organization, such as o-exampleorg1.');
}

/**
 * The gate of the organization that is named, or of the only one there is. It exists from the first
 * vend of an organization on.
 */
export async function findGate(client: Client, flag: OrganizationFlag): Promise<GateRef> {
  if (typeof flag === 'string') return named(client, flag);
  // One that has just begun, or continued as new, is not listed yet.
  const gates = await untilListed(() => listGates(client), LIST_LAG_MS);
  const [gate] = gates;
  if (!gate) throw none('No organization has a gate yet');
  if (gates.length > 1) {
    const ids = gates.map(({ organizationId }) => `  --organization ${organizationId}`);
    throw invalid([`There are ${gates.length} organizations; say which:`, ...ids].join('\n'));
  }
  return gate;
}

async function listGates(client: Client): Promise<GateRef[]> {
  const query = `WorkflowType = '${WorkflowType.organizationGate}' AND ExecutionStatus = 'Running'`;
  const gates: GateRef[] = [];
  for await (const { workflowId, runId } of client.workflow.list({ query })) {
    gates.push({ organizationId: workflowId.slice(PREFIX.length), workflowId, runId });
  }
  return gates;
}

async function named(client: Client, organizationId: string): Promise<GateRef> {
  const workflowId = gateWorkflowId(organizationId);
  try {
    const { runId, status } = await client.workflow.getHandle(workflowId).describe();
    if (status.name === 'RUNNING') return { organizationId, workflowId, runId };
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
  throw none(`${organizationId} has no gate`);
}

function none(what: string): CommandError {
  const message = `${what}: it begins with the first vend that wants to create an account.`;
  return new CommandError(ExitStatus.noSuchVend, message);
}

export async function readGate(client: Client, gate: GateRef): Promise<GateState> {
  try {
    return await client.withDeadline(Date.now() + WORKER_ANSWERS_MS, () =>
      client.workflow.getHandle(gate.workflowId).query(gateStateQuery),
    );
  } catch (error) {
    if (!isSilence(error)) throw error;
    const { organizationId, workflowId } = gate;
    const what = `the organization ${organizationId}`;
    throw await silent(client, { what, workflowId, look: 'vend show --organization' });
  }
}
