import { ActivityFailure, ApplicationFailure, setCurrentDetails } from '@temporalio/workflow';
import type { Occasion, VendNotification } from '../contract';
import { post, world } from './activity-proxies';
import { notified } from './measure';

export interface DeliverInput {
  /** The same for each attempt, so that a receiver tells repetitions apart. */
  id: string;
  occasion: Occasion;
  notification: VendNotification;
}

/**
 * Delivers one notification to everybody who asked for it, each on its own, for up to three days. It
 * fails where somebody could not be told, so that it is found in the Web UI.
 */
export async function deliverNotification({
  id,
  occasion,
  notification,
}: DeliverInput): Promise<void> {
  const subscribers = await world.listSubscribers({ occasion });
  const told = new Map(subscribers.map(({ key }) => [key, 'on its way']));
  const show = () => {
    const lines = subscribers.map(({ key, label }) => `- ${label}: ${told.get(key)}`);
    setCurrentDetails([`**${notification.type}**`, '', ...lines].join('\n'));
  };
  show();
  const missed: string[] = [];
  await Promise.all(
    subscribers.map(async ({ key, label }) => {
      try {
        await post.sendNotification.executeWithOptions({ summary: `to ${label}` }, [
          { key, id, notification },
        ]);
        told.set(key, 'told');
        notified('told');
      } catch (error) {
        if (!(error instanceof ActivityFailure)) throw error;
        told.set(key, 'could not be told');
        notified('undelivered');
        missed.push(label);
      }
      show();
    }),
  );
  if (missed.length > 0) {
    const message = `${notification.type} could not be told to ${missed.join(', ')}`;
    throw ApplicationFailure.nonRetryable(message, 'NotificationUndelivered');
  }
}
