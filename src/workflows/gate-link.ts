import {
  CancellationScope,
  condition,
  getExternalWorkflowHandle,
  workflowInfo,
} from '@temporalio/workflow';
import type { SignalDefinition } from '@temporalio/workflow';
import { gateWorkflowId } from '../contract';
import { GATE_PROTOCOL, isGrant, isNotice } from '../domain/gate/messages';
import type { Ask, Grant, Holder, Notice, Release, Report, Trouble } from '../domain/gate/messages';
import type { GateTies, VendMemory } from '../domain/memory';
import { world } from './activity-proxies';
import {
  askSignal,
  grantSignal,
  noticeSignal,
  releaseSignal,
  reportSignal,
  withdrawSignal,
} from './gate-signals';
import { listen } from './listen';

/** What the gate has said: the turn, or a notice about the ticket. */
export type GateNews = { is: 'granted'; grant: Grant } | Notice;

/**
 * A vend's end of the line to the organization's gate. Handlers only put down what came; every
 * message is awaited, since one that is merely sent is lost when the vend ends or continues as new.
 */
export class GateLink {
  readonly #memory: VendMemory;

  constructor(memory: VendMemory) {
    this.#memory = memory;
    listen(grantSignal, isGrant, (grant) => this.#take(grant));
    listen(noticeSignal, isNotice, (notice) => {
      if (notice.ticket === this.#ties.waiting) this.#ties.news.push(notice);
    });
    void this.#giveBackForEver();
  }

  get place(): Grant | undefined {
    return this.#memory.gate?.place;
  }

  get hasStep(): boolean {
    return this.#memory.gate?.step !== undefined;
  }

  get isWaiting(): boolean {
    return this.#memory.gate?.waiting !== undefined;
  }

  /** Held back in a step; also where the vend has continued as new since. */
  get isWaitingForStep(): boolean {
    return this.isWaiting && this.#memory.gate?.waitsForStep === true;
  }

  get hasNews(): boolean {
    return (this.#memory.gate?.news.length ?? 0) > 0 || this.#granted !== undefined;
  }

  /** Raises the ticket and asks for a turn. */
  async ask(turn: Pick<Ask, 'kind' | 'emailKey' | 'retried' | 'ignoreLedger'>): Promise<void> {
    const ties = this.#ties;
    ties.ticket += 1;
    ties.waiting = ties.ticket;
    if (turn.kind === 'step') ties.waitsForStep = true;
    else delete ties.waitsForStep;
    ties.news = [];
    // A grant that nobody has taken is for the ticket before.
    if (this.#granted) ties.unwanted.push(this.#granted.ticket);
    this.#granted = undefined;
    await this.askAgain(turn);
  }

  /** The same once more: a gate that was terminated or reset does not know of it. */
  async askAgain(turn: Pick<Ask, 'kind' | 'emailKey' | 'retried' | 'ignoreLedger'>): Promise<void> {
    const { runId } = workflowInfo();
    this.#ties.isKnown = true;
    await this.#send(askSignal, { ...this.#from(this.#ties.ticket), runId, ...turn });
  }

  /** The gate knows a later ticket, of a run that was reset. */
  raiseTicketTo(ticket: number): void {
    this.#ties.ticket = Math.max(this.#ties.ticket, ticket);
  }

  takeNews(): GateNews | undefined {
    const notice = this.#ties.news.shift();
    if (notice) return notice;
    const grant = this.#granted;
    return grant && { is: 'granted', grant };
  }

  /** The turn that was asked for is taken. */
  accept(grant: Grant, kind: Ask['kind']): void {
    const ties = this.#ties;
    delete ties.waiting;
    ties.news = [];
    if (kind === 'step') ties.step = grant;
    else ties.place = grant;
    this.#granted = undefined;
  }

  /** The place is over: given back at once, for the next one. Nothing where there is none. */
  async releasePlace(
    outcome: Release['outcome'],
    more: Pick<Release, 'trouble' | 'accountId'> = {},
  ): Promise<void> {
    const { place } = this.#ties;
    if (!place) return;
    delete this.#ties.place;
    if (outcome === 'succeeded') delete this.#ties.isKnown;
    if (more.accountId) this.#ties.ledger = more.accountId;
    await this.#send(releaseSignal, { ...this.#from(place.ticket), outcome, ...more });
  }

  async releaseStep(outcome: Release['outcome'], trouble?: Trouble): Promise<void> {
    const { step } = this.#ties;
    if (!step) return;
    delete this.#ties.step;
    const more = trouble ? { trouble } : {};
    await this.#send(releaseSignal, { ...this.#from(step.ticket), outcome, ...more });
  }

  async report(
    news: Pick<Report, 'is' | 'trouble' | 'reason'>,
    ticket = this.#ties.ticket,
  ): Promise<void> {
    this.#ties.reports += 1;
    await this.#send(reportSignal, { ...this.#from(ticket), n: this.#ties.reports, ...news });
  }

  /** Nothing more is wanted: place, ticket and address are free again. @param accountId for the gate's ledger */
  async leave(accountId?: string): Promise<void> {
    const ties = this.#ties;
    const isNews = accountId !== undefined && accountId !== ties.ledger;
    if (!ties.isKnown && !isNews) return;
    if (isNews) ties.ledger = accountId;
    delete ties.isKnown;
    delete ties.waiting;
    delete ties.place;
    delete ties.step;
    ties.news = [];
    this.#granted = undefined;
    const more = accountId ? { accountId } : {};
    await this.#send(withdrawSignal, { ...this.#from(ties.ticket), ...more });
  }

  /** Before the vend ends or continues as new: nothing is left to be given back. */
  async drained(): Promise<void> {
    await condition(() => (this.#memory.gate?.unwanted.length ?? 0) === 0);
  }

  // A grant that has come for the ticket that waits, until the stage takes it.
  #granted: Grant | undefined;

  #take(grant: Grant): void {
    const ties = this.#ties;
    if (grant.ticket === ties.waiting) this.#granted = grant;
    // The same one again, because the gate did not hear that it had arrived.
    else if (grant.ticket !== ties.place?.ticket && grant.ticket !== ties.step?.ticket) {
      ties.unwanted.push(grant.ticket);
    }
  }

  /** Beside the stages: they may wait for hours while a grant of an old ticket comes in. */
  async #giveBackForEver(): Promise<void> {
    await CancellationScope.nonCancellable(async () => {
      for (;;) {
        await condition(() => (this.#memory.gate?.unwanted.length ?? 0) > 0);
        const [ticket = 0] = this.#ties.unwanted;
        await this.#send(releaseSignal, { ...this.#from(ticket), outcome: 'unwanted' });
        this.#ties.unwanted.shift();
      }
    });
  }

  get #ties(): GateTies {
    return (this.#memory.gate ??= { ticket: 0, unwanted: [], reports: 0, news: [] });
  }

  #from(ticket: number) {
    const { workflowId, firstExecutionRunId } = workflowInfo();
    const { requestId } = this.#memory.request;
    const holder: Holder = { workflowId, firstExecutionRunId, requestId };
    return { v: GATE_PROTOCOL, holder, ticket };
  }

  /** A gate that does not run is started by an activity, with the same message. */
  async #send<Message>(signal: SignalDefinition<[Message]>, message: Message): Promise<void> {
    const organizationId = this.#memory.admission?.organizationId;
    if (!organizationId) return;
    await CancellationScope.nonCancellable(async () => {
      try {
        await getExternalWorkflowHandle(gateWorkflowId(organizationId)).signal(signal, message);
      } catch {
        await world.tellGate.executeWithOptions({ summary: `${signal.name}: start the gate` }, [
          { organizationId, signal: signal.name, message },
        ]);
      }
    });
  }
}
