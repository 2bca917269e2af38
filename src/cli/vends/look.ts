import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { SearchAttribute, Stage, WorkflowType } from '../../contract';
import type { VendRef } from './find-vend';
import { inTurns } from '../../domain/in-turns';
import { plain } from '../io';
import { attributesOf, readVend, type VendView } from './read-vend';
import { isOutage } from '../temporal';

/** What is seen of a vend at one look. */
export interface Look {
  ref: VendRef;
  /** Absent until the first answer. */
  view?: VendView;
  /** Temporal did not answer at this look; `view` is older. */
  outage: boolean;
  /** A worker was asked and did not answer. */
  silent?: boolean;
  /** When a worker was asked. */
  askedAtMs?: number;
  /** When the stage was seen to begin, where only lists were read since. ISO 8601. */
  stageSeenAt?: string;
}

/** Not known to have ended. */
export function isOpen({ view }: Look): boolean {
  return view === undefined || view.status === 'RUNNING';
}

export function isEscalated({ status, state, attributes }: VendView): boolean {
  if (status !== 'RUNNING') return false;
  const reason = state ? state.escalation?.reason : attributes[SearchAttribute.escalation.name];
  return reason !== undefined;
}

/** Nothing is created before a person approves it: that is no escalation. */
export function isApproving(view: VendView): boolean {
  return view.status === 'RUNNING' && stageOf(view) === Stage.approving;
}

/** Undefined where nobody knows. */
export function stageOf({ state, attributes }: StageSource): string | undefined {
  return state?.stage ?? attributes[SearchAttribute.stage.name];
}
type StageSource = Pick<VendView, 'state' | 'attributes'>;

/** Vends as they are seen, kept from one round to the next. */
export interface Sight {
  looks: Look[];
  rounds: number;
}

const CALL_MS = 10_000;
const AT_ONCE = 8;
/** Workers are asked about so many of those that need a person in a round. */
const ASKED_A_ROUND = 10;
/** What a worker said of one that needs a person is asked again after so long. */
const STALE_MS = 30_000;
/** Ids in one query. */
const CHUNK = 100;
const PAGE = 1_000;

/** Asks Temporal and a worker about each that is open. Returns the error where Temporal is away. */
export function lookAtEach(client: Client, sight: Sight): Promise<unknown> {
  return askEach(client, sight.looks.filter(isOpen));
}

/**
 * Reads lists instead of asking about each. Workers are asked only about those that need a person,
 * so that what they can do is shown, and about one other, so that a worker that is away is noticed.
 */
export async function lookAtAll(
  client: Client,
  sight: Sight,
  { all, few }: { all: boolean; few: number },
): Promise<unknown> {
  let running: Map<string, WorkflowExecutionInfo>;
  try {
    running = await client.withDeadline(Date.now() + CALL_MS, () =>
      all ? listAll(client) : listThese(client, sight.looks.filter(isOpen)),
    );
  } catch (error) {
    if (!isOutage(error)) throw error;
    for (const look of sight.looks.filter(isOpen)) look.outage = true;
    return error;
  }
  if (all) takeIn(sight, running);
  const open = sight.looks.filter(isOpen);
  if (open.length <= few) return askEach(client, open);
  const gone = open.filter((look) => !see(look, running.get(look.ref.workflowId)));
  const escalated = open.filter((look) => look.view && isEscalated(look.view) && isStale(look));
  const others = open.filter((look) => !gone.includes(look) && !escalated.includes(look));
  sight.rounds += 1;
  const pulse = others.slice(sight.rounds % others.length).slice(0, 1);
  return askEach(client, [...gone, ...oldest(escalated), ...pulse]);
}

function isStale(look: Look): boolean {
  return !look.view?.state || Date.now() - (look.askedAtMs ?? 0) > STALE_MS;
}

function oldest(looks: readonly Look[]): Look[] {
  const byAge = [...looks].sort((a, b) => (a.askedAtMs ?? 0) - (b.askedAtMs ?? 0));
  return byAge.slice(0, ASKED_A_ROUND);
}

async function askEach(client: Client, looks: readonly Look[]): Promise<unknown> {
  const outages = await inTurns(looks, AT_ONCE, (look) => ask(client, look));
  return outages.find((outage) => outage !== undefined);
}

async function ask(client: Client, look: Look): Promise<unknown> {
  try {
    const view = await client.withDeadline(Date.now() + CALL_MS, () => readVend(client, look.ref));
    const { runId, status } = view;
    look.ref = { ...look.ref, runId, status };
    look.view = view;
    look.silent = status === 'RUNNING' && view.state === null;
    look.outage = false;
    look.askedAtMs = Date.now();
    return undefined;
  } catch (error) {
    if (!isOutage(error)) throw error;
    look.outage = true;
    return error;
  }
}

/** Brings a look up to date from the list. False where only asking tells: it has ended, perhaps. */
function see(look: Look, info: WorkflowExecutionInfo | undefined): boolean {
  if (info?.runId !== look.ref.runId) return false;
  const attributes = attributesOf(info.typedSearchAttributes);
  const { view } = look;
  const seen: VendView = {
    requestId: look.ref.requestId,
    workflowId: info.workflowId,
    runId: info.runId,
    status: 'RUNNING',
    startedAt: info.startTime.toISOString(),
    attributes,
    state: null,
  };
  const stage = stageOf({ state: null, attributes });
  const isSameStage = view !== undefined && stageOf(view) === stage;
  const reason = attributes[SearchAttribute.escalation.name];
  // What a worker said holds as long as the list says the same.
  const holds = isSameStage && view.state?.escalation?.reason === reason;
  if (view && !isSameStage) look.stageSeenAt = new Date().toISOString();
  look.view = { ...seen, state: holds ? view.state : null };
  look.outage = false;
  return true;
}

/** Vends that are new in the list. One says whose it is in its first task, and may be listed before that. */
function takeIn(sight: Sight, running: ReadonlyMap<string, WorkflowExecutionInfo>): void {
  const known = new Map(sight.looks.filter(isOpen).map((look) => [look.ref.workflowId, look]));
  for (const { workflowId, runId, typedSearchAttributes } of running.values()) {
    const given = attributesOf(typedSearchAttributes)[SearchAttribute.requestId.name];
    const requestId = plain(given ?? workflowId);
    const look = known.get(workflowId);
    if (!look)
      sight.looks.push({ ref: { requestId, workflowId, runId, status: 'RUNNING' }, outage: false });
    else if (given !== undefined) look.ref = { ...look.ref, requestId };
  }
}

function listAll(client: Client): Promise<Map<string, WorkflowExecutionInfo>> {
  return list(client, [RUNNING]);
}

function listThese(
  client: Client,
  looks: readonly Look[],
): Promise<Map<string, WorkflowExecutionInfo>> {
  const queries: string[] = [];
  for (let from = 0; from < looks.length; from += CHUNK) {
    const ids = looks.slice(from, from + CHUNK).map(({ ref }) => quoted(ref.workflowId));
    queries.push(`${RUNNING} AND WorkflowId IN (${ids.join(', ')})`);
  }
  return list(client, queries);
}

const RUNNING = `WorkflowType = '${WorkflowType.vendAccount}' AND ExecutionStatus = 'Running'`;

/** A parent may choose any workflow id. */
function quoted(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

async function list(
  client: Client,
  queries: readonly string[],
): Promise<Map<string, WorkflowExecutionInfo>> {
  const found = new Map<string, WorkflowExecutionInfo>();
  for (const query of queries) {
    for await (const info of client.workflow.list({ query, pageSize: PAGE })) {
      found.set(info.workflowId, info);
    }
  }
  return found;
}
