import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { SearchAttribute, vendWorkflowId, WorkflowType } from '../../contract';
import { chunksOf, forEachAtOnce } from '../vends/at-once';
import { invalid } from '../errors';
import { statusName, type VendRef } from '../vends/find-vend';
import { attributesOf } from '../vends/read-vend';
import { isNotFound } from '../temporal';

/** A vend as Temporal itself knows it. */
export interface Sighting extends VendRef {
  /** When this run began, by Temporal's clock; epoch milliseconds. */
  startedAtMs: number;
  stage?: string;
  accountId?: string;
  escalation?: string;
  organizationalUnitId?: string;
}

/** So many ids in one query: it must not get too long. */
const IDS_A_QUERY = 50;
const CALL_MS = 30_000;

/**
 * The vend of each request id, where there is one. Lists are quick, and lag about a second; what they
 * do not show, or show as ended without an account, is asked for by its id, which lags behind nothing.
 */
export async function surveyVends(
  client: Client,
  requestIds: readonly string[],
): Promise<Map<string, Sighting>> {
  const listed = await listVends(client, requestIds);
  const unsure = requestIds.filter((id) => !isSure(listed.get(id)));
  const own = await forEachAtOnce(unsure, (id) => describeOwn(client, id));
  for (const sighting of own) {
    if (!sighting) continue;
    const known = listed.get(sighting.requestId);
    // One that runs under a parent's own id is meant rather than ours that has ended.
    if (!known || known.workflowId === sighting.workflowId || isSure(sighting)) {
      listed.set(sighting.requestId, sighting);
    }
  }
  return listed;
}

function isSure(sighting: Sighting | undefined): boolean {
  return sighting?.status === 'RUNNING' || sighting?.status === 'COMPLETED';
}

/** Of accounts that are started again: runs that began by then (epoch milliseconds) do not count. */
export type Past = ReadonlyMap<string, number>;

export function isPast(past: Past, requestId: string, startedAtMs: number): boolean {
  return startedAtMs <= (past.get(requestId) ?? 0);
}

/** The same from the lists alone. */
export async function listVends(
  client: Client,
  requestIds: readonly string[],
  past: Past = new Map(),
): Promise<Map<string, Sighting>> {
  const found = new Map<string, Sighting[]>();
  await forEachAtOnce(chunksOf(requestIds, IDS_A_QUERY), async (ids) => {
    const quoted = ids.map((id) => `'${id}'`).join(', ');
    const query = `WorkflowType = '${WorkflowType.vendAccount}' AND ExecutionStatus != 'ContinuedAsNew' AND ${SearchAttribute.requestId.name} IN (${quoted})`;
    const runs = await client.withDeadline(Date.now() + CALL_MS, () => collect(client, query));
    for (const run of runs) {
      const requestId = run.typedSearchAttributes.get(SearchAttribute.requestId);
      if (requestId === undefined) continue;
      if (isPast(past, requestId, run.startTime.getTime())) continue;
      const others = found.get(requestId) ?? [];
      found.set(requestId, [...others, asSighting(run, requestId)]);
    }
  });
  return new Map([...found].map(([id, all]) => [id, theOne(all)]));
}

async function collect(client: Client, query: string): Promise<WorkflowExecutionInfo[]> {
  const runs: WorkflowExecutionInfo[] = [];
  for await (const run of client.workflow.list({ query, pageSize: 200 })) runs.push(run);
  return runs.sort((a, b) => b.startTime.getTime() - a.startTime.getTime());
}

/** A running one before one that is done, before the newest of those that ended otherwise. */
function theOne(all: readonly Sighting[]): Sighting {
  const isOwn = ({ requestId, workflowId }: Sighting) => workflowId === vendWorkflowId(requestId);
  const running = all.filter(({ status }) => status === 'RUNNING');
  const best =
    running.find(isOwn) ?? running[0] ?? all.find(({ status }) => status === 'COMPLETED') ?? all[0];
  return best as Sighting;
}

async function describeOwn(client: Client, requestId: string): Promise<Sighting | undefined> {
  const workflowId = vendWorkflowId(requestId);
  try {
    const info = await client.withDeadline(Date.now() + CALL_MS, () =>
      client.workflow.getHandle(workflowId).describe(),
    );
    if (info.type !== WorkflowType.vendAccount) {
      throw invalid(
        `${requestId} cannot be a request ID here: ${workflowId} is a ${info.type} already.`,
      );
    }
    return asSighting(info, requestId);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

type Run = Pick<
  WorkflowExecutionInfo,
  'workflowId' | 'runId' | 'status' | 'startTime' | 'typedSearchAttributes'
>;

function asSighting(run: Run, requestId: string): Sighting {
  const { workflowId, runId, status } = run;
  const known = attributesOf(run.typedSearchAttributes);
  const stage = known[SearchAttribute.stage.name];
  const accountId = known[SearchAttribute.accountId.name];
  const escalation = known[SearchAttribute.escalation.name];
  const unit = known[SearchAttribute.organizationalUnit.name];
  return {
    requestId,
    workflowId,
    runId,
    status: statusName(status.name),
    startedAtMs: run.startTime.getTime(),
    ...(stage ? { stage } : {}),
    ...(accountId ? { accountId } : {}),
    ...(escalation ? { escalation } : {}),
    ...(unit ? { organizationalUnitId: unit } : {}),
  };
}
