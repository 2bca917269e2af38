import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startSimulator, type Simulator } from '../../src/simulator';
import { diagnosed } from '../cli/doctor-support';
import { GrpcStatus, grpcProxy, type GrpcProxy } from '../cli/grpc-proxy';
import { vend } from '../cli/run-vend';
import { Authority, type Identity } from '../support/certificates';
import { givenMutualTls } from '../support/given-temporal';
import { startDevServer, type DevServer } from '../support/temporal';
import { WorkerProcess } from '../support/worker-process';

/**
 * Temporal behind TLS: worker, commands and health check, with their own SDK clients. A proxy asks for certificates; in
 * `npm run stack -- test` it is Temporal's own server.
 */

const API_KEY = 'right-key-9f8e7d6c';
const WRONG_KEY = 'wrong-key-1a2b3c4d';
/** The name in the server's certificate, as in deploy/temporal/make-certificates.sh. */
const SERVER_NAME = 'temporal';
const given = givenMutualTls();
const ours = given ? authorityIn(given.folder) : new Authority('ours');
const folder = mkdtempSync(join(tmpdir(), 'vend-tls-'));
let dev: DevServer;
let simulator: Simulator;
interface Front {
  address: string;
  namespace: string;
  close(): Promise<void>;
}
/** Asks for a client certificate. */
let mutual: Front;
/** Asks for an API key. */
let cloud: Front;
const keysSeen = new Set<string | undefined>();

beforeAll(async () => {
  dev = await startDevServer({ ui: false });
  simulator = await startSimulator({ profile: 'test', knobs: { creationMs: 200 } });
  process.env['AWS_ENDPOINT_URL'] = simulator.url;
  const server = ours.issue({ name: 'temporal', hosts: [SERVER_NAME] });
  mutual =
    given ??
    before(
      dev,
      await grpcProxy(dev.address, () => undefined, {
        ...server,
        ca: ours.cert,
        requestCert: true,
        rejectUnauthorized: true,
      }),
    );
  const letIn = (key: string | undefined) => {
    keysSeen.add(key);
    return key === `Bearer ${API_KEY}` ? undefined : GrpcStatus.unauthenticated;
  };
  const keyed = await grpcProxy(dev.address, (_, call) => letIn(call.authorization), server);
  cloud = before(dev, keyed);
});
afterAll(async () => {
  await mutual?.close();
  await cloud?.close();
  await simulator?.close();
  await dev?.close();
  rmSync(folder, { recursive: true });
});

function authorityIn(certificates: string): Authority {
  const read = (name: string) => readFileSync(join(certificates, name), 'utf8');
  return new Authority('given', { cert: read('ca.pem'), key: read('ca.key') });
}

