import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { parseConfiguration } from '../../src/config';
import type { VendNotification } from '../../src/contract';
import { startMoto } from '../support/moto';
import type { Moto } from '../support/moto';
import { startReceiver } from '../support/receiver';
import type { Receiver } from '../support/receiver';
import { withRig } from './rig';
import type { Rig } from './rig';
import { until } from '../support/until';

const startRig = withRig();

const SECRET = `whsec_${Buffer.from('a secret of 24 characters').toString('base64')}`;
const NOTIFICATION: VendNotification = {
  type: 'vend.escalated',
  timestamp: '2026-11-26T12:00:00.000Z',
  data: {
    requestId: 'team-a',
    workflowId: 'vend-team-a',
    organizationId: 'o-abcdefghij',
    stage: 'creating',
    escalation: {
      id: 'e1',
      scope: 'request',
      reason: 'INVALID_EMAIL',
      message: 'AWS refuses the e-mail address. Give <another> & mend it.',
      since: '2026-11-26T12:00:00.000Z',
      attempts: 1,
      actions: ['amend', 'abandon'],
    },
    commands: ['vend resolve team-a --amend email=NEW_ADDRESS'],
  },
};
const ID = 'notification-vend-team-a-1a2b3c4d-e1';

let receiver: Receiver;

beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(async () => receiver.close());

const withHooks = (...notify: object[]) => startRig({ configuration: { escalation: { notify } } });
const webhook = (more: object = {}) => ({ type: 'webhook', url: receiver.url, ...more });

async function send(rig: Rig, notification = NOTIFICATION): Promise<void> {
  const occasion = 'escalated';
  for (const { key } of await rig.do.listSubscribers({ occasion })) {
    await rig.do.sendNotification({ key, id: ID, notification });
  }
}

/** What came first. */
function taken(): { body: string; headers: Record<string, string> } {
  const [first] = receiver.received;
  if (!first) throw new Error('nothing came');
  return { body: first.body, headers: first.headers as Record<string, string> };
}

async function failure(work: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  return work.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: unknown) => error as Error & Record<string, unknown>,
  );
}

test('signed so that a receiver of Standard Webhooks takes it, by id and time', async () => {
  process.env['HOOK_SECRET'] = SECRET;
  await send(await withHooks(webhook({ secretEnv: 'HOOK_SECRET' })));
  const { body, headers } = taken();
  const verified = new Webhook(SECRET).verify(body, headers);
  expect(verified).toEqual(NOTIFICATION);
  expect(headers).toMatchObject({ 'content-type': 'application/json', 'webhook-id': ID });
  expect(Math.abs(Number(headers['webhook-timestamp']) - Date.now() / 1000)).toBeLessThan(30);
  expect(() => new Webhook(SECRET).verify(body.replace('team-a', 'team-b'), headers)).toThrow(
    'No matching signature',
  );
});

test('a receiver that hangs takes ten places of a worker and no more, and none of another receiver', async () => {
  const other = await startReceiver();
  const rig = await withHooks(webhook(), webhook({ url: other.url }));
  const [hanging, answering] = await rig.do.listSubscribers({ occasion: 'escalated' });
  const sendTo = (key = '') => rig.do.sendNotification({ key, id: ID, notification: NOTIFICATION });
  receiver.answer = 'hang';
  const held = Array.from({ length: 10 }, () => failure(sendTo(hanging?.key)));
  await receiver.until(10);
  const error = await failure(sendTo(hanging?.key));
  expect([error['type'], error['nonRetryable']]).toEqual(['TooManyUnderWay', false]);
  await sendTo(answering?.key);
  expect(other.received).toHaveLength(1);
  await receiver.close();
  expect((await Promise.all(held)).map(({ type }) => type)).toEqual(held.map(() => 'NoAnswer'));
  receiver = await startReceiver();
  await other.close();
});

test('a secret may be any text; two of them while it is changed: both fit', async () => {
  const [old, fresh] = ['an-old-secret', 'a-new-secret'];
  process.env['HOOK_SECRET'] = `${old} ${fresh}`;
  await send(await withHooks(webhook({ secretEnv: 'HOOK_SECRET' })));
  const { body, headers } = taken();
  for (const secret of [old, fresh]) {
    const receiving = new Webhook(Buffer.from(secret).toString('base64'));
    expect(receiving.verify(body, headers)).toEqual(NOTIFICATION);
  }
});

test('an id that no header could hold is encoded, and signed so', async () => {
  process.env['HOOK_SECRET'] = SECRET;
  const rig = await withHooks(webhook({ secretEnv: 'HOOK_SECRET' }));
  const [{ key } = { key: '' }] = await rig.do.listSubscribers({ occasion: 'escalated' });
  await rig.do.sendNotification({
    key,
    id: 'notification-großes Projekt-e1',
    notification: NOTIFICATION,
  });
  const { body, headers } = taken();
  expect(headers['webhook-id']).toBe('notification-gro%C3%9Fes%20Projekt-e1');
  expect(new Webhook(SECRET).verify(body, headers)).toEqual(NOTIFICATION);
});

