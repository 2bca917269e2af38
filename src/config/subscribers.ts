import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Occasion } from '../contract';
import type { FieldProblem } from '../contract';
import type { Configuration } from './configuration';
import { bounded } from './fields';
import { isNowhere } from './link-local';
import { fields, list, oneOf, text } from './schema';

/** Who is told of escalations and ends: `escalation.notify` of the configuration. */

const OCCASIONS = Object.values(Occasion);

const occasions = list(oneOf(OCCASIONS), {
  expected: `a list of ${OCCASIONS.join(', ')}`,
  max: OCCASIONS.length,
})
  .optional()
  .describe('On which occasions. Default: all.');

/** What leaves this machine unencrypted could be read and changed on its way. */
const SAFE_URL =
  /^(?:https:\/\/[^\s/@]+(?:\/|$)|http:\/\/(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?(?:\/|$))\S*$/;

const NO_RECEIVER =
  'must not be a link-local address, or one of no host: an instance’s metadata is there, and no receiver';

const environmentVariable = () => bounded('the name of an environment variable', 128);

const webhook = fields({
  type: z.literal('webhook').describe('An HTTP POST of JSON.'),
  url: text('a URL')
    .max(2000, 'is longer than 2000 characters')
    .regex(
      SAFE_URL,
      'must be a URL that begins with https:// (http:// only to this machine), without a password',
    )
    .refine((url) => !isNowhere(url), NO_RECEIVER)
    .optional()
    .describe('Where it is sent.'),
  urlEnv: environmentVariable()
    .optional()
    .describe('Environment variable that holds the URL: that of a Slack webhook is a secret.'),
  format: oneOf(['json', 'slack'])
    .default('json')
    .describe('json: all that is known. slack: a message for people, also for Mattermost.'),
  secretEnv: environmentVariable()
    .optional()
    .describe(
      'Environment variable that holds the secret for the signature; two of them, separated by a space, while you change it.',
    ),
  on: occasions,
}).superRefine(({ url, urlEnv }, context) => {
  if ((url === undefined) === (urlEnv === undefined)) {
    const message = url ? 'stands beside url: give one of them' : 'is required, or urlEnv';
    context.addIssue({ code: 'custom', path: [url ? 'urlEnv' : 'url'], message });
  }
});

const topic = fields({
  type: z.literal('sns').describe('A message to an SNS topic.'),
  topicArn: text('the ARN of a topic')
    .max(300, 'is too long for the ARN of a topic')
    .regex(
      /^arn:aws(?:-[a-z]+)*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}(?:\.fifo)?$/,
      'must be the ARN of an SNS topic, such as arn:aws:sns:eu-central-1:111122223333:vending',
    )
    .describe('The topic.'),
  on: occasions,
});

export function subscribers() {
  return list(
    z.discriminatedUnion('type', [webhook, topic], {
      error: 'must be an object with type: webhook or type: sns',
    }),
    { expected: 'a list of webhooks and SNS topics', max: 20 },
  ).superRefine((given, context) => {
    const keys = given.map(subscriberKey);
    for (const [index, key] of keys.entries()) {
      if (keys.indexOf(key) === index) continue;
      const message = 'is listed twice; remove one of the two';
      context.addIssue({ code: 'custom', path: [index], message });
    }
  });
}

export type Subscriber = z.output<ReturnType<typeof subscribers>>[number];

export function wants({ on }: Subscriber, occasion: Occasion): boolean {
  return on === undefined || on.includes(occasion);
}

/** Finds a subscriber again, also where the file was put in another order; says nothing about it. */
export function subscriberKey(subscriber: Subscriber): string {
  const { type } = subscriber;
  const where =
    type === 'sns' ? subscriber.topicArn : (subscriber.url ?? `env ${subscriber.urlEnv}`);
  const how = type === 'sns' ? '' : `${subscriber.format} ${subscriber.secretEnv ?? ''}`;
  const on = subscriber.on?.toSorted().join() ?? '';
  return createHash('sha256').update(`${type} ${how} ${on} ${where}`).digest('hex').slice(0, 12);
}

/** How a subscriber is called in public: its URL may be a secret. */
export function subscriberLabel(subscriber: Subscriber, env: NodeJS.ProcessEnv): string {
  if (subscriber.type === 'sns') return `SNS topic ${subscriber.topicArn.split(':').at(-1)}`;
  const url = urlOf(subscriber, env);
  const host = url && URL.canParse(url) ? new URL(url).host : subscriber.urlEnv;
  return `webhook at ${host}`;
}

export function urlOf(
  { url, urlEnv }: Extract<Subscriber, { type: 'webhook' }>,
  env: NodeJS.ProcessEnv,
): string | undefined {
  return url ?? (urlEnv === undefined ? undefined : env[urlEnv]);
}

/** What the configuration names and the worker's environment does not have. */
export function missingSecrets(
  { escalation }: Configuration,
  env: NodeJS.ProcessEnv,
): FieldProblem[] {
  return escalation.notify.flatMap((subscriber, index) => {
    if (subscriber.type !== 'webhook') return [];
    const { urlEnv, secretEnv } = subscriber;
    const field = `escalation.notify[${index}]`;
    const problems: FieldProblem[] = [];
    if (secretEnv !== undefined && !env[secretEnv]) {
      problems.push({
        field: `${field}.secretEnv`,
        message: `names ${secretEnv}, which is not set`,
      });
    }
    if (urlEnv === undefined) return problems;
    const url = env[urlEnv];
    if (!url)
      problems.push({ field: `${field}.urlEnv`, message: `names ${urlEnv}, which is not set` });
    else if (!SAFE_URL.test(url) || !URL.canParse(url)) {
      problems.push({
        field: `${field}.urlEnv`,
        message: `names ${urlEnv}, which holds no https:// URL`,
      });
    } else if (isNowhere(url)) {
      problems.push({ field: `${field}.urlEnv`, message: `names ${urlEnv}: it ${NO_RECEIVER}` });
    }
    return problems;
  });
}
