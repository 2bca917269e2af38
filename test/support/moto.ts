import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { PATIENCE_MS } from './until';

/** The known differences in test/simulator/moto.test.ts belong to exactly this version. */
const MOTO_VERSION = '5.2.5';

const CACHE = resolve(__dirname, '../../.cache', `moto-${MOTO_VERSION}`);
/** Written last: a folder without it is an installation that did not finish. */
const INSTALLED = join(CACHE, '.installed');
const LOCK = `${CACHE}.lock`;
const INSTALLED_WITHIN_MS = 240_000;

export interface Moto {
  url: string;
  close(): Promise<void>;
}

const run = promisify(execFile);

/** Starts moto, an AWS written by somebody else, on a free port. The first time it is installed. */
export async function startMoto(): Promise<Moto> {
  await install();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const server = spawn(join(CACHE, 'bin', 'moto_server'), ['-H', '127.0.0.1', '-p', String(port)], {
    stdio: 'ignore',
  });
  const ended = new Promise<void>((done) => {
    server.once('exit', () => done());
    server.once('error', () => done());
  });
  try {
    await untilItAnswers(url, server);
  } catch (error) {
    server.kill('SIGKILL');
    throw error;
  }
  return {
    url,
    close: async () => {
      server.kill();
      await ended;
    },
  };
}

/** Test files run side by side: one installs, the others wait for it. */
async function install(): Promise<void> {
  mkdirSync(dirname(CACHE), { recursive: true });
  for (const deadline = Date.now() + INSTALLED_WITHIN_MS; !existsSync(INSTALLED);) {
    if (takeLock()) {
      await installHere().finally(() => rmSync(LOCK, { recursive: true, force: true }));
      return;
    }
    if (Date.now() >= deadline)
      throw new Error(`moto was not installed: remove ${LOCK} and try again.`);
    await new Promise((done) => setTimeout(done, 200));
  }
}

/** Making a folder is atomic: false where another process has made it. One that was left by a run that was ended counts no more. */
function takeLock(): boolean {
  const made = statSync(LOCK, { throwIfNoEntry: false })?.mtimeMs ?? Infinity;
  if (made < Date.now() - INSTALLED_WITHIN_MS) rmSync(LOCK, { recursive: true, force: true });
  try {
    mkdirSync(LOCK);
    return true;
  } catch {
    return false;
  }
}

async function installHere(): Promise<void> {
  if (existsSync(INSTALLED)) return;
  await run('python3', ['--version']).catch((cause: unknown) => {
    throw new Error(
      `The comparison with moto needs python3 (3.10 or later) in the PATH. Install it, or leave test/simulator/moto.test.ts out.`,
      { cause },
    );
  });
  rmSync(CACHE, { recursive: true, force: true });
  mkdirSync(CACHE, { recursive: true });
  await run('python3', ['-m', 'venv', CACHE]);
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  await run(join(CACHE, 'bin', 'python'), [...pip, `moto[server]==${MOTO_VERSION}`]);
  writeFileSync(INSTALLED, `${MOTO_VERSION}\n`);
}

function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const probe = createServer();
    probe.once('error', failed);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => done(port));
    });
  });
}

async function untilItAnswers(url: string, server: ChildProcess): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (Date.now() < deadline) {
    if (server.exitCode !== null) throw new Error(`moto ended with status ${server.exitCode}.`);
    const answers = await fetch(`${url}/moto-api/`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answers) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`moto did not answer at ${url} within ${PATIENCE_MS / 1000} s.`);
}
