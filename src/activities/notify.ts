import { createHash, createHmac } from 'node:crypto';
import { PublishCommand } from '@aws-sdk/client-sns';
import { activityInfo, ApplicationFailure, getClient } from '@temporalio/activity';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { SearchAttribute, WorkflowType } from '../contract';
import type { Occasion, VendNotification } from '../contract';
import { leadsNowhere, subscriberKey, subscriberLabel, urlOf, wants } from '../config';
import type { Subscriber } from '../config';
import { describeAwsError } from '../aws/errors';
import { notificationText, slackText } from '../domain/notification-text';
import type { ActivityDeps } from './deps';

export interface StartNotificationInput {
  id: string;
  occasion: Occasion;
  notification: VendNotification;
  /** Empty where it concerns the organization. */
  requestId: string;
}

/** Starts the workflow that delivers it, where somebody wants to hear; once for each id. */
export async function startNotification(
  deps: ActivityDeps,
  input: StartNotificationInput,
): Promise<void> {
  const { id, occasion, notification, requestId } = input;
  const { taskQueue, escalation } = deps.configuration;
  if (!escalation.notify.some((subscriber) => wants(subscriber, occasion))) return;
  try {
    await getClient().workflow.start(WorkflowType.deliverNotification, {
      workflowId: id,
      taskQueue,
      args: [{ id, occasion, notification }],
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      staticSummary: `tell people: ${notification.type}${requestId ? ` of ${requestId}` : ''}`,
      ...(requestId
        ? { typedSearchAttributes: [{ key: SearchAttribute.requestId, value: requestId }] }
        : {}),
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}

/** Who is to be told, without where: a URL may be a secret, and histories are read by many. */
export async function listSubscribers(
  { configuration }: ActivityDeps,
  { occasion }: { occasion: Occasion },
): Promise<{ key: string; label: string }[]> {
  return configuration.escalation.notify
    .filter((subscriber) => wants(subscriber, occasion))
    .map((subscriber) => ({
      key: subscriberKey(subscriber),
      label: subscriberLabel(subscriber, process.env),
    }));
}

/** Five attempts, of which a worker with the newer configuration may take one. */
const WORKERS_DIFFER_MS = 60_000;

export interface SendInput {
  /** Which subscriber: see `listSubscribers`. */
  key: string;
  /** The same for each attempt. */
  id: string;
  notification: VendNotification;
}

/** Sends it to one subscriber. Fails where that was not taken, without saying where it was sent. */
export async function sendNotification(deps: ActivityDeps, input: SendInput): Promise<void> {
  const subscriber = deps.configuration.escalation.notify.find(
    (candidate) => subscriberKey(candidate) === input.key,
  );
  if (!subscriber) {
    const message = 'the configuration does not name this subscriber (any more)';
    // While workers are exchanged, another one may know it.
    const { scheduledTimestampMs } = activityInfo();
    const nonRetryable = Date.now() - scheduledTimestampMs >= WORKERS_DIFFER_MS;
    throw ApplicationFailure.create({ message, type: 'SubscriberUnknown', nonRetryable });
  }
  if (subscriber.type === 'sns') await publish(deps, subscriber.topicArn, input);
  else await postJson(subscriber, input);
}

const ANSWERS_WITHIN_MS = 15_000;
const LONGEST_RETRY_AFTER_MS = 3_600_000;

/**
 * Signed as Standard Webhooks have it: `webhook-id`, `webhook-timestamp` (seconds) and
 * `webhook-signature`, an HMAC-SHA256 of `id.timestamp.body` in base64.
 * @see https://www.standardwebhooks.com
 */
async function postJson(
  webhook: Extract<Subscriber, { type: 'webhook' }>,
  { id, notification }: SendInput,
): Promise<void> {
  const url = urlOf(webhook, process.env);
  const secret = webhook.secretEnv === undefined ? undefined : process.env[webhook.secretEnv];
  if (!url || (webhook.secretEnv !== undefined && !secret)) {
    const name = url ? webhook.secretEnv : webhook.urlEnv;
    throw ApplicationFailure.retryable(`the worker's environment has no ${name}`, 'SecretMissing');
  }
  if (await leadsNowhere(url)) {
    const message = 'the webhook leads to a link-local address, where no receiver is';
    throw ApplicationFailure.retryable(message, 'AddressRefused');
  }
  const body = JSON.stringify(
    webhook.format === 'slack' ? { text: slackText(notification) } : notification,
  );
  // It is made of a workflow id, which may be any text; a header may not.
  const messageId = encodeURIComponent(id);
  const timestamp = Math.floor(Date.now() / 1000).toString();
  let answer: Response;
  try {
    answer = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'account-vending',
        'webhook-id': messageId,
        'webhook-timestamp': timestamp,
        ...(secret
          ? { 'webhook-signature': signatures(secret, `${messageId}.${timestamp}.${body}`) }
          : {}),
      },
      body,
      // A redirect would take the signed message to where nobody has configured it.
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWERS_WITHIN_MS),
    });
  } catch (error) {
    throw ApplicationFailure.retryable(`the webhook did not answer: ${whyOf(error)}`, 'NoAnswer');
  }
  await answer.body?.cancel();
  if (answer.ok) return;
  const retryAfterMs = Number(answer.headers.get('retry-after')) * 1_000;
  throw ApplicationFailure.create({
    message: `the webhook answered ${answer.status}`,
    type: 'NotTaken',
    ...(retryAfterMs > 0 ? { nextRetryDelay: Math.min(retryAfterMs, LONGEST_RETRY_AFTER_MS) } : {}),
  });
}

/** One for each secret, so that a receiver may change its own while both hold. */
function signatures(secrets: string, signed: string): string {
  return secrets
    .trim()
    .split(/\s+/)
    .map((secret) => {
      const key = secret.startsWith('whsec_')
        ? Buffer.from(secret.slice('whsec_'.length), 'base64')
        : secret;
      return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`;
    })
    .join(' ');
}

/** The code alone: texts of network errors name hosts and ports. */
function whyOf(error: unknown): string {
  const { name, cause } = error as Error;
  const code = (cause as NodeJS.ErrnoException | undefined)?.code;
  return code ?? name;
}

/** @see https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
async function publish(
  { aws }: ActivityDeps,
  topicArn: string,
  { id, notification }: SendInput,
): Promise<void> {
  const { type, data } = notification;
  const { subject, text } = notificationText(notification);
  const attribute = (value: string) => ({ DataType: 'String', StringValue: value });
  const group = data.requestId || data.organizationId || 'account-vending';
  try {
    await aws.sns(topicArn.split(':')[3] ?? '').send(
      new PublishCommand({
        TopicArn: topicArn,
        Subject: subject,
        // Programs read JSON, people what is written for them.
        MessageStructure: 'json',
        Message: JSON.stringify({
          default: JSON.stringify(notification),
          email: text,
          sms: subject,
        }),
        MessageAttributes: {
          type: attribute(type),
          ...(data.requestId ? { requestId: attribute(data.requestId) } : {}),
          ...(data.escalation ? { reason: attribute(data.escalation.reason) } : {}),
        },
        ...(topicArn.endsWith('.fifo')
          ? {
              MessageGroupId: group,
              MessageDeduplicationId: createHash('sha256').update(id).digest('hex'),
            }
          : {}),
      }),
    );
  } catch (error) {
    const { name, message } = describeAwsError('Publish', error);
    throw ApplicationFailure.retryable(`SNS: ${name}: ${message}`, name);
  }
}