test('without a secret it is not signed', async () => {
  await send(await withHooks(webhook()));
  expect(taken().headers).not.toHaveProperty('webhook-signature');
});

test('format slack: one text for people, with what Slack would read as marks escaped', async () => {
  await send(await withHooks(webhook({ format: 'slack' })));
  const { text, ...more } = JSON.parse(taken().body) as { text: string };
  expect(more).toEqual({});
  expect(text.split('\n')).toEqual([
    '*Account team-a needs a person: INVALID_EMAIL*',
    'Since: `2026-11-26T12:00:00.000Z`',
    'Workflow: `vend-team-a`',
    'AWS refuses the e-mail address. Give &lt;another&gt; &amp; mend it.',
    '`vend resolve team-a --amend email=NEW_ADDRESS`',
  ]);
});

test('whatever the webhook answers but 2xx is a failure that is tried again; it names no URL', async () => {
  const rig = await withHooks(webhook());
  for (const status of [301, 400, 401, 404, 410, 429, 500, 503]) {
    receiver.answer = { status, headers: { location: `${receiver.url}/elsewhere` } };
    const error = await failure(send(rig));
    expect(error).toMatchObject({ type: 'NotTaken', message: `the webhook answered ${status}` });
    expect(error['nonRetryable'] ?? false).toBe(false);
  }
  // A redirect is not followed: one call for each answer.
  expect(receiver.received).toHaveLength(8);
  expect(rig.logged()).not.toContain('secret-path');
});

test('an address at which no receiver is: nothing is sent, and the failure does not name it', async () => {
  process.env['HOOK_TO_METADATA'] = 'https://169.254.169.254/latest/';
  const { url: _, ...others } = webhook();
  const error = await failure(send(await withHooks({ ...others, urlEnv: 'HOOK_TO_METADATA' })));
  delete process.env['HOOK_TO_METADATA'];
  expect(error).toMatchObject({ type: 'AddressRefused' });
  expect(JSON.stringify(error)).not.toContain('169.254');
});

test('Retry-After is heeded, at most an hour', async () => {
  const rig = await withHooks(webhook());
  for (const [given, delay] of [
    ['120', 120_000],
    ['999999', 3_600_000],
    ['soon', undefined],
  ]) {
    receiver.answer = { status: 429, headers: { 'retry-after': String(given) } };
    const error = await failure(send(rig));
    expect(error['nextRetryDelay'] ?? undefined).toBe(delay);
  }
});

test('an answer that never ends is not read: what counts is its status', async () => {
  const endless = createServer((_, response) => {
    response.writeHead(200);
    const more = () => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536)));
    };
    response.on('drain', more);
    more();
  });
  await new Promise<void>((done) => endless.listen(0, '127.0.0.1', done));
  const { port } = endless.address() as AddressInfo;
  const before = process.memoryUsage().rss;
  await send(await withHooks(webhook({ url: `http://127.0.0.1:${port}/` })));
  expect(process.memoryUsage().rss - before).toBeLessThan(200_000_000);
  // It was let go of, or this would wait for ever.
  await new Promise((done) => endless.close(done));
});

test('nobody there: the failure says so without naming where', async () => {
  const { url } = receiver;
  const rig = await withHooks(webhook({ url }));
  await receiver.close();
  const error = await failure(send(rig));
  expect(error).toMatchObject({
    type: 'NoAnswer',
    message: 'the webhook did not answer: ECONNREFUSED',
  });
  receiver = await startReceiver();
});

test('the URL may come from the environment, and shows nowhere but its host', async () => {
  process.env['HOOK_URL'] = receiver.url;
  const rig = await withHooks({ type: 'webhook', urlEnv: 'HOOK_URL', format: 'slack' });
  expect(await rig.do.listSubscribers({ occasion: 'failed' })).toEqual([
    {
      label: `webhook at ${new URL(receiver.url).host}`,
      key: expect.stringMatching(/^[0-9a-f]{12}$/),
    },
  ]);
  await send(rig);
  expect(receiver.received).toHaveLength(1);
});

test.each([
  [30_000, false],
  [61_000, true],
])(
  'a subscriber that the configuration does not name, %i ms after: given up: %s',
  async (scheduledMsAgo, nonRetryable) => {
    const rig = await startRig({
      configuration: { escalation: { notify: [webhook()] } },
      scheduledMsAgo,
    });
    const work = rig.do.sendNotification({ key: 'gone', id: ID, notification: NOTIFICATION });
    expect(await failure(work)).toMatchObject({ nonRetryable, type: 'SubscriberUnknown' });
  },
);

