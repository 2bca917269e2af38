import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  ChildWorkflowFailure,
  ParentClosePolicy,
  TerminatedFailure,
  TimeoutFailure,
  continueAsNew,
  isCancellation,
  setCurrentDetails,
  setHandler,
  sleep,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { ChildWorkflowHandle } from '@temporalio/workflow';
import {
  MEMO_BATCH,
  MEMO_REQUESTED_BY,
  SearchAttribute,
  Stage,
  VendFailure,
  WorkflowType,
  batchApplyUpdate,
  batchStateQuery,
  vendWorkflowId,
} from '../contract';
import type { ApplyManifest, BatchResult, BatchRowStatus } from '../contract';
import { Batch } from '../domain/batch/batch';
import type { LookTarget, Start } from '../domain/batch/batch';
import { MOST_ACCOUNTS, MOST_CARRIED_BYTES, applyProblem } from '../domain/batch/manifest';
import { bytesWith, packBatch, unpackBatch } from '../domain/batch/packing';
import type { CarriedBatch } from '../domain/batch/packing';
import { batchDetails, batchResult, batchState } from '../domain/batch/view';
import { glance, world } from './activity-proxies';
import { batchNoticeSignal } from './batch-signals';
import { Endless } from './endless';
import { handedOver } from './handed-over';
import type { vendAccount } from './vend-account';
import { timeMs } from './time';

/**
 * A manifest of many accounts: each is a child `vendAccount` that outlives it. Its rules are in
 * domain/batch; here is what starts, listens and looks. An account that comes to no good is a row of
 * the result and stops no other. Cancelled, it cancels the vends that it has started, and ends when
 * they have wound down.
 */
export async function vendBatch(
  manifest: ApplyManifest,
  carried?: CarriedBatch,
): Promise<BatchResult> {
  const loop = new BatchLoop(manifest, handedOver(carried));
  const cancelled = CancellationScope.current().cancelRequested;
  cancelled.catch(() => loop.cancel());
  await CancellationScope.nonCancellable(() => loop.run());
  if (loop.isCancelling) await cancelled;
  return loop.result;
}

class BatchLoop extends Endless {
  readonly #batch: Batch;

  constructor(manifest: ApplyManifest, carried?: CarriedBatch) {
    super();
    this.#batch = carried ? unpackBatch(carried) : begin(manifest);
    const batch = this.#batch;
    setHandler(batchNoticeSignal, (notice) => this.put((now) => batch.hear(notice, now)));
    setHandler(batchStateQuery, () => batchState(batch), {
      description: 'How each account of the batch stands.',
    });
    setHandler(
      batchApplyUpdate,
      async (message) => {
        // Temporal hands over updates first: a cancellation and ends that came in the same task, or
        // before, are only known after it, and must count.
        await CancellationScope.nonCancellable(() => sleep(1, { summary: 'before it is applied' }));
        this.takeIn();
        const problem = this.#problemOf(message);
        if (problem) throw refusal(problem);
        this.wake();
        return batch.apply(message, timeMs());
      },
      {
        description: 'Adds the accounts of a manifest that the batch does not know.',
        validator: (message) => {
          const problem = this.#problemOf(message);
          if (problem) throw refusal(problem);
        },
      },
    );
  }

  get isCancelling(): boolean {
    return this.#batch.isCancelling;
  }

  get result(): BatchResult {
    return batchResult(this.#batch);
  }

  cancel(): void {
    // At once: what is applied in this moment is not to be taken any more.
    this.#batch.cancel();
    this.wake();
  }

  #problemOf(message: ApplyManifest): string | undefined {
    const batch = this.#batch;
    const problem = applyProblem(message);
    if (problem) return problem;
    if (message.name !== batch.name) return `this is the batch ${batch.name}, not ${message.name}`;
    if (batch.isCancelling) return 'the batch is being cancelled; apply again when it has ended';
    return roomProblem(batch, message);
  }

  protected override act(): void {
    const batch = this.#batch;
    for (const start of batch.takeStarts()) this.#start(start);
    const dying = batch.beginCancel();
    if (dying) this.#cancelVends(dying);
    const due = batch.beginLook(timeMs());
    if (due) this.#look(due);
  }

