import type { Member, Turn } from './member';

/** What an activity saw of the holders, and where asked of the creations in progress. */
export interface Observation {
  /** `hasAccount`: alive, and its account is there. */
  holders: { key: string; isAlive: boolean; hasAccount?: true }[];
  /**
   * Creations in progress in the organization: how many in all, and how many of each holder that
   * was asked about. Absent where AWS did not say, or was not asked.
   */
  creations?: { inProgress: number; of: Record<string, number> };
}

/** What is to be looked at now. */
export interface Check {
  keys: string[];
  withCreations: boolean;
}

const CHECK_MS = 3 * 60_000;
const SLOWEST_CHECK_MS = 15 * 60_000;
/** A place of a dead vend, and creations of others, are looked at more often. */
const CLOSE_CHECK_MS = 30_000;
/** Nothing that a dead vend had begun to send is sent any more: its activity's hard time-out. */
const SUBMIT_IS_OVER_MS = 60_000;
/** Creations that nobody can tell whose they are might be a dead vend's; not for ever. */
const UNCLEAR_IS_OVER_MS = 15 * 60_000;
/** One round looks at so many of those that have no turn. */
const IDLE_AT_ONCE = 20;

/**
 * Looks after those who cannot speak: vends that have ended without a word, and creations of others
 * in the same organization.
 */
export class Watchman {
  /** Creations in progress that no place accounts for. */
  foreign: number;
  #checkedAtMs: number;
  #countNow = false;
  #isLooking = false;
  readonly #doubts = new Set<string>();
  /** The idle ones are looked at in turn. */
  #idleFrom = 0;

  constructor(carried: { foreign: number; checkedAtMs: number } = { foreign: 0, checkedAtMs: 0 }) {
    this.foreign = carried.foreign;
    this.#checkedAtMs = carried.checkedAtMs;
  }

  /** Whether this one is still there is looked at now. */
  doubt(key: string): void {
    this.#doubts.add(key);
  }

  forget(key: string): void {
    this.#doubts.delete(key);
  }

  /** AWS refuses for the number in progress: whose they are is looked at now. */
  countCreations(): void {
    this.#countNow = true;
  }

  nextCheckAtMs(members: ReadonlyMap<string, Member>): number {
    if (this.#isLooking) return Infinity;
    if (this.#doubts.size > 0 || this.#countNow) return 0;
    const turns = turnsOf(members);
    if (this.foreign > 0 || turns.some(({ deadSinceMs }) => deadSinceMs !== undefined)) {
      return this.#checkedAtMs + CLOSE_CHECK_MS;
    }
    if (turns.length === 0) return Infinity;
    // A turn that lasts is looked at ever more seldom: its vend may wait for days.
    return Math.min(
      ...turns.map(({ sinceMs }) => {
        const base = Math.max(this.#checkedAtMs, sinceMs);
        const grown = Math.max(CHECK_MS, (base - sinceMs) / 4);
        return base + Math.min(SLOWEST_CHECK_MS, grown);
      }),
    );
  }

  /** What is to be looked at, if it is time; until it was seen nothing else is. */
  begin(members: ReadonlyMap<string, Member>, nowMs: number): Check | undefined {
    if (nowMs < this.nextCheckAtMs(members)) return undefined;
    this.#isLooking = true;
    const keys = [...members].filter(([, { place, step }]) => place ?? step).map(([key]) => key);
    const idle = [...members.keys()].filter((key) => !keys.includes(key));
    const someIdle = idle.slice(this.#idleFrom, this.#idleFrom + IDLE_AT_ONCE);
    this.#idleFrom = someIdle.length < IDLE_AT_ONCE ? 0 : this.#idleFrom + IDLE_AT_ONCE;
    const doubted = [...this.#doubts].filter((key) => members.has(key));
    const withCreations =
      this.#countNow ||
      this.foreign > 0 ||
      turnsOf(members).some((turn) => turn.deadSinceMs !== undefined || turn.adopted);
    this.#countNow = false;
    this.#doubts.clear();
    return { keys: [...new Set([...keys, ...doubted, ...someIdle])], withCreations };
  }

  /** Takes in what was seen; returns those who are dead and whose place is free. */
  learn(seen: Observation, members: ReadonlyMap<string, Member>, nowMs: number): string[] {
    this.#isLooking = false;
    this.#checkedAtMs = nowMs;
    const { creations } = seen;
    const unattributed = creations ? unattributedOf(creations, members) : undefined;
    if (unattributed !== undefined) this.foreign = foreignOf(unattributed, creations, members);
    const buried: string[] = [];
    for (const { key, isAlive } of seen.holders) {
      const member = members.get(key);
      if (!member) continue;
      const own = creations?.of[key] ?? 0;
      if (isAlive) {
        // What was taken over without a ticket, and has nothing in progress, has no place.
        const { adopted, sinceMs = nowMs } = member.place ?? {};
        const isOver = nowMs - sinceMs >= SUBMIT_IS_OVER_MS;
        if (adopted && creations && own === 0 && isOver) buried.push(key);
        continue;
      }
      const { place } = member;
      if (!place?.delivered) {
        buried.push(key);
        continue;
      }
      place.deadSinceMs ??= nowMs;
      const deadFor = nowMs - place.deadSinceMs;
      if (deadFor < SUBMIT_IS_OVER_MS || !creations || own > 0) continue;
      if (unattributed === 0 || deadFor >= UNCLEAR_IS_OVER_MS) buried.push(key);
    }
    return buried;
  }

  /** The look gave nothing; the next one is later. */
  fail(nowMs: number): void {
    this.#isLooking = false;
    this.#checkedAtMs = nowMs;
  }

  pack(): { foreign: number; checkedAtMs: number } {
    return { foreign: this.foreign, checkedAtMs: this.#checkedAtMs };
  }
}

function turnsOf(members: ReadonlyMap<string, Member>): Turn[] {
  return [...members.values()].flatMap(({ place, step }) =>
    [place, step].filter((turn) => turn !== undefined),
  );
}

type Creations = NonNullable<Observation['creations']>;

/** Creations in progress that no holder knows as its own. */
function unattributedOf(
  { inProgress, of }: Creations,
  members: ReadonlyMap<string, Member>,
): number {
  const known = Object.entries(of).filter(([key]) => members.get(key)?.place);
  return Math.max(0, inProgress - known.reduce((sum, [, own]) => sum + own, 0));
}

/** A place whose own creation is not known may be that of any creation in progress. */
function foreignOf(
  unattributed: number,
  creations: Creations | undefined,
  members: ReadonlyMap<string, Member>,
): number {
  const silent = [...members].filter(([key, { place }]) => place && !creations?.of[key]);
  return Math.max(0, unattributed - silent.length);
}
