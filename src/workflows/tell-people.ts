import { ActivityFailure, CancellationScope, log, workflowInfo } from '@temporalio/workflow';
import type { Notified } from '../domain/notification';
import { tell } from './activity-proxies';
import { notified as countNotified } from './measure';

const LONGEST_ID = 800;

/**
 * Hands a notification over to a workflow of its own, which delivers it for as long as it takes:
 * nothing here waits for a webhook, and a failure is only logged. After a reset the same one is not
 * told again: its id is the same.
 * @param requestId what it is about, for people who look for it; empty for the organization's
 */
export async function startNotification(notified: Notified, requestId: string): Promise<void> {
  const { key, occasion, notification } = notified;
  const { workflowId, firstExecutionRunId } = workflowInfo();
  // A parent may have chosen a long one; Temporal takes a thousand characters.
  const whose = workflowId.slice(0, LONGEST_ID);
  const id = `notification-${whose}-${firstExecutionRunId.slice(0, 8)}-${key}`;
  try {
    await CancellationScope.nonCancellable(() =>
      tell.startNotification.executeWithOptions({ summary: `tell people: ${notification.type}` }, [
        { id, occasion, notification, requestId },
      ]),
    );
  } catch (error) {
    if (!(error instanceof ActivityFailure)) throw error;
    countNotified('undelivered');
    log.warn('people could not be told', { type: notification.type, error });
  }
}
