import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { EncryptionCodec } from '../encryption';
import { byToken, NOT_ASKED_FOR } from './authentication';
import { handle } from './handle';

export interface CodecServerOptions {
  codec: EncryptionCodec;
  host: string;
  /** 0: a free one. */
  port: number;
  /** Origins of the Web UIs that may ask from a browser, such as `https://temporal.example.com`. */
  uiOrigins: readonly string[];
  /** What everybody must show who asks; `undefined`: nothing, which is for this machine alone. */
  token: string | undefined;
  /** How browsers name it where a proxy stands before it; `undefined`: as their requests say. */
  publicOrigin: string | undefined;
  /** Told what was asked and how it ended. */
  log: (line: string) => void;
}

export interface CodecServer {
  url: string;
  close(): Promise<void>;
}

const REQUEST_MS = 30_000;

/** Decrypts and encrypts payloads for Temporal's Web UI and command line. */
export async function startCodecServer(options: CodecServerOptions): Promise<CodecServer> {
  const { codec, host, port, uiOrigins, token, publicOrigin, log } = options;
  const isSecure = publicOrigin?.startsWith('https:') ?? false;
  const authentication = token === undefined ? NOT_ASKED_FOR : byToken(token, { isSecure });
  const server = createServer((request, response) => {
    handle({ codec, authentication, uiOrigins, publicOrigin, log }, request, response).catch(() =>
      response.destroy(),
    );
  });
  server.requestTimeout = REQUEST_MS;
  server.listen(port, host);
  await once(server, 'listening');
  const { address, family, port: own } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${own}`,
    async close() {
      server.close();
      server.closeAllConnections();
      if (server.listening) await once(server, 'close');
    },
  };
}
