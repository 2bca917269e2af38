import type { Escalation, Occasion } from '../contract';

/** Something that people are asked: an open escalation, or an approval. */
export interface Open {
  /** Unique in its workflow, such as `e2`. */
  id: string;
  occasion: Extract<Occasion, 'approving' | 'escalated'>;
  /** As it stands, or stood last. */
  escalation?: Escalation;
}

/** Something that people were told of, and that is not over. Plain data, carried over. */
export interface Asked extends Open {
  /** Epoch milliseconds. */
  remindAtMs: number;
  reminders: number;
}

/** What people are to be told now. */
export type News =
  | { is: 'opened'; open: Open }
  | { is: 'reminder'; open: Open; reminder: number }
  | { is: 'over'; open: Open };

/**
 * Compares what is open with what people were asked: each is told once, again every so often, and
 * once more when it is over. @param asked is brought up to date
 */
export function takeNews(
  asked: Asked[],
  open: readonly Open[],
  remindEveryMs: number,
  nowMs: number,
): News[] {
  const news: News[] = [];
  for (const one of asked.splice(0)) {
    const still = open.find(({ id }) => id === one.id);
    if (still) asked.push({ ...one, ...still });
    else news.push({ is: 'over', open: openOf(one) });
  }
  for (const one of open) {
    const known = asked.find(({ id }) => id === one.id);
    if (!known) {
      asked.push({ ...openOf(one), remindAtMs: nowMs + remindEveryMs, reminders: 0 });
      news.push({ is: 'opened', open: openOf(one) });
    } else if (known.remindAtMs <= nowMs) {
      known.reminders += 1;
      // From now on: after a long outage there is one reminder, and not as many as were missed.
      known.remindAtMs = nowMs + intervalMs(remindEveryMs, known.reminders);
      news.push({ is: 'reminder', open: openOf(one), reminder: known.reminders });
    }
  }
  return news;
}

const OFTEN = 50;
const YEAR_MS = 365 * 86_400_000;

/**
 * What nobody has heeded so often is told half as often, and so on: each reminder stands in a history
 * that must not grow without end.
 */
function intervalMs(remindEveryMs: number, reminders: number): number {
  return Math.min(YEAR_MS, remindEveryMs * 2 ** Math.floor(reminders / OFTEN));
}

/** When the next reminder is due: epoch milliseconds, or Infinity. */
export function nextReminderAtMs(asked: readonly Asked[]): number {
  return Math.min(Infinity, ...asked.map(({ remindAtMs }) => remindAtMs));
}

function openOf({ id, occasion, escalation }: Open): Open {
  return { id, occasion, ...(escalation ? { escalation } : {}) };
}
