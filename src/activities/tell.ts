import { getClient } from '@temporalio/activity';
import { WorkflowType, gateWorkflowId, watchWorkflowId } from '../contract';
import type { ActivityDeps } from './deps';

export interface TellGateInput {
  organizationId: string;
  /** Name of the gate's signal, and its one argument. */
  signal: string;
  message: unknown;
}

/** Signals the organization's gate, and starts it where it does not run. */
export async function tellGate(deps: ActivityDeps, input: TellGateInput): Promise<void> {
  const { organizationId, signal, message } = input;
  await getClient().workflow.signalWithStart(WorkflowType.organizationGate, {
    workflowId: gateWorkflowId(organizationId),
    taskQueue: deps.configuration.taskQueue,
    args: [{ organizationId }],
    signal,
    signalArgs: [message],
    staticSummary: `Who may create accounts in ${organizationId}`,
  });
}

export interface TellWatchInput extends TellGateInput {
  region: string;
}

/** Signals the watch of a region, and starts it where it does not run. */
export async function tellWatch(deps: ActivityDeps, input: TellWatchInput): Promise<void> {
  const { organizationId, region, signal, message } = input;
  await getClient().workflow.signalWithStart(WorkflowType.conformanceWatch, {
    workflowId: watchWorkflowId(organizationId, region),
    taskQueue: deps.configuration.taskQueue,
    args: [{ organizationId, region }],
    signal,
    signalArgs: [message],
    staticSummary: `Conformance packs of ${organizationId} in ${region}`,
    // Where many wait and the machine is busy, reading it again from its history can take more than ten seconds.
    workflowTaskTimeout: '1m',
  });
}
