import { generateKeyPairSync } from 'node:crypto';
import { isIP } from 'node:net';
import { md, pki } from 'node-forge';

/** A certificate with its key, both in PEM. */
export interface Identity {
  cert: string;
  key: string;
}

interface Wanted {
  name: string;
  /** Names and addresses of a server. */
  hosts?: readonly string[];
  /** Days from now; before now: expired. Default: 30. */
  days?: number;
}

const DAY_MS = 86_400_000;

/** An authority of one test: it makes certificates, and nobody else knows it. */
export class Authority {
  readonly #identity: Identity;

  /** @param identity one that is there already; else it makes one */
  constructor(name: string, identity = signed({ name })) {
    this.#identity = identity;
  }

  /** What trusts it. */
  get cert(): string {
    return this.#identity.cert;
  }

  issue(wanted: Wanted): Identity {
    return signed(wanted, this.#identity);
  }
}

/** @param issuer without one it signs itself, and may sign others */
function signed({ name, hosts = [], days = 30 }: Wanted, issuer?: Identity): Identity {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const certificate = pki.createCertificate();
  certificate.publicKey = pki.publicKeyFromPem(publicKey);
  certificate.serialNumber = `01${process.hrtime.bigint().toString(16).padStart(16, '0')}`;
  certificate.validity.notBefore = new Date(Date.now() - 400 * DAY_MS);
  certificate.validity.notAfter = new Date(Date.now() + days * DAY_MS);
  const subject = [{ shortName: 'CN', value: name }];
  certificate.setSubject(subject);
  certificate.setIssuer(issuer ? pki.certificateFromPem(issuer.cert).subject.attributes : subject);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: issuer === undefined, critical: true },
    issuer
      ? { name: 'extKeyUsage', serverAuth: hosts.length > 0, clientAuth: hosts.length === 0 }
      : { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ...(hosts.length > 0 ? [{ name: 'subjectAltName', altNames: hosts.map(altName) }] : []),
  ]);
  certificate.sign(pki.privateKeyFromPem(issuer?.key ?? privateKey), md.sha256.create());
  return { cert: pki.certificateToPem(certificate), key: privateKey };
}

/** As X.509 numbers them: 2 is a name, 7 an address. */
function altName(host: string): object {
  return isIP(host) ? { type: 7, ip: host } : { type: 2, value: host };
}
