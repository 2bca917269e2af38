import { createSecureServer, createServer, type SecureServerOptions } from 'node:http2';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { inClearFindings } from '../../src/cli/doctor/checks/temporal';
import { temporalSettings } from '../../src/config';
import { describeSecurity, tlsFault } from '../../src/connection';
import { Authority, type Identity } from '../support/certificates';

const ours = new Authority('ours');
const others = new Authority('others');
const serverCert = ours.issue({ name: 'temporal', hosts: ['temporal.test', 'localhost'] });
const client = ours.issue({ name: 'client' });
const open: Server[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => new Promise((done) => server.close(done))));
});

async function listen(server: Server): Promise<string> {
  open.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `localhost:${(server.address() as AddressInfo).port}`;
}

const http2 = (more: SecureServerOptions = {}) => {
  const server = createSecureServer({ ...serverCert, ...more });
  // Those that are refused are no fault of the test.
  server.on('sessionError', () => {});
  return listen(server);
};
const mutual = (more: SecureServerOptions = {}) =>
  http2({ ca: ours.cert, requestCert: true, rejectUnauthorized: true, ...more });

/** As the environment would name them. */
function settings(address: string, more: Record<string, string> = {}) {
  const env = { TEMPORAL_CONFIG_FILE: '/dev/null', TEMPORAL_ADDRESS: address, ...more };
  return temporalSettings(env).connectionOptions;
}

const trusting = (authority: Authority) => ({ TEMPORAL_TLS_SERVER_CA_CERT_DATA: authority.cert });
const showing = ({ cert, key }: Identity) => ({
  TEMPORAL_TLS_CLIENT_CERT_DATA: cert,
  TEMPORAL_TLS_CLIENT_KEY_DATA: key,
});
const fault = (address: string, more?: Record<string, string>) => tlsFault(settings(address, more));

test('none, where server and client fit: with a certificate, with a name, and in clear', async () => {
  const address = await mutual();
  expect(await fault(address, { ...trusting(ours), ...showing(client) })).toBeUndefined();
  const byAddress = address.replace('localhost', '127.0.0.1');
  const named = {
    ...trusting(ours),
    ...showing(client),
    TEMPORAL_TLS_SERVER_NAME: 'temporal.test',
  };
  expect(await fault(byAddress, named)).toBeUndefined();
  expect(await fault(await listen(createServer()))).toBeUndefined();
});

test('none, and no error of its own, for an address that is none', async () => {
  for (const address of ['localhost:notaport', 'localhost:99999', '::1:7233', '', 'my host:7233']) {
    expect(await tlsFault({ address })).toBeUndefined();
    expect(await tlsFault({ address, tls: true })).toBeUndefined();
  }
  expect(await tlsFault({ address: 'localhost:1', tls: { serverNameOverride: '\0' } })).toBe(
    undefined,
  );
});

test('none, where nobody listens: that is no matter of TLS', async () => {
  expect(await fault('localhost:1', trusting(ours))).toBeUndefined();
  expect(await fault('localhost:1')).toBeUndefined();
});

const BOTH = 'TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH';

test('a client certificate that is asked for and not shown: TLS 1.3 has a word for it', async () => {
  const found = await fault(await mutual(), trusting(ours));
  expect(found?.message).toBe('the server asks for a client certificate');
  expect(found?.fix).toContain(BOTH);
});

test('before TLS 1.3 that is one of many reasons, and not claimed', async () => {
  const found = await fault(await mutual({ maxVersion: 'TLSv1.2' }), trusting(ours));
  // "SSL/TLS" on Node 24, "SSLV3" on Node 20.
  expect(found?.message).toMatch(
    /^the server refuses the handshake \(ERR_SSL_SSL(V3|\/TLS)_ALERT_HANDSHAKE_FAILURE\)$/,
  );
  expect(found?.fix).toContain(`may want a client certificate (${BOTH})`);
});

test.each([
  ['an API key', { TEMPORAL_API_KEY: 'key' }, 'it wants a client certificate'],
  ['a client certificate', showing(client), 'does not trust our client certificate'],
])(
  'a listener that ends the connection after the handshake asks for nothing: with %s',
  async (_, more, or) => {
    const left = createTlsServer({ ...serverCert, ALPNProtocols: ['h2'] }, (socket) =>
      socket.end(),
    );
    const found = await fault(await listen(left), {
      ...trusting(ours),
      ...(more as Record<string, string>),
    });
    expect(found?.message).toContain('closed the connection after the handshake');
    expect(found?.fix).toContain('a proxy with no server behind it, or');
    expect(found?.fix).toContain(or);
    expect(found?.fix).toContain(BOTH);
  },
);