test('each occasion has its own subscribers', async () => {
  const rig = await withHooks(webhook({ on: ['completed'] }), {
    type: 'sns',
    topicArn: 'arn:aws:sns:eu-central-1:123456789012:vending',
  });
  const labels = async (occasion: 'completed' | 'failed') =>
    (await rig.do.listSubscribers({ occasion })).map(({ label }) => label);
  expect(await labels('failed')).toEqual(['SNS topic vending']);
  expect(await labels('completed')).toHaveLength(2);
});

describe('SNS, against moto', () => {
  let moto: Moto;
  // The first time it is installed.
  beforeAll(async () => {
    moto = await startMoto();
  });
  afterAll(async () => moto?.close());

  test('subscribers receive JSON and can filter by type and request', async () => {
    const sns = new SNSClient({ region: 'eu-central-1', endpoint: moto.url });
    const other = await startReceiver();
    try {
      const { TopicArn: topicArn = '' } = await sns.send(
        new CreateTopicCommand({ Name: 'vending' }),
      );
      const subscribe = (Endpoint: string, filter: object) =>
        sns.send(
          new SubscribeCommand({
            TopicArn: topicArn,
            Protocol: 'http',
            Endpoint,
            Attributes: { FilterPolicy: JSON.stringify(filter) },
          }),
        );
      const all = { type: ['vend.escalated'], requestId: ['team-a'], reason: ['INVALID_EMAIL'] };
      await subscribe(receiver.url, all);
      await subscribe(other.url, { type: ['vend.completed'] });
      process.env['AWS_ENDPOINT_URL_SNS'] = moto.url;
      const rig = await withHooks({ type: 'sns', topicArn });
      await send(rig);
      const delivered = () =>
        receiver.received
          .map(({ body }) => JSON.parse(body) as Record<string, unknown>)
          .find(({ Type }) => Type === 'Notification');
      const { Message, Subject } = (await until(delivered, Boolean)) ?? {};
      expect(Subject).toBe('Account team-a needs a person: INVALID_EMAIL');
      const message = JSON.parse(String(Message)) as unknown;
      // moto hands the whole structure on; AWS hands on the part that is for the protocol.
      const structure = message as { default?: string };
      expect(structure.default ? JSON.parse(structure.default) : message).toEqual(NOTIFICATION);
      expect(other.received).toEqual([]);
    } finally {
      delete process.env['AWS_ENDPOINT_URL_SNS'];
      sns.destroy();
      await other.close();
    }
  });

  test('a topic that is not there is a failure with its name, tried again', async () => {
    try {
      process.env['AWS_ENDPOINT_URL_SNS'] = moto.url;
      const topicArn = 'arn:aws:sns:eu-central-1:123456789012:gone';
      const error = await failure(send(await withHooks({ type: 'sns', topicArn })));
      expect(error['type']).toMatch(/NotFound/);
    } finally {
      delete process.env['AWS_ENDPOINT_URL_SNS'];
    }
  });
});

describe('what cannot be sent is found when the configuration is read', () => {
  const faultsOf = (...notify: object[]) => {
    const parsed = parseConfiguration({ escalation: { notify } });
    return parsed.ok ? [] : parsed.problems.map(({ field, message }) => `${field} ${message}`);
  };
  test.each([
    ['no URL', { type: 'webhook' }, /notify\[0\]\.url is required, or urlEnv/],
    [
      'both',
      { type: 'webhook', url: 'https://a.example', urlEnv: 'B' },
      /urlEnv stands beside url/,
    ],
    [
      'unencrypted',
      { type: 'webhook', url: 'http://a.example/x' },
      /must be a URL that begins with https/,
    ],
    ['a disguise', { type: 'webhook', url: 'http://localhost.evil.example' }, /begins with https/],
    ['a password', { type: 'webhook', url: 'https://me:secret@a.example/x' }, /without a password/],
    ['no topic', { type: 'sns', topicArn: 'arn:aws:sns:x' }, /must be the ARN of an SNS topic/],
    ['another type', { type: 'pager' }, /must be an object with type: webhook or type: sns/],
    [
      'an occasion that is none',
      { type: 'sns', topicArn: 'arn:aws:sns:us-east-1:123456789012:a', on: ['ready'] },
      /on\[0\] must be approving or escalated/,
    ],
  ])('%s', (_, subscriber, fault) => {
    expect(faultsOf(subscriber).join('\n')).toMatch(fault);
  });

  test('the same one twice; not one with another secret or for another occasion', () => {
    const hook = { type: 'webhook', url: 'https://a.example/x', secretEnv: 'A' };
    expect(faultsOf(hook, { ...hook }).join()).toMatch(/notify\[1\] is listed twice/);
    expect(faultsOf(hook, { ...hook, secretEnv: 'B' }, { ...hook, on: ['failed'] })).toEqual([]);
  });
});
