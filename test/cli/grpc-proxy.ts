import { connect, createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';

/** gRPC's status codes, as far as tests answer with them. */
export const GrpcStatus = {
  deadlineExceeded: 4,
  permissionDenied: 7,
  unavailable: 14,
  unauthenticated: 16,
} as const;

export interface GrpcProxy {
  address: string;
  close(): Promise<void>;
}

/**
 * Stands before a Temporal server and answers some methods itself: as Temporal Cloud does, or a server
 * that is ill.
 * @param answer the status for a path such as `/temporal.api.operatorservice.v1.OperatorService/…`;
 *   undefined: the server is asked
 */
export async function grpcProxy(
  target: string,
  answer: (path: string) => number | undefined,
): Promise<GrpcProxy> {
  const upstream = connect(`http://${target}`);
  const server: Http2Server = createServer();
  const open = new Set<{ destroy(): void }>();
  server.on('session', (session) => open.add(session));
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    const status = answer(String(headers[':path']));
    if (status !== undefined) {
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': String(status) },
        { endStream: true },
      );
      return;
    }
    const asked = upstream.request({ ...headers, ':authority': target });
    let trailers = {};
    asked.on('trailers', (last) => (trailers = last));
    asked.on('response', (head) => {
      // An error may come as headers alone.
      if (head['grpc-status'] !== undefined) {
        stream.respond(head, { endStream: true });
        return;
      }
      stream.respond(head, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers(trailers));
      asked.pipe(stream);
    });
    asked.on('error', () => stream.destroy());
    stream.on('error', () => asked.destroy());
    stream.pipe(asked);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        upstream.destroy();
        for (const session of open) session.destroy();
        server.close(() => resolve());
      }),
  };
}
