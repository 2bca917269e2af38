import type { Client } from '@temporalio/client';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow';
import { requiredTsToMs } from '@temporalio/common/lib/time';
import type { temporal } from '@temporalio/proto';
import type { VendRequest } from '../contract';
import { isObject } from '../domain/shape';
import { firstEvent } from '../vends/first-event';

/** What the first event of a run tells. */
export interface Beginning {
  request?: VendRequest;
  firstExecutionRunId: string;
  /** ISO 8601: when the first run of the execution was begun. */
  requestedAt: string;
  /** What it was handed when it continued as new: a `VendMemory`. */
  carried?: Record<string, unknown>;
}

export async function beginningOf(
  client: Client,
  workflowId: string,
  runId: string,
): Promise<Beginning> {
  return readBeginning(client, await firstEvent(client, workflowId, runId), runId);
}

export async function readBeginning(client: Client, event: HistoryEvent, runId: string) {
  const started = event.workflowExecutionStartedEventAttributes;
  const [request, carried] = await decode(client, started?.input?.payloads);
  const isContinued = !!started?.continuedExecutionRunId && isObject(carried);
  const requestedAt = isContinued ? carried['requestedAt'] : undefined;
  const beginning: Beginning = {
    ...(isObject(request) ? { request: request as unknown as VendRequest } : {}),
    firstExecutionRunId: started?.firstExecutionRunId || runId,
    requestedAt: typeof requestedAt === 'string' ? requestedAt : timeOf(event.eventTime),
    ...(isContinued ? { carried } : {}),
  };
  return beginning;
}

export type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

export function timeOf(eventTime: Parameters<typeof requiredTsToMs>[0]): string {
  return new Date(requiredTsToMs(eventTime, 'eventTime')).toISOString();
}

type Payloads = Parameters<typeof decodeArrayFromPayloads>[1];

export function decode(client: Client, payloads: Payloads): Promise<unknown[]> {
  return decodeArrayFromPayloads(client.options.loadedDataConverter, payloads ?? undefined);
}
