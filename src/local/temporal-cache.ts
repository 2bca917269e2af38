import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { TemporalBinary } from './temporal-binaries';

/** Where fetched programs are kept, for this user and all checkouts. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const own = 'account-vending';
  if (env['XDG_CACHE_HOME']) return join(env['XDG_CACHE_HOME'], own);
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', own);
  if (process.platform === 'win32' && env['LOCALAPPDATA']) return join(env['LOCALAPPDATA'], own);
  return join(homedir(), '.cache', own);
}

/** The cached program; undefined where there is none, or it is no longer what was put there. */
export async function readCache(
  folder: string,
  binary: TemporalBinary,
): Promise<string | undefined> {
  const { program, checksum } = places(folder, binary);
  try {
    const expected = (await readFile(checksum, 'utf8')).trim();
    return (await sha256(program)) === expected ? program : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Puts a program into the cache together with its SHA-256, in one rename: whoever looks sees all of
 * it or nothing, and of two that fetch at once either's copy is as good.
 */
export async function writeCache(
  folder: string,
  binary: TemporalBinary,
  fetched: string,
): Promise<string> {
  const { home, program } = places(folder, binary);
  await withWorkFolder(folder, async (work) => {
    const staged = places(work, binary);
    await mkdir(staged.home);
    await rename(fetched, staged.program);
    await chmod(staged.program, 0o755);
    await writeFile(staged.checksum, `${await sha256(staged.program)}\n`);
    if (!(await renamed(staged.home, home))) {
      if (await readCache(folder, binary)) return;
      await renamed(home, join(work, 'spoilt'));
      if (!(await renamed(staged.home, home)) && !(await readCache(folder, binary))) {
        throw new Error(`${home} cannot be replaced; remove it`);
      }
    }
  });
  return program;
}

/** Gives `use` an empty folder on the cache's own disk, and removes it afterwards. */
export async function withWorkFolder<T>(
  folder: string,
  use: (work: string) => Promise<T>,
): Promise<T> {
  await sweep(folder);
  const work = join(folder, `${WORK}${randomUUID()}`);
  await mkdir(work, { recursive: true });
  try {
    return await use(work);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

const WORK = 'work-';
const ABANDONED_AFTER_MS = 3_600_000;

/** Removes what an interrupted fetch has left. */
async function sweep(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((each) => each.startsWith(WORK))) {
    const path = join(folder, name);
    const made = (await stat(path).catch(() => undefined))?.mtimeMs ?? Date.now();
    if (Date.now() - made > ABANDONED_AFTER_MS) await rm(path, { recursive: true, force: true });
  }
}

function places(folder: string, { name, version }: TemporalBinary) {
  const home = join(folder, `${name}-${version}`);
  const file = process.platform === 'win32' ? `${name}.exe` : name;
  return { home, program: join(home, file), checksum: join(home, 'sha256') };
}

/** False where something stands there already. */
export async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (['ENOTEMPTY', 'EEXIST', 'EPERM', 'ENOENT'].includes(code)) return false;
    throw error;
  }
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest('hex');
}
