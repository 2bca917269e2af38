import { Gate } from '../../../src/domain/gate/gate';
import { takeMail } from '../../../src/domain/gate/mail';
import type { Outgoing } from '../../../src/domain/gate/mail';
import type {
  Ask,
  GatePolicy,
  Holder,
  Notice,
  Release,
  Trouble,
} from '../../../src/domain/gate/messages';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const iso = (ms: number) => new Date(ms).toISOString();

export const PUBLISHED: GatePolicy = {
  maxInProgress: 5,
  perSecond: 0.1,
  burst: 3,
  perDay: 1_000,
  recheckMs: HOUR,
};
export const UNPACED: GatePolicy = { ...PUBLISHED, perSecond: 1_000, burst: 1_000 };

export function holder(requestId: string, run = `run-${requestId}`): Holder {
  return { workflowId: `vend-${requestId}`, firstExecutionRunId: run, requestId };
}

export const LIMIT: Trouble = {
  lane: 'creating',
  reason: 'ACCOUNT_LIMIT_EXCEEDED',
  message: 'The organization has reached its quota of accounts.',
};

/** A gate, its clock, and what it has said to each vend so far. */
export class Desk {
  now = 1_000_000_000_000;
  gate: Gate;
  /** Everything it sent, in order. */
  readonly said: (Outgoing & { at: number })[] = [];

  constructor(policy: GatePolicy = UNPACED) {
    this.gate = new Gate('o-exampleorg1');
    this.gate.learnPolicy(policy, this.now);
  }

  /** Gives what can be given, and sends what is to be sent. */
  turn(room = 200): Outgoing[] {
    this.gate.grantTurns(this.now);
    const mail = takeMail(this.gate, room, iso);
    for (const letter of mail) {
      this.said.push({ ...letter, at: this.now });
      if (letter.signal === 'grant') this.gate.delivered(letter.to, letter.ticket);
    }
    return mail;
  }

  ask(who: Holder, ticket = 1, more: Partial<Ask> = {}): void {
    const emailKey = `mail-${who.requestId}`;
    const run = who.firstExecutionRunId;
    const ask: Ask = { v: 1, holder: who, ticket, runId: run, kind: 'standard', emailKey };
    this.gate.ask({ ...ask, ...more });
    this.turn();
  }

  release(who: Holder, ticket = 1, more: Partial<Release> = {}): void {
    this.gate.release({ v: 1, holder: who, ticket, outcome: 'succeeded', ...more }, this.now);
    this.turn();
  }

  /** So much time passes; what is due in it is done. */
  pass(ms: number): void {
    for (const end = this.now + ms; this.now < end;) {
      const due = this.gate.nextDueAtMs(this.now);
      this.now = Math.min(end, Math.max(this.now + 1, due));
      this.turn();
      // Whoever is looked at on the way is there.
      const check = this.gate.watchman.begin(this.gate.members, this.now);
      const holders = check?.keys.map((key) => ({ key, isAlive: true }));
      if (holders) this.gate.observe({ holders }, this.now);
    }
  }

  /** Request ids in the order in which they were granted a turn. */
  granted(): string[] {
    return this.said.filter(({ signal }) => signal === 'grant').map(({ to }) => to.requestId);
  }

  /** The last that a vend was told, apart from grants. */
  told(who: Holder): Notice | undefined {
    const letters = this.said.filter(
      ({ to, signal }) => to.firstExecutionRunId === who.firstExecutionRunId && signal === 'notice',
    );
    return letters.at(-1)?.message as Notice | undefined;
  }

  /** An activity has looked at the vends that are doubted: those named are there, the others not. */
  observe(
    alive: Holder[],
    inProgress?: number,
    of: Record<string, number> = {},
    withAccount: Holder[] = [],
  ): void {
    const check = this.gate.watchman.begin(this.gate.members, this.now);
    const keys = check?.keys ?? [...this.gate.members.keys()];
    const isAmong = (some: Holder[], key: string) =>
      some.some((one) => one.firstExecutionRunId === key);
    const holders = keys.map((key) => ({
      key,
      isAlive: isAmong(alive, key),
      ...(isAmong(withAccount, key) ? { hasAccount: true as const } : {}),
    }));
    const creations = inProgress === undefined ? {} : { creations: { inProgress, of } };
    this.gate.observe({ holders, ...creations }, this.now);
    this.turn();
  }
}
