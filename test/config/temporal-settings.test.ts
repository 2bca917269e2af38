import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { temporalSettings } from '../../src/config';
import { Authority } from '../support/certificates';

const authority = new Authority('ours');
const client = authority.issue({ name: 'client' });
const other = authority.issue({ name: 'client' });
const folder = mkdtempSync(join(tmpdir(), 'vend-temporal-settings-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const read = (env: Record<string, string>) =>
  temporalSettings({ TEMPORAL_CONFIG_FILE: devNull, ...env });

test('certificate, key and authority: from files, from the environment, from a profile', () => {
  const [cert, key, ca] = [
    file('client.pem', client.cert),
    file('client.key', client.key),
    file('ca.pem', authority.cert),
  ];
  const profile = file(
    'temporal.toml',
    [
      '[profile.default]',
      'address = "temporal.test:7233"',
      '[profile.default.tls]',
      `client_cert_path = "${cert}"`,
      `client_key_path = "${key}"`,
      `server_ca_cert_path = "${ca}"`,
    ].join('\n'),
  );
  for (const env of [
    {
      TEMPORAL_TLS_CLIENT_CERT_PATH: cert,
      TEMPORAL_TLS_CLIENT_KEY_PATH: key,
      TEMPORAL_TLS_SERVER_CA_CERT_PATH: ca,
    },
    {
      TEMPORAL_TLS_CLIENT_CERT_DATA: client.cert,
      TEMPORAL_TLS_CLIENT_KEY_DATA: client.key,
      TEMPORAL_TLS_SERVER_CA_CERT_DATA: authority.cert,
    },
    { TEMPORAL_CONFIG_FILE: profile },
  ]) {
    const { tls } = read(env).connectionOptions;
    if (typeof tls !== 'object' || !tls?.clientCertPair) throw new Error('there is no certificate');
    const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString();
    expect(text(tls.clientCertPair.crt)).toBe(client.cert);
    expect(text(tls.clientCertPair.key)).toBe(client.key);
    expect(text(tls.serverRootCACertificate)).toBe(authority.cert);
  }
});

test.each([
  ['localhost:notaport', 'is "localhost:notaport", which has a port that is no number from 1'],
  ['localhost:99999', 'has a port that is no number from 1 to 65535'],
  ['localhost:0', 'has a port that'],
  ['localhost:', 'has a port that'],
  ['::1:7233', 'only an IPv6 address in brackets may'],
  ['::1', 'only an IPv6 address in brackets may'],
  ['ipv4:127.0.0.1:17233', 'has several colons'],
  ['[localhost]:7233', 'in brackets that is no IPv6 address'],
  ['[::1', 'has several colons'],
  [':7233', 'has no host'],
  ['my host:7233', 'has white space in it'],
  ['localhost:7233\n', 'is "localhost:7233\\n", which has white space in it'],
  ['http://localhost:7233', 'has more in it than a host and a port'],
])('the address %j is none: its variable, what is wrong, what to write', (address, fault) => {
  const what = () => read({ TEMPORAL_ADDRESS: address });
  expect(what).toThrow(
    /^TEMPORAL_ADDRESS .*; write HOST:PORT, such as localhost:7233 .*is 7233\)$/,
  );
  expect(what).toThrow(fault);
  const profile = file('address.toml', `[profile.default]\naddress = ${JSON.stringify(address)}\n`);
  expect(() => read({ TEMPORAL_CONFIG_FILE: profile })).toThrow('(address of a profile)');
});

test('an address with a user is not repeated: there may be a password', () => {
  const what = () => read({ TEMPORAL_ADDRESS: 'ada:secret@temporal.test:7233' });
  expect(what).toThrow('TEMPORAL_ADDRESS (address of a profile) has a user in it');
  expect(what).not.toThrow(/secret/);
});

test.each([
  ['temporal.test:443', 'temporal.test:443'],
  ['my_service', 'my_service:7233'],
  ['10.0.0.7', '10.0.0.7:7233'],
  ['[::1]:17233', '[::1]:17233'],
  ['[::ffff:10.0.0.7]', '[::ffff:10.0.0.7]:7233'],
])("the address %s is taken; without a port it is told with Temporal's", (address, taken) => {
  expect(read({ TEMPORAL_ADDRESS: address }).connectionOptions.address).toBe(taken);
});

test('a certificate without its key is not silently left out, nor a key without one', () => {
  expect(() => read({ TEMPORAL_TLS_CLIENT_CERT_DATA: client.cert })).toThrow(
    /TEMPORAL_TLS_CLIENT_CERT_PATH .* is given without TEMPORAL_TLS_CLIENT_KEY_PATH; give both/,
  );
  expect(() => read({ TEMPORAL_TLS_CLIENT_KEY_DATA: client.key })).toThrow(
    /TEMPORAL_TLS_CLIENT_KEY_PATH .* is given without TEMPORAL_TLS_CLIENT_CERT_PATH; give both/,
  );
});

test('a file that is not there, by its variable', () => {
  expect(() => read({ TEMPORAL_TLS_SERVER_CA_CERT_PATH: '/nowhere.pem' })).toThrow(
    /^TEMPORAL_TLS_SERVER_CA_CERT_PATH .* names \/nowhere\.pem, which cannot be read \(ENOENT\)$/,
  );
});

test.each([
  ['an authority', { TEMPORAL_TLS_SERVER_CA_CERT_DATA: 'x' }, /SERVER_CA_CERT.*no certificate/],
  [
    'a certificate',
    { TEMPORAL_TLS_CLIENT_CERT_DATA: client.key, TEMPORAL_TLS_CLIENT_KEY_DATA: client.key },
    /CLIENT_CERT.*no certificate in PEM/,
  ],
  [
    'a key',
    { TEMPORAL_TLS_CLIENT_CERT_DATA: client.cert, TEMPORAL_TLS_CLIENT_KEY_DATA: client.cert },
    /CLIENT_KEY.*no key in PEM/,
  ],
  [
    "another one's key",
    { TEMPORAL_TLS_CLIENT_CERT_DATA: client.cert, TEMPORAL_TLS_CLIENT_KEY_DATA: other.key },
    /CLIENT_KEY.*is not the key of the certificate/,
  ],
])('%s that is none is told, and not repeated', (_, env, words) => {
  expect(() => read(env as Record<string, string>)).toThrow(words);
  expect(() => read(env as Record<string, string>)).not.toThrow(/PRIVATE|BEGIN|[A-Za-z0-9+/]{40}/);
});

test('with TLS switched off none of it is looked at', () => {
  const env = { TEMPORAL_TLS: 'false', TEMPORAL_TLS_SERVER_CA_CERT_PATH: '/nowhere.pem' };
  expect(read(env).connectionOptions.tls).toBe(false);
});

test('a key that no header may hold is refused without being shown: gRPC would print it', () => {
  for (const env of [
    { TEMPORAL_API_KEY: 'very-secret\n' },
    { TEMPORAL_GRPC_META_AUTHORIZATION: 'Bearer very-secret\r\n' },
  ]) {
    expect(() => read(env as Record<string, string>)).toThrow(/TEMPORAL_.*line break at its end/);
    expect(() => read(env as Record<string, string>)).not.toThrow(/very-secret/);
  }
});

test('an API key switches TLS on; TEMPORAL_TLS=false keeps it off', () => {
  expect(read({ TEMPORAL_API_KEY: 'k' }).connectionOptions).toMatchObject({
    tls: true,
    apiKey: 'k',
  });
  expect(read({ TEMPORAL_API_KEY: 'k', TEMPORAL_TLS: 'false' }).connectionOptions).toMatchObject({
    tls: false,
  });
});

test('of a file that is no TOML only the place is told: the lines around hold keys', () => {
  const profile = file(
    'broken.toml',
    '[profile.default]\naddress = "temporal.test:7233"\napi_key = "s3cret-key\n',
  );
  const { message, stack, cause } = thrownBy(() => read({ TEMPORAL_CONFIG_FILE: profile }));
  expect(message).toMatch(/broken\.toml is no TOML at line 3, column \d+$/);
  expect(`${message} ${stack} ${String(cause)}`).not.toContain('s3cret');
});

function thrownBy(act: () => unknown): Error {
  try {
    act();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
