import { request as httpRequest } from 'node:http';
import { defaultPayloadConverter } from '@temporalio/common';
import { startCodecServer } from '../../src/codec-server';
import type { CodecServer } from '../../src/codec-server';
import { EncryptionCodec } from '../../src/encryption';
import { toJson } from '../../src/codec-server/payload-json';
import type { PayloadJson } from '../../src/codec-server/payload-json';

const TOKEN = 'a-token-that-nobody-guesses-4711';
const UI = 'http://127.0.0.1:8233';
const PUBLIC = 'https://codec.example.com';
const ELSEWHERE = 'http://127.0.0.1:9999';
const codec = new EncryptionCodec([{ id: 'a', key: Buffer.alloc(32, 1) }]);
const other = new EncryptionCodec([{ id: 'other', key: Buffer.alloc(32, 2) }]);
const lines: string[] = [];
let server: CodecServer;
let open: CodecServer;
let proxied: CodecServer;

beforeAll(async () => {
  const log = (line: string) => lines.push(line);
  const common = { codec, host: '127.0.0.1', port: 0, uiOrigins: [UI], log };
  const here = { ...common, publicOrigin: undefined };
  server = await startCodecServer({ ...here, token: TOKEN });
  open = await startCodecServer({ ...here, token: undefined });
  proxied = await startCodecServer({ ...common, token: TOKEN, publicOrigin: PUBLIC });
});
afterAll(async () => {
  await server?.close();
  await open?.close();
  await proxied?.close();
});

const bearer = { authorization: `Bearer ${TOKEN}` };

