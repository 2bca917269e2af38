import type { Client } from '@temporalio/client';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow';
import type { temporal } from '@temporalio/proto';
import { requestQuery } from '../contract';
import type { VendRequest } from '../contract';
import { isObject } from '../domain/shape';
import { amendmentIn } from './amendment-in';
import type { VendRef } from './find-started';
import { firstEvent } from './first-event';
import { Grpc, grpcCode } from './grpc';

/** As long as a worker may take to say how the request stands. */
const WORKER_ANSWERS_MS = 3_000;

/**
 * The request that a vend was started with; and where the vend has continued as new since, also as it
 * stood then, with its amendments. From the first events of two runs: no worker is needed.
 */
export async function startedRequests(client: Client, ref: VendRef): Promise<VendRequest[]> {
  const { workflowId, runId } = ref;
  const event = await firstEvent(client, workflowId, runId);
  const firstRunId = event.workflowExecutionStartedEventAttributes?.firstExecutionRunId || runId;
  const first =
    firstRunId === runId ? undefined : await requestAtStart(client, workflowId, firstRunId);
  return [first, await requestIn(client, event)].filter((one) => one !== undefined);
}

/** The request that a run began with; undefined where Temporal does not keep that run any more. */
export async function requestAtStart(
  client: Client,
  workflowId: string,
  runId: string,
): Promise<VendRequest | undefined> {
  try {
    return await requestIn(client, await firstEvent(client, workflowId, runId));
  } catch (error) {
    if (grpcCode(error) === Grpc.NOT_FOUND) return undefined;
    throw error;
  }
}

async function requestIn(
  client: Client,
  event: temporal.api.history.v1.IHistoryEvent | undefined,
): Promise<VendRequest | undefined> {
  const payloads = event?.workflowExecutionStartedEventAttributes?.input?.payloads;
  const [request] = await decodeArrayFromPayloads(client.options.loadedDataConverter, payloads);
  return isObject(request) ? (request as unknown as VendRequest) : undefined;
}

/**
 * The request with its amendments: as the worker says, or where none answers as its history tells, which
 * cannot say of a signal that it was refused.
 */
export async function amendedRequests(client: Client, ref: VendRef): Promise<VendRequest[]> {
  const told = await askRequest(client, ref);
  return told ? [told] : amendedInHistory(client, ref);
}

async function askRequest(client: Client, ref: VendRef): Promise<VendRequest | undefined> {
  const handle = client.workflow.getHandle(ref.workflowId, ref.runId);
  try {
    return await client.withDeadline(Date.now() + WORKER_ANSWERS_MS, () =>
      handle.query(requestQuery),
    );
  } catch {
    return undefined;
  }
}

async function amendedInHistory(client: Client, ref: VendRef): Promise<VendRequest[]> {
  const { events } = await client.workflow.getHandle(ref.workflowId, ref.runId).fetchHistory();
  let request = await requestIn(client, events?.[0]);
  const amended: VendRequest[] = [];
  const refused = (events ?? [])
    .map((event) => event.workflowExecutionUpdateCompletedEventAttributes)
    .filter((completed) => completed?.outcome?.failure)
    .map((completed) => String(completed?.acceptedEventId));
  for (const event of events ?? []) {
    if (refused.includes(String(event.eventId))) continue;
    const changes = await amendmentIn(client, event);
    if (!request || !changes) continue;
    request = { ...request, ...changes };
    amended.push(request);
  }
  return amended;
}
