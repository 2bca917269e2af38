import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;

/** A server that answers every call alike, mostly badly, and counts them. */
export interface FaultyServer {
  url: string;
  /** Operations, in the order in which they arrived. */
  seen: string[];
  behave(behaviour: Behaviour): void;
  close(): Promise<void>;
}

export async function startFaultyServer(): Promise<FaultyServer> {
  const seen: string[] = [];
  const sockets = new Set<Socket>();
  let behaviour: Behaviour = close;
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      seen.push(String(request.headers['x-amz-target']).split('.')[1] ?? '');
      behaviour(request, response);
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    behave(next) {
      seen.length = 0;
      behaviour = next;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => {
        server.close(done);
      });
    },
  };
}

/** Reads the request and closes the socket: nobody can tell what came of it. */
export const close: Behaviour = ({ socket }) => {
  socket.destroy();
};

export const silence: Behaviour = () => undefined;

export function json(
  status: number,
  body: object,
  headers: Record<string, string> = {},
): Behaviour {
  return (_, response) => {
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1', ...headers });
    response.end(JSON.stringify(body));
  };
}

export function exception(
  name: string,
  more: { status?: number; reason?: string; message?: string } = {},
): Behaviour {
  const { status = 400, reason, message = 'as AWS says' } = more;
  return json(status, { __type: name, Message: message, ...(reason ? { Reason: reason } : {}) });
}

export function html(status: number): Behaviour {
  return (_, response) => {
    response.writeHead(status, { 'content-type': 'text/html' });
    response.end('<html><body>Service Unavailable</body></html>');
  };
}

/** Status 200 and half of an answer. */
export const cutBody: Behaviour = (_, response) => {
  response.writeHead(200, {
    'content-type': 'application/x-amz-json-1.1',
    'content-length': '1000',
  });
  response.write('{"CreateAccountStatus":{"Id":"car-');
  setTimeout(() => response.socket?.destroy(), 20);
};
