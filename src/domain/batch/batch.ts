import { VendFailure, vendWorkflowId } from '../../contract';
import type {
  ApplyManifest,
  ApplyReceipt,
  BatchRowStatus,
  ManifestDefaults,
  Stage,
  VendRequest,
} from '../../contract';
import { isOfOrganization } from '../dispositions';
import { whichAccount } from '../earlier-run';
import type { WhichAccount } from '../earlier-run';
import { nextSteps } from '../next-steps';
import { withDefaults } from './manifest';
import { isNotice } from './messages';
import type { BatchNotice, RowEscalation, VendSeen } from './messages';

/**
 * So many vends at a time that have no account yet. AWS lets an organization create six a minute:
 * more would only stand at the gate, and thousands at once are too much for a small Temporal.
 */
export const WINDOW = 40;
/** So many vends are looked at, or cancelled, by one activity. */
const MOST_AT_ONCE = 100;

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** How long a vend may say nothing before Temporal is asked about it; longer each time. */
const SILENCE = {
  /** It waits for its account, and others wait for its place. */
  occupying: { firstMs: 2 * MINUTE, mostMs: 15 * MINUTE },
  /** It has its account, or waits for a person. */
  told: { firstMs: 15 * MINUTE, mostMs: 60 * MINUTE },
  /** It was there before, and tells us nothing. */
  followed: { firstMs: 5 * SECOND, mostMs: 5 * MINUTE },
};
const LONGER = 1.5;

/** What the accounts of one message have in common. */
export interface Group {
  defaults?: ManifestDefaults;
  requestedBy?: string;
}

/** An account of the batch, and what is known of its vend. Times are epoch milliseconds. */
export interface Row {
  requestId: string;
  /** Where it is not the usual one: a vend that was there under an id of its own. */
  workflowId?: string;
  status: BatchRowStatus;
  /** What it is started with; gone once it has begun. */
  request?: VendRequest;
  group?: Group;
  /** Somebody else has started it: whether it is the same account is to be looked at. */
  which?: WhichAccount;
  /** An earlier vend of it has ended otherwise than done: started all the same. */
  isRestart?: true;
  /** This batch has started it: it tells the batch how it goes, and ends with it when cancelled. */
  isOurs?: true;
  stage?: Stage;
  accountId?: string;
  escalation?: RowEscalation;
  failure?: string;
  lookAtMs?: number;
  silenceMs?: number;
  isCancelAsked?: true;
}

/** A vend to be started now. */
export interface Start {
  requestId: string;
  request: VendRequest;
  requestedBy?: string;
  isRestart: boolean;
}

export interface LookTarget {
  requestId: string;
  workflowId: string;
  /** To be compared with what the vend was asked for. */
  which?: WhichAccount;
}

/**
 * The rules of a batch: who is started now, who is asked about, when it is over. It waits for nothing
 * and sends nothing; the workflow around it does.
 */
export class Batch {
  readonly name: string;
  readonly rows = new Map<string, Row>();
  isCancelling = false;
  /** Request ids whose start is under way. */
  readonly #starting = new Set<string>();
  /** What they told before their start was known. */
  readonly #early = new Map<string, BatchNotice>();
  /** Who is being looked at. */
  #looking: readonly LookTarget[] | undefined;
  #isAskingToCancel = false;

  constructor(name: string, rows: readonly Row[] = []) {
    this.name = name;
    for (const row of rows) this.rows.set(row.requestId, row);
  }

  /**
   * Applying the same twice changes nothing. What has begun is left as it is, but for a restart: whoever
   * asks for it has seen the end, which we may hear of later. One that runs after all is met, and followed.
   */
  apply(message: ApplyManifest, nowMs: number): ApplyReceipt {
    const { accounts, defaults, requestedBy, restart = [], there = {} } = message;
    const group: Group = {
      ...(defaults ? { defaults } : {}),
      ...(requestedBy ? { requestedBy } : {}),
    };
    const again = new Set(restart);
    const receipt: ApplyReceipt = { added: 0, replaced: 0 };
    const left: string[] = [];
    for (const [requestId, workflowId] of Object.entries(there)) {
      const known = this.rows.get(requestId);
      // One that had ended may have been started again by somebody else.
      if (!known || hasEndedOtherwise(known)) this.#follow(requestId, workflowId, nowMs);
    }
    for (const request of accounts) {
      const known = this.rows.get(request.requestId);
      const isRestart = again.has(request.requestId);
      if (!known || (isRestart && !/^(?:WAITING|COMPLETED)$/.test(known.status))) {
        this.#add(request, group, isRestart);
        receipt.added += 1;
      } else if (known.status === 'COMPLETED' || hasEndedOtherwise(known)) {
        left.push(request.requestId);
      } else if (known.status === 'WAITING' && !this.#starting.has(request.requestId)) {
        // Nothing has been done with it yet: the latest content counts.
        if (isRestart) known.isRestart = true;
        if (JSON.stringify(requestOf(known)) === JSON.stringify(withDefaults(request, defaults)))
          continue;
        Object.assign(known, { request, group });
        receipt.replaced += 1;
      }
    }
    return left.length > 0 ? { ...receipt, left } : receipt;
  }

