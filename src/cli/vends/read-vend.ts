import {
  ApplicationFailure,
  TemporalFailure,
  WorkflowFailedError,
  type Client,
  type WorkflowHandle,
} from '@temporalio/client';
import { SearchAttribute, stateQuery, type VendResult, type VendState } from '../../contract';
import { unreadableIn } from '../../encryption';
import { statusName, type VendRef } from './find-vend';
import { WORKER_ANSWERS_MS } from '../silence';
import { plain } from '../io';
import { isNotFound } from '../temporal';

/** All that can be known of a vend at this moment. */
export interface VendView {
  requestId: string;
  workflowId: string;
  runId: string;
  /** `RUNNING`, `COMPLETED`, `FAILED`, `CANCELED`, `TERMINATED`, `TIMED_OUT`. */
  status: string;
  startedAt: string;
  closedAt?: string;
  /** On which its worker is to listen; absent where only lists were read. */
  taskQueue?: string;
  /** null where no worker answers. */
  state: VendState | null;
  /** What Temporal itself knows, also without a worker. */
  attributes: Record<string, string>;
  result?: VendResult;
  failure?: FailureView;
}

interface FailureView {
  type: string;
  message: string;
  details: unknown[];
}

export async function readVend(client: Client, ref: VendRef): Promise<VendView> {
  const handle = client.workflow.getHandle(ref.workflowId, ref.runId);
  const info = await handle.describe();
  const status = statusName(info.status.name);
  if (status === 'CONTINUED_AS_NEW') {
    const { runId } = await client.workflow.getHandle(ref.workflowId).describe();
    if (runId !== ref.runId) return readVend(client, { ...ref, runId });
  }
  const outcome = status === 'RUNNING' ? {} : await readOutcome(handle);
  const view = {
    requestId: ref.requestId,
    workflowId: info.workflowId,
    runId: info.runId,
    status,
    startedAt: info.startTime.toISOString(),
    taskQueue: info.taskQueue,
    ...(info.closeTime ? { closedAt: info.closeTime.toISOString() } : {}),
    attributes: attributesOf(info.typedSearchAttributes),
    ...outcome,
  };
  return { ...view, state: lastState(outcome.failure) ?? (await askState(client, handle)) };
}

/** The document of `show --json`. */
export function viewToJson(view: VendView): Record<string, unknown> {
  const { state, attributes, requestId, workflowId, runId, status, startedAt, closedAt } = view;
  const known = state ?? { requestId, stage: null, ...withoutWorker(attributes) };
  return {
    ...known,
    workflowId,
    runId,
    status,
    startedAt,
    ...(closedAt === undefined ? {} : { closedAt }),
    ...(view.result === undefined ? {} : { result: view.result }),
    ...(view.failure === undefined ? {} : { failure: view.failure }),
  };
}

function withoutWorker(attributes: Record<string, string>): Record<string, unknown> {
  const accountId = attributes[SearchAttribute.accountId.name];
  const organizationalUnitId = attributes[SearchAttribute.organizationalUnit.name];
  return {
    ...(accountId ? { accountId } : {}),
    ...(organizationalUnitId ? { organizationalUnitId } : {}),
    searchAttributes: attributes,
  };
}

/**
 * The state, or null where no worker answers in time. Only Temporal's own outage is an error, and an
 * answer that cannot be decrypted.
 */
async function askState(client: Client, handle: WorkflowHandle): Promise<VendState | null> {
  try {
    return await client.withDeadline(Date.now() + WORKER_ANSWERS_MS, () =>
      handle.query(stateQuery),
    );
  } catch (error) {
    if (isNotFound(error) || unreadableIn(error)) throw error;
    return null;
  }
}

async function readOutcome(
  handle: WorkflowHandle,
): Promise<{ result?: VendResult; failure?: FailureView }> {
  try {
    return { result: (await handle.result()) as VendResult };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    return { failure: asFailureView(error.cause ?? error) };
  }
}

/** Type of the failure with which a vend that has ended did so. */
export async function readFailure(client: Client, ref: VendRef): Promise<string | undefined> {
  const handle = client.workflow.getHandle(ref.workflowId, ref.runId);
  const { failure } = await readOutcome(handle);
  return ref.status === 'FAILED' ? failure?.type : undefined;
}

function asFailureView(cause: Error): FailureView {
  if (cause instanceof ApplicationFailure) {
    const { type, message, details } = cause;
    return { type: type ?? cause.name, message, details: details ?? [] };
  }
  const type = cause instanceof TemporalFailure ? cause.name : 'Error';
  return { type, message: cause.message, details: [] };
}

/** Failures carry the last state, so that it can be shown without a worker. */
function lastState(failure: FailureView | undefined): VendState | undefined {
  const [state] = failure?.details ?? [];
  const isState = typeof state === 'object' && state !== null && 'stage' in state;
  return isState ? (state as VendState) : undefined;
}

type TypedSearchAttributes = Awaited<
  ReturnType<WorkflowHandle['describe']>
>['typedSearchAttributes'];

export function attributesOf(attributes: TypedSearchAttributes): Record<string, string> {
  const known: Record<string, string> = {};
  for (const key of Object.values(SearchAttribute)) {
    const value = attributes.get(key);
    if (typeof value === 'string') known[key.name] = plain(value);
  }
  return known;
}
