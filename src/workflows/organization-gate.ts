import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  continueAsNew,
  getExternalWorkflowHandle,
  log,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { SearchAttribute, gateResolveSignal, gateResolveUpdate, gateStateQuery } from '../contract';
import type { Escalation, Resolution } from '../contract';
import { Gate } from '../domain/gate/gate';
import { takeMail } from '../domain/gate/mail';
import { isAsk, isRelease, isReport, isWithdraw } from '../domain/gate/messages';
import { takeGateNotifications } from '../domain/gate/telling';
import type { Outgoing } from '../domain/gate/mail';
import { packGate, unpackGate } from '../domain/gate/packing';
import type { CarriedGate } from '../domain/gate/packing';
import { decideGate, gateDetails, gateResolutionProblem, gateState } from '../domain/gate/view';
import { glance, world } from './activity-proxies';
import { startNotification } from './tell-people';
import { Endless } from './endless';
import { handedOver } from './handed-over';
import {
  askSignal,
  grantSignal,
  noticeSignal,
  releaseSignal,
  reportSignal,
  withdrawSignal,
} from './gate-signals';
import { iso } from './iso';
import { listen } from './listen';
import { escalationEnded, escalationOpened } from './measure';
import { timeMs } from './time';

export interface GateInput {
  /** `o-…` */
  organizationId: string;
}

/**
 * Temporal allows 2,000 signals under way for a workflow. With few a grant does not queue behind
 * thousands of notices, and what comes back stays below the 100 events that a server buffers.
 */
const MOST_SIGNALS = 40;
/** The configuration is that of the workers, which may be started anew with another. */
const POLICY_IS_OLD_MS = 3_600_000;

/**
 * One for each organization: who may create now, and whether anybody may. Five places, AWS's rate,
 * first come first served; and a breaker for what concerns everybody. The rules are in
 * domain/gate; here is what waits, sends and looks. It never ends.
 */
export async function organizationGate(input: GateInput, carried?: CarriedGate): Promise<void> {
  // Whoever cancels it would leave the vends waiting; terminated, it is started anew by them.
  await CancellationScope.nonCancellable(() => new GateLoop(input, carried).run());
}

class GateLoop extends Endless {
  readonly #gate: Gate;
  #isNew: boolean;
  #isReadingPolicy = false;
  #published: string | undefined;
  /** Escalations as they were shown last. */
  #open: readonly Escalation[] = [];

  constructor({ organizationId }: GateInput, carried?: CarriedGate) {
    super();
    const before = handedOver(carried);
    this.#isNew = before === undefined;
    this.#gate = before ? unpackGate(before) : new Gate(organizationId);
    if (before) this.#open = gateState(this.#gate, timeMs(), iso).escalations;
    this.#published = workflowInfo().typedSearchAttributes.get(SearchAttribute.escalation);
    this.#listen();
  }

  protected override nextDueAtMs(nowMs: number): number {
    // What is due cannot be done just now: it would be due again at once.
    return this.#isReadingPolicy ? Infinity : this.#gate.nextDueAtMs(nowMs);
  }

