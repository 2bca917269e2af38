import { getClient } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { requiredTsToMs } from '@temporalio/common/lib/time';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow';
import { SearchAttribute, WorkflowType } from '../contract';
import type { Amendment, VendRequest } from '../contract';
import type { RunOfRequest } from '../domain/earlier-run';
import type { Holder } from '../domain/gate/messages';
import { isUnimplemented } from './grpc';

export interface EarlierRunsInput {
  requestId: string;
  workflowId: string;
  runId: string;
  /** ISO 8601: of two runs at once, the one that was started first creates. */
  startedAt: string;
  /** The vend of this request that the gate let go first: looked at whatever the list says. */
  before?: Holder;
}

/**
 * The other runs of a request: earlier ones of the same workflow id (a run that was reset among
 * them), and those that a parent started under an id of its own. The list lags about a second behind.
 * Read-only.
 */
export async function listEarlierRuns(input: EarlierRunsInput): Promise<RunOfRequest[]> {
  // The id has been checked: it can hold no quote.
  const query = `WorkflowType = '${WorkflowType.vendAccount}' AND ${SearchAttribute.requestId.name} = '${input.requestId}'`;
  const client = getClient();
  const runs: RunOfRequest[] = [];
  if (input.before) runs.push(...(await describeRun(client, input.before, input)));
  try {
    for await (const run of client.workflow.list({ query })) {
      const { workflowId, runId } = run;
      const status = run.status.name;
      if (runId === input.runId || status === 'CONTINUED_AS_NEW') continue;
      if (runs.some((known) => known.runId === runId)) continue;
      // Of one workflow id only one run is under way: every other is an earlier one.
      const isOurs = workflowId === input.workflowId;
      if (
        !isOurs &&
        !isBefore([run.startTime.toISOString(), runId], [input.startedAt, input.runId])
      )
        continue;
      runs.push(toRun(run));
    }
  } catch (error) {
    if (isUnimplemented(error)) return runs;
    throw error;
  }
  return runs;
}

/** Of another workflow id its latest run; of the same one, the execution before this. */
async function describeRun(
  client: Client,
  { workflowId, firstExecutionRunId }: Holder,
  input: EarlierRunsInput,
): Promise<RunOfRequest[]> {
  const isOurs = workflowId === input.workflowId;
  try {
    const handle = client.workflow.getHandle(workflowId, isOurs ? firstExecutionRunId : undefined);
    const run = toRun(await handle.describe());
    return run.runId === input.runId || run.status === 'CONTINUED_AS_NEW' ? [] : [run];
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return [];
    throw error;
  }
}

function toRun(
  run: Pick<WorkflowExecutionInfo, 'workflowId' | 'runId' | 'status' | 'typedSearchAttributes'>,
): RunOfRequest {
  const { workflowId, runId } = run;
  const accountId = run.typedSearchAttributes.get(SearchAttribute.accountId);
  return { workflowId, runId, status: run.status.name, ...(accountId ? { accountId } : {}) };
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
