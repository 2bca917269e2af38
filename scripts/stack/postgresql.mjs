/** A PostgreSQL of our own: programs that are there, or Debian's packages; its data in our folder. */
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { run, step, StepFailed } from '../tools.mjs';
import { CannotStart } from './cannot-start.mjs';

/** Temporal's schema needs 12; 13 is the oldest that PostgreSQL itself still mends. */
const OLDEST = 13;
const DEBIAN = '/usr/lib/postgresql';

export const POSTGRES_USER = 'temporal';

/** Returns the settings of a server that runs, and the programs beside it. */
export async function startPostgresql({ folder, port, processes }) {
  const bin = await findPrograms();
  const as = await whoRunsIt();
  const data = join(folder, 'postgresql');
  const passwordFile = join(folder, 'postgresql-password');
  if (!existsSync(join(data, 'PG_VERSION'))) {
    await step('setting up a PostgreSQL database', () =>
      initialize({ bin, as, data, passwordFile }),
    );
  }
  checkVersion(bin, data, await versionOf(bin));
  const settings = ['listen_addresses=127.0.0.1', `port=${port}`, 'unix_socket_directories='];
  await processes.start({
    name: 'postgresql',
    command: join(bin, 'postgres'),
    args: ['-D', data, ...settings.flatMap((setting) => ['-c', setting])],
    options: { ...as, cwd: data },
    // The quick one: it waits for no client.
    stopWith: 'SIGINT',
    isReady: () => run(join(bin, 'pg_isready'), ['-h', '127.0.0.1', '-p', String(port)]),
  });
  const password = readFileSync(passwordFile, 'utf8').trim();
  return { address: `127.0.0.1:${port}`, port, password };
}

/** PostgreSQL refuses to be root. */
async function whoRunsIt() {
  if (process.getuid?.() !== 0) return {};
  const ask = async (what) => Number(await run('id', [what, 'postgres']));
  return { uid: await ask('-u'), gid: await ask('-g') };
}

async function initialize({ bin, as, data, passwordFile }) {
  mkdirSync(data, { recursive: true, mode: 0o700 });
  writeFileSync(passwordFile, randomBytes(24).toString('hex'), { mode: 0o600 });
  if (as.uid !== undefined) {
    for (const path of [data, passwordFile]) chownSync(path, as.uid, as.gid);
    await run('/bin/sh', ['-c', 'cd "$0"', data], as).catch(() => {
      throw new StepFailed(
        `PostgreSQL runs as the user postgres, who may not enter ${data}. Name a folder that everybody may enter: --data FOLDER.`,
      );
    });
  }
  const settings = [
    ['--pgdata', data],
    ['--username', POSTGRES_USER],
    ['--pwfile', passwordFile],
    ['--auth', 'scram-sha-256'],
    ['--encoding', 'UTF8'],
    ['--locale', 'C'],
  ];
  await run(join(bin, 'initdb'), settings.flat(), { ...as, cwd: data });
}

async function findPrograms() {
  const found = (await lookFor()) ?? (await installed());
  if (found) return found;
  throw new CannotStart(
    `There is no PostgreSQL of version ${OLDEST} or newer. Install it (Debian: apt-get install postgresql; macOS: brew install postgresql@17), and see that initdb is on PATH.`,
  );
}

/** The newest of those on PATH and of Debian, which has them nowhere near PATH. */
async function lookFor() {
  const onPath = (process.env.PATH ?? '').split(delimiter);
  const debians = existsSync(DEBIAN)
    ? readdirSync(DEBIAN).map((version) => join(DEBIAN, version, 'bin'))
    : [];
  const found = [];
  for (const folder of [...onPath, ...debians]) {
    const isWhole = ['initdb', 'postgres', 'pg_isready'].every((name) =>
      existsSync(join(folder, name)),
    );
    if (isWhole) found.push({ folder, version: await versionOf(folder).catch(() => 0) });
  }
  const [best] = found.sort((left, right) => right.version - left.version);
  return best && best.version >= OLDEST ? best.folder : undefined;
}

async function installed() {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return undefined;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const packages = ['install', '--yes', '--no-install-recommends', 'postgresql'];
  await step('installing PostgreSQL from Debian’s packages (about a minute, once)', async () => {
    await run('apt-get', ['update'], { env });
    await run('apt-get', packages, { env });
  });
  return lookFor();
}

async function versionOf(folder) {
  const said = await run(join(folder, 'postgres'), ['--version']);
  return Number(/\(PostgreSQL\) (\d+)/.exec(said)?.[1] ?? 0);
}

function checkVersion(bin, data, version) {
  const of = Number(readFileSync(join(data, 'PG_VERSION'), 'utf8'));
  if (of === version) return;
  throw new CannotStart(
    `${data} is a database of PostgreSQL ${of}, and ${bin} is version ${version}. Put version ${of} on PATH, name another folder (--data), or move this one away.`,
  );
}
