import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  EncryptionCodec,
  EncryptionKeyError,
  encryptingDataConverter,
  encryptionFromEnvironment,
  newEncryptionKey,
} from '../../src/encryption';
import { keysFromEnvironment } from '../../src/encryption/keys-from-environment';

const folder = mkdtempSync(join(tmpdir(), 'vend-keys-'));
afterAll(() => rmSync(folder, { recursive: true }));

const A = newEncryptionKey('a');
const B = newEncryptionKey('2026-11.b_1');
const secretOf = (key: string) => key.slice(key.indexOf(':') + 1);

function fileOf(content: string): string {
  const file = join(folder, `${Math.random()}.keys`);
  writeFileSync(file, content);
  return file;
}

function refused(env: NodeJS.ProcessEnv): string {
  try {
    keysFromEnvironment(env);
  } catch (error) {
    if (error instanceof EncryptionKeyError) return error.message;
    throw error;
  }
  throw new Error('these keys were taken');
}

test('without the variables there are no keys, and nothing is encrypted', async () => {
  expect(keysFromEnvironment({})).toBeUndefined();
  const { payloadCodecs, failureConverterPath } = encryptionFromEnvironment({});
  const payload = { metadata: {}, data: Buffer.from('clear') };
  expect(await payloadCodecs[0].encode([payload])).toEqual([payload]);
  expect(failureConverterPath).toBeUndefined();
});

test('a list of keys that is given and empty is refused: keys that got lost do not turn encryption off', async () => {
  for (const make of [() => encryptingDataConverter([]), () => new EncryptionCodec([])]) {
    expect(make).toThrow(EncryptionKeyError);
    expect(make).toThrow(/The list of keys is empty.*leave it out for no encryption/);
  }
  const { payloadCodecs, failureConverterPath } = encryptingDataConverter(undefined);
  expect(payloadCodecs[0].keyIds).toEqual([]);
  expect(failureConverterPath).toBeUndefined();
});

test('the first key of the list or of the file encrypts; spaces and comments do not count', () => {
  const env = { VEND_ENCRYPTION_KEYS: ` ${A} , ${B},` };
  expect(keysFromEnvironment(env)?.map(({ id }) => id)).toEqual(['a', '2026-11.b_1']);
  const file = fileOf(`# new\n${B}\r\n\n  # old\n${A}\n`);
  const [first, second] = keysFromEnvironment({ VEND_ENCRYPTION_KEYS_FILE: file }) ?? [];
  expect([first?.id, second?.id]).toEqual(['2026-11.b_1', 'a']);
  expect(Buffer.from(first?.key ?? []).toString('base64')).toBe(secretOf(B));
});

test('a key may stand without its padding', () => {
  const [key] = keysFromEnvironment({ VEND_ENCRYPTION_KEYS: A.replace(/=+$/, '') }) ?? [];
  expect(Buffer.from(key?.key ?? []).toString('base64')).toBe(secretOf(A));
});

describe('refused, with the name of the variable and never a key', () => {
  const secret = secretOf(A);
  const cases: [string, NodeJS.ProcessEnv, RegExp][] = [
    [
      'both variables',
      { VEND_ENCRYPTION_KEYS: A, VEND_ENCRYPTION_KEYS_FILE: fileOf(A) },
      /VEND_ENCRYPTION_KEYS and VEND_ENCRYPTION_KEYS_FILE are both set/,
    ],
    ['an empty variable', { VEND_ENCRYPTION_KEYS: '' }, /VEND_ENCRYPTION_KEYS is empty/],
    ['only commas', { VEND_ENCRYPTION_KEYS: ' , ' }, /VEND_ENCRYPTION_KEYS is empty/],
    ['no file', { VEND_ENCRYPTION_KEYS_FILE: '' }, /_FILE names no file.*cannot be read/],
    [
      'a file that is not there',
      { VEND_ENCRYPTION_KEYS_FILE: join(folder, 'none') },
      /_FILE names .*none, which cannot be read \(ENOENT\)/,
    ],
    [
      'an empty file',
      { VEND_ENCRYPTION_KEYS_FILE: fileOf('# later\n') },
      /_FILE names a file without a key/,
    ],
    ['a key without an id', { VEND_ENCRYPTION_KEYS: `${B},${secret}` }, /KEYS, key 2: .*id:base64/],
    ['an empty id', { VEND_ENCRYPTION_KEYS: `:${secret}` }, /key 1: .*id:base64/],
    ['an id with a space', { VEND_ENCRYPTION_KEYS: `my key:${secret}` }, /key 1: .*id:base64/],
    ['a long id', { VEND_ENCRYPTION_KEYS: `${'x'.repeat(65)}:${secret}` }, /id:base64/],
    [
      'no base64',
      { VEND_ENCRYPTION_KEYS: `a:${secret.slice(0, -2)}!=` },
      /key 1 \(a\): .*is not 32 bytes in base64/,
    ],
    [
      'nothing behind the colon',
      { VEND_ENCRYPTION_KEYS: 'a:' },
      /key 1 \(a\): .*is not 32 bytes in base64/,
    ],
    [
      'a key of 16 bytes',
      { VEND_ENCRYPTION_KEYS: `a:${Buffer.alloc(16, 7).toString('base64')}` },
      /key 1 \(a\): it has 16 bytes and must have 32/,
    ],
    [
      'an id twice',
      { VEND_ENCRYPTION_KEYS_FILE: fileOf(`${A}\n${newEncryptionKey('a')}\n`) },
      /VEND_ENCRYPTION_KEYS_FILE, key 2: the id a is there twice/,
    ],
  ];
  test.each(cases)('%s', (_, env, expected) => {
    const message = refused(env);
    expect(message).toMatch(expected);
    expect(message).toContain('VEND_ENCRYPTION_KEYS');
    expect(message).not.toContain(secret.slice(0, 8));
    expect(message).not.toContain(Buffer.alloc(16, 7).toString('base64').slice(0, 8));
  });
});

test('a new key is one that is taken, and each is another', () => {
  expect(keysFromEnvironment({ VEND_ENCRYPTION_KEYS: A })).toHaveLength(1);
  expect(newEncryptionKey('a')).not.toBe(A);
});