  #start(start: Start): void {
    const batch = this.#batch;
    const { requestId } = start;
    this.start(async () => {
      try {
        const child = await startVend(start);
        return (now) => {
          batch.started(requestId, now);
          this.#hearEnd(child, requestId);
        };
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        return (now) => batch.wasThere(requestId, now);
      }
    });
  }

  /** Temporal tells it as long as this run lasts, also of those that were terminated. */
  #hearEnd(child: ChildWorkflowHandle<typeof vendAccount>, requestId: string): void {
    const ended = this.#batch.endOf(requestId);
    child.result().then(
      () => this.put(() => ended('COMPLETED')),
      (error: unknown) => {
        const { status, failure } = endOf(error);
        this.put(() => ended(status, failure));
      },
    );
  }

  #look(targets: LookTarget[]): void {
    const batch = this.#batch;
    const summary = `look at ${targets.length} vends that have said nothing for a while`;
    this.start(async () => {
      try {
        const seen = await glance.lookAtVends.executeWithOptions({ summary }, [{ vends: targets }]);
        return (now) => batch.looked(seen, now);
      } catch (error) {
        if (!(error instanceof ActivityFailure)) throw error;
        return (now) => batch.looked([], now);
      }
    });
  }

  #cancelVends(targets: LookTarget[]): void {
    const batch = this.#batch;
    const summary = `cancel ${targets.length} vends`;
    this.start(async () => {
      const workflowIds = targets.map(({ workflowId }) => workflowId);
      await world.cancelVends.executeWithOptions({ summary }, [{ workflowIds }]);
      return (now) => batch.cancelAsked(targets, now);
    });
  }

  protected override publish(): void {
    setCurrentDetails(batchDetails(this.#batch));
  }

  protected override nextDueAtMs(): number {
    return this.#batch.nextDueAtMs;
  }

  protected override get isOver(): boolean {
    return this.#batch.isOver;
  }

  /** The next run would not know of the cancellation, and could not end as cancelled. */
  protected override get mayContinue(): boolean {
    return !this.#batch.isCancelling;
  }

  protected override continueAsNew(): Promise<never> {
    const { name } = this.#batch;
    return continueAsNew<typeof vendBatch>({ name, accounts: [] }, packBatch(this.#batch));
  }
}

/** Why a message does not fit into what a batch can hand on to its next run. */
function roomProblem(batch: Batch, message: ApplyManifest): string | undefined {
  const { accounts, there = {} } = message;
  const ids = [...accounts.map(({ requestId }) => requestId), ...Object.keys(there)];
  const isNew = (requestId: string) => !batch.rows.has(requestId);
  if (batch.rows.size + new Set(ids.filter(isNew)).size > MOST_ACCOUNTS) {
    return `the batch would have more than ${MOST_ACCOUNTS} accounts; use a manifest of another name`;
  }
  if (bytesWith(batch, message) <= MOST_CARRIED_BYTES) return undefined;
  return batch.rows.size > 0
    ? 'too much waits to be started already; apply again later, or use a manifest of another name'
    : 'it is too large for one batch; split it into manifests of several names';
}

function begin(manifest: ApplyManifest): Batch {
  const problem = applyProblem(manifest) ?? roomProblem(new Batch(manifest.name), manifest);
  if (problem) {
    const message = `The manifest cannot be used: ${problem}.`;
    throw ApplicationFailure.nonRetryable(message, VendFailure.InvalidVendRequest);
  }
  const batch = new Batch(manifest.name);
  batch.apply(manifest, timeMs());
  return batch;
}

/** One that is there is never joined: it is followed instead. */
function startVend({ requestId, request, requestedBy, isRestart }: Start) {
  // Many see the summary, and the vend has not checked its request yet.
  const kind = request.kind === 'govcloud' ? 'govcloud' : 'standard';
  return startChild<typeof vendAccount>(WorkflowType.vendAccount, {
    workflowId: vendWorkflowId(requestId),
    args: [request],
    parentClosePolicy: ParentClosePolicy.ABANDON,
    workflowIdReusePolicy: isRestart ? 'ALLOW_DUPLICATE_FAILED_ONLY' : 'REJECT_DUPLICATE',
    staticSummary: `${kind} account for request ${requestId}`,
    typedSearchAttributes: [
      { key: SearchAttribute.requestId, value: requestId },
      { key: SearchAttribute.stage, value: Stage.queued },
    ],
    memo: {
      [MEMO_BATCH]: workflowInfo().workflowId,
      ...(requestedBy ? { [MEMO_REQUESTED_BY]: requestedBy } : {}),
    },
  });
}

function endOf(error: unknown): { status: BatchRowStatus; failure?: string } {
  if (isCancellation(error)) return { status: 'CANCELED' };
  const cause = error instanceof ChildWorkflowFailure ? error.cause : undefined;
  if (cause instanceof TerminatedFailure) return { status: 'TERMINATED' };
  if (cause instanceof TimeoutFailure) return { status: 'TIMED_OUT' };
  const failure = cause instanceof ApplicationFailure ? cause.type : undefined;
  return { status: 'FAILED', ...(failure ? { failure } : {}) };
}

function refusal(why: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(why, 'ManifestRefused');
}
