import { connect, createSecureServer, createServer } from 'node:http2';
import type { IncomingHttpHeaders, SecureServerOptions, ServerHttp2Stream } from 'node:http2';
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
 * @param tls with it, it speaks TLS alone
 */
export async function grpcProxy(
  target: string,
  answer: (path: string, headers: IncomingHttpHeaders) => number | undefined,
  tls?: SecureServerOptions,
): Promise<GrpcProxy> {
  const upstream = connect(`http://${target}`);
  const server = tls ? createSecureServer(tls) : createServer();
  const open = new Set<{ destroy(): void }>();
  server.on('session', (session) => open.add(session));
  // One that is refused is no fault of the proxy's.
  server.on('sessionError', () => {});
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    const status = answer(String(headers[':path']), headers);
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
      // Whoever asked has gone meanwhile.
      if (stream.destroyed) {
        asked.close();
        return;
      }
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
