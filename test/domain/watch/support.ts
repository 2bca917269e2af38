import type { ConformanceScope } from '../../../src/contract';
import type { AwsError } from '../../../src/domain/aws-error';
import type { DeploymentStatus, Departure } from '../../../src/domain/conformance';
import type { Holder } from '../../../src/domain/gate/messages';
import type { Interval } from '../../../src/domain/policy';
import { WATCH_PROTOCOL } from '../../../src/domain/watch/messages';
import type {
  LookCalls,
  LookPlan,
  LookResult,
  PackLook,
  PackLookPlan,
  PackRef,
  Rowless,
  Verdict,
} from '../../../src/domain/watch/messages';
import { packWatch, unpackWatch } from '../../../src/domain/watch/packing';
import { packKey } from '../../../src/domain/watch/subscriber';
import { Watch } from '../../../src/domain/watch/watch';
import type { Outgoing } from '../../../src/domain/watch/watch';

export const SECOND = 1_000;
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const POLL: Interval = { initialMs: MINUTE, factor: 1.5, maxMs: 5 * MINUTE };
export const iso = (ms: number) => new Date(ms).toISOString();

export const SUCCESSFUL: DeploymentStatus = { status: 'CREATE_SUCCESSFUL' };
export const CREATING: DeploymentStatus = { status: 'CREATE_IN_PROGRESS' };
export const FAILED: DeploymentStatus = { status: 'CREATE_FAILED', errorCode: 'NotAllowed' };
export const RECORDERLESS: DeploymentStatus = {
  status: 'CREATE_FAILED',
  errorCode: 'NoAvailableConfigurationRecorderException',
};
export const REFUSED: AwsError = {
  operation: 'GetOrganizationConformancePackDetailedStatus',
  name: 'OrganizationAccessDeniedException',
  message: 'This call is for the management account.',
  outcome: 'rejected',
};
export const LEFT: Departure = { reason: 'AccountNotFoundException', what: 'it has left' };

/** A vend; its account is told by its request. */
export function holder(requestId: string, run = `run-${requestId}`): Holder {
  return { workflowId: `vend-${requestId}`, firstExecutionRunId: run, requestId };
}
export const accountOf = ({ requestId }: Holder) => `account-${requestId}`;

export interface Wish {
  ticket?: number;
  packs?: (string | PackRef)[];
  scope?: ConformanceScope;
  joinedAt?: string;
  account?: string;
}

/** A pack as AWS Config has it. */
class Pack {
  readonly rows = new Map<string, DeploymentStatus>();
  readonly excluded = new Set<string>();
  aggregate: DeploymentStatus = SUCCESSFUL;
  isGone = false;
  fault: AwsError | undefined;
}

const isListed = ({ status }: DeploymentStatus) =>
  /^(?:CREATE|UPDATE)_(?:IN_PROGRESS|FAILED)$/.test(status);

/** A watch, its clock, the AWS that it looks at, and what it has said so far. */
export class Region {
  now = 1_800_000_000_000;
  watch = new Watch('o-exampleorg1', 'eu-west-1');
  poll = POLL;
  /** What happened, in order. */
  readonly looks: { at: number; plan: LookPlan }[] = [];
  readonly said: (Outgoing & { at: number })[] = [];
  /** Vends that are gone: what is sent to them does not arrive. */
  readonly dead = new Set<string>();
  readonly departed = new Map<string, Departure>();
  isThrottled = false;
  /** Organizations does not answer. */
  isMembershipHidden = false;
  readonly #packs = new Map<string, Pack>();

  pack(key = 'P'): Pack {
    const known = this.#packs.get(key) ?? new Pack();
    this.#packs.set(key, known);
    return known;
  }

  /** The row of an account, or that there is none. */
  row(who: Holder | string, status: DeploymentStatus | undefined, key = 'P'): void {
    const account = typeof who === 'string' ? who : accountOf(who);
    if (status) this.pack(key).rows.set(account, status);
    else this.pack(key).rows.delete(account);
  }

  /** Without anything that follows from it. */
  put(who: Holder, wish: Wish = {}): void {
    const { ticket = 1, packs = ['P'], scope = 'account', joinedAt, account } = wish;
    this.watch.subscribe(
      {
        v: WATCH_PROTOCOL,
        holder: who,
        ticket,
        accountId: account ?? accountOf(who),
        packs: packs.map((pack) => (typeof pack === 'string' ? { pack } : pack)),
        scope,
        ...(joinedAt ? { joinedAt } : {}),
      },
      this.now,
    );
  }

  subscribe(who: Holder, wish: Wish = {}): void {
    this.put(who, wish);
    this.turn();
  }

