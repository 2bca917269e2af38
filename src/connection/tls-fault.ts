import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import type { TemporalSettings } from '../config';
import { clientCertificateEnds } from './security';

type Settings = TemporalSettings['connectionOptions'];

const DEFAULT_PORT = 7233;
/** A handshake over the world, and the server's word about our certificate. */
const PROBE_MS = 2_000;

/** What a client of HTTP/2 begins with, and its settings, of which there are none: a server answers it. */
const HTTP2_OPENING = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);

/** Why there is no connection that is, or should be, one by TLS. */
export class TlsFault extends Error {
  override readonly name = 'TlsFault';
  readonly fix: string;

  constructor(message: string, fix: string) {
    super(message);
    this.fix = fix;
  }
}

/**
 * Looks for what the SDK does not tell: gRPC tries on until its time is over, and says only that nobody
 * answered. Undefined where TLS is not the reason.
 */
export async function tlsFault(settings: Settings): Promise<TlsFault | undefined> {
  const { hostname, port } = new URL(`tcp://${settings.address ?? 'localhost'}`);
  const where = { host: hostname.replaceAll(/[[\]]/g, ''), port: Number(port || DEFAULT_PORT) };
  if (!settings.tls) return (await speaksTls(where)) ? tlsWanted() : undefined;
  const how = await shakeHands(settings, where);
  return how === undefined ? undefined : faultOf(how, settings);
}

interface Where {
  host: string;
  port: number;
}

/** It let us finish the handshake, and left. */
const LEFT = 'LEFT';

/** Node's or OpenSSL's word for what ended it; undefined where the server went on with us. */
function shakeHands({ tls }: Settings, where: Where): Promise<string | undefined> {
  const config = typeof tls === 'object' && tls !== null ? tls : {};
  const { serverNameOverride: name, serverRootCACertificate: ca, clientCertPair: pair } = config;
  const servername = name ?? (isIP(where.host) === 0 ? where.host : undefined);
  const socket = connect({
    ...where,
    ALPNProtocols: ['h2'],
    ...(servername ? { servername } : {}),
    ...(ca ? { ca: Buffer.from(ca) } : {}),
    ...(pair ? { cert: Buffer.from(pair.crt), key: Buffer.from(pair.key) } : {}),
  });
  return outcomeOf(socket, (done) => {
    socket.on('error', ({ code }: NodeJS.ErrnoException) => done(code));
    socket.once('secureConnect', () => {
      // In TLS 1.3 a server judges our certificate after that.
      socket.once('close', () => done(LEFT));
      socket.once('data', () => done(undefined));
      socket.write(HTTP2_OPENING);
    });
  });
}

/** Whether a server to which we speak in clear wants TLS. Nothing is believed that it shows. */
async function speaksTls(where: Where): Promise<boolean> {
  const socket = connect({ ...where, ALPNProtocols: ['h2'], rejectUnauthorized: false });
  const how = await outcomeOf(socket, (done) => {
    socket.on('error', ({ code }: NodeJS.ErrnoException) => done(code));
    socket.once('secureConnect', () => done('TLS'));
  });
  return how === 'TLS' || isAlert(how);
}

function outcomeOf(
  socket: TLSSocket,
  listen: (done: (outcome: string | undefined) => void) => void,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const done = (outcome: string | undefined) => {
      clearTimeout(timer);
      resolve(outcome);
      socket.destroy();
    };
    const timer = setTimeout(done, PROBE_MS, undefined);
    listen(done);
  });
}

/** What a server says that ends a handshake. */
function isAlert(code: string | undefined): boolean {
  return /_ALERT_/.test(code ?? '');
}

function faultOf(code: string, settings: Settings): TlsFault | undefined {
  switch (code) {
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
    case 'ERR_SSL_RECORD_LAYER_FAILURE':
      return new TlsFault(
        'the server does not speak TLS there, and we do',
        'Check the port in TEMPORAL_ADDRESS, or unset TEMPORAL_TLS… (an API key switches TLS on; TEMPORAL_TLS=false keeps it off).',
      );
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'CERT_SIGNATURE_FAILURE':
      return new TlsFault(
        "the server's certificate is of no authority that is trusted here",
        "Set TEMPORAL_TLS_SERVER_CA_CERT_PATH to the certificate of the server's authority.",
      );
    case 'CERT_HAS_EXPIRED':
      return new TlsFault("the server's certificate has expired", 'Renew it, or set the clock.');
    case 'CERT_NOT_YET_VALID':
      return new TlsFault("the server's certificate is not valid yet", 'Set the clock.');
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return new TlsFault(
        "the server's certificate is for another name than the one we asked for",
        'Write TEMPORAL_ADDRESS as the certificate has it, or set TEMPORAL_TLS_SERVER_NAME to a name that it has.',
      );
    default:
      return isAlert(code) || code === LEFT ? refusal(code, settings) : undefined;
  }
}

/** The server has taken the handshake and not what we showed in it. */
function refusal(code: string, settings: Settings): TlsFault {
  const ends = clientCertificateEnds(settings);
  const both = 'TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH';
  if (ends === undefined) {
    const asks = /REQUIRED|HANDSHAKE_FAILURE/.test(code) || code === LEFT;
    return asks
      ? new TlsFault('the server asks for a client certificate', `Set ${both}.`)
      : new TlsFault(`the server refuses the handshake (${code})`, 'Check TEMPORAL_TLS….');
  }
  const hasExpired = ends.getTime() < Date.now();
  const what = hasExpired
    ? `our client certificate has expired (${ends.toISOString()})`
    : `the server refuses our client certificate${code === LEFT ? '' : ` (${code})`}`;
  const fix = hasExpired
    ? `Renew it: ${both}.`
    : `Take one of an authority that the server trusts: ${both}.`;
  return new TlsFault(what, fix);
}

function tlsWanted(): TlsFault {
  return new TlsFault(
    'the server speaks TLS, and we do not',
    'Set TEMPORAL_TLS=true, and what it asks for: TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH, or TEMPORAL_API_KEY.',
  );
}
