import type { Client } from '@temporalio/client';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow';
import { requestQuery } from '../contract';
import type { VendRequest } from '../contract';
import type { VendRef } from './find-started';

/** As long as a worker may take to say how the request stands. */
const WORKER_ANSWERS_MS = 3_000;

/** The request as it was started, from the first event of its history. */
export async function firstRequest(client: Client, ref: VendRef): Promise<VendRequest | undefined> {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId: ref.workflowId, runId: ref.runId },
    maximumPageSize: 1,
  });
  const started = history?.events?.[0]?.workflowExecutionStartedEventAttributes;
  const payloads = started?.input?.payloads;
  const [request] = await decodeArrayFromPayloads(client.options.loadedDataConverter, payloads);
  return request as VendRequest | undefined;
}

/** The request with its amendments, where a worker answers. */
export async function askRequest(client: Client, ref: VendRef): Promise<VendRequest | undefined> {
  const handle = client.workflow.getHandle(ref.workflowId, ref.runId);
  try {
    return await client.withDeadline(Date.now() + WORKER_ANSWERS_MS, () =>
      handle.query(requestQuery),
    );
  } catch {
    return undefined;
  }
}
