import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';

/** The script as `npm run stack` runs it. It is ended by nobody here: each of these stops by itself. */
function stack(...args: string[]): Promise<{ status: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [resolve(__dirname, '../../scripts/stack.mjs'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (err += chunk));
  return new Promise((done) => child.once('close', (status) => done({ status, out, err })));
}

describe('npm run stack', () => {
  test('--help says what it runs, with examples', async () => {
    const { status, out } = await stack('--help');
    expect(status).toBe(0);
    for (const word of ['PostgreSQL', '--simulator', '--data', 'npm run stack -- --simulator']) {
      expect(out).toContain(word);
    }
  });

  test.each([
    [['--temporal-port', 'seven'], '--temporal-port must be a port, and is "seven"'],
    [['--ui-port', '70000'], '--ui-port must be a port, and is "70000"'],
    [['test', '--vends', 'many'], '--vends must be a whole number, and is "many"'],
    [['tests'], 'There is no "npm run stack -- tests"'],
    [['--nonsense'], '--nonsense'],
  ])('%j is wrong: exit 2, what is, and how it goes', async (args, said) => {
    const { status, err } = await stack(...args);
    expect(status).toBe(2);
    expect(err).toContain(said);
    expect(err).toContain('Usage: npm run stack');
  });

  test('a port that is taken: exit 1 before anything starts, and which option to give', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => server.once('listening', done));
    const { port } = server.address() as AddressInfo;
    const { status, err } = await stack('--temporal-port', String(port), '--ui-port', '0');
    await new Promise((done) => server.close(done));
    expect(status).toBe(1);
    expect(err).toContain(`Port ${port} is taken`);
    expect(err).toContain('--temporal-port NUMBER');
    expect(err).not.toMatch(/^\s+at /m);
  });

  test('certificates that are not there: exit 1, which, and how to make some', async () => {
    const free = ['--temporal-port', '0', '--ui-port', '0'];
    const { status, err } = await stack('--tls', 'nowhere', ...free);
    expect(status).toBe(1);
    expect(err).toMatch(/--tls names .*nowhere, and .*ca\.pem is not there/);
    expect(err).toContain('make-certificates.sh nowhere');
  });

  test('a configuration that is not there: exit 1, and its name', async () => {
    const free = ['--temporal-port', '0', '--ui-port', '0'];
    const { status, err } = await stack('--config', 'nowhere.yaml', ...free);
    expect(status).toBe(1);
    expect(err).toMatch(/--config names .*nowhere\.yaml, which is not there/);
  });
});
