import type { Client } from '@temporalio/client';
import type { LoadedManifest, LocatedProblem } from '../../config';
import { batchStateQuery, batchWorkflowId, WorkflowType, type BatchState } from '../../contract';
import type { VendRequest } from '../../contract';
import { unreadableIn } from '../../encryption';
import { compareWithVend } from '../../vends/compare-requests';
import { forEachAtOnce } from '../vends/at-once';
import { invalid } from '../errors';
import { statusName } from '../vends/find-vend';
import { readFailure } from '../vends/read-vend';
import { surveyVends, type Sighting } from './survey';
import { isNotFound } from '../temporal';

/**
 * `new`: nothing is there; `waiting`: its batch has it and has not started it yet; `ended`: failed,
 * cancelled, terminated.
 */
export type Standing = 'new' | 'waiting' | 'running' | 'done' | 'ended';

/** An account of a manifest, and what is there of it. */
export interface Entry {
  request: VendRequest;
  requestId: string;
  standing: Standing;
  vend?: Sighting;
  /** Fields in which the file now differs from the vend that is there. */
  changed: string[];
  /** Type of the failure with which it ended. */
  failure?: string;
}

export interface Plan {
  loaded: LoadedManifest;
  workflowId: string;
  /** The batch runs. */
  isRunning: boolean;
  entries: Entry[];
}

const WORKER_ANSWERS_MS = 5_000;

/** What is there of each account of all manifests. Nothing is changed; a conflict ends it here. */
export async function planBatches(
  client: Client,
  manifests: readonly LoadedManifest[],
): Promise<Plan[]> {
  const ids = manifests.flatMap(({ requests }) => requests.map(({ requestId }) => requestId));
  // In this order: what a batch has started by now is there when the vends are looked at.
  const batches = await forEachAtOnce(manifests, ({ manifest }) =>
    readBatch(client, manifest.name),
  );
  const vends = await surveyVends(client, ids);
  const conflicts: LocatedProblem[] = [];
  const plans: Plan[] = [];
  for (const [index, loaded] of manifests.entries()) {
    const batch = batches[index];
    const waits = new Set(
      batch?.state?.accounts
        .filter(({ status }) => status === 'WAITING')
        .map(({ requestId }) => requestId),
    );
    const entries = await forEachAtOnce(loaded.requests, async (request, place): Promise<Entry> => {
      const { requestId } = request;
      const vend = vends.get(requestId);
      const basic = { request, requestId, changed: [], ...(vend ? { vend } : {}) };
      const stands = vend?.status === 'RUNNING' || vend?.status === 'COMPLETED';
      if (waits.has(requestId) && !stands) return { ...basic, standing: 'waiting' };
      if (!vend) return { ...basic, standing: 'new' };
      if (!stands) {
        const failure = await readFailure(client, vend);
        return { ...basic, standing: 'ended', ...(failure ? { failure } : {}) };
      }
      const found = await compareWithVend(client, vend, request);
      for (const field of found.conflicts) {
        conflicts.push({ ...conflict(vend, place, field), ...at(loaded, place, field) });
      }
      const standing = vend.status === 'RUNNING' ? 'running' : 'done';
      return { ...basic, standing, changed: found.changed };
    });
    const workflowId = batchWorkflowId(loaded.manifest.name);
    plans.push({ loaded, workflowId, isRunning: batch?.isRunning ?? false, entries });
  }
  if (conflicts.length === 0) return plans;
  throw invalid(
    'RequestConflict: request IDs were vended with other values, and nothing was started:',
    conflicts,
  );
}

function at({ file, locate }: LoadedManifest, index: number, field: string) {
  return { file, ...locate(index, field) };
}

function conflict({ requestId, status }: Sighting, index: number, field: string) {
  return {
    field: `accounts[${index}].${field}`,
    message: `differs from the vend of ${requestId} that is there (${status.toLowerCase()}); a request ID means one account for ever, so take another requestId for another account`,
  };
}

interface BatchSeen {
  isRunning: boolean;
  /** null where no worker answers. */
  state: BatchState | null;
}

async function readBatch(client: Client, name: string): Promise<BatchSeen | undefined> {
  const workflowId = batchWorkflowId(name);
  const handle = client.workflow.getHandle(workflowId);
  try {
    const { type, status } = await handle.describe();
    if (type !== WorkflowType.vendBatch) {
      throw invalid(
        `${name} cannot be the name of a manifest here: ${workflowId} is a ${type} already.`,
      );
    }
    if (statusName(status.name) !== 'RUNNING') return { isRunning: false, state: null };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
  try {
    const state = await client.withDeadline(Date.now() + WORKER_ANSWERS_MS, () =>
      handle.query(batchStateQuery),
    );
    return { isRunning: true, state };
  } catch (error) {
    if (unreadableIn(error)) throw error;
    return { isRunning: true, state: null };
  }
}
