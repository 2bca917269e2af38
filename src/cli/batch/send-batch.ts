import { randomUUID } from 'node:crypto';
import {
  ApplicationFailure,
  WithStartWorkflowOperation,
  WorkflowUpdateFailedError,
  type Client,
} from '@temporalio/client';
import { batchApplyUpdate, WorkflowType } from '../../contract';
import type { ApplyManifest } from '../../contract';
import type { vendBatch } from '../../workflows';
import { CommandError, ExitStatus, invalid } from '../errors';
import type { Plan } from './plan-batch';
import { isSilence } from '../silence';

/** A worker takes it at once; one that is busy with a large batch, a little later. */
const TAKEN_WITHIN_MS = 15_000;
/** A batch that ends, or continues as new, in this moment takes nothing; the next one does. */
const TRIES = 4;

export interface SendOptions {
  taskQueue: string;
  requestedBy: string;
  /** Start those again that have ended otherwise than done. */
  restart: boolean;
}

export interface Sent {
  /** `nothing` was to be started; `queued`: the batch is there, and waits for a worker. */
  how: 'nothing' | 'accepted' | 'queued';
  /** Request ids that the batch does not start: it knows that their vends have ended. */
  left: readonly string[];
}

/** Entries that `apply` starts. */
export function toStart({ entries }: Plan, restart: boolean) {
  return entries.filter(({ standing }) => standing === 'new' || (standing === 'ended' && restart));
}

/** Starts the batch of a manifest, or adds to the one that runs: one call does either. */
export async function sendBatch(client: Client, plan: Plan, options: SendOptions): Promise<Sent> {
  const message = messageOf(plan, options);
  if (message.accounts.length === 0) return { how: 'nothing', left: [] };
  for (let tries = 1; ; tries += 1) {
    try {
      const { left = [] } = await send(client, plan, message, options.taskQueue);
      return { how: 'accepted', left };
    } catch (error) {
      if (error instanceof CommandError) throw error;
      if (error instanceof WorkflowUpdateFailedError && !isPassing(error)) {
        throw refused(plan, error);
      }
      if (isSilence(error) && !isPassing(error)) {
        // What the batch was started with is in Temporal; what is added to a running one is not.
        if (!plan.isRunning && (await isThere(client, plan))) return { how: 'queued', left: [] };
        throw silent(plan);
      }
      if (!isPassing(error) || tries >= TRIES) throw error;
    }
  }
}

/** Those that wait go with it as well: the latest content of what has not begun counts. */
function messageOf({ loaded, entries }: Plan, options: SendOptions): ApplyManifest {
  const { name, defaults } = loaded.manifest;
  const isSent = new Set(toStart({ entries } as Plan, options.restart));
  const accounts = loaded.manifest.accounts.filter((_, index) => {
    const entry = entries[index];
    return entry && (isSent.has(entry) || entry.standing === 'waiting');
  });
  // Also what is new to Temporal: the batch may know the end of a vend that is gone from there.
  const restart = options.restart ? entries.filter((entry) => isSent.has(entry)) : [];
  const there = entries.flatMap((entry) =>
    entry.vend && !isSent.has(entry) && entry.standing !== 'waiting'
      ? [[entry.requestId, entry.vend.workflowId] as const]
      : [],
  );
  return {
    name,
    ...(defaults ? { defaults } : {}),
    accounts,
    requestedBy: options.requestedBy,
    ...(restart.length > 0 ? { restart: restart.map(({ requestId }) => requestId) } : {}),
    ...(there.length > 0 ? { there: Object.fromEntries(there) } : {}),
  };
}

async function send(client: Client, plan: Plan, message: ApplyManifest, taskQueue: string) {
  const startWorkflowOperation = new WithStartWorkflowOperation<typeof vendBatch>(
    WorkflowType.vendBatch,
    {
      workflowId: plan.workflowId,
      taskQueue,
      args: [message],
      workflowIdConflictPolicy: 'USE_EXISTING',
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      staticSummary: `Batch ${message.name}: ${message.accounts.length} accounts`,
    },
  );
  // Its rejection comes with that of the update.
  startWorkflowOperation.workflowHandle().catch(() => undefined);
  return client.withDeadline(Date.now() + TAKEN_WITHIN_MS, () =>
    client.workflow.executeUpdateWithStart(batchApplyUpdate, {
      args: [message],
      updateId: randomUUID(),
      startWorkflowOperation,
    }),
  );
}

async function isThere(client: Client, { workflowId }: Plan): Promise<boolean> {
  try {
    const { status } = await client.workflow.getHandle(workflowId).describe();
    return status.name === 'RUNNING';
  } catch {
    return false;
  }
}

/** The update met a run that was just ending. */
function isPassing(error: unknown): boolean {
  const said = error instanceof Error ? `${error.message} ${String(error.cause)}` : String(error);
  return /unexpected workflow task failure|completed workflow|already completed|workflow update was aborted|closed before|Workflow execution already finished/i.test(
    said,
  );
}

function refused({ loaded }: Plan, error: WorkflowUpdateFailedError): CommandError {
  const { cause } = error;
  const why = cause instanceof ApplicationFailure ? cause.message : error.message;
  return invalid(`The batch ${loaded.manifest.name} refuses this: ${why}.`);
}

function silent({ loaded, workflowId }: Plan): CommandError {
  const message = `No worker took the manifest ${loaded.manifest.name} (workflow ${workflowId}). Start the worker and apply it again: what was accepted is not started twice.`;
  return new CommandError(ExitStatus.unreachable, message);
}
