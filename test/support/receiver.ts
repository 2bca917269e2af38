import { createServer } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { VendNotification } from '../../src/contract';
import { until } from './until';

interface Received {
  headers: IncomingHttpHeaders;
  /** As it came. */
  body: string;
  atMs: number;
}

/** A webhook: an HTTP server that keeps what it receives, and answers as it is told. */
export interface Receiver {
  url: string;
  received: Received[];
  /** What came as JSON in our own format, in the order in which it happened. */
  notifications(): VendNotification[];
  /** What it answers from now on. Default: 204. `hang`: nothing at all. */
  answer: { status: number; headers?: Record<string, string> } | 'hang';
  /** Waits for so many. */
  until(count: number): Promise<VendNotification[]>;
  close(): Promise<void>;
}

/** Each is delivered on its own, so they overtake each other: as they happened, what is over first. */
function inOrder(one: VendNotification, other: VendNotification): number {
  const rank = ({ type }: VendNotification) =>
    ['resolved', 'approving', 'escalated', 'completed', 'failed'].findIndex((word) =>
      type.endsWith(word),
    );
  return Date.parse(one.timestamp) - Date.parse(other.timestamp) || rank(one) - rank(other);
}

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      received.push({ headers: request.headers, body, atMs: Date.now() });
      if (receiver.answer === 'hang') return;
      response.writeHead(receiver.answer.status, receiver.answer.headers).end();
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const notifications = () =>
    received
      .map(({ body }) => JSON.parse(body) as Partial<VendNotification>)
      // What is written for a chat has no type.
      .filter((one): one is VendNotification => one.type !== undefined)
      .sort(inOrder);
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook/secret-path`,
    received,
    notifications,
    answer: { status: 204 },
    async until(count) {
      return until(notifications, () => received.length >= count);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
  return receiver;
}
