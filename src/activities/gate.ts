import { getClient, log } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { SearchAttribute, WorkflowType, stateQuery } from '../contract';
import { toGatePolicy } from '../config';
import type { GatePolicy, Holder } from '../domain/gate/messages';
import type { Observation } from '../domain/gate/watchman';
import { inTurns } from '../domain/in-turns';
import { isUnderWay } from '../vends/run-status';
import { Grpc, grpcCode } from '../vends/grpc';
import { listCreations } from './create-account';
import { outcomeOf } from './aws-calls';
import type { ActivityDeps } from './deps';
import type { OrganizationLookup } from './organization';

/** What the gate follows, as this worker's configuration has it. */
export async function readGatePolicy(deps: ActivityDeps): Promise<GatePolicy> {
  return toGatePolicy(deps.configuration);
}

/** A vend shows these while its creation goes on at AWS. */
const GOES_ON = new Set(['OVERDUE']);

/**
 * The vends of this task queue that create now, as Temporal lists them (about a second late): what
 * a gate that was terminated, or has never been there, cannot know. Read-only.
 */
export async function listCreatingVends(deps: ActivityDeps): Promise<Holder[]> {
  const query = [
    `WorkflowType = '${WorkflowType.vendAccount}'`,
    `TaskQueue = '${deps.configuration.taskQueue}'`,
    `${SearchAttribute.stage.name} = 'creating'`,
    `ExecutionStatus = 'Running'`,
  ].join(' AND ');
  const client = getClient();
  const holders: Holder[] = [];
  try {
    for await (const run of client.workflow.list({ query })) {
      const requestId = run.typedSearchAttributes.get(SearchAttribute.requestId);
      const escalation = run.typedSearchAttributes.get(SearchAttribute.escalation);
      if (requestId === undefined || (escalation !== undefined && !GOES_ON.has(escalation)))
        continue;
      const firstExecutionRunId = await firstRunOf(client, run);
      holders.push({ workflowId: run.workflowId, firstExecutionRunId, requestId });
    }
  } catch (error) {
    if (grpcCode(error) === Grpc.UNIMPLEMENTED) return [];
    throw error;
  }
  return holders;
}

/** No list says it; without it the gate would know the vend under another name than it has. */
async function firstRunOf(client: Client, run: { workflowId: string; runId: string }) {
  const { workflowId, runId } = run;
  const { raw } = await client.workflow.getHandle(workflowId, runId).describe();
  return raw.workflowExecutionInfo?.firstRunId || runId;
}

/** Each that no worker answers for takes seconds. */
const AT_ONCE = 10;

export interface ObserveInput {
  organizationId: string;
  holders: Holder[];
  withCreations: boolean;
}

/**
 * Whether the vends that the gate knows are still there, and where asked how many creations are in
 * progress in the organization, and whose they are. Read-only.
 */
export async function observeHolders(
  deps: ActivityDeps,
  lookup: OrganizationLookup,
  input: ObserveInput,
): Promise<Observation> {
  const client = getClient();
  const holders = await inTurns(input.holders, AT_ONCE, async (holder) => ({
    key: holder.firstExecutionRunId,
    ...(await look(client, holder)),
  }));
  if (!input.withCreations) return { holders };
  const listed = await outcomeOf(async () => {
    await lookup.expect(input.organizationId);
    return listCreations(deps.aws, ['IN_PROGRESS']);
  });
  if (!listed.ok) {
    log.warn('creations in progress could not be listed', { error: listed.error });
    return { holders };
  }
  const ids = listed.value.map(({ Id }) => Id).filter((id) => id !== undefined);
  const of: Record<string, number> = {};
  await inTurns(ids.length > 0 ? input.holders : [], AT_ONCE, async (holder) => {
    const own = await creationsOf(client, holder);
    of[holder.firstExecutionRunId] = ids.filter((id) => own.includes(id)).length;
  });
  return { holders, creations: { inProgress: ids.length, of } };
}

/**
 * Whether it is under way, and still the same execution: a vend may have been started again under its id. And whether it
 * shows its account.
 */
async function look(
  client: Client,
  holder: Holder,
): Promise<{ isAlive: boolean; hasAccount?: true }> {
  const { workflowId, firstExecutionRunId } = holder;
  try {
    const seen = await client.workflow.getHandle(workflowId).describe();
    if (!isUnderWay(seen.status.name)) return { isAlive: false };
    // Temporal's test server does not say which execution it is.
    const first = seen.raw.workflowExecutionInfo?.firstRunId || firstExecutionRunId;
    const isIt = first === firstExecutionRunId || seen.runId === firstExecutionRunId;
    const accountId = seen.typedSearchAttributes.get(SearchAttribute.accountId);
    return { isAlive: isIt, ...(isIt && accountId ? { hasAccount: true } : {}) };
  } catch (error) {
    if (error instanceof Error && error.name === 'WorkflowNotFoundError') return { isAlive: false };
    throw error;
  }
}

const ANSWERS_WITHIN_MS = 3_000;

/** Its `car-…` ids, where a worker can still tell. */
async function creationsOf(client: Client, holder: Holder): Promise<string[]> {
  try {
    const handle = client.workflow.getHandle(holder.workflowId);
    const state = await client.withDeadline(Date.now() + ANSWERS_WITHIN_MS, () =>
      handle.query(stateQuery),
    );
    return state.createAccountRequestIds;
  } catch {
    return [];
  }
}