  #listen(): void {
    const gate = this.#gate;
    listen(askSignal, isAsk, (ask) => this.put(() => gate.ask(ask)));
    listen(releaseSignal, isRelease, (release) => this.put((now) => gate.release(release, now)));
    listen(withdrawSignal, isWithdraw, (withdraw) =>
      this.put((now) => gate.withdraw(withdraw, now)),
    );
    listen(reportSignal, isReport, (report) => this.put((now) => gate.report(report, now)));
    const state = () => gateState(gate, timeMs(), iso);
    setHandler(gateStateQuery, state, {
      description: 'Who creates, who waits, and what holds the organization back.',
    });
    const problemOf = (resolution: Resolution) => gateResolutionProblem(resolution, state());
    setHandler(
      gateResolveUpdate,
      (resolution) => {
        const problem = problemOf(resolution);
        if (problem) throw ApplicationFailure.nonRetryable(problem, 'ResolutionRefused');
        this.put(() => undefined);
        return decideGate(gate, resolution, 'update', timeMs(), iso);
      },
      {
        description: 'Answers the escalation of the organization: {"action":"retry"}',
        validator: (resolution) => {
          const problem = problemOf(resolution);
          if (problem) throw ApplicationFailure.nonRetryable(problem, 'ResolutionRefused');
        },
      },
    );
    setHandler(
      gateResolveSignal,
      (resolution) => {
        const problem = problemOf(resolution);
        if (problem) log.warn('a resolve signal was refused', { problem });
        else this.put((now) => void decideGate(gate, resolution, 'signal', now, iso));
      },
      { description: 'The same, for workflows, which cannot send updates.' },
    );
  }

  protected override act(): void {
    const gate = this.#gate;
    if (this.#isNew) this.#begin();
    else if (this.#policyIsOld()) this.#readPolicy();
    // After an hour, or a new worker, the limits may be others: they are read before anybody goes.
    if (!this.#isReadingPolicy) gate.grantTurns(timeMs());
    const check = gate.watchman.begin(gate.members, timeMs());
    if (check) this.#look(check.keys, check.withCreations);
    for (const letter of takeMail(gate, MOST_SIGNALS - this.underWay, iso)) this.#send(letter);
    const { workflowId } = workflowInfo();
    for (const one of takeGateNotifications(gate, workflowId, timeMs(), iso)) {
      this.start(async () => {
        await startNotification(one, '');
        return () => undefined;
      });
    }
  }

  /** A gate that was terminated, or is new in an organization, has to know what is under way. */
  #begin(): void {
    this.#isNew = false;
    const gate = this.#gate;
    gate.policyReadAtMs = timeMs();
    this.start(async () => {
      const [policy, creating] = await Promise.all([
        world.readGatePolicy(),
        world.listCreatingVends(),
      ]);
      return (now) => {
        gate.takeOver(creating, now);
        gate.learnPolicy(policy, now);
      };
    });
  }

  #policyIsOld(): boolean {
    return timeMs() - this.#gate.policyReadAtMs >= POLICY_IS_OLD_MS;
  }

  #readPolicy(): void {
    const gate = this.#gate;
    gate.policyReadAtMs = timeMs();
    this.#isReadingPolicy = true;
    this.start(async () => {
      const policy = await world.readGatePolicy();
      return (now) => {
        this.#isReadingPolicy = false;
        gate.learnPolicy(policy, now);
      };
    });
  }

  #look(keys: string[], withCreations: boolean): void {
    const gate = this.#gate;
    const holders = keys
      .map((key) => gate.members.get(key)?.holder)
      .filter((holder) => holder !== undefined);
    const input = { organizationId: gate.organizationId, holders, withCreations };
    const summary = `look after ${holders.length} vends${withCreations ? ' and what AWS has in progress' : ''}`;
    this.start(async () => {
      try {
        const seen = await glance.observeHolders.executeWithOptions({ summary }, [input]);
        return (now) => gate.observe(seen, now);
      } catch (error) {
        if (!(error instanceof ActivityFailure)) throw error;
        return (now) => gate.observeNothing(now);
      }
    });
  }

  /** By workflow id: the vend may have continued as new since. Nobody fails for a vend that is gone. */
  #send({ to, ticket, ...letter }: Outgoing): void {
    const gate = this.#gate;
    const target = getExternalWorkflowHandle(to.workflowId);
    this.start(async () => {
      try {
        if (letter.signal === 'grant') await target.signal(grantSignal, letter.message);
        else await target.signal(noticeSignal, letter.message);
        return letter.signal === 'grant' ? () => gate.delivered(to, ticket) : () => undefined;
      } catch {
        return (now) => gate.undelivered(to, ticket, now);
      }
    });
  }

  protected override async continueAsNew(): Promise<never> {
    const gate = this.#gate;
    // The next run reads the configuration anew.
    gate.policyReadAtMs = 0;
    return continueAsNew<typeof organizationGate>(
      { organizationId: gate.organizationId },
      packGate(gate),
    );
  }

  protected override publish(): void {
    const state = gateState(this.#gate, timeMs(), iso);
    setCurrentDetails(gateDetails(state));
    this.#measure(state.escalations);
    const reason = state.escalation?.reason;
    if (reason === this.#published) return;
    this.#published = reason;
    upsertSearchAttributes([{ key: SearchAttribute.escalation, value: reason ?? null }]);
    if (reason) log.warn('the organization is held back', { reason });
    else log.info('the organization is not held back any more');
  }

  #measure(escalations: readonly Escalation[]): void {
    const isIn = (list: readonly Escalation[], { id }: Escalation) =>
      list.some((other) => other.id === id);
    const answered = this.#gate.decisions.map(({ escalationId }) => escalationId);
    for (const one of this.#open) {
      if (isIn(escalations, one)) continue;
      escalationEnded(one, answered.includes(one.id) ? 'retry' : 'by_itself');
    }
    for (const one of escalations) if (!isIn(this.#open, one)) escalationOpened(one);
    this.#open = escalations;
  }
}
