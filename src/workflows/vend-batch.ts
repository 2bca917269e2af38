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
import { world } from './activity-proxies';
import { batchNoticeSignal } from './batch-signals';
import { Endless } from './endless';
import type { vendAccount } from './vend-account';

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
  const isContinued = workflowInfo().continuedFromExecutionRunId !== undefined;
  const loop = new BatchLoop(manifest, isContinued ? carried : undefined);
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
      (message) => {
        const problem = this.#problemOf(message);
        if (problem) throw refusal(problem);
        // The loop wakes and starts what is new.
        this.put(() => undefined);
        return batch.apply(message, Date.now());
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
    this.put(() => this.#batch.cancel());
  }

  #problemOf(message: ApplyManifest): string | undefined {
    const batch = this.#batch;
    const problem = applyProblem(message);
    if (problem) return problem;
    if (message.name !== batch.name) return `this is the batch ${batch.name}, not ${message.name}`;
    if (batch.isCancelling) return 'the batch is being cancelled; apply again when it has ended';
    const isNew = ({ requestId }: { requestId: string }) => !batch.rows.has(requestId);
    if (batch.rows.size + message.accounts.filter(isNew).length > MOST_ACCOUNTS) {
      return `the batch would have more than ${MOST_ACCOUNTS} accounts; use a manifest of another name`;
    }
    if (bytesWith(batch, message) > MOST_CARRIED_BYTES) {
      return 'too much waits to be started already; apply again later, or use a manifest of another name';
    }
    return undefined;
  }

  protected override act(): void {
    const batch = this.#batch;
    for (const start of batch.takeStarts()) this.#start(start);
    const dying = batch.beginCancel();
    if (dying) this.#cancelVends(dying);
    const due = batch.beginLook(Date.now());
    if (due) this.#look(due);
  }

  #start(start: Start): void {
    const batch = this.#batch;
    const { requestId } = start;
    this.start(async () => {
      try {
        const child = await startVend(start);
        this.#hearEnd(child, requestId);
        return (now) => batch.started(requestId, now);
      } catch (error) {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        return (now) => batch.wasThere(requestId, now);
      }
    });
  }

  /** Temporal tells it as long as this run lasts, also of those that were terminated. */
  #hearEnd(child: ChildWorkflowHandle<typeof vendAccount>, requestId: string): void {
    const batch = this.#batch;
    child.result().then(
      () => this.put(() => batch.ended(requestId, 'COMPLETED')),
      (error: unknown) => {
        const { status, failure } = endOf(error);
        this.put(() => batch.ended(requestId, status, failure));
      },
    );
  }

  #look(targets: LookTarget[]): void {
    const batch = this.#batch;
    const summary = `look at ${targets.length} vends that have said nothing for a while`;
    this.start(async () => {
      try {
        const seen = await world.lookAtVends.executeWithOptions({ summary }, [{ vends: targets }]);
        return (now) => batch.looked(seen, now);
      } catch (error) {
        if (!(error instanceof ActivityFailure)) throw error;
        return (now) => batch.lookedInVain(targets, now);
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

function begin(manifest: ApplyManifest): Batch {
  const problem = applyProblem(manifest);
  if (problem) {
    const message = `The manifest cannot be used: ${problem}.`;
    throw ApplicationFailure.nonRetryable(message, VendFailure.InvalidVendRequest);
  }
  const batch = new Batch(manifest.name);
  batch.apply(manifest, Date.now());
  return batch;
}

/** One that is there is never joined: it is followed instead. */
function startVend({ requestId, request, requestedBy, isRestart }: Start) {
  return startChild<typeof vendAccount>(WorkflowType.vendAccount, {
    workflowId: vendWorkflowId(requestId),
    args: [request],
    parentClosePolicy: ParentClosePolicy.ABANDON,
    workflowIdReusePolicy: isRestart ? 'ALLOW_DUPLICATE_FAILED_ONLY' : 'REJECT_DUPLICATE',
    staticSummary: `${request.kind ?? 'standard'} account for request ${requestId}`,
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
