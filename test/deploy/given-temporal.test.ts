import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { givenMutualTls, givenTemporal } from '../support/given-temporal';

describe('TEST_TEMPORAL_ADDRESS', () => {
  test.each(['127.0.0.1:7233', 'localhost:20000', '[::1]:7233'])(
    'tests may run against this machine: %s',
    (address) => {
      expect(givenTemporal({ TEST_TEMPORAL_ADDRESS: address })).toBe(address);
    },
  );

  test.each(['temporal.example.com:7233', '10.0.0.1:7233', '127.0.0.1.example.com:7233'])(
    'and against nothing else: %s',
    (address) => {
      expect(() => givenTemporal({ TEST_TEMPORAL_ADDRESS: address })).toThrow(
        'tests run against this machine only',
      );
    },
  );

  test('where it names nothing, tests start a server of their own', () => {
    expect(givenTemporal({})).toBeUndefined();
  });

  test('one that asks for certificates is on this machine too, and says whom it trusts', () => {
    const [address, folder] = ['127.0.0.1:7233', '/certificates'];
    const given = (more: object) =>
      givenMutualTls({ TEST_TEMPORAL_MTLS_ADDRESS: address, ...more });
    expect(given({ TEST_TEMPORAL_MTLS_FOLDER: folder })).toMatchObject({ address, folder });
    expect(() => given({})).toThrow('TEST_TEMPORAL_MTLS_FOLDER is not set');
    expect(() => given({ TEST_TEMPORAL_MTLS_ADDRESS: 'temporal.example.com:7233' })).toThrow(
      'tests run against this machine only',
    );
    expect(givenMutualTls({})).toBeUndefined();
  });

  test('a chaos run keeps to this machine, too', async () => {
    const env = { ...process.env, TEST_TEMPORAL_ADDRESS: 'temporal.example.com:7233' };
    const program = resolve(__dirname, '../chaos/run.mjs');
    const said = await new Promise<string>((done) => {
      execFile(process.execPath, [program], { env }, (error, _, err) =>
        done(`${error?.code} ${err}`),
      );
    });
    expect(said).toMatch(/^1 /);
    expect(said).toContain('chaos is for this machine only');
  });
});
