import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { tellWatch } from '../../src/activities/tell';
import { WatchPost } from '../../src/activities/watch-post';
import type { WatchMessage } from '../../src/activities/watch-post';
import { WATCH_PROTOCOL } from '../../src/domain/watch/messages';
import type { Mail } from '../../src/domain/watch/messages';

const SECOND = 1_000;
const WATCH = { organizationId: 'o-exampleorg1', region: 'eu-west-1' };

/** Temporal, as far as the post sees it: what was sent, and by which call. */
class Temporal {
  readonly sent: { by: 'signal' | 'signalWithStart'; workflowId: string; mail: Mail }[] = [];
  /** What stands in the way. */
  refuse: (mail: Mail) => Error | undefined = () => undefined;
  readonly client = {
    workflow: {
      getHandle: (workflowId: string) => ({
        signal: (_: string, mail: Mail) => this.#take('signal', workflowId, mail),
      }),
      signalWithStart: (
        _: string,
        { workflowId, signalArgs: [mail] }: { workflowId: string; signalArgs: [Mail] },
      ) => this.#take('signalWithStart', workflowId, mail),
    },
  } as unknown as Client;

  async #take(by: 'signal' | 'signalWithStart', workflowId: string, mail: Mail): Promise<void> {
    this.sent.push({ by, workflowId, mail });
    const error = this.refuse(mail);
    if (error) throw error;
  }

  /** How many messages each mail held. */
  get counts(): number[] {
    return this.sent.map(({ mail }) => mail.subscribe.length + mail.unsubscribe.length);
  }
}

function subscribe(requestId: string, packs = ['P']): WatchMessage {
  return {
    subscribe: {
      v: WATCH_PROTOCOL,
      holder: { workflowId: `vend-${requestId}`, firstExecutionRunId: 'run', requestId },
      ticket: 1,
      accountId: '111122223333',
      packs: packs.map((pack) => ({ pack })),
      scope: 'account',
    },
  };
}

function unsubscribe(requestId: string): WatchMessage {
  return {
    unsubscribe: { v: WATCH_PROTOCOL, workflowId: `vend-${requestId}`, of: 'run', ticket: 1 },
  };
}

const idsOf = ({ mail }: { mail: Mail }) => mail.subscribe.map(({ holder }) => holder.requestId);
const notFound = () => new WorkflowNotFoundError('it has ended', 'watch', undefined);

let temporal: Temporal;
let post: WatchPost;

beforeEach(() => {
  jest.useFakeTimers();
  temporal = new Temporal();
  post = new WatchPost('a-queue');
});
afterEach(() => jest.useRealTimers());

/** What became of each, in the order of sending. */
function send(...messages: WatchMessage[]): Promise<string>[] {
  return messages.map((message) =>
    post.send(WATCH, message, temporal.client).then(
      () => 'delivered',
      (error: Error) => error.message,
    ),
  );
}

/** What has come to its end by now. */
async function ended(all: Promise<string>[]): Promise<string[]> {
  const outcomes: string[] = [];
  for (const one of all) void one.then((outcome) => outcomes.push(outcome));
  await jest.advanceTimersByTimeAsync(0);
  return outcomes;
}

test('the first goes at once, and those that come within a second of it together', async () => {
  const first = send(subscribe('a'));
  expect(await ended(first)).toEqual(['delivered']);
  const others = send(subscribe('b'), unsubscribe('c'), subscribe('d'));
  await jest.advanceTimersByTimeAsync(SECOND - 1);
  expect(await ended(others)).toEqual([]);
  await jest.advanceTimersByTimeAsync(1);
  expect(await ended(others)).toEqual(['delivered', 'delivered', 'delivered']);
  expect(temporal.sent.map(idsOf)).toEqual([['a'], ['b', 'd']]);
  expect(temporal.sent[1]).toMatchObject({
    by: 'signalWithStart',
    workflowId: 'conformance-watch-o-exampleorg1-eu-west-1',
    mail: { unsubscribe: [{ workflowId: 'vend-c' }] },
  });
});

test('after a second of silence the next one goes at once again', async () => {
  void send(subscribe('a'));
  await jest.advanceTimersByTimeAsync(SECOND);
  expect(await ended(send(subscribe('b')))).toEqual(['delivered']);
});

