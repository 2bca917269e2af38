import { FINALIZING, HOURLY_MS } from '../pacing';
import { LANES_OF } from './messages';
import type { GatePolicy, Lane, Trouble, TurnKind } from './messages';

/** Who was let through to find out. */
export interface Probe {
  key: string;
  ticket: number;
}

/**
 * What holds a lane back. `closed`: nobody passes. `armed`: the oldest who waits passes, alone.
 * `probing`: it is on its way.
 */
export interface Block extends Trouble {
  id: string;
  sinceMs: number;
  /** Turns that have met it. */
  attempts: number;
  state: 'closed' | 'armed' | 'probing';
  probe?: Probe;
  /** A person has answered while a probe was on its way: the next one goes at once. */
  again?: true;
  /** When the next one is let through without a person. */
  nextCheckAtMs?: number;
  /** Raised when what is shown of it changes. */
  version: number;
}

/**
 * The breaker of an organization: a trouble that concerns everybody stops all turns of its lane, and
 * one probe after the other finds out whether it is over.
 */
export class Breaker {
  readonly blocks: Map<Lane, Block>;
  #count: number;

  constructor(carried: { blocks: Block[]; count: number } = { blocks: [], count: 0 }) {
    this.blocks = new Map(carried.blocks.map((block) => [block.lane, block]));
    this.#count = carried.count;
  }

  /** The blocks that stand before a turn: those first that can be answered, and of them the gravest. */
  before(kind: TurnKind): Block[] {
    return LANES_OF[kind]
      .map((lane) => this.blocks.get(lane))
      .filter((block) => block !== undefined)
      .toSorted((one, other) => Number(isAnswered(one)) - Number(isAnswered(other)));
  }

  /** Whether a turn may be given: freely, as the probe, or not. */
  passes(kind: TurnKind): 'free' | 'probe' | 'no' {
    const blocks = this.before(kind);
    if (blocks.length === 0) return 'free';
    return blocks.every(({ state }) => state === 'armed') ? 'probe' : 'no';
  }

  send(probe: Probe, kind: TurnKind): void {
    for (const block of this.before(kind)) {
      block.state = 'probing';
      block.probe = probe;
    }
  }

  /**
   * A turn has met a trouble. The first one closes the lane; that of the probe closes it again; one
   * that was under way before joins the escalation that is open.
   */
  meet(trouble: Trouble, by: Probe, policy: GatePolicy | undefined, nowMs: number): void {
    const open = this.blocks.get(trouble.lane);
    const isProbe = open?.probe !== undefined && isSame(open.probe, by);
    if (open && !isProbe) {
      open.attempts += 1;
      return;
    }
    const block: Block = {
      ...trouble,
      id: open?.id ?? this.newId(),
      sinceMs: open?.sinceMs ?? nowMs,
      attempts: (open?.attempts ?? 0) + 1,
      state: open?.again ? 'armed' : 'closed',
      version: (open?.version ?? 0) + 1,
    };
    const nextCheckAtMs = open?.again ? undefined : recheckAt(block, policy, nowMs);
    if (nextCheckAtMs !== undefined) block.nextCheckAtMs = nextCheckAtMs;
    this.blocks.set(trouble.lane, block);
  }

  /** A probe's success opens its lanes; whatever else ends it hands the probe on. */
  probeEnds(probe: Probe, isSuccess: boolean): void {
    for (const [lane, block] of this.blocks) {
      if (!block.probe || !isSame(block.probe, probe)) continue;
      if (isSuccess) this.blocks.delete(lane);
      else this.#arm(block);
    }
  }

  /**
   * The next one who waits may try: a person says so. Where nobody waits it is over until somebody meets it
   * again, who is told of anew.
   */
  retry(block: Block, isWaitedFor: boolean): void {
    if (block.state !== 'probing' && !isWaitedFor) this.blocks.delete(block.lane);
    else if (block.state === 'closed') this.#arm(block);
    // It is answered anew: what the one on its way finds is older than that.
    else if (block.state === 'probing') block.again = true;
  }

  /** Whoever met this reason outside of a turn does not meet it any more. */
  recover(reason: string): void {
    for (const [lane, block] of this.blocks) {
      if (block.reason === reason && block.state !== 'probing') this.blocks.delete(lane);
    }
  }

  recheck(nowMs: number): void {
    for (const block of this.blocks.values()) {
      if (block.nextCheckAtMs !== undefined && block.nextCheckAtMs <= nowMs) this.#arm(block);
    }
  }

  nextCheckAtMs(): number {
    const times = [...this.blocks.values()].map(({ nextCheckAtMs }) => nextCheckAtMs ?? Infinity);
    return Math.min(Infinity, ...times);
  }

  /** Escalations of an organization are `o1`, `o2`, …; those of a vend are `e1`, `e2`, …. */
  newId(): string {
    this.#count += 1;
    return `o${this.#count}`;
  }

  pack(): { blocks: Block[]; count: number } {
    return { blocks: [...this.blocks.values()], count: this.#count };
  }

  #arm(block: Block): void {
    block.state = 'armed';
    delete block.probe;
    delete block.again;
    delete block.nextCheckAtMs;
  }
}

/** The next one who waits finds out: until then there is nothing more to say to it. */
export function isAnswered({ state }: Block): boolean {
  return state === 'armed';
}

function isSame(one: Probe, other: Probe): boolean {
  return one.key === other.key && one.ticket === other.ticket;
}

function recheckAt(
  { recheck, sinceMs }: Block,
  policy: GatePolicy | undefined,
  nowMs: number,
): number | undefined {
  switch (recheck) {
    case 'slow':
      return nowMs + (policy?.recheckMs ?? HOURLY_MS);
    case 'hourly':
      return nowMs + HOURLY_MS;
    case 'finalizing':
      return nowMs - sinceMs < FINALIZING.forMs ? nowMs + FINALIZING.everyMs : undefined;
    case undefined:
      return undefined;
  }
}
