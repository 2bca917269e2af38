import { getClient } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import type { VendRequest } from '../contract';
import { isKnownException } from '../domain/dispositions';
import { asSent } from '../domain/earlier-run';
import type { AskedAs, RunOfRequest } from '../domain/earlier-run';
import { isObject, isText } from '../domain/shape';
import { amendmentIn } from '../vends/amendment-in';
import { Grpc, grpcCode } from '../vends/grpc';
import { requestAtStart } from '../vends/request-of';
import type { Tagged } from './find-account';
import type { CreationStatus, Finding, Outcome, SubmitOutcome } from './outcomes';
import { decode, readBeginning, timeOf } from './run-beginning';
import type { HistoryEvent } from './run-beginning';

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

/** Reads the history of a run; one that Temporal has forgotten meanwhile tells nothing. Read-only. */
export async function readRun(run: RunOfRequest): Promise<ToldRun> {
  const client = getClient();
  const reader = new RunReader(client, run);
  for (const event of await eventsOf(client, run)) await reader.read(event);
  return reader.told();
}

async function eventsOf(client: Client, { workflowId, runId }: RunOfRequest) {
  try {
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    return events ?? [];
  } catch (error) {
    if (grpcCode(error) === Grpc.NOT_FOUND) return [];
    throw error;
  }
}

/** Takes in the events of one run, in their order. */
class RunReader {
  readonly #client: Client;
  readonly #run: RunOfRequest;
  readonly #requests: VendRequest[] = [];
  readonly #asked: AskedAs[] = [];
  /** All `car-…`, those of runs that it had met among them. */
  readonly #creations = new Set<string>();
  readonly #earlierIds = new Set<string>();
  readonly #over = new Set<string>();
  readonly #succeeded = new Set<string>();
  readonly #accountIds = new Set<string>();
  /** Names of activities, by the event that scheduled them. */
  readonly #activities = new Map<string, string>();
  /** In their order, by the event that scheduled it, until AWS's answer is there: ISO 8601. */
  readonly #unanswered = new Map<string, string>();
  #lastSubmitAt: string | undefined;
  /** The account that it tagged last. */
  #taking: string | undefined;

  constructor(client: Client, run: RunOfRequest) {
    this.#client = client;
    this.#run = run;
  }

