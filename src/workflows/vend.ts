import {
  CancellationScope,
  allHandlersFinished,
  ApplicationFailure,
  condition,
  getExternalWorkflowHandle,
  log,
  makeContinueAsNewFunc,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { SearchAttributeUpdatePair } from '@temporalio/common';
import {
  MEMO_BATCH,
  MEMO_REQUESTED_BY,
  SearchAttribute,
  VendFailure,
  isSharedWorkflowId,
} from '../contract';
import type {
  Escalation,
  FieldProblem,
  Occasion,
  Stage,
  VendNotice,
  VendRequest,
  VendResult,
  VendState,
} from '../contract';
import { nextReminderAtMs, takeNews } from '../domain/asking';
import type { Open } from '../domain/asking';
import { vendDetails } from '../domain/details';
import { newMemory, shownId, toState, withEntry } from '../domain/memory';
import type { VendMemory } from '../domain/memory';
import { notificationOfEnd, notificationOfNews, vendData } from '../domain/notification';
import type { Notified } from '../domain/notification';
import type { Admission } from '../domain/policy';
import { withoutPersonal } from '../domain/redact';
import { invalidMessage } from '../domain/refusals';
import { isBlank, isTemporalId, isText } from '../domain/shape';
import { listenForVerdicts } from './approvals';
import { batchNoticeSignal } from './batch-signals';
import type { BatchNotice } from '../domain/batch/messages';
import { GateLink } from './gate-link';
import { iso } from './iso';
import { Answers } from './answers';
import type { Answer } from './answers';
import { escalationEnded, escalationOpened, stageChanged, vendEnded, vendStarted } from './measure';
import type { EscalationEnd } from './measure';
import { startNotification } from './tell-people';
import type { vendAccount } from './vend-account';
import { WatchLink } from './watch-link';
import { listenForWithdrawals } from './withdrawals';
import { conditionWithin, timeMs } from './time';

/** A question to a person: an escalation before it is open. */
export type Question = Omit<Escalation, 'id' | 'since' | 'nextCheckAt'> & {
  nextCheckAtMs?: number;
  /** Of the organization's escalation, as the gate has them. */
  id?: string;
  since?: string;
};

/** A person ended the vend. Caught at the end of `vendAccount`, which winds down first. */
export class Abandoned extends Error {
  override readonly name = 'Abandoned';
}

/**
 * One vend: what it remembers, what it shows, and how it waits for time and for people. The stages
 * decide nothing about messages, search attributes or continue-as-new; they ask here.
 */
export class Vend {
  readonly memory: VendMemory;
  /** The organization's gate. */
  readonly gate: GateLink;
  /** The watches of the conformance packs. */
  readonly watch: WatchLink;
  readonly #answers: Answers;
  readonly #published = new Map<string, string>();
  #isEnding = false;
  /** Notifications that are being handed over. */
  #telling = 0;

  constructor(request: VendRequest, carried?: VendMemory) {
    // A reset keeps this time: which of two vends of one request is the first is told by it.
    this.memory = carried ?? newMemory(request, workflowInfo().startTime.toISOString());
    if (!carried) vendStarted(this.memory.stage);
    this.#answers = new Answers(this.memory, (note) => this.note(note));
    this.gate = new GateLink(this.memory);
    this.watch = new WatchLink(this.memory);
    listenForVerdicts(this.memory, (note) => this.note(note));
    listenForWithdrawals(this.memory, (note) => this.note(note));
    const { memo, typedSearchAttributes } = workflowInfo();
    const requestedBy = memo?.[MEMO_REQUESTED_BY];
    if (typeof requestedBy === 'string' && !isBlank(requestedBy)) {
      this.memory.requestedBy ??= requestedBy.slice(0, 200);
    }
    for (const key of Object.values(SearchAttribute)) {
      const value = typedSearchAttributes.get(key);
      if (value !== undefined) this.#published.set(key.name, value);
    }
    this.#publish();
    void CancellationScope.nonCancellable(() => this.#remind());
  }

  get state(): VendState {
    return toState(this.memory);
  }

  /** What the first activity found out; every stage but the first has it. */
  get admission(): Admission {
    if (!this.memory.admission) throw new Error('not admitted yet');
    return this.memory.admission;
  }

  get organizationId(): string {
    return this.admission.organizationId;
  }

  /** The gate's ledger remembers it where the address cannot lead there. */
  get accountForLedger(): string | undefined {
    return this.memory.emailChanged ? this.memory.accountId : undefined;
  }

  /** True once it was cancelled or abandoned: nobody is asked any more. */
  get isEnding(): boolean {
    return this.#isEnding;
  }

  // What is shown.

  enter(stage: Stage): void {
    if (this.memory.stage === stage) return;
    const entered = this.memory.history.findLast(({ note }) => note === undefined);
    stageChanged(this.memory.stage, entered?.at ?? this.memory.requestedAt, stage);
    this.memory.stage = stage;
    delete this.memory.waitingFor;
    // What was checked before was not yet in the queue.
    const isFirst = stage === 'approving' && this.memory.history.length === 1;
    const before = isFirst ? [] : this.memory.history;
    this.memory.history = withEntry(before, { at: this.#now(), stage });
    log.info('stage', { requestId: shownId(this.memory), stage });
    this.#publish();
  }

  note(note: string): void {
    this.jot(note);
    this.#publish();
  }

  /** A note that is shown with whatever comes next. */
  jot(note: string): void {
    const { stage } = this.memory;
    this.memory.history = withEntry(this.memory.history, { at: this.#now(), stage, note });
  }

  /** @param waitingFor a sentence for a person */
  waitFor(waitingFor: string): void {
    this.memory.waitingFor = waitingFor;
    this.#publish();
  }

  /** The account exists: whoever listens may begin to prepare for it. */
  async tellAccountExists(): Promise<void> {
    await this.#notify();
  }

  /** It waits for an approval: whoever is asked hears of it, and the batch that it need not wait. */
  async tellApprovalWanted(): Promise<void> {
    await this.tellPeople();
    await this.#tellBatch(this.#notice());
  }

  /** It was approved, and needs a place again: the batch counts it. */
  async tellApproved(): Promise<void> {
    await this.#tellBatch(this.#notice());
  }

  // People.

  /**
   * Opens an escalation, and goes on. The same one (scope and reason) is opened only once and
   * brought up to date; another one takes its place.
   */
  async raise(question: Question): Promise<void> {
    if (this.#isEnding) return;
    const { nextCheckAtMs, id: given, since, ...rest } = question;
    const nextCheckAt = nextCheckAtMs === undefined ? {} : { nextCheckAt: iso(nextCheckAtMs) };
    const open = this.memory.escalation;
    const isSame = open?.scope === question.scope && open.reason === question.reason;
    if (open && isSame && (given ?? open.id) === open.id) {
      this.memory.escalation = { id: open.id, since: open.since, ...rest, ...nextCheckAt };
      this.#publish();
      return;
    }
    this.#answers.take()?.refuse(`it answers ${open?.reason}, and now it is ${question.reason}`);
    if (open) this.#measureEnd(open, 'replaced');
    if (given === undefined) this.memory.escalationCount += 1;
    const id = given ?? `e${this.memory.escalationCount}`;
    this.memory.escalation = { id, since: since ?? this.#now(), ...rest, ...nextCheckAt };
    this.memory.waitingFor = waitingForPerson(this.memory.escalation);
    if (!this.#isTheGates(this.memory.escalation)) escalationOpened(this.memory.escalation);
    this.note(`escalated: ${question.reason}`);
    log.warn('escalated', {
      requestId: shownId(this.memory),
      reason: question.reason,
      scope: question.scope,
    });
    await this.tellPeople(`now it is ${question.reason}`);
    await this.#notify();
  }

  /** Closes the open escalation, if there is one: its cause is gone. */
  async settle(): Promise<void> {
    const reason = this.memory.escalation?.reason;
    if (!reason) return;
    this.#answers.take()?.refuse(`${reason} has just ended by itself`);
    await this.#close(`ended by itself: ${reason}`, 'by_itself');
  }

  /** The organization is not held back any more. */
  async settleHolding(): Promise<void> {
    const { escalation } = this.memory;
    if (escalation?.scope !== 'organization') return;
    this.#answers.take()?.refuse(`${escalation.reason} is over for the organization`);
    await this.#close(`over for the organization: ${escalation.reason}`, 'by_itself');
  }

  /**
   * Asks a person and waits for the answer; undefined when it is time to look again by ourselves.
   * The escalation stays open until the answer is accepted, or the cause is gone (`settle`).
   */
  async ask(question: Question): Promise<Answer | undefined> {
    await this.raise(question);
    // What was asked of AWS for an answer that was refused is not waited for any more.
    const { escalation } = this.memory;
    if (escalation) this.waitFor(waitingForPerson(escalation));
    const { nextCheckAtMs } = question;
    const isAnswered = () => this.#answers.isWaiting;
    if (nextCheckAtMs === undefined) {
      await condition(isAnswered);
    } else {
      await conditionWithin(isAnswered, nextCheckAtMs - timeMs(), `look again: ${question.reason}`);
    }
    return this.takeAnswer();
  }

  /** The answer that has come in for the open escalation, once. Abandoning ends the vend here. */
  async takeAnswer(): Promise<Answer | undefined> {
    const answer = this.#answers.take();
    if (answer?.resolution.action !== 'abandon') return answer;
    await this.accept(answer);
    const { accountName } = this.memory.request;
    throw new Abandoned(withoutPersonal(answer.resolution.reason ?? '', accountName));
  }

  /** The answer fits and is carried out: it is written down and the escalation is over. */
  async accept(answer: Answer, what = ''): Promise<void> {
    const reason = this.memory.escalation?.reason ?? '';
    answer.accept(this.#now());
    const { action } = answer.resolution;
    await this.#close(`answered: ${reason} with ${action}${what ? ` of ${what}` : ''}`, action);
  }

  async #close(note: string, how: EscalationEnd): Promise<void> {
    this.#dropEscalation(how);
    delete this.memory.waitingFor;
    this.note(note);
    await this.tellPeople(note);
    await this.#notify();
  }

  #dropEscalation(how: EscalationEnd): void {
    const { escalation } = this.memory;
    if (escalation) this.#measureEnd(escalation, how);
    delete this.memory.escalation;
  }

  #measureEnd(escalation: Escalation, how: EscalationEnd): void {
    if (!this.#isTheGates(escalation)) escalationEnded(escalation, how);
  }

  /** What concerns the organization its gate tells, once for all; before it is known there is none. */
  #isTheGates({ scope }: Escalation): boolean {
    return scope === 'organization' && this.memory.admission !== undefined;
  }

  /**
   * Whoever the configuration names hears of what is asked now, and of what is over.
   * @param outcome what became of what is over
   */
  async tellPeople(outcome?: string): Promise<void> {
    const { memory } = this;
    if (!this.#isWanted('escalated', 'resolved', 'approving')) return;
    memory.asked ??= [];
    const news = takeNews(memory.asked, this.#open(), this.#remindEveryMs, timeMs());
    const about = { data: vendData(memory, workflowInfo()), outcome };
    const toTell = news.map((one) => notificationOfNews('vend', one, about, this.#now()));
    await this.#tell(toTell.filter((one) => one !== undefined));
  }

  /** What people are asked by this vend. */
  #open(): Open[] {
    const { escalation, stage } = this.state;
    const { approval } = this.memory;
    if (this.#isEnding) return [];
    const open: Open[] = [];
    if (stage === 'approving' && !approval?.verdict) {
      open.push({ id: 'approval', occasion: 'approving' });
    }
    if (escalation && !this.#isTheGates(escalation)) {
      open.push({ id: escalation.id, occasion: 'escalated', escalation });
    }
    return open;
  }

  async #tell(notified: Notified[]): Promise<void> {
    this.#telling += 1;
    try {
      for (const one of notified) {
        if (this.#isWanted(one.occasion)) await startNotification(one, shownId(this.memory));
      }
    } finally {
      this.#telling -= 1;
    }
  }

  /** Before the configuration is known to the vend it is left to the worker, which knows it. */
  #isWanted(...occasions: Occasion[]): boolean {
    const { admission } = this.memory;
    if (!admission) return true;
    return occasions.some((occasion) => admission.policy.notify?.on.includes(occasion));
  }

  get #remindEveryMs(): number {
    return this.memory.admission?.policy.notify?.remindEveryMs ?? REMIND_EVERY_MS;
  }

  /** Runs beside the stages, which wait for other things. */
  async #remind(): Promise<void> {
    const dueAtMs = () => (this.#isEnding ? Infinity : nextReminderAtMs(this.memory.asked ?? []));
    for (;;) {
      await condition(() => dueAtMs() !== Infinity);
      const next = dueAtMs();
      const isOther = () => dueAtMs() !== next;
      if (await conditionWithin(isOther, next - timeMs(), 'until people are reminded')) continue;
      await this.tellPeople();
    }
  }

  // Time.

  /** Waits, and wakes early when an answer comes in. */
  async pause(ms: number, summary: string): Promise<void> {
    await conditionWithin(() => this.#answers.isWaiting, ms, summary);
  }

  /** Waits for news of the gate, and wakes early when an answer comes in. */
  async waitForGate(ms: number): Promise<void> {
    const isNews = () => this.gate.hasNews || this.#answers.isWaiting;
    await conditionWithin(isNews, ms, 'until the gate is asked again');
  }

  /** Waits for news of a watch, and wakes early when an answer comes in. */
  async waitForWatch(ms: number): Promise<void> {
    const isNews = () => this.watch.hasNews || this.#answers.isWaiting;
    if (ms === Infinity) await condition(isNews);
    else await conditionWithin(isNews, ms, 'news of the conformance packs');
  }

  /** Waits until somebody has approved or rejected. */
  async waitForVerdict(ms: number): Promise<void> {
    const isDecided = () => this.memory.approval?.verdict !== undefined;
    await conditionWithin(isDecided, ms, 'until the request expires');
  }

  /**
   * Waits the whole time: what is waited for must not be hurried. Abandon ends the vend, retry is
   * taken, and whatever else is answered comes too late.
   */
  async rest(ms: number, summary: string): Promise<void> {
    const until = timeMs() + ms;
    do {
      await this.pause(until - timeMs(), summary);
      await this.takeRetry();
    } while (timeMs() < until);
  }

  /** Takes an answer where only retry and abandon make sense any more; true for a retry. */
  async takeRetry(): Promise<boolean> {
    const answer = await this.takeAnswer();
    if (!answer) return false;
    if (answer.resolution.action !== 'retry') {
      answer.refuse('the vend has gone on since: look at its state');
      return false;
    }
    await this.accept(answer);
    return true;
  }

  /**
   * Because of a long history, or because there is a newer worker. Only called where the memory says
   * all: a stage begins again from it.
   */
  async continueAsNewIfSuggested(): Promise<void> {
    const isBusy = () =>
      this.#isEnding ||
      this.#answers.isWaiting ||
      this.gate.hasNews ||
      this.watch.hasNews ||
      this.#telling > 0;
    const { continueAsNewSuggested } = workflowInfo();
    if (!(continueAsNewSuggested || this.#mayGoOver) || isBusy()) return;
    await condition(allHandlersFinished);
    await this.#drained();
    if (isBusy()) return;
    const { buildId } = workflowInfo().currentDeploymentVersion ?? {};
    if (this.#mayGoOver && buildId) this.memory.leftVersion = buildId;
    // Where workers have versions, the next run begins on the current one.
    const next = makeContinueAsNewFunc<typeof vendAccount>({
      initialVersioningBehavior: 'AUTO_UPGRADE',
    });
    await next(this.memory.request, this.memory);
  }

  /** There is a newer worker. Tried once from each: a run that stays would continue as new at every look. */
  get #mayGoOver(): boolean {
    const { targetWorkerDeploymentVersionChanged, currentDeploymentVersion } = workflowInfo();
    const isStuck = this.memory.leftVersion === currentDeploymentVersion?.buildId;
    return targetWorkerDeploymentVersionChanged && !isStuck;
  }

  // The end.

  /** From here on nobody is asked: it was cancelled or abandoned. */
  async beginEnding(): Promise<void> {
    this.#isEnding = true;
    this.#answers.close();
    this.#dropEscalation('vend_ended');
    this.#publish();
    await this.tellPeople('the vend is ending');
  }

  /** @param how of a bad end: the type of the failure, and what a person reads */
  async end(stage: Stage, how: { failure?: VendFailure; outcome?: string } = {}): Promise<void> {
    this.#isEnding = true;
    this.#answers.close();
    this.#dropEscalation('vend_ended');
    this.enter(stage);
    vendEnded(stage, this.memory.requestedAt, how.failure);
    await CancellationScope.nonCancellable(async () => {
      await this.tellPeople(`the vend is ${stage}`);
      await this.#tell([notificationOfEnd(this.memory, workflowInfo(), how, this.#now())]);
      await this.gate.leave(this.accountForLedger);
      await this.watch.leave();
      await this.#notify(how.failure);
      await condition(allHandlersFinished);
      await this.#drained();
    });
  }

  async #drained(): Promise<void> {
    await condition(() => this.#telling === 0);
    await this.gate.drained();
    await this.watch.drained();
  }

  failure(type: VendFailure, message: string, ...more: unknown[]): ApplicationFailure {
    return ApplicationFailure.create({
      type,
      message,
      nonRetryable: true,
      details: [this.state, ...more],
    });
  }

  invalid(problems: FieldProblem[]): ApplicationFailure {
    return this.failure(VendFailure.InvalidVendRequest, invalidMessage(problems), problems);
  }

  result(): VendResult {
    const { memory } = this;
    const state = this.state;
    const completedAt = this.#now();
    return {
      requestId: state.requestId,
      organizationId: this.organizationId,
      accountId: memory.accountId ?? '',
      ...(memory.govCloudAccountId ? { govCloudAccountId: memory.govCloudAccountId } : {}),
      createAccountRequestIds: state.createAccountRequestIds,
      adopted: memory.adopted,
      organizationalUnitId: memory.organizationalUnitId ?? this.admission.organizationalUnitId,
      conformance: state.conformance ?? [],
      decisions: state.decisions,
      requestedAt: memory.requestedAt,
      createdAt: memory.createdAt ?? memory.joinedAt ?? completedAt,
      completedAt,
    };
  }

  #now(): string {
    return iso(timeMs());
  }

  /** Details are free of charge; search attributes cost an event, so only changes go, together. */
  #publish(): void {
    const state = this.state;
    const { namespace } = workflowInfo();
    const { organizationId } = this.memory.admission ?? {};
    setCurrentDetails(
      vendDetails(state, organizationId ? { namespace, organizationId } : undefined),
    );
    const wanted: [keyof typeof SearchAttribute, string | undefined][] = [
      ['stage', state.stage],
      ['requestId', state.requestId || undefined],
      ['accountId', state.accountId],
      ['escalation', state.escalation?.reason],
      ['organizationalUnit', state.organizationalUnitId],
    ];
    const changes: SearchAttributeUpdatePair[] = [];
    for (const [name, value] of wanted) {
      const key = SearchAttribute[name];
      if (this.#published.get(key.name) === value) continue;
      changes.push({ key, value: value ?? null });
      if (value === undefined) this.#published.delete(key.name);
      else this.#published.set(key.name, value);
    }
    if (changes.length > 0) upsertSearchAttributes(changes);
  }

  /** A parent's ear, and the batch that started us. */
  async #notify(failure?: VendFailure): Promise<void> {
    const notice = this.#notice();
    // It may be the end of a request that was refused, and hold anything.
    const { workflowId, signal }: Record<string, unknown> = {
      ...this.memory.request.notifyWorkflow,
    };
    if (isText(workflowId) && !isSharedWorkflowId(workflowId)) {
      await this.#signal(workflowId, signal, notice);
    }
    await this.#tellBatch(failure ? { ...notice, failure } : notice);
  }

  #notice(): VendNotice {
    const { accountId, escalation, stage } = this.memory;
    return {
      requestId: shownId(this.memory),
      workflowId: workflowInfo().workflowId,
      stage,
      ...(accountId ? { accountId } : {}),
      ...(escalation ? { escalation } : {}),
    };
  }

  async #tellBatch(notice: BatchNotice): Promise<void> {
    const batch = workflowInfo().memo?.[MEMO_BATCH];
    await this.#signal(batch, batchNoticeSignal.name, notice);
  }

  /** It is awaited, since an unsent signal is lost; its failure is ignored. */
  async #signal(workflowId: unknown, signal: unknown, notice: VendNotice): Promise<void> {
    // What Temporal does not take would fail this task, and each one after it.
    if (!isTemporalId(workflowId) || !isTemporalId(signal)) return;
    try {
      await CancellationScope.nonCancellable(() =>
        getExternalWorkflowHandle(workflowId).signal(signal, notice),
      );
    } catch (error) {
      log.info('the workflow to notify did not take the signal', { error });
    }
  }
}

/** Until the vend knows its configuration. */
const REMIND_EVERY_MS = 24 * 3_600_000;

function waitingForPerson({ reason, scope }: Escalation): string {
  return scope === 'organization'
    ? `somebody to mend what holds back the organization (${reason})`
    : `an answer to ${reason}`;
}
