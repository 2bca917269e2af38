import type { VendRequest } from '../contract';
import { identityOf } from '../domain/earlier-run';
import { accountOf } from './made-up';
import type { FakeAccount } from './made-up';
import type { Outcomes } from './outcome';
import { outcomeFor, readScript } from './script';
import type { Script } from './script';

/** A vend that came to the fake. */
export interface FakeVend {
  requestId: string;
  /** As it came, before amendments. */
  request: VendRequest;
  workflowId: string;
  runId: string;
  /** ISO 8601, in workflow time. */
  startedAt: string;
}

/** What the fake remembers of it besides. */
export interface KnownVend extends FakeVend {
  script: Script;
  account: FakeAccount;
  /** The account is there. */
  exists: boolean;
  /** No other vend with its address may create any more. */
  holdsAddress: boolean;
}

/** Which requests came, and what is to become of each. */
export class FakeVends {
  outcomes: Outcomes;
  #known: KnownVend[] = [];

  constructor(outcomes: Outcomes) {
    this.outcomes = outcomes;
  }

  get all(): readonly KnownVend[] {
    return this.#known;
  }

  forget(): void {
    this.#known = [];
  }

  /** May be said twice: a task that is lost is done again. */
  async begin(vend: Omit<FakeVend, 'requestId'>): Promise<KnownVend> {
    const known = this.#known.find(({ runId }) => runId === vend.runId);
    if (known) return known;
    const script = readScript(await outcomeFor(this.outcomes, vend.request));
    const begun: KnownVend = {
      requestId: vend.request.requestId,
      ...vend,
      script,
      account: accountOf(vend.request, script.result),
      exists: false,
      holdsAddress: false,
    };
    this.#known.push(begun);
    return begun;
  }

  of(runId: string | undefined): KnownVend {
    const known = this.#known.find((vend) => vend.runId === runId);
    if (!known) throw new Error('the fake vending was told to forget this vend while it ran');
    return known;
  }

  /** The one of a request that came last. */
  latest(requestId: string): KnownVend | undefined {
    return this.#known.findLast((vend) => vend.requestId === requestId);
  }

  /** Vends of the same request that came before. */
  before(later: FakeVend): KnownVend[] {
    return this.#known.filter(
      (vend) => vend.requestId === later.requestId && isBefore(vend, later),
    );
  }

  /**
   * Vends of other requests that have the same address and go first: they were started before, or hold
   * it already, where a vend that was started before is late.
   */
  firstWithAddress(later: FakeVend): KnownVend[] {
    const { email } = identityOf(later.request);
    if (email === undefined) return [];
    return this.#known.filter(
      (vend) =>
        vend.requestId !== later.requestId &&
        identityOf(vend.request).email === email &&
        (vend.holdsAddress || isBefore(vend, later)),
    );
  }
}

/** Of two at once the one that was started first creates. */
function isBefore(one: FakeVend, other: FakeVend): boolean {
  if (one.startedAt !== other.startedAt) return one.startedAt < other.startedAt;
  return one.runId < other.runId;
}