function post(path: string, body: unknown, headers: Record<string, string> = bearer, at = server) {
  return fetch(`${at.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-namespace': 'default', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    redirect: 'manual',
  });
}

async function payloadsOf(response: Response): Promise<PayloadJson[]> {
  expect(response.status).toBe(200);
  return ((await response.json()) as { payloads: PayloadJson[] }).payloads;
}

const clear = (value: unknown) => toJson(defaultPayloadConverter.toPayload(value));
async function sealed(value: unknown, by = codec): Promise<PayloadJson> {
  const [payload = {}] = await by.encode([defaultPayloadConverter.toPayload(value)]);
  return toJson(payload);
}

describe('decoding and encoding', () => {
  test('what is encrypted comes back in clear, in its order, and what is not as it came', async () => {
    const plain = { ...clear('plain'), externalPayloads: [{ sizeBytes: '3' }] };
    const payloads = [await sealed({ a: 1 }), plain, await sealed('second')];
    const answer = await post('/decode?preserveStorageRefs=true', { payloads });
    expect(await payloadsOf(answer)).toEqual([clear({ a: 1 }), plain, clear('second')]);
  });

  test('what is encoded is what worker and clients read', async () => {
    const [encoded] = await payloadsOf(await post('/encode', { payloads: [clear('hello')] }));
    const { metadata, data } = encoded ?? {};
    expect(Buffer.from(metadata?.['encoding'] ?? '', 'base64').toString()).toBe('binary/encrypted');
    expect(Buffer.from(data ?? '', 'base64').toString()).not.toContain('hello');
    const back = await payloadsOf(await post('/decode', { payloads: [encoded] }));
    expect(back).toEqual([clear('hello')]);
  });

  test('a path before it is allowed, as an endpoint with the namespace has it', async () => {
    const answer = await post('/codec/default/decode', { payloads: [await sealed(1)] });
    expect(await payloadsOf(answer)).toEqual([clear(1)]);
  });

  test('one that cannot be decrypted goes back as it came, and spoils no other', async () => {
    const foreign = await sealed('x', other);
    const broken = { ...(await sealed('y')), data: 'AAAA' };
    const payloads = [foreign, await sealed('fine'), broken];
    const answer = await post('/decode', { payloads });
    expect(await payloadsOf(answer)).toEqual([foreign, clear('fine'), broken]);
    expect(lines.join('\n')).toMatch(/key other, which is not among those given here \(a\)/);
    expect(lines.join('\n')).toMatch(/names key a cannot be decrypted/);
  });

  test('nothing in, nothing out', async () => {
    expect(await payloadsOf(await post('/decode', { payloads: [] }))).toEqual([]);
    expect(await payloadsOf(await post('/decode', {}))).toEqual([]);
  });

  test.each([
    ['no JSON', 'nonsense'],
    ['a list', '[]'],
    ['a payload that is none', { payloads: [1] }],
    ['data that is no base64', { payloads: [{ data: '%%%' }] }],
    ['metadata that is no map', { payloads: [{ metadata: ['x'] }] }],
  ])('%s is refused with 400', async (_, body) => {
    const answer = await post('/decode', body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: expect.stringContaining('"payloads"') });
  });

  test('a body that is too large is refused before it has come, and the server goes on', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { ...bearer, 'content-type': 'application/json' };
      const sending = httpRequest(`${server.url}/decode`, { method: 'POST', headers }, (answer) => {
        resolve(answer.statusCode);
        answer.resume();
        sending.destroy();
      });
      sending.on('error', reject);
      // It is never ended.
      sending.write(Buffer.alloc(8 * 1024 * 1024 + 1, 'x'));
    });
    expect(status).toBe(413);
    expect(await payloadsOf(await post('/decode', { payloads: [] }))).toEqual([]);
  });
});

describe('who may', () => {
  test.each<[string, Record<string, string>]>([
    ['nothing', {}],
    ['another token', { authorization: `Bearer ${TOKEN}x` }],
    ['a part of it', { authorization: `Bearer ${TOKEN.slice(0, -1)}` }],
    ['no scheme', { authorization: TOKEN }],
    ['another scheme', { authorization: `Basic ${TOKEN}` }],
    ['a cookie that says so', { cookie: `vend_codec=9999999999.${TOKEN}` }],
    ['an empty cookie', { cookie: 'vend_codec=' }],
  ])('%s does not open it', async (_, headers) => {
    for (const path of ['/decode', '/encode']) {
      const answer = await post(path, { payloads: [await sealed('secret')] }, headers);
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
      expect(await answer.text()).not.toMatch(/secret|payloads/);
    }
  });

  test('a person signs in on its page, and the browser is let in from then on, until signed out', async () => {
    const form = (token: string, path = '/sign-in') =>
      post(path, new URLSearchParams({ token }).toString(), {
        'content-type': 'application/x-www-form-urlencoded',
        origin: server.url,
      });
    const wrong = await form('wrong');
    expect(wrong.status).toBe(401);
    expect(wrong.headers.get('set-cookie')).toBeNull();
    expect(await wrong.text()).toContain('That is not the token');
    const right = await form(TOKEN);
    expect(right.status).toBe(303);
    const set = right.headers.get('set-cookie') ?? '';
    expect(set).toMatch(/^vend_codec=\S+; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(set).not.toContain(TOKEN);
    const cookie = set.split(';')[0] ?? '';
    const payloads = [await sealed('secret')];
    const read = await post('/decode', { payloads }, { cookie: `x=1; ${cookie}`, origin: UI });
    expect(await payloadsOf(read)).toEqual([clear('secret')]);
    const [until, signature] = cookie.slice('vend_codec='.length).split('.');
    for (const forged of [`${Number(until) + 1}.${signature}`, `${until}.`, `${until}`]) {
      const answer = await post('/decode', { payloads }, { cookie: `vend_codec=${forged}` });
      expect(answer.status).toBe(401);
    }
    expect((await form('', '/sign-out')).headers.get('set-cookie')).toMatch(
      /^vend_codec=; Max-Age=0/,
    );
  });

  test('a session ends', async () => {
    const signedIn = await post('/sign-in', new URLSearchParams({ token: TOKEN }).toString(), {});
    const [cookie = ''] = (signedIn.headers.get('set-cookie') ?? '').split(';');
    const now = Date.now();
    const clock = jest.spyOn(Date, 'now').mockReturnValue(now + 12 * 3_600_000 + 1_000);
    const answer = await post('/decode', { payloads: [] }, { cookie });
    clock.mockRestore();
    expect(answer.status).toBe(401);
  });

  test('the form of another page signs nobody in', async () => {
    const body = new URLSearchParams({ token: TOKEN }).toString();
    const answer = await post('/sign-in', body, { origin: ELSEWHERE });
    expect(answer.status).toBe(403);
    expect(answer.headers.get('set-cookie')).toBeNull();
  });

  test('its page may load nothing and be framed by nobody, and says what was sent to nobody', async () => {
    const answer = await fetch(`${server.url}/?token=<script>`);
    expect(answer.status).toBe(200);
    const policy = answer.headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    const text = await answer.text();
    expect(text).toContain('name="token" type="password"');
    expect(text).not.toContain('<script>');
  });

  test('over https the cookie is for https alone', async () => {
    const body = new URLSearchParams({ token: TOKEN }).toString();
    const answer = await post('/sign-in', body, {}, proxied);
    expect(answer.headers.get('set-cookie')).toMatch(/; Secure$/);
  });

  test('behind a proxy that hands on a Host of its own the form of its public page is taken, and no other', async () => {
    const body = new URLSearchParams({ token: TOKEN }).toString();
    // Host is that of the connection, as with nginx.
    const through = (origin: string, at: CodecServer) => post('/sign-in', body, { origin }, at);
    const signedIn = await through(PUBLIC, proxied);
    expect(signedIn.status).toBe(303);
    expect(signedIn.headers.get('set-cookie')).toMatch(/^vend_codec=/);
    const others = [proxied.url, 'http://codec.example.com', `${PUBLIC}:8443`, ELSEWHERE, 'null'];
    for (const origin of others) {
      const answer = await through(origin, proxied);
      expect(answer.status).toBe(403);
      expect(answer.headers.get('set-cookie')).toBeNull();
      expect(await answer.text()).toContain(`Sign in at ${PUBLIC}.`);
    }
    const untold = await through(PUBLIC, server);
    expect(untold.status).toBe(403);
    expect(await untold.text()).toContain('Behind a proxy this server needs --public-url.');
  });

  test('without authentication it answers, and has nothing to sign in to', async () => {
    const payloads = [await sealed('here')];
    expect(await payloadsOf(await post('/decode', { payloads }, {}, open))).toEqual([
      clear('here'),
    ]);
    expect((await post('/sign-in', 'token=', {}, open)).status).toBe(404);
  });
});

describe('browsers', () => {
  const preflight = (origin: string) =>
    fetch(`${server.url}/decode`, {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,x-namespace',
      },
    });

  test('a Web UI that was named may ask, with credentials and all that it sends', async () => {
    const answer = await preflight(UI);
    expect(answer.status).toBe(204);
    const header = (name: string) => answer.headers.get(`access-control-${name}`);
    expect(header('allow-origin')).toBe(UI);
    expect(header('allow-credentials')).toBe('true');
    expect(header('allow-methods')).toBe('POST');
    expect(header('allow-headers')?.split(', ').toSorted()).toEqual([
      'authorization',
      'authorization-extras',
      'content-type',
      'x-namespace',
    ]);
    expect(answer.headers.get('vary')).toBe('Origin');
    const read = await post('/decode', { payloads: [] }, { ...bearer, origin: UI });
    expect(read.headers.get('access-control-allow-origin')).toBe(UI);
    // It must be able to see that it is not let in.
    const refused = await post('/decode', { payloads: [] }, { origin: UI });
    expect(refused.status).toBe(401);
    expect(refused.headers.get('access-control-allow-origin')).toBe(UI);
  });

  test.each([ELSEWHERE, 'null', `${UI}.example.com`, 'http://127.0.0.1', 'https://127.0.0.1:8233'])(
    'the page of %s may not, even with the token, and even where nobody is asked for one',
    async (origin) => {
      const payloads = [await sealed('secret')];
      for (const answer of [
        await preflight(origin),
        await post('/decode', { payloads }, { ...bearer, origin }),
        await post('/decode', { payloads }, { origin }, open),
      ]) {
        expect(answer.status).toBe(403);
        expect(answer.headers.get('access-control-allow-origin')).toBeNull();
        expect(await answer.text()).not.toContain('secret');
      }
    },
  );
});

test('no browser and no proxy keeps an answer', async () => {
  const body = new URLSearchParams({ token: TOKEN }).toString();
  const answers = await Promise.all([
    post('/decode', { payloads: [await sealed('secret')] }),
    post('/encode', { payloads: [clear('secret')] }),
    post('/decode', { payloads: [] }, {}),
    post('/decode', { payloads: [] }, { origin: ELSEWHERE }),
    post('/sign-in', body),
    post('/sign-in', 'token=wrong'),
    fetch(`${server.url}/`, { headers: bearer }),
    fetch(`${server.url}/healthz`),
    fetch(`${server.url}/none`),
  ]);
  const statuses = answers.map(({ status }) => status);
  expect(statuses).toEqual([200, 200, 401, 403, 303, 401, 200, 200, 404]);
  for (const { headers } of answers) expect(headers.get('cache-control')).toBe('no-store');
});

test('it says that it is well to everybody, and nothing else', async () => {
  const answer = await fetch(`${server.url}/healthz`);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({ ok: true });
  for (const path of ['/decode', '/encode', '/sign-in']) {
    expect((await fetch(`${server.url}${path}`, { headers: bearer })).status).toBe(405);
  }
  for (const path of ['/keys', '/decode/x', '/../etc/passwd', '//']) {
    expect((await fetch(`${server.url}${path}`, { headers: bearer })).status).toBe(404);
  }
});

test('its log holds no payload, no token and no cookie', async () => {
  const encrypted = await sealed('secret');
  await post('/decode', { payloads: [encrypted] });
  // A token that somebody has pasted behind the address.
  await fetch(`${server.url}/${TOKEN}`);
  await fetch(`${server.url}/sign-in/sunflower%40example.com`);
  await fetch(`${server.url}/sign-in`);
  const log = lines.join('\n');
  expect(log).toMatch(/decode 200, 1 payloads \(token\)/);
  expect(log).toMatch(/decode 200, 1 payloads \(session\)/);
  expect(log).toMatch(/decode 401/);
  expect(log).toMatch(/^other 404$/m);
  expect(log).toMatch(/^sign-in 405$/m);
  expect(log).not.toContain('sunflower');
  expect(log).not.toContain('secret');
  expect(log).not.toContain(TOKEN);
  expect(log).not.toMatch(/vend_codec|[A-Za-z0-9+/]{20,}/);
});
