import { ApplicationFailure, getClient } from '@temporalio/activity';
import { WorkflowType, gateWorkflowId } from '../contract';
import type { ActivityDeps } from './deps';
import { BEFORE_VENDS } from './priority';
import { isWatchMessage } from './watch-post';
import type { WatchMessage, WatchPost, WatchRef } from './watch-post';

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
    priority: BEFORE_VENDS,
    // Reading it again from its history can take more than ten seconds where thousands have asked and the machine is busy.
    // (No more than need be: so long it stands where a worker dies in the midst of its task.)
    workflowTaskTimeout: '30s',
  });
}

export interface TellWatchInput extends WatchRef {
  message: WatchMessage;
}

/**
 * Tells the watch of a region, together with what other vends tell it in the same second. A message that
 * this worker does not know would be lost among the others; a newer one may know it.
 */
export async function tellWatch(
  post: WatchPost,
  { message, ...watch }: TellWatchInput,
): Promise<void> {
  if (!isWatchMessage(message)) {
    const problem = 'this worker knows no such message to a watch: is it of an older version?';
    throw ApplicationFailure.retryable(problem, 'UnknownMessage');
  }
  await post.send(watch, message, getClient());
}