test('a client certificate that has expired, with the day', async () => {
  const old = ours.issue({ name: 'client', days: -2 });
  const found = await fault(await mutual(), { ...trusting(ours), ...showing(old) });
  const day = new Date(Date.now() - 2 * 86_400_000).toISOString().slice(0, 10);
  expect(found?.message).toContain(`our client certificate has expired (${day}`);
});

test('a client certificate of an authority that the server does not know', async () => {
  const strange = others.issue({ name: 'client' });
  const found = await fault(await mutual(), { ...trusting(ours), ...showing(strange) });
  // Servers of Node do not say why.
  expect(found?.message).toContain('closed the connection after the handshake');
  expect(found?.fix).toContain('the server does not trust our client certificate');
});

test("a server's certificate of an authority that we do not know", async () => {
  const address = await http2();
  for (const trust of [trusting(others), { TEMPORAL_TLS: 'true' }]) {
    const found = await fault(address, trust);
    expect(found?.message).toContain('no authority that is trusted here');
    expect(found?.fix).toContain('TEMPORAL_TLS_SERVER_CA_CERT_PATH');
  }
});

test("a server's certificate that has expired", async () => {
  const old = ours.issue({ name: 'temporal', hosts: ['localhost'], days: -1 });
  expect((await fault(await http2(old), trusting(ours)))?.message).toContain('has expired');
});

test("a server's certificate for another name", async () => {
  const address = (await http2()).replace('localhost', '127.0.0.1');
  const found = await fault(address, trusting(ours));
  expect(found?.message).toContain('for another name');
  expect(found?.fix).toContain('TEMPORAL_TLS_SERVER_NAME');
});

test('one side speaks TLS, and the other does not', async () => {
  const wanted = await fault(await http2());
  expect(wanted?.message).toBe('the server speaks TLS, and we do not');
  expect(wanted?.fix).toContain('TEMPORAL_TLS=true');
  expect((await fault(await mutual()))?.message).toBe(wanted?.message);
  const plain = await listen(createServer());
  // An API key switches TLS on.
  expect((await fault(plain, { TEMPORAL_API_KEY: 'key' }))?.message).toContain(
    'does not speak TLS',
  );
});

test('a server that says nothing is waited for no longer than two seconds', async () => {
  const silent = await listen(createTcpServer((socket) => socket.resume()));
  const began = Date.now();
  expect(await fault(silent, trusting(ours))).toBeUndefined();
  expect(Date.now() - began).toBeLessThan(30_000);
  const afterHandshake = createTlsServer({ ...serverCert, ALPNProtocols: ['h2'] }, (socket) =>
    socket.resume(),
  );
  expect(await fault(await listen(afterHandshake), trusting(ours))).toBeUndefined();
});

test.each([
  [{}, 'without TLS'],
  [{ TEMPORAL_TLS: 'true' }, 'TLS'],
  [{ TEMPORAL_API_KEY: 'k' }, 'TLS with an API key'],
  [{ TEMPORAL_API_KEY: 'k', TEMPORAL_TLS: 'false' }, 'without TLS and with an API key'],
  [showing(client), 'mTLS'],
  [{ ...showing(client), TEMPORAL_API_KEY: 'k' }, 'mTLS with an API key'],
])('how it is protected: %#', (env, words) => {
  expect(describeSecurity(settings('localhost:7233', env as Record<string, string>))).toBe(words);
});

test('doctor tells what goes in clear to another machine', () => {
  const found = (address: string, env: Record<string, string> = {}) =>
    inClearFindings(settings(address, env), address).map(({ id, level }) => [id, level]);
  const withKey = { TEMPORAL_API_KEY: 'k', TEMPORAL_TLS: 'false' };
  expect(found('temporal.example.com:7233')).toEqual([['temporal-in-clear', 'warning']]);
  expect(found('10.0.0.7:7233')).toEqual([['temporal-in-clear', 'warning']]);
  // Such as the service of our compose file.
  expect(found('temporal:7233')).toEqual([['temporal-in-clear', 'note']]);
  expect(found('temporal:7233', withKey)).toEqual([['temporal-in-clear', 'warning']]);
  expect(found('temporal.example.com:7233', { TEMPORAL_TLS: 'true' })).toEqual([]);
  expect(found('localhost:7233')).toEqual([]);
});
