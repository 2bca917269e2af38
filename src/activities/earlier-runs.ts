import { getClient } from '@temporalio/activity';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { requiredTsToMs } from '@temporalio/common/lib/time';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow';
import { SearchAttribute, WorkflowType } from '../contract';
import type { VendRequest } from '../contract';
import { isKnownException } from '../domain/dispositions';
import { asSent } from '../domain/earlier-run';
import type { AskedAs, RunOfRequest } from '../domain/earlier-run';
import type { Holder } from '../domain/gate/messages';
import { amendmentIn } from '../vends/amendment-in';
import { firstEvent } from '../vends/first-event';
import { requestAtStart } from '../vends/request-of';
import { isUnderWay } from '../vends/run-status';
import type { Tagged } from './find-account';
import type { CreationStatus, Finding, Outcome, SubmitOutcome } from './outcomes';
import { isObject, isText } from '../domain/shape';
import { Grpc, grpcCode } from '../vends/grpc';

export interface EarlierRunsInput {
  requestId: string;
  workflowId: string;
  runId: string;
  firstExecutionRunId: string;
  /** ISO 8601: when the vend was begun, which continue-as-new and reset do not renew. */
  requestedAt: string;
  /** The vend of this request that the gate let go first: looked at whatever the list says. */
  before?: Holder;
}

type SeenRun = Pick<
  WorkflowExecutionInfo,
  'workflowId' | 'runId' | 'status' | 'startTime' | 'typedSearchAttributes'
>;

/**
 * The other runs of a request, the oldest first: ended ones (a run that was reset among them), and what
 * is under way under another workflow id, which a parent chose. The list lags about a second behind,
 * and shows a vend that has just continued as new nowhere: it says which workflow ids there are, and
 * how each of them stands Temporal is asked itself. Read-only.
 */
export async function listEarlierRuns(input: EarlierRunsInput): Promise<RunOfRequest[]> {
  const client = getClient();
  const seen: (SeenRun | undefined)[] = [];
  const elsewhere = new Set<string>();
  for (const run of await listRuns(client, input.requestId)) {
    const { workflowId, runId, status } = run;
    if (workflowId !== input.workflowId) elsewhere.add(workflowId);
    seen.push(isUnderWay(status.name) ? await describe(client, workflowId, runId) : run);
  }
  const { before } = input;
  if (before?.workflowId === input.workflowId) {
    seen.push(await describe(client, before.workflowId, before.firstExecutionRunId));
  } else if (before) elsewhere.add(before.workflowId);
  for (const workflowId of elsewhere) {
    const present = await describe(client, workflowId);
    // The workflow id may be that of something else by now.
    if (present?.typedSearchAttributes.get(SearchAttribute.requestId) === input.requestId) {
      seen.push(present);
    }
  }
  const others = new Map<string, SeenRun>();
  for (const run of seen) {
    if (!run || run.runId === input.runId || run.status.name === 'CONTINUED_AS_NEW') continue;
    others.set(run.runId, run);
  }
  const oldestFirst = [...others.values()].sort(
    (one, other) => one.startTime.getTime() - other.startTime.getTime(),
  );
  return Promise.all(oldestFirst.map((run) => toRun(client, run, input)));
}

async function listRuns(client: Client, requestId: string): Promise<SeenRun[]> {
  // The id has been checked: it can hold no quote.
  const query = `WorkflowType = '${WorkflowType.vendAccount}' AND ${SearchAttribute.requestId.name} = '${requestId}'`;
  const runs: SeenRun[] = [];
  try {
    for await (const run of client.workflow.list({ query })) runs.push(run);
  } catch (error) {
    if (grpcCode(error) !== Grpc.UNIMPLEMENTED) throw error;
  }
  return runs;
}