test('each watch has a mail of its own', async () => {
  void send(subscribe('a'));
  const other = post.send({ ...WATCH, region: 'us-east-1' }, subscribe('b'), temporal.client);
  await expect(other).resolves.toBeUndefined();
  expect(temporal.sent).toHaveLength(2);
});

test('at most 200 go in one mail, and a mail a second', async () => {
  void send(subscribe('first'));
  const many = send(...Array.from({ length: 450 }, (_, n) => subscribe(`v${n}`)));
  await jest.advanceTimersByTimeAsync(SECOND);
  expect(temporal.counts).toEqual([1, 200]);
  await jest.advanceTimersByTimeAsync(2 * SECOND);
  expect(temporal.counts).toEqual([1, 200, 200, 50]);
  expect(await ended(many)).toEqual(Array(450).fill('delivered'));
});

test('a mail stays well below what Temporal takes, and one message always goes', async () => {
  const packs = Array.from({ length: 400 }, (_, n) => `pack-${n}-${'x'.repeat(120)}`);
  const large = send(...Array.from({ length: 40 }, (_, n) => subscribe(`v${n}`, packs)));
  const huge = send(subscribe('huge', Array(5_000).fill('x'.repeat(120))));
  await jest.advanceTimersByTimeAsync(20 * SECOND);
  expect(await ended([...large, ...huge])).toEqual(Array(41).fill('delivered'));
  const sizes = temporal.sent.map(({ mail }) => JSON.stringify(mail).length);
  expect(sizes.slice(0, -1).every((size) => size < 510_000)).toBe(true);
  // As many as fit: the first alone, the others by eight.
  expect(temporal.counts.slice(0, 3)).toEqual([1, 8, 8]);
  expect(idsOf(temporal.sent.at(-1)!)).toEqual(['huge']);
});

test('a mail that fails fails those that were in it, and no other', async () => {
  temporal.refuse = ({ subscribe: [one] }) =>
    one?.holder.requestId === 'v0' ? new Error('Temporal is away') : undefined;
  const first = send(subscribe('first'));
  const together = send(...Array.from({ length: 201 }, (_, n) => subscribe(`v${n}`)));
  await jest.advanceTimersByTimeAsync(3 * SECOND);
  expect(await ended(first)).toEqual(['delivered']);
  expect(await ended(together)).toEqual([...Array(200).fill('Temporal is away'), 'delivered']);
});

describe('a watch that does not run', () => {
  test('has nothing to hear of those that leave', async () => {
    temporal.refuse = notFound;
    expect(await ended(send(unsubscribe('a')))).toEqual(['delivered']);
    expect(temporal.sent).toMatchObject([{ by: 'signal' }]);
  });

  test('is started by those that come; where it cannot be, they hear so', async () => {
    temporal.refuse = notFound;
    void send(unsubscribe('first'));
    const others = send(subscribe('a'), unsubscribe('b'));
    await jest.advanceTimersByTimeAsync(SECOND);
    expect(await ended(others)).toEqual(['it has ended', 'it has ended']);
    expect(temporal.sent[1]).toMatchObject({ by: 'signalWithStart' });
  });
});

describe('what is no message to a watch', () => {
  const wrong: unknown[] = [
    undefined,
    null,
    'subscribe',
    {},
    { hello: {} },
    { subscribe: {} },
    { subscribe: null, unsubscribe: null },
    { unsubscribe: { workflowId: 'vend-a' } },
    { subscribe: { ticket: 1, packs: 'P' } },
  ];

  test.each(wrong.map((message) => [JSON.stringify(message), message]))(
    '%s is refused, and the others go on',
    async (_, message) => {
      const told = tellWatch(post, { ...WATCH, message: message as WatchMessage });
      await expect(told).rejects.toMatchObject({ type: 'UnknownMessage' });
      expect(temporal.sent).toEqual([]);
      expect(await ended(send(subscribe('a')))).toEqual(['delivered']);
    },
  );

  test('one that cannot be sent leaves no box behind', async () => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    const wrongOne = { subscribe: circular } as unknown as WatchMessage;
    await expect(post.send(WATCH, wrongOne, temporal.client)).rejects.toThrow(/circular/);
    expect(await ended(send(subscribe('a')))).toEqual(['delivered']);
  });
});
