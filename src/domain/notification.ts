import type { Occasion, VendNotification, VendNotificationData } from '../contract';
import type { News } from './asking';
import type { VendMemory } from './memory';
import { toState } from './memory';
import { nextSteps } from './next-steps';
import { onOneLine, withoutAddresses } from './redact';

/** A notification, and what tells it apart from all others of its workflow. */
export interface Notified {
  /**
   * Such as `e2-OVERDUE`, `e2-OVERDUE-reminder-1`, `e2-OVERDUE-over`, `end-done`: after a reset what is
   * the same is told once, and what has become of it otherwise is told as well.
   */
  key: string;
  occasion: Occasion;
  notification: VendNotification;
}

/** What people are told about something that is asked, or is over; undefined where that is nothing. */
export function notificationOfNews(
  subject: 'vend' | 'organization',
  news: News,
  about: { data: VendNotificationData; outcome?: string | undefined },
  at: string,
): Notified | undefined {
  const { open } = news;
  const { data, outcome } = about;
  const key = open.escalation ? `${open.id}-${open.escalation.reason}` : open.id;
  const asked = open.escalation ? { escalation: open.escalation } : {};
  switch (news.is) {
    case 'opened':
      return made(key, subject, open.occasion, at, { ...data, ...asked });
    case 'reminder': {
      const { reminder } = news;
      return made(`${key}-reminder-${reminder}`, subject, open.occasion, at, {
        ...data,
        ...asked,
        reminder,
      });
    }
    case 'over':
      // Whether a vend was approved is seen by what it does next; where it was not, it has failed.
      if (open.occasion === 'approving') return undefined;
      return made(`${key}-over`, subject, 'resolved', at, {
        ...data,
        ...asked,
        ...(outcome ? { outcome } : {}),
      });
  }
}

/** The end of a vend: `completed` with the ids, or `failed` with what is known. */
export function notificationOfEnd(
  memory: VendMemory,
  run: { workflowId: string },
  end: { failure?: string; outcome?: string },
  at: string,
): Notified {
  const isDone = memory.stage === 'done';
  const { conformance } = toState(memory);
  const key = ['end', memory.stage, ...(end.failure ? [end.failure] : [])].join('-');
  return made(key, 'vend', isDone ? 'completed' : 'failed', at, {
    ...vendData(memory, run),
    ...(isDone && conformance ? { conformance } : {}),
    ...end,
  });
}

/** What each notification of a vend says. */
export function vendData(
  memory: VendMemory,
  { workflowId }: { workflowId: string },
): VendNotificationData {
  const state = toState(memory);
  const commands = nextSteps(state).map(({ command }) => `vend ${command}`);
  return {
    requestId: state.requestId,
    workflowId,
    ...(memory.admission ? { organizationId: memory.admission.organizationId } : {}),
    stage: state.stage,
    ...(state.stage === 'approving' && memory.approval
      ? { expiresAt: memory.approval.expiresAt }
      : {}),
    ...(commands.length > 0 ? { commands } : {}),
    ...(state.accountId ? { accountId: state.accountId } : {}),
    ...(state.govCloudAccountId ? { govCloudAccountId: state.govCloudAccountId } : {}),
    ...(state.organizationalUnitId ? { organizationalUnitId: state.organizationalUnitId } : {}),
  };
}

function made(
  key: string,
  subject: 'vend' | 'organization',
  occasion: Occasion,
  timestamp: string,
  data: VendNotificationData,
): Notified {
  return {
    key,
    occasion,
    notification: clean({ type: `${subject}.${occasion}`, timestamp, data }),
  };
}

/** Whatever somebody else wrote into it (AWS, or who decided) may hold an address, or look like lines of ours. */
function clean<T>(value: T): T {
  if (typeof value === 'string') return onOneLine(withoutAddresses(value)) as T;
  if (Array.isArray(value)) return value.map((entry: unknown) => clean(entry)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, clean(entry as unknown)]),
  ) as T;
}
