import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { endpointOf, type Endpoint, type TemporalSettings } from '../config';
import { clientCertificateEnds } from './security';

type Settings = TemporalSettings['connectionOptions'];

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
 * answered. Undefined where TLS is not the reason. It never throws: it stands where an error is told, which
 * is not to be hidden by another.
 */
export async function tlsFault(settings: Settings): Promise<TlsFault | undefined> {
  try {
    return await findFault(settings);
  } catch {
    return undefined;
  }
}

async function findFault(settings: Settings): Promise<TlsFault | undefined> {
  const where = endpointOf(settings.address ?? 'localhost');
  if ('fault' in where) return undefined;
  if (!settings.tls) return (await speaksTls(where)) ? tlsWanted() : undefined;
  const how = await shakeHands(settings, where);
  return how === undefined ? undefined : faultOf(how, settings);
}

/** It let us finish the handshake, and left. */
const LEFT = 'LEFT';

/** Node's or OpenSSL's word for what ended it; undefined where the server went on with us. */
function shakeHands({ tls }: Settings, where: Endpoint): Promise<string | undefined> {
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
async function speaksTls(where: Endpoint): Promise<boolean> {
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

const BOTH = 'TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH';

/** It did not want to go on with us. Only some servers say why, and a certificate is but one reason. */
function refusal(code: string, settings: Settings): TlsFault {
  const ends = clientCertificateEnds(settings);
  if (ends === undefined) return refusalWithoutCertificate(code);
  if (ends.getTime() < Date.now()) {
    const what = `our client certificate has expired (${ends.toISOString()})`;
    return new TlsFault(what, `Renew it: ${BOTH}.`);
  }
  if (code === LEFT) {
    const trusted = `or the server does not trust our client certificate (${BOTH})`;
    return new TlsFault(HAS_LEFT, `${NOBODY_BEHIND}, ${trusted}.`);
  }
  if (!isAboutCertificate(code)) return handshakeRefused(code, 'another client certificate');
  const does = code.endsWith('_UNKNOWN_CA') ? 'does not trust' : 'refuses';
  return new TlsFault(
    `the server ${does} our client certificate (${code})`,
    `Take one of an authority that the server trusts: ${BOTH}.`,
  );
}

const HAS_LEFT = 'the server closed the connection after the handshake, and did not say why';
const NOBODY_BEHIND = 'Either it is a proxy with no server behind it';

function refusalWithoutCertificate(code: string): TlsFault {
  if (/CERTIFICATE_REQUIRED/.test(code)) {
    return new TlsFault('the server asks for a client certificate', `Set ${BOTH}.`);
  }
  if (code === LEFT) {
    return new TlsFault(HAS_LEFT, `${NOBODY_BEHIND}, or it wants a client certificate (${BOTH}).`);
  }
  return handshakeRefused(code, 'a client certificate');
}

function handshakeRefused(code: string, certificate: string): TlsFault {
  return new TlsFault(
    `the server refuses the handshake (${code})`,
    `It may want ${certificate} (${BOTH}), another name (TEMPORAL_TLS_SERVER_NAME), or a version of TLS or a cipher that we do not have.`,
  );
}

/** Alerts such as bad certificate, unknown CA, certificate expired. */
function isAboutCertificate(code: string): boolean {
  return /CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED/.test(code);
}

function tlsWanted(): TlsFault {
  return new TlsFault(
    'the server speaks TLS, and we do not',
    'Set TEMPORAL_TLS=true, and what it asks for: TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH, or TEMPORAL_API_KEY.',
  );
}
