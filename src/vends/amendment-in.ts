import type { Client } from '@temporalio/client';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow';
import type { temporal } from '@temporalio/proto';
import type { Amendment } from '../contract';
import { isObject } from '../domain/shape';

/** The amendment that an event of a vend's history brought, by update or by signal; also one that was refused. */
export async function amendmentIn(
  client: Client,
  event: temporal.api.history.v1.IHistoryEvent,
): Promise<Amendment | undefined> {
  const update = event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input;
  const signal = event.workflowExecutionSignaledEventAttributes?.input;
  const payloads = update?.args?.payloads ?? signal?.payloads ?? undefined;
  const [message] = await decodeArrayFromPayloads(client.options.loadedDataConverter, payloads);
  if (!isObject(message) || message['action'] !== 'amend') return undefined;
  const { changes } = message;
  return isObject(changes) ? changes : undefined;
}
