import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { newEncryptionKey } from '../../src/encryption';
import { vend } from './run-vend';

const KEY = newEncryptionKey('a');
const TOKEN = 'a-token-that-nobody-guesses-4711';
const folder = mkdtempSync(join(tmpdir(), 'vend-codec-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (content: string) => {
  const path = join(folder, String(Math.random()));
  writeFileSync(path, content);
  return path;
};
const keys = { VEND_ENCRYPTION_KEYS: KEY };
const withToken = { ...keys, VEND_CODEC_TOKEN: TOKEN };

describe('refuses to start, and says why', () => {
  const cases: [string, string[], NodeJS.ProcessEnv, RegExp][] = [
    ['without a key', ['--no-auth'], {}, /There is no key: set VEND_ENCRYPTION_KEYS.*--new-key ID/],
    ['with a bad key', [], { VEND_ENCRYPTION_KEYS: 'a:b' }, /VEND_ENCRYPTION_KEYS, key 1 \(a\)/],
    ['without a token', [], keys, /set VEND_CODEC_TOKEN or VEND_CODEC_TOKEN_FILE.*--no-auth/],
    ['with an empty token', [], { ...keys, VEND_CODEC_TOKEN: '' }, /VEND_CODEC_TOKEN must give at/],
    ['with a short token', [], { ...keys, VEND_CODEC_TOKEN: 'short' }, /at least 24 printable/],
    [
      'with a token of two words',
      [],
      { ...keys, VEND_CODEC_TOKEN: `${TOKEN} ${TOKEN}` },
      /without a space/,
    ],
    [
      'with two tokens',
      [],
      { ...withToken, VEND_CODEC_TOKEN_FILE: file(TOKEN) },
      /are both set: unset one/,
    ],
    [
      'with a token file that is not there',
      [],
      { ...keys, VEND_CODEC_TOKEN_FILE: join(folder, 'none') },
      /VEND_CODEC_TOKEN_FILE names .*none, which cannot be read \(ENOENT\)/,
    ],
    ['for others without a token', ['--host', '0.0.0.0'], keys, /must show a token/],
    [
      'for others, asking nobody',
      ['--host', '0.0.0.0', '--no-auth'],
      keys,
      /--no-auth is for this machine alone, and --host is 0\.0\.0\.0/,
    ],
    ['on every IPv6 address, asking nobody', ['--host', '::', '--no-auth'], keys, /--host is ::/],
    [
      'behind a proxy, asking nobody',
      ['--no-auth', '--public-url', 'https://codec.example.com'],
      keys,
      /--public-url is for others/,
    ],
    ['asking nobody, with a token', ['--no-auth'], withToken, /contradict each other/],
    [
      'with an origin that has a path',
      ['--ui-origin', 'https://ui.example.com/x'],
      withToken,
      /--ui-origin must be as browsers name it.*Perhaps https:\/\/ui\.example\.com\./,
    ],
    ['with any origin', ['--ui-origin', '*'], withToken, /--ui-origin must be/],
    ['with a public URL that is none', ['--public-url', 'x'], withToken, /--public-url must be/],
    [
      'with a public URL that has a path',
      ['--public-url', 'https://example.com/codec'],
      withToken,
      /--public-url must be https:\/\/host\[:port\].*Perhaps https:\/\/example\.com\./,
    ],
    [
      'with a public URL that holds a password',
      ['--public-url', 'https://a:b@example.com'],
      withToken,
      /--public-url must be/,
    ],
    ['with a port that is none', ['--port', 'x'], withToken, /--port must be a whole number/],
  ];
  test.each(cases)('%s', async (_, argv, env, expected) => {
    const { status, stderr, stdout } = await vend(['codec-server', ...argv], { env });
    expect(stderr).toMatch(expected);
    expect(stderr).not.toContain(TOKEN);
    expect(stderr).not.toContain(KEY.slice(2));
    expect(stdout).toBe('');
    expect(status).toBe(2);
  });
});

test('--new-key prints a key that is taken', async () => {
  const { stdout, status } = await vend(['codec-server', '--new-key', '2026-11']);
  expect(stdout).toMatch(/^2026-11:[A-Za-z0-9+/]{43}=\n$/);
  expect(status).toBe(0);
  const json = await vend(['codec-server', '--new-key', 'b', '--json']);
  expect(JSON.parse(json.stdout)).toEqual({ id: 'b', key: expect.stringMatching(/^b:/) });
  const wrong = await vend(['codec-server', '--new-key', 'a b']);
  expect(wrong.stderr).toMatch(/The id of a key must have 1-64 letters/);
  expect(wrong.status).toBe(2);
});

test('--help has the variables and examples', async () => {
  const { stdout } = await vend(['codec-server', '--help']);
  for (const word of ['VEND_ENCRYPTION_KEYS', 'VEND_CODEC_TOKEN', '--ui-origin', '$ vend codec']) {
    expect(stdout).toContain(word);
  }
});

test('the built command answers where it says, with keys and token from files, until it is ended', async () => {
  const env = { VEND_ENCRYPTION_KEYS_FILE: file(KEY), VEND_CODEC_TOKEN_FILE: file(`${TOKEN}\n`) };
  const argv = ['codec-server', '--port', '0', '--json', '--ui-origin', 'http://localhost:8233'];
  const child = spawn(process.execPath, [resolve(__dirname, '../../lib/starter.js'), ...argv], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  try {
    let document = '';
    for await (const line of createInterface({ input: child.stdout })) {
      document += line;
      if (line === '}') break;
    }
    const { url, ...rest } = JSON.parse(document) as { url: string };
    // The host name of the Web UI, since a cookie of 127.0.0.1 is none of localhost.
    const endpoint = url.replace('127.0.0.1', 'localhost');
    expect(rest).toEqual({ endpoint, keyIds: ['a'], uiOrigins: ['http://localhost:8233'] });
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const answer = await fetch(`${url}/decode`, {
      method: 'POST',
      headers: { authorization: `Bearer ${TOKEN}` },
      body: '{"payloads":[]}',
    });
    expect(await answer.json()).toEqual({ payloads: [] });
  } finally {
    child.kill('SIGTERM');
  }
  await new Promise((done) => child.once('exit', done));
  expect(child.exitCode).toBe(0);
});

test.each([
  ['variable', { VEND_CODEC_TOKEN: TOKEN }],
  ['file', { VEND_CODEC_TOKEN_FILE: file(`${TOKEN}\n`) }],
])('what it prints for a terminal gives the token where it stands in a %s', async (_, given) => {
  const env = { ...process.env, ...keys, ...given };
  const argv = [resolve(__dirname, '../../lib/starter.js'), 'codec-server', '--port', '0'];
  const child = spawn(process.execPath, argv, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      printed += `${line}\n`;
      if (line.startsWith('Ctrl-C')) break;
    }
  } finally {
    child.kill('SIGTERM');
  }
  await new Promise((done) => child.once('exit', done));
  expect(printed).not.toContain(TOKEN);
  const [, word = ''] = /--codec-auth (.*)$/m.exec(printed) ?? [];
  const said = execFileSync('sh', ['-c', `printf %s ${word}`], { env, encoding: 'utf8' });
  expect(said).toBe(`Bearer ${TOKEN}`);
});