function before({ namespace }: DevServer, proxy: GrpcProxy): Front {
  return { address: proxy.address, namespace, close: () => proxy.close() };
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const config = file(
  'vending.yaml',
  JSON.stringify({
    creation: { poll: { initial: '100ms', max: '300ms' } },
    conformance: { allowNone: true, poll: { initial: '200ms', max: '300ms' } },
  }),
);

/** As an operator sets it: the certificate is for another name than the address. */
const to = ({ address, namespace }: Front): Record<string, string> => ({
  TEMPORAL_ADDRESS: address,
  TEMPORAL_NAMESPACE: namespace,
  TEMPORAL_TLS_SERVER_NAME: SERVER_NAME,
  TEMPORAL_TLS_SERVER_CA_CERT_PATH: file('ca.pem', ours.cert),
  AWS_ENDPOINT_URL: simulator.url,
  VEND_CONFIG: config,
});
const showing = (name: string, { cert, key }: Identity): Record<string, string> => ({
  TEMPORAL_TLS_CLIENT_CERT_PATH: file(`${name}.pem`, cert),
  TEMPORAL_TLS_CLIENT_KEY_PATH: file(`${name}.key`, key),
});

/** The health check of the image. */
const check = (env: Record<string, string>) =>
  new Promise<{ status: unknown; said: string }>((done) => {
    const program = resolve(__dirname, '../../lib/worker-check.js');
    execFile(process.execPath, [program], { env: { ...process.env, ...env } }, (error, said) =>
      done({ status: error ? error.code : 0, said }),
    );
  });

const start = (requestId: string) => [
  'start',
  '--request-id',
  requestId,
  '--account-name',
  'Behind TLS',
  '--email',
  `${requestId}@example.com`,
  '--wait',
  '--json',
];

/** Vends one account, with worker and command connected so. */
async function vends(requestId: string, env: Record<string, string>): Promise<WorkerProcess> {
  const worker = new WorkerProcess(env);
  await worker.ready();
  const { status, stdout, stderr } = await vend(start(requestId), { env });
  expect([status, stderr]).toEqual([0, expect.any(String)]);
  // (Its stage is a worker's answer, which a busy machine may not give in time.)
  expect(JSON.parse(stdout)).toMatchObject({ status: 'COMPLETED', result: { adopted: false } });
  return worker;
}

test('a vend by mTLS, from the environment; doctor tells how, and when the certificate ends', async () => {
  const client = ours.issue({ name: 'client', days: 5 });
  const env = { ...to(mutual), ...showing('client', client) };
  const worker = await vends('by-mtls', env);
  expect(worker.lines.find(({ msg }) => msg === 'worker is ready')).toMatchObject({
    security: 'mTLS',
  });
  const [seen, checked] = await Promise.all([
    diagnosed(env, { conformance: { allowNone: true } }),
    check(env),
  ]);
  expect(checked.status).toBe(0);
  expect(seen.the('temporal', 'ok').title).toMatch(/ \(mTLS\)$/);
  seen.the('worker', 'ok');
  expect(seen.the('client-certificate-ends', 'warning').fix).toContain('restart the workers');
  await worker.stop();
});

test('the same from a profile', async () => {
  const { TEMPORAL_TLS_CLIENT_CERT_PATH: cert, TEMPORAL_TLS_CLIENT_KEY_PATH: key } = showing(
    'profile',
    ours.issue({ name: 'client' }),
  );
  const profile = file(
    'temporal.toml',
    [
      '[profile.production]',
      `address = "${mutual.address}"`,
      `namespace = "${mutual.namespace}"`,
      '[profile.production.tls]',
      `client_cert_path = "${cert}"`,
      `client_key_path = "${key}"`,
      `server_ca_cert_path = "${file('ca.pem', ours.cert)}"`,
      `server_name = "${SERVER_NAME}"`,
    ].join('\n'),
  );
  const env = {
    TEMPORAL_CONFIG_FILE: profile,
    TEMPORAL_PROFILE: 'production',
    VEND_CONFIG: config,
  };
  // Commands of tests name an address where nobody listens; empty counts as not set.
  const { status, stdout } = await vend(['list', '--all', '--json'], {
    env: { ...env, TEMPORAL_ADDRESS: '' },
  });
  expect([status, stdout]).toEqual([0, expect.stringContaining('[')]);
  const worker = new WorkerProcess({ ...env, AWS_ENDPOINT_URL: simulator.url });
  await worker.ready();
  await worker.stop();
});

test('without a certificate: everybody says what is asked for, and nobody hangs', async () => {
  const began = Date.now();
  const worker = new WorkerProcess(to(mutual));
  const [listed, checked, seen, ended] = await Promise.all([
    vend(['list'], { env: to(mutual) }),
    check(to(mutual)),
    diagnosed(to(mutual), {}),
    worker.ended(),
  ]);
  const said = 'the server asks for a client certificate';
  expect(listed.status).toBe(4);
  expect(listed.stderr).toContain(said);
  expect(listed.stderr).toContain('TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH');
  expect(checked).toMatchObject({ status: 1, said: expect.stringContaining(said) });
  const finding = seen.the('temporal-tls', 'stop');
  expect(finding.detail).toContain(said);
  expect(finding.fix).toContain('TEMPORAL_TLS_CLIENT_CERT_PATH');
  expect(seen.status).toBe(1);
  expect(ended).toBe(4);
  expect(worker.output).toContain(said);
  expect(worker.output).not.toMatch(/^\s+at /m);
  expect(Date.now() - began).toBeLessThan(45_000);
});

test('an address that is none: everybody names it, its variable, and what to write', async () => {
  const env = { ...to(mutual), TEMPORAL_ADDRESS: 'localhost:notaport' };
  const worker = new WorkerProcess(env);
  const [listed, checked, ended] = await Promise.all([
    vend(['list'], { env }),
    check(env),
    worker.ended(),
  ]);
  const said = 'TEMPORAL_ADDRESS (address of a profile) is "localhost:notaport", which has a port';
  expect([listed.status, listed.stderr]).toEqual([2, expect.stringContaining(said)]);
  expect(listed.stderr).toContain('write HOST:PORT, such as localhost:7233');
  expect(checked).toMatchObject({ status: 1, said: expect.stringContaining(said) });
  expect(ended).toBe(2);
  expect(worker.output.replaceAll('\\"', '"')).toContain(said);
});

test('with one that has expired, of others, or where we do not trust the server', async () => {
  const others = new Authority('others');
  const cases = {
    'our client certificate has expired': showing('old', ours.issue({ name: 'c', days: -1 })),
    'the server does not trust our client certificate': showing('odd', others.issue({ name: 'c' })),
    'no authority that is trusted here': {
      ...showing('client', ours.issue({ name: 'c' })),
      TEMPORAL_TLS_SERVER_CA_CERT_PATH: file('others.pem', others.cert),
    },
  };
  await Promise.all(
    Object.entries(cases).map(async ([said, more]) => {
      const env = { ...to(mutual), ...more };
      const worker = new WorkerProcess(env);
      const [listed, ended] = await Promise.all([vend(['list'], { env }), worker.ended()]);
      expect([listed.status, listed.stderr]).toEqual([4, expect.stringContaining(said)]);
      expect([ended, worker.output]).toEqual([4, expect.stringContaining(said)]);
    }),
  );
});

test('a vend by TLS and an API key, which goes with every call and stands nowhere', async () => {
  const env = { ...to(cloud), TEMPORAL_API_KEY: API_KEY };
  const worker = await vends('by-key', env);
  expect([...keysSeen]).toEqual([`Bearer ${API_KEY}`]);
  const seen = await diagnosed(env, { conformance: { allowNone: true } });
  expect(seen.the('temporal', 'ok').title).toMatch(/ \(TLS with an API key\)$/);
  expect(JSON.stringify(seen)).not.toContain(API_KEY);
  await worker.stop();
  expect(worker.output).toContain('TLS with an API key');
  expect(worker.output).not.toContain(API_KEY);
});

test('an API key that is refused: told so, and not repeated', async () => {
  const env = { ...to(cloud), TEMPORAL_API_KEY: WRONG_KEY };
  const worker = new WorkerProcess(env);
  const [listed, checked, seen, ended] = await Promise.all([
    vend(['list'], { env }),
    check(env),
    diagnosed(env, {}),
    worker.ended(),
  ]);
  expect(keysSeen.has(`Bearer ${WRONG_KEY}`)).toBe(true);
  expect(listed.status).toBe(4);
  expect(listed.stderr).toContain('refuses us');
  expect(listed.stderr).toContain('TEMPORAL_API_KEY');
  expect(checked.status).toBe(1);
  expect(seen.the('temporal-refuses', 'stop').fix).toContain('TEMPORAL_API_KEY');
  expect(ended).toBe(4);
  expect(worker.output).toContain('refuses us. Check TEMPORAL_API_KEY');
  const all = [listed.stderr, listed.stdout, checked.said, JSON.stringify(seen), worker.output];
  expect(all.join('\n')).not.toContain(WRONG_KEY);
});