  unsubscribe(who: Holder, ticket = 1): void {
    const { workflowId, firstExecutionRunId: of } = who;
    this.watch.unsubscribe({ v: WATCH_PROTOCOL, workflowId, of, ticket });
    this.turn();
  }

  begin(): LookPlan | undefined {
    const plan = this.watch.beginLook(this.now);
    if (plan) this.looks.push({ at: this.now, plan });
    return plan;
  }

  learn(plan: LookPlan, result = this.answer(plan)): void {
    this.watch.learn(plan, result, this.now);
  }

  send(room = 40): Outgoing[] {
    const mail = this.watch.takeMail(room, this.now);
    for (const letter of mail) this.said.push({ ...letter, at: this.now });
    return mail;
  }

  arrive(letter: Outgoing): void {
    if (this.dead.has(letter.of)) this.watch.undelivered(letter);
    else this.watch.delivered(letter, this.now);
  }

  /** Does what is due, as the workflow does, until nothing is. */
  turn(): void {
    for (;;) {
      const plan = this.begin();
      if (plan) this.learn(plan);
      const mail = this.send();
      for (const letter of mail) this.arrive(letter);
      if (plan || mail.length > 0) continue;
      if (this.watch.nextDueAtMs(this.now) > this.now) return;
      throw new Error('a busy loop: something is due, and nothing can be begun');
    }
  }

  /** So much time passes; what is due in it is done. */
  pass(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const due = this.watch.nextDueAtMs(this.now);
      if (due > end) break;
      this.now = Math.max(this.now, due);
      this.turn();
    }
    this.now = end;
  }

  /** Until the next round, and it is done. */
  passToRound(): void {
    this.pass(Math.max(0, this.watch.nextRoundAtMs - this.now));
  }

  continueAsNew(): void {
    const { organizationId, region } = this.watch;
    const carried = JSON.parse(JSON.stringify(packWatch(this.watch))) as ReturnType<
      typeof packWatch
    >;
    this.watch = unpackWatch(organizationId, region, carried, this.now);
  }

  /** The activity: what AWS shows of that for which it is asked, and nothing else. */
  answer(plan: LookPlan): LookResult {
    const calls: LookCalls = { lists: 0, confirming: 0, rowless: 0, throttled: 0 };
    if (this.isThrottled) calls.throttled = 1;
    const packs = plan.packs.map((one) => this.#lookAt(one, plan, calls));
    for (const account of plan.checkMembership) {
      if (this.isMembershipHidden) continue;
      for (const { rowless } of packs) {
        const entry = rowless[account];
        if (!entry || entry.excluded) continue;
        const departed = this.departed.get(account);
        rowless[account] = departed ? { departed } : { isMember: true };
      }
    }
    return { packs, calls, poll: this.poll };
  }

  #lookAt(one: PackLookPlan, plan: LookPlan, calls: LookCalls): PackLook {
    const { pack, owner, lists, confirm, again } = one;
    const aws = this.pack(packKey(one));
    const look: PackLook = { pack, ...(owner ? { owner } : {}), rows: {}, rowless: {} };
    if (aws.fault) return { ...look, fault: aws.fault };
    if (aws.isGone) return { ...look, gone: true };
    if (lists) {
      calls.lists += 1;
      for (const account of plan.accounts) {
        const row = aws.rows.get(account);
        if (row && isListed(row)) look.rows[account] = row;
      }
    }
    for (const [accounts, purpose] of [
      [confirm, 'confirming'],
      [again, 'rowless'],
    ] as const) {
      for (const account of accounts) {
        if (look.rows[account]) continue;
        calls[purpose] += 1;
        const row = aws.rows.get(account);
        const rowless: Rowless = aws.excluded.has(account) ? { excluded: true } : {};
        if (row) look.rows[account] = row;
        else look.rowless[account] = rowless;
      }
    }
    if (plan.withAggregate) look.aggregate = aws.aggregate;
    return look;
  }

  /** What a vend was sent, in order. */
  letters(who: Holder): Verdict[] {
    return this.said
      .filter(({ of }) => of === who.firstExecutionRunId)
      .map(({ message }) => message);
  }

  /** `P CREATE_FAILED 2`: the rows that a vend was told, message by message. */
  told(who: Holder): string[][] {
    return this.letters(who).map(({ rows }) =>
      rows.map(({ pack, seen, verdict, failedLooks }) =>
        [pack, seen?.row?.status ?? 'NO_ROW', verdict?.is, ...(failedLooks ? [failedLooks] : [])]
          .map(String)
          .join(' '),
      ),
    );
  }

  /** The plans of looks that read lists. */
  get rounds(): { at: number; plan: LookPlan }[] {
    return this.looks.filter(({ plan }) => plan.packs.some(({ lists }) => lists));
  }
}
