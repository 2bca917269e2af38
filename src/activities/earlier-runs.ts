import { getClient } from '@temporalio/activity';
import { isGrpcServiceError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { requiredTsToMs } from '@temporalio/common/lib/time';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow';
import { SearchAttribute, WorkflowType } from '../contract';
import type { Amendment, VendRequest } from '../contract';
import type { RunOfRequest } from '../domain/earlier-run';

export interface EarlierRunsInput {
  requestId: string;
  runId: string;
  /** ISO 8601: of two runs at once, the one that was started first creates. */
  startedAt: string;
}

/** Temporal's test server lists no workflows; every other server does. */
const UNIMPLEMENTED = 12;

/**
 * The other runs of a request: earlier ones of the same workflow id, and those that a parent
 * started under an id of its own. The list lags about a second behind. Read-only.
 */
export async function listEarlierRuns(input: EarlierRunsInput): Promise<RunOfRequest[]> {
  // The id has been checked: it can hold no quote.
  const query = `WorkflowType = '${WorkflowType.vendAccount}' AND ${SearchAttribute.requestId.name} = '${input.requestId}'`;
  const runs: RunOfRequest[] = [];
  try {
    for await (const run of getClient().workflow.list({ query })) {
      const status = run.status.name;
      if (run.runId === input.runId || status === 'CONTINUED_AS_NEW') continue;
      if (!isBefore([run.startTime.toISOString(), run.runId], [input.startedAt, input.runId]))
        continue;
      const accountId = run.typedSearchAttributes.get(SearchAttribute.accountId);
      const { workflowId, runId } = run;
      runs.push({ workflowId, runId, status, ...(accountId ? { accountId } : {}) });
    }
  } catch (error) {
    if (grpcCode(error) === UNIMPLEMENTED) return [];
    throw error;
  }
  return runs;
}

function isBefore(one: [string, string], other: [string, string]): boolean {
  return one[0] < other[0] || (one[0] === other[0] && one[1] < other[1]);
}

/** What the history of a run tells of it. */
export interface ToldRun {
  /**
   * The request it began with, and with every amendment sent to it (also one that it refused: an
   * address too many is looked for, none too few).
   */
  requests: VendRequest[];
  /** ISO 8601: when it was last about to send a CreateAccount; absent where it never was. */
  lastSubmitAt?: string;
}

/** Reads the history of a run. Read-only. */
export async function readRun(run: RunOfRequest): Promise<ToldRun> {
  const client = getClient();
  const { events } = await client.workflow.getHandle(run.workflowId, run.runId).fetchHistory();
  const requests: VendRequest[] = [];
  let lastSubmitAt: string | undefined;
  for (const event of events ?? []) {
    const scheduled = event.activityTaskScheduledEventAttributes?.activityType?.name;
    if (scheduled === 'createAccount') lastSubmitAt = timeOf(event.eventTime);
    const started = event.workflowExecutionStartedEventAttributes?.input?.payloads;
    if (started) {
      const [request, carried] = await decode(client, started);
      if (isObject(request)) requests.push(request as unknown as VendRequest);
      // It continued as new: what it had sent before is in its memory.
      if (isObject(carried) && isObject(carried['request'])) {
        requests.push(carried['request'] as unknown as VendRequest);
        if (carried['creation']) lastSubmitAt = timeOf(event.eventTime);
      }
    }
    const update = event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input;
    const signal = event.workflowExecutionSignaledEventAttributes?.input;
    const [message] = await decode(client, update?.args?.payloads ?? signal?.payloads);
    const last = requests.at(-1);
    if (
      last &&
      isObject(message) &&
      message['action'] === 'amend' &&
      isObject(message['changes'])
    ) {
      requests.push({ ...last, ...(message['changes'] as Amendment) });
    }
  }
  return { requests, ...(lastSubmitAt ? { lastSubmitAt } : {}) };
}

function timeOf(eventTime: Parameters<typeof requiredTsToMs>[0]): string {
  return new Date(requiredTsToMs(eventTime, 'eventTime')).toISOString();
}

type Payloads = Parameters<typeof decodeArrayFromPayloads>[1];

function decode(client: Client, payloads: Payloads): Promise<unknown[]> {
  return decodeArrayFromPayloads(client.options.loadedDataConverter, payloads ?? undefined);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function grpcCode(error: unknown): number | undefined {
  if (isGrpcServiceError(error)) return error.code;
  return error instanceof Error && error.cause !== undefined ? grpcCode(error.cause) : undefined;
}