  #add(request: VendRequest, group: Group, isRestart: boolean): void {
    const { requestId } = request;
    this.rows.set(requestId, {
      requestId,
      status: 'WAITING',
      request,
      group,
      ...(isRestart ? { isRestart } : {}),
    });
  }

  #follow(requestId: string, workflowId: string, nowMs: number): void {
    this.rows.set(requestId, {
      requestId,
      status: 'RUNNING',
      ...(workflowId === vendWorkflowId(requestId) ? {} : { workflowId }),
      lookAtMs: nowMs,
    });
  }

  // Starting.

  /** Whoever may be started now; the start of each is then reported. */
  takeStarts(): Start[] {
    if (this.isCancelling) return [];
    let room = WINDOW;
    for (const row of this.rows.values()) if (this.#occupies(row)) room -= 1;
    const starts: Start[] = [];
    for (const row of this.rows.values()) {
      if (starts.length >= room) break;
      if (row.status !== 'WAITING' || this.#starting.has(row.requestId)) continue;
      this.#starting.add(row.requestId);
      const { requestedBy } = row.group ?? {};
      starts.push({
        requestId: row.requestId,
        request: requestOf(row),
        ...(requestedBy ? { requestedBy } : {}),
        isRestart: row.isRestart ?? false,
      });
    }
    return starts;
  }

  started(requestId: string, nowMs: number): void {
    const row = this.#begun(requestId);
    if (!row) return;
    delete row.which;
    row.isOurs = true;
    row.stage = 'queued';
    this.#listen(row, nowMs);
    const early = this.#early.get(requestId);
    this.#early.delete(requestId);
    if (early) this.hear(early, nowMs);
  }

  /** Somebody else has started it, or an earlier run of this batch: it is looked at, and followed. */
  wasThere(requestId: string, nowMs: number): void {
    this.#early.delete(requestId);
    const row = this.#begun(requestId);
    if (row) row.lookAtMs = nowMs;
  }

  #begun(requestId: string): Row | undefined {
    this.#starting.delete(requestId);
    const row = this.rows.get(requestId);
    if (!row || row.status !== 'WAITING') return undefined;
    row.status = 'RUNNING';
    row.which = whichAccount(requestOf(row));
    delete row.request;
    delete row.group;
    delete row.isRestart;
    return row;
  }

  /**
   * Without an account, and not asking a person about itself: it keeps a place of the window. Where the
   * whole organization is held back, others could do no more than wait with it.
   */
  #occupies(row: Row): boolean {
    if (this.#starting.has(row.requestId)) return true;
    const { status, accountId, escalation, stage } = row;
    if (status !== 'RUNNING' || accountId !== undefined) return false;
    if (escalation && !escalation.ofAll) return false;
    return stage === undefined || stage === 'queued' || stage === 'creating';
  }

  // Hearing.

  /** A vend of ours tells how it goes. */
  hear(notice: BatchNotice, nowMs: number): void {
    // Anybody can send a signal, and nobody hears why one is refused.
    if (!isNotice(notice)) return;
    if (this.#starting.has(notice.requestId)) {
      this.#early.set(notice.requestId, notice);
      return;
    }
    const row = this.rows.get(notice.requestId);
    // What ended is not brought back by what arrives late.
    if (row?.status !== 'RUNNING') return;
    const { stage, accountId, escalation, failure } = notice;
    row.stage = stage;
    if (accountId) row.accountId = accountId;
    delete row.escalation;
    if (escalation) {
      const { reason, scope } = escalation;
      const [answer] = nextSteps(notice).filter(({ to }) => to === 'vend');
      row.escalation = {
        reason,
        ...(scope === 'organization' ? { ofAll: true } : {}),
        ...(answer ? { answer: answer.command } : {}),
      };
    }
    const status = ENDS[stage];
    if (status) this.#end(row, status, failure);
    else this.#listen(row, nowMs);
  }

  /**
   * Temporal tells a parent how its child has ended, as long as it is the same run. What is returned
   * takes it; it holds the row of this start, and an account that is started again gets another one.
   */
  endOf(requestId: string): (status: BatchRowStatus, failure?: string) => void {
    const row = this.rows.get(requestId);
    return (status, failure) => {
      if (row?.status === 'RUNNING') this.#end(row, status, failure);
    };
  }

  #end(row: Row, status: BatchRowStatus, failure?: string): void {
    row.status = status;
    delete row.escalation;
    delete row.lookAtMs;
    delete row.silenceMs;
    if (failure) row.failure = failure;
  }

  #listen(row: Row, nowMs: number): void {
    row.silenceMs = this.#pace(row).firstMs;
    row.lookAtMs = nowMs + row.silenceMs;
  }

  #pace(row: Row) {
    if (!row.isOurs) return SILENCE.followed;
    return this.#occupies(row) ? SILENCE.occupying : SILENCE.told;
  }

  // Looking.

  /** Vends that have said nothing for a while; the look is then reported. */
  beginLook(nowMs: number): LookTarget[] | undefined {
    if (this.#looking) return undefined;
    const due: LookTarget[] = [];
    for (const row of this.rows.values()) {
      if (due.length >= MOST_AT_ONCE) break;
      if (row.lookAtMs === undefined || row.lookAtMs > nowMs) continue;
      due.push(targetOf(row));
    }
    if (due.length === 0) return undefined;
    this.#looking = due;
    return due;
  }

  /** @param seen whoever could be seen; the others are looked at later */
  looked(seen: readonly VendSeen[], nowMs: number): void {
    const known = new Map(seen.map((one) => [one.requestId, one]));
    for (const { requestId, which } of this.#looking ?? []) {
      const row = this.rows.get(requestId);
      if (row?.status !== 'RUNNING') continue;
      // Where it is to be compared only since the look began, this one has not.
      const one = row.which && !which ? undefined : known.get(requestId);
      if (one) this.#learn(row, one, nowMs);
      else this.#postpone(row, nowMs);
    }
    this.#looking = undefined;
  }

  #learn(row: Row, seen: VendSeen, nowMs: number): void {
    delete row.which;
    if (seen.conflicts) {
      this.#end(row, 'FAILED', VendFailure.RequestConflict);
      return;
    }
    if (seen.isOurs) row.isOurs = true;
    if (seen.stage) row.stage = seen.stage;
    if (seen.accountId) row.accountId = seen.accountId;
    if (!seen.escalation) delete row.escalation;
    else if (row.escalation?.reason !== seen.escalation) {
      // The search attribute has the reason alone. With an account it holds up nobody.
      const ofAll = !row.accountId && isOfOrganization(seen.escalation);
      row.escalation = { reason: seen.escalation, ...(ofAll ? { ofAll } : {}) };
    }
    if (seen.status === 'RUNNING') this.#postpone(row, nowMs);
    else this.#end(row, seen.status, seen.failure);
  }

  #postpone(row: Row, nowMs: number): void {
    const { firstMs, mostMs } = this.#pace(row);
    row.silenceMs = Math.min(mostMs, Math.max(firstMs, (row.silenceMs ?? 0) * LONGER));
    row.lookAtMs = nowMs + row.silenceMs;
  }

  // Ending.

  /** Nothing more is started; what this batch has started and still runs is asked to stop. */
  cancel(): void {
    this.isCancelling = true;
    for (const row of this.rows.values()) {
      if (row.status !== 'WAITING' || this.#starting.has(row.requestId)) continue;
      row.status = 'NOT_STARTED';
      delete row.request;
      delete row.group;
    }
  }

  /** Vends to be cancelled; that they were asked is then reported. */
  beginCancel(): LookTarget[] | undefined {
    if (!this.isCancelling || this.#isAskingToCancel) return undefined;
    const targets = [...this.rows.values()]
      .filter((row) => row.status === 'RUNNING' && row.isOurs && !row.isCancelAsked)
      .slice(0, MOST_AT_ONCE)
      .map(targetOf);
    if (targets.length === 0) return undefined;
    this.#isAskingToCancel = true;
    return targets;
  }

  cancelAsked(targets: readonly LookTarget[], nowMs: number): void {
    this.#isAskingToCancel = false;
    for (const { requestId } of targets) {
      const row = this.rows.get(requestId);
      if (row?.status !== 'RUNNING') continue;
      row.isCancelAsked = true;
      // One that ended in this moment says nothing any more.
      row.silenceMs = 10 * SECOND;
      row.lookAtMs = nowMs + row.silenceMs;
    }
  }

  /** Cancelled, it waits only for those that it has started. */
  get isOver(): boolean {
    if (this.#starting.size > 0) return false;
    for (const { status, isOurs } of this.rows.values()) {
      if (status === 'WAITING') return false;
      if (status === 'RUNNING' && (isOurs || !this.isCancelling)) return false;
    }
    return true;
  }

  /** When somebody is to be looked at; Infinity for never. */
  get nextDueAtMs(): number {
    if (this.#looking) return Infinity;
    let next = Infinity;
    for (const { lookAtMs } of this.rows.values()) {
      if (lookAtMs !== undefined && lookAtMs < next) next = lookAtMs;
    }
    return next;
  }
}

/** A vend tells its end by its stage. */
const ENDS: Partial<Record<Stage, BatchRowStatus>> = {
  done: 'COMPLETED',
  failed: 'FAILED',
  abandoned: 'FAILED',
  cancelled: 'CANCELED',
};

export function hasEndedOtherwise({ status }: Pick<Row, 'status'>): boolean {
  return status !== 'WAITING' && status !== 'RUNNING' && status !== 'COMPLETED';
}

export function workflowIdOf({ requestId, workflowId }: Row): string {
  return workflowId ?? vendWorkflowId(requestId);
}

function targetOf(row: Row): LookTarget {
  const { requestId, which } = row;
  return { requestId, workflowId: workflowIdOf(row), ...(which ? { which } : {}) };
}

function requestOf({ request, group }: Row): VendRequest {
  // Only rows that wait are asked, and each of those has its request.
  return withDefaults(request as VendRequest, group?.defaults);
}
