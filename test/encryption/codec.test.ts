import { defaultPayloadConverter } from '@temporalio/common';
import type { Payload } from '@temporalio/common';
import * as fc from 'fast-check';
import { EncryptionCodec, UnreadablePayloadError, isEncrypted } from '../../src/encryption';
import type { EncryptionKey } from '../../src/encryption';

const keyOf = (id: string, fill: number): EncryptionKey => ({ id, key: Buffer.alloc(32, fill) });
const A = keyOf('a', 1);
const B = keyOf('b', 2);
const text = (bytes: Uint8Array | null | undefined) => Buffer.from(bytes ?? []).toString();

const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
const payloads = fc.array(
  fc.record({
    metadata: fc.dictionary(
      fc.string({ maxLength: 20 }).filter((name) => name !== '__proto__'),
      bytes,
      { maxKeys: 5 },
    ),
    data: bytes,
  }),
  { maxLength: 4 },
);
const plainly = (all: readonly Payload[]) =>
  all.map(({ metadata, data }) => ({
    metadata: Object.fromEntries(
      Object.entries(metadata ?? {}).map(([name, value]) => [
        name,
        Buffer.from(value).toString('hex'),
      ]),
    ),
    data: Buffer.from(data ?? []).toString('hex'),
  }));

test('whatever was encrypted is decrypted as it was, with its metadata, in its order', async () => {
  const codec = new EncryptionCodec([A]);
  await fc.assert(
    fc.asyncProperty(payloads, async (clear) => {
      const sealed = await codec.encode(clear);
      expect(sealed.every(isEncrypted)).toBe(true);
      expect(plainly(await codec.decode(sealed))).toEqual(plainly(clear));
    }),
  );
});

test('what the SDK makes of a value comes back as that value', async () => {
  const codec = new EncryptionCodec([A]);
  for (const value of [undefined, null, '', 0, { a: ['ü', { b: true }] }, Buffer.from([0, 255])]) {
    const [sealed] = await codec.encode([defaultPayloadConverter.toPayload(value)]);
    const [clear] = await codec.decode([sealed as Payload]);
    expect(defaultPayloadConverter.fromPayload(clear as Payload)).toEqual(value);
  }
});

test('what is stored says how, and with which key, as operators know it, and nothing else', async () => {
  const clear = defaultPayloadConverter.toPayload('sunflower@example.com');
  const [sealed, again] = await new EncryptionCodec([A, B]).encode([clear, clear]);
  expect(Object.keys(sealed?.metadata ?? {}).toSorted()).toEqual(['encoding', 'encryption-key-id']);
  expect(text(sealed?.metadata?.['encoding'])).toBe('binary/encrypted');
  expect(text(sealed?.metadata?.['encryption-key-id'])).toBe('a');
  expect(text(sealed?.data)).not.toMatch(/sunflower|json/);
  // The same twice is not told from two different ones.
  expect(sealed?.data).not.toEqual(again?.data);
});

test('a single changed, missing or added byte is refused, anywhere', async () => {
  const codec = new EncryptionCodec([A, B]);
  const [sealed] = await codec.encode([{ metadata: {}, data: Buffer.from('hello') }]);
  const { metadata, data } = sealed as { metadata: Record<string, Uint8Array>; data: Uint8Array };
  const refused = async (changed: Uint8Array) => {
    const attempt = codec.decode([{ metadata, data: changed }]);
    await expect(attempt).rejects.toThrow(UnreadablePayloadError);
    await expect(attempt).rejects.toThrow(/names key a cannot be decrypted/);
  };
  for (let at = 0; at < data.length; at += 1) {
    const changed = Buffer.from(data);
    changed[at] = (changed[at] ?? 0) ^ 1;
    await refused(changed);
    await refused(data.subarray(0, at));
    await refused(data.subarray(at + 1));
  }
  await refused(Buffer.concat([data, Buffer.from([0])]));
  await expect(codec.decode([{ metadata }])).rejects.toThrow(UnreadablePayloadError);
});

test('the name of the key is part of what is sealed', async () => {
  const [sealed] = await new EncryptionCodec([A]).encode([
    { metadata: {}, data: Buffer.from('x') },
  ]);
  // The same key under another name: a payload cannot be given another one.
  const both = new EncryptionCodec([A, { id: 'c', key: A.key }]);
  const renamed = {
    ...sealed,
    metadata: { ...sealed?.metadata, 'encryption-key-id': Buffer.from('c') },
  };
  await expect(both.decode([renamed])).rejects.toThrow(/names key c cannot be decrypted/);
  await expect(both.decode([sealed as Payload])).resolves.toHaveLength(1);
});

test('rotation: the first key encrypts, every one decrypts; without the old one its name is said', async () => {
  const [old] = await new EncryptionCodec([A]).encode([{ metadata: {}, data: Buffer.from('old') }]);
  const rotated = new EncryptionCodec([B, A]);
  const [fresh] = await rotated.encode([{ metadata: {}, data: Buffer.from('new') }]);
  expect(text(fresh?.metadata?.['encryption-key-id'])).toBe('b');
  const clear = await rotated.decode([old as Payload, fresh as Payload]);
  expect(clear.map(({ data }) => text(data))).toEqual(['old', 'new']);
  const attempt = new EncryptionCodec([B]).decode([old as Payload]);
  await expect(attempt).rejects.toThrow(/key a, which is not among those given here \(b\)/);
  await expect(attempt).rejects.toMatchObject({ keyId: 'a' });
  await expect(new EncryptionCodec().decode([old as Payload])).rejects.toThrow(
    /encrypted with key a, and no key is given here: set VEND_ENCRYPTION_KEYS/,
  );
});

test('what is not encrypted is handed on as it is, with keys and without', async () => {
  await fc.assert(
    fc.asyncProperty(payloads, async (clear) => {
      expect(await new EncryptionCodec([A]).decode(clear)).toEqual(clear);
      expect(await new EncryptionCodec().decode(clear)).toEqual(clear);
      expect(await new EncryptionCodec().encode(clear)).toEqual(clear);
    }),
  );
});

test('the name of a key that somebody else wrote is not repeated unless it is one', async () => {
  const metadata = {
    encoding: Buffer.from('binary/encrypted'),
    'encryption-key-id': Buffer.from('\u001b[2J some text\n'),
  };
  const attempt = new EncryptionCodec([A]).decode([{ metadata, data: Buffer.from('x') }]);
  await expect(attempt).rejects.toThrow(/key \(without a usable id\)/);
});

test('keys of another length and ids that are there twice are refused', () => {
  expect(() => new EncryptionCodec([{ id: 'a', key: Buffer.alloc(31) }])).toThrow(/31 bytes/);
  expect(() => new EncryptionCodec([A, keyOf('a', 3)])).toThrow(/twice/);
  expect(() => new EncryptionCodec([keyOf('a b', 3)])).toThrow(/its id must have/);
});