  async read(event: HistoryEvent): Promise<void> {
    if (event.workflowExecutionStartedEventAttributes) await this.#begun(event);
    else if (event.activityTaskScheduledEventAttributes) await this.#scheduled(event);
    else if (event.activityTaskCompletedEventAttributes) await this.#completed(event);
    const changes = await amendmentIn(this.#client, event);
    const last = this.#requests.at(-1);
    if (last && changes) this.#requests.push({ ...last, ...changes });
  }

  told(): ToldRun {
    const lostAnswerAt = [...this.#unanswered.values()].sort().at(-1);
    // Whose account a creation of another run has made, only the tag tells. It may have ended before it said its own.
    const isSettled = (id: string) =>
      this.#run.accountId !== undefined && this.#creations.has(id) && !this.#earlierIds.has(id);
    return {
      requests: this.#requests,
      ...(this.#asked.length > 0 ? { asked: this.#asked } : {}),
      createAccountRequestIds: [...this.#creations],
      ended: [...this.#over, ...[...this.#succeeded].filter(isSettled)],
      ...(this.#accountIds.size > 0 ? { accountIds: [...this.#accountIds] } : {}),
      ...(this.#lastSubmitAt ? { lastSubmitAt: this.#lastSubmitAt } : {}),
      ...(lostAnswerAt ? { lostAnswerAt } : {}),
    };
  }

  async #begun(event: HistoryEvent): Promise<void> {
    const { workflowId, runId } = this.#run;
    const { request, firstExecutionRunId, carried } = await readBeginning(
      this.#client,
      event,
      runId,
    );
    if (request) this.#requests.push(request);
    if (!carried) return;
    // It continued as new: what it was before is in its memory, but for what it began with.
    const first = await requestAtStart(this.#client, workflowId, firstExecutionRunId);
    if (first) this.#requests.unshift(first);
    if (isObject(carried['request'])) {
      this.#requests.push(carried['request'] as unknown as VendRequest);
    }
    addAll(this.#creations, textsIn(carried, 'createAccountRequestIds'));
    addAll(this.#accountIds, idsIn([carried['taking']]));
    const { creation } = carried;
    if (isObject(creation)) this.#carried(creation, event);
  }

  /** @param creation its `CreationProgress`, as far as it has come */
  #carried(creation: Record<string, unknown>, event: HistoryEvent): void {
    const { earlier, lostAnswerAtMs } = creation;
    if (Array.isArray(earlier)) this.#asked.push(...earlier.filter(isObject).map(asSent));
    addAll(this.#over, textsIn(creation, 'ended'));
    // Versions before carried none: what came after them was sent when they were over.
    const isTold = 'overIds' in creation;
    addAll(this.#over, isTold ? textsIn(creation, 'overIds') : [...this.#creations].slice(0, -1));
    addAll(this.#earlierIds, textsIn(creation, 'earlierIds'));
    addAll(this.#accountIds, idsIn(creation['lostAccounts']));
    // It may have sent something, or have met a run that had.
    if (creation['metEarlierRuns'] || creation['meeting']) {
      this.#lastSubmitAt = timeOf(event.eventTime);
    }
    if (typeof lostAnswerAtMs === 'number') {
      this.#unanswered.set('carried', new Date(lostAnswerAtMs).toISOString());
    }
  }

  async #scheduled({
    eventId,
    eventTime,
    activityTaskScheduledEventAttributes: scheduled,
  }: HistoryEvent): Promise<void> {
    const activity = scheduled?.activityType?.name ?? '';
    this.#activities.set(String(eventId), activity);
    if (KNOWING.includes(activity)) {
      const [given] = await decode(this.#client, scheduled?.input?.payloads);
      const known = activity === 'findAccount' ? isObject(given) && given['lost'] : [given];
      addAll(this.#accountIds, idsIn(known));
      if (activity === 'tagAccount') [this.#taking] = idsIn([given]);
    }
    if (activity !== 'createAccount') return;
    this.#lastSubmitAt = timeOf(eventTime);
    // Another one is sent where AWS has told the end of those before, or a person permits it.
    addAll(this.#over, this.#creations);
    this.#unanswered.set(String(eventId), this.#lastSubmitAt);
  }

  async #completed({
    eventId,
    activityTaskCompletedEventAttributes: completed,
  }: HistoryEvent): Promise<void> {
    const scheduledId = String(completed?.scheduledEventId);
    const activity = this.#activities.get(scheduledId) ?? '';
    // Decoding may mean a call of the codec, and a history has thousands of other results.
    if (!TELLING.includes(activity)) return;
    const [told] = await decode(this.#client, completed?.result?.payloads);
    const id = creationIn(activity, told);
    if (id) this.#creations.add(id);
    if (id && activity === 'findAccount') this.#succeeded.add(id);
    const end = endIn(activity, told);
    if (end) (end.state === 'FAILED' ? this.#over : this.#succeeded).add(end.id);
    if (activity === 'createAccount' && !saysLost(told)) this.#unanswered.delete(scheduledId);
    if (activity === 'tagAccount' && this.#taking && isTaken(told)) {
      this.#accountIds.delete(this.#taking);
    }
    if (activity === 'readRun' && isObject(told)) {
      this.#readBefore(told as unknown as ToldRun, String(eventId));
    }
  }

  /** Temporal may have forgotten that run since, and this one have sent nothing itself. */
  #readBefore(before: ToldRun, eventId: string): void {
    this.#asked.push(...(before.asked ?? []), ...before.requests.map(asSent));
    addAll(this.#creations, before.createAccountRequestIds);
    addAll(this.#earlierIds, before.createAccountRequestIds);
    addAll(this.#accountIds, before.accountIds ?? []);
    // A version before, which says nothing of it, knew no end either.
    addAll(this.#over, before.ended ?? []);
    this.#lastSubmitAt = later(this.#lastSubmitAt, before.lastSubmitAt);
    if (before.lostAnswerAt) this.#unanswered.set(eventId, before.lostAnswerAt);
  }
}

function addAll(set: Set<string>, ids: Iterable<string>): void {
  for (const id of ids) set.add(id);
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
