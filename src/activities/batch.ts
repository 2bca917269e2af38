import { activityInfo, getClient } from '@temporalio/activity';
import { ApplicationFailure, WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { MEMO_BATCH, SearchAttribute, Stage, WorkflowType } from '../contract';
import type { BatchRowStatus } from '../contract';
import type { LookTarget } from '../domain/batch/batch';
import type { VendSeen } from '../domain/batch/messages';
import { inTurns } from '../domain/in-turns';
import { conflictsWithVend } from '../vends/compare-requests';
import { asRef } from '../vends/find-started';
import { statusName } from '../vends/run-status';

/** So many calls of Temporal at a time. */
const AT_ONCE = 10;

export interface LookAtVendsInput {
  vends: LookTarget[];
}

/**
 * How vends stand by Temporal's own account: one that was terminated says nothing. Read-only. One that
 * cannot be seen is left out and spoils no other; where none can be, it fails and is tried again.
 */
export async function lookAtVends(input: LookAtVendsInput): Promise<VendSeen[]> {
  const client = getClient();
  const seen: VendSeen[] = [];
  const errors: unknown[] = [];
  await inTurns(input.vends, AT_ONCE, async (vend) => {
    try {
      seen.push(await look(client, vend));
    } catch (error) {
      errors.push(error);
    }
  });
  if (seen.length === 0 && errors.length > 0) throw errors[0];
  return seen;
}

async function look(client: Client, target: LookTarget): Promise<VendSeen> {
  const { requestId, workflowId, which } = target;
  const unknown: VendSeen = { requestId, status: 'UNKNOWN', isOurs: false };
  try {
    const info = await client.workflow.getHandle(workflowId).describe();
    // A batch has an id of the same shape.
    if (info.type !== WorkflowType.vendAccount) return unknown;
    const status = statusOf(info.status.name);
    const failure =
      status === 'FAILED' ? await failureOf(client, workflowId, info.runId) : undefined;
    const attributes = info.typedSearchAttributes;
    const stage = attributes.get(SearchAttribute.stage);
    const accountId = attributes.get(SearchAttribute.accountId);
    const escalation = attributes.get(SearchAttribute.escalation);
    if (which && (status === 'RUNNING' || status === 'COMPLETED')) {
      const conflicts = await conflictsWithVend(client, asRef(info, requestId), which);
      if (conflicts.length > 0) return { requestId, status, isOurs: false, conflicts };
    }
    return {
      requestId,
      status,
      ...(isStage(stage) ? { stage } : {}),
      ...(accountId ? { accountId } : {}),
      ...(escalation ? { escalation } : {}),
      ...(failure ? { failure } : {}),
      isOurs: info.memo?.[MEMO_BATCH] === activityInfo().workflowExecution?.workflowId,
    };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return unknown;
    throw error;
  }
}

function statusOf(name: string): BatchRowStatus {
  const status = statusName(name);
  switch (status) {
    case 'RUNNING':
    case 'COMPLETED':
    case 'FAILED':
    case 'TERMINATED':
    case 'TIMED_OUT':
    case 'CANCELED':
      return status;
    // Between two runs of one that continues as new.
    case 'CONTINUED_AS_NEW':
      return 'RUNNING';
    default:
      return 'UNKNOWN';
  }
}

async function failureOf(
  client: Client,
  workflowId: string,
  runId: string,
): Promise<string | undefined> {
  try {
    await client.workflow.getHandle(workflowId, runId).result();
    return undefined;
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    return error.cause instanceof ApplicationFailure ? (error.cause.type ?? undefined) : undefined;
  }
}

function isStage(value: string | undefined): value is Stage {
  return value !== undefined && Object.hasOwn(Stage, value);
}

export interface CancelInput {
  workflowIds: string[];
}

/** Asks vends to stop; one that has ended meanwhile has nothing to stop. Idempotent. */
export async function cancelVends({ workflowIds }: CancelInput): Promise<void> {
  const { workflow } = getClient();
  await inTurns(workflowIds, AT_ONCE, async (workflowId) => {
    try {
      await workflow.getHandle(workflowId).cancel();
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  });
}
