import { idBytes } from '../carried';
import type { Holder, TurnKind } from './messages';

/** It waits for a turn. */
export interface Wait {
  ticket: number;
  kind: TurnKind;
  /** The run that asked; absent where it is the first of its execution. */
  runId?: string;
  retried?: true;
  /** Smaller is older. */
  order: number;
  /** It was told where it stands in the queue. */
  acked?: true;
}

/** It has a turn: a place to create, or the leave to try a step again. */
export interface Turn {
  ticket: number;
  kind: TurnKind;
  runId: string;
  sinceMs: number;
  probe?: true;
  /** The grant has still to be sent (again). */
  unsent?: true;
  /** The vend has the grant: it may have sent CreateAccount. */
  delivered?: true;
  /** It was creating before this gate began; its ticket is not known. */
  adopted?: true;
  /** Its vend was found to have ended. */
  deadSinceMs?: number;
}

/** A vend that the gate knows: it waits, has a turn, or keeps its e-mail address reserved. */
export interface Member {
  holder: Holder;
  /** The last ticket seen of it. */
  ticket: number;
  emailKey?: string;
  wait?: Wait;
  place?: Turn;
  step?: Turn;
  /** The last report that counted. */
  reports?: number;
  /** Which escalation it was shown last, and in which version. */
  told?: string;
}

export function keyOf(holder: Holder): string {
  return holder.firstExecutionRunId;
}

/** Those that have tried go before those that have not; else first come, first served. */
export function isBefore(one: Wait, other: Wait): boolean {
  if (one.retried !== other.retried) return one.retried === true;
  return one.order < other.order;
}

/** What it takes, about, where a gate hands it to itself (see `packing.ts`); rather more than less. */
export function bytesOf({ holder, emailKey = '', wait, place, step }: Member): number {
  const ofTurns = (place ? 300 : 0) + (step ? 300 : 0);
  return 30 + idBytes(holder) + emailKey.length + (wait?.runId?.length ?? 0) + ofTurns;
}