/** Without a run id: the present run. */
async function describe(
  client: Client,
  workflowId: string,
  runId?: string,
): Promise<SeenRun | undefined> {
  try {
    return await client.workflow.getHandle(workflowId, runId).describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

async function toRun(client: Client, run: SeenRun, input: EarlierRunsInput): Promise<RunOfRequest> {
  const { workflowId, runId } = run;
  const status = isUnderWay(run.status.name) ? 'RUNNING' : run.status.name;
  const accountId = run.typedSearchAttributes.get(SearchAttribute.accountId);
  const stage = run.typedSearchAttributes.get(SearchAttribute.stage) ?? 'queued';
  const isQueued =
    status === 'RUNNING' && !accountId && (stage === 'queued' || stage === 'approving');
  return {
    workflowId,
    runId,
    status,
    ...(accountId ? { accountId } : {}),
    ...(isQueued ? { queued: await queuedOf(client, run, input) } : {}),
  };
}

async function queuedOf(client: Client, { workflowId, runId }: SeenRun, input: EarlierRunsInput) {
  const { firstExecutionRunId, requestedAt } = await beginningOf(client, workflowId, runId);
  const isBefore =
    requestedAt === input.requestedAt
      ? firstExecutionRunId < input.firstExecutionRunId
      : requestedAt < input.requestedAt;
  return { firstExecutionRunId, isBefore };
}

/** What the first event of a run tells. */
interface Beginning {
  request?: VendRequest;
  firstExecutionRunId: string;
  /** ISO 8601: when the first run of the execution was begun. */
  requestedAt: string;
  /** What it was handed when it continued as new: a `VendMemory`. */
  carried?: Record<string, unknown>;
}

async function beginningOf(client: Client, workflowId: string, runId: string): Promise<Beginning> {
  return readBeginning(client, await firstEvent(client, workflowId, runId), runId);
}

async function readBeginning(client: Client, event: HistoryEvent, runId: string) {
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

/** What the history of a run tells of it. */
export interface ToldRun {
  /**
   * The request it began with, and with every amendment sent to it (also one that it refused: an
   * address too many is looked for, none too few).
   */
  requests: VendRequest[];
  /** What it remembered that the account was asked for under before, by runs that it had met as well. */
  asked?: AskedAs[];
  /** `car-…` that it sent or adopted, the oldest first. */
  createAccountRequestIds: string[];
  /** `car-…` of which AWS had told it the end, and what was made is known. Absent in what versions before have read. */
  ended?: string[];
  /** Accounts that runs which it had met, or the gate, knew as the request's, and those that it was about to take. */
  accountIds?: string[];
  /** ISO 8601: when it was last about to send a CreateAccount; absent where it never was. */
  lastSubmitAt?: string;
  /** ISO 8601: when it was last about to send one whose answer was lost, or never came to be. */
  lostAnswerAt?: string;
}

async function eventsOf(client: Client, workflowId: string, runId: string) {
  try {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    return events ?? [];
  } catch (error) {
    if (grpcCode(error) === Grpc.NOT_FOUND) return [];
    throw error;
  }
}

/** Reads the history of a run; one that Temporal has forgotten meanwhile tells nothing. Read-only. */
export async function readRun({ workflowId, runId, accountId }: RunOfRequest): Promise<ToldRun> {
  const client = getClient();
  const events = await eventsOf(client, workflowId, runId);
  const requests: VendRequest[] = [];
  const asked: AskedAs[] = [];
  const creations = new Set<string>();
  const over = new Set<string>();
  const succeeded = new Set<string>();
  /** Of runs that it had met. */
  const earlierIds = new Set<string>();
  const accountIds = new Set<string>();
  const activities = new Map<string, string>();
  /** What it tagged last. */
  let taking: string | undefined;
  let lastSubmitAt: string | undefined;
  /** In their order, by the event that scheduled it, until AWS's answer is there. */
  const unanswered = new Map<string, string>();
  for (const event of events) {
    if (event.workflowExecutionStartedEventAttributes) {
      const { request, firstExecutionRunId, carried } = await readBeginning(client, event, runId);
      if (request) requests.push(request);
      if (carried) {
        // It continued as new: what it was before is in its memory, but for what it began with.
        const first = await requestAtStart(client, workflowId, firstExecutionRunId);
        if (first) requests.unshift(first);
        const { creation } = carried;
        for (const id of idsIn([carried['taking']])) accountIds.add(id);
        if (isObject(carried['request'])) {
          requests.push(carried['request'] as unknown as VendRequest);
        }
        const before = isObject(creation) ? creation['earlier'] : undefined;
        if (Array.isArray(before)) asked.push(...before.filter(isObject).map(asSent));
        for (const id of textsIn(carried, 'createAccountRequestIds')) creations.add(id);
        if (isObject(creation)) {
          for (const id of textsIn(creation, 'ended')) over.add(id);
          // Versions before carried none: what came after them was sent when they were over.
          const settled =
            'overIds' in creation ? textsIn(creation, 'overIds') : [...creations].slice(0, -1);
          for (const id of settled) over.add(id);
          for (const id of textsIn(creation, 'earlierIds')) earlierIds.add(id);
          for (const id of idsIn(creation['lostAccounts'])) accountIds.add(id);
        }
        // It may have sent something, or have met a run that had.
        if (isObject(creation) && (creation['metEarlierRuns'] || creation['meeting']))
          lastSubmitAt = timeOf(event.eventTime);
        const lostAtMs = isObject(creation) ? creation['lostAnswerAtMs'] : undefined;
        if (typeof lostAtMs === 'number')
          unanswered.set('carried', new Date(lostAtMs).toISOString());
      }
    }
    const { activityType, input } = event.activityTaskScheduledEventAttributes ?? {};
    const scheduled = activityType?.name;
    if (scheduled) activities.set(String(event.eventId), scheduled);
    if (scheduled && KNOWING.includes(scheduled)) {
      const [given] = await decode(client, input?.payloads);
      const known = scheduled === 'findAccount' ? isObject(given) && given['lost'] : [given];
      for (const id of idsIn(known)) accountIds.add(id);
      if (scheduled === 'tagAccount') [taking] = idsIn([given]);
    }
    if (scheduled === 'createAccount') {
      lastSubmitAt = timeOf(event.eventTime);
      // Another one is sent where AWS has told the end of those before, or a person permits it.
      for (const id of creations) over.add(id);
      unanswered.set(String(event.eventId), lastSubmitAt);
    }
    const completed = event.activityTaskCompletedEventAttributes;
    if (completed) {
      const activity = activities.get(String(completed.scheduledEventId));
      // Decoding may mean a call of the codec, and a history has thousands of other results.
      const isTelling = activity !== undefined && TELLING.includes(activity);
      const [told] = isTelling ? await decode(client, completed.result?.payloads) : [];
      const id = creationIn(activity, told);
      if (id) creations.add(id);
      if (id && activity === 'findAccount') succeeded.add(id);
      const end = endIn(activity, told);
      if (end) (end.state === 'FAILED' ? over : succeeded).add(end.id);
      if (activity === 'createAccount' && !saysLost(told))
        unanswered.delete(String(completed.scheduledEventId));
      if (activity === 'tagAccount' && taking && isTaken(told)) accountIds.delete(taking);
      if (activity === 'readRun' && isObject(told)) {
        // Temporal may have forgotten that run since, and this one have sent nothing itself.
        const before = told as unknown as ToldRun;
        asked.push(...(before.asked ?? []), ...before.requests.map(asSent));
        for (const earlier of before.createAccountRequestIds) {
          creations.add(earlier);
          earlierIds.add(earlier);
        }
        for (const known of before.accountIds ?? []) accountIds.add(known);
        // A version before, which says nothing of it, knew no end either.
        for (const known of before.ended ?? []) over.add(known);
        lastSubmitAt = later(lastSubmitAt, before.lastSubmitAt);
        if (before.lostAnswerAt) unanswered.set(String(event.eventId), before.lostAnswerAt);
      }
    }
    const changes = await amendmentIn(client, event);
    const last = requests.at(-1);
    if (last && changes) requests.push({ ...last, ...changes });
  }
  const lostAnswerAt = [...unanswered.values()].sort().at(-1);
  return {
    requests,
    ...(asked.length > 0 ? { asked } : {}),
    createAccountRequestIds: [...creations],
    // Whose account a creation of another run has made, only the tag tells. It may have ended before it said its own.
    ended: [
      ...over,
      ...(accountId ? [...succeeded].filter((id) => creations.has(id) && !earlierIds.has(id)) : []),
    ],
    ...(accountIds.size > 0 ? { accountIds: [...accountIds] } : {}),
    ...(lastSubmitAt ? { lastSubmitAt } : {}),
    ...(lostAnswerAt ? { lostAnswerAt } : {}),
  };
}

/** Whose input names accounts that are this request's, or are just being taken. */
const KNOWING: readonly string[] = ['readRun', 'findAccount', 'tagAccount'];

/** What tells of creations. */
const TELLING: readonly string[] = [
  'createAccount',
  'describeCreateAccountStatus',
  'findAccount',
  'readRun',
  'tagAccount',
];

/** By another vend. */
function isTaken(told: unknown): boolean {
  const tagged = told as Outcome<Tagged | undefined> | undefined;
  return tagged?.ok === true && tagged.value?.takenBy !== undefined;
}

/** As the vend itself judges it: of an exception that nobody knows it is not proven that nothing happened. */
function saysLost(told: unknown): boolean {
  const sent = told as SubmitOutcome | undefined;
  if (!sent || sent.ok) return false;
  const { outcome } = sent.error;
  return outcome === 'unknown' || (outcome === 'rejected' && !isKnownException(sent.error));
}

/** Of two times, ISO 8601. */
function later(one: string | undefined, other: string | undefined): string | undefined {
  return (one ?? '') > (other ?? '') ? one : other;
}

function idsIn(accounts: unknown): string[] {
  const list: unknown[] = Array.isArray(accounts) ? accounts : [];
  return list
    .map((account) => (isObject(account) ? account['accountId'] : undefined))
    .filter(isText);
}

function textsIn(carried: Record<string, unknown>, field: string): string[] {
  const texts = carried[field];
  return Array.isArray(texts) ? texts.filter(isText) : [];
}

/** The creation that an activity sent, or that it found to be of this request. */
function creationIn(activity: string | undefined, told: unknown): string | undefined {
  if (activity === 'createAccount') {
    const sent = told as SubmitOutcome | undefined;
    return sent?.ok ? sent.value.id : undefined;
  }
  if (activity === 'findAccount') {
    const found = told as Outcome<Finding> | undefined;
    return found?.ok && found.value.is === 'ours' ? found.value.creation?.id : undefined;
  }
  return undefined;
}

/** The end of a creation, where AWS told it to an activity. */
function endIn(activity: string | undefined, told: unknown): CreationStatus | undefined {
  if (activity !== 'createAccount' && activity !== 'describeCreateAccountStatus') return undefined;
  const seen = told as Outcome<CreationStatus> | undefined;
  if (!seen?.ok) return undefined;
  const { state, accountId } = seen.value;
  return state === 'FAILED' || (state === 'SUCCEEDED' && accountId) ? seen.value : undefined;
}

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

function timeOf(eventTime: Parameters<typeof requiredTsToMs>[0]): string {
  return new Date(requiredTsToMs(eventTime, 'eventTime')).toISOString();
}

type Payloads = Parameters<typeof decodeArrayFromPayloads>[1];

function decode(client: Client, payloads: Payloads): Promise<unknown[]> {
  return decodeArrayFromPayloads(client.options.loadedDataConverter, payloads ?? undefined);
}
