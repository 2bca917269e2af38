/**
 * Temporal's server, its schema tool and its Web UI, built by Go from their own sources and kept in the
 * cache folder: where no container runs, there is no other way to this server.
 */
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { run, step, StepFailed } from '../tools.mjs';
import { imageTag } from './compose-file.mjs';

const require = createRequire(import.meta.url);

/** Returns the paths of the programs, by name. */
export async function goPrograms() {
  const server = imageTag('temporal');
  const ui = imageTag('temporal-ui');
  const at = 'go.temporal.io/server/cmd';
  return {
    server: await built('temporal-server', server, `${at}/server`, 'about 7 minutes, once'),
    sqlTool: await built('temporal-sql-tool', server, `${at}/tools/sql`, 'about 3 minutes, once'),
    ui: await built(
      'temporal-ui-server',
      ui,
      'github.com/temporalio/ui-server/v2/cmd/server',
      'about 2 minutes, once',
    ),
  };
}

async function built(name, version, source, howLong) {
  const home = homeOf(name, version);
  const program = join(home, name);
  if (existsSync(program)) return program;
  await step(`building ${name} ${version} (${howLong})`, async () => {
    const work = `${home}.${process.pid}`;
    try {
      await build(work, name, `${source}@v${version}`);
      // Whole and at once: of two that build, either's copy is as good.
      await rename(work, home).catch((error) => {
        if (!existsSync(program)) throw error;
      });
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  });
  return program;
}

function homeOf(name, version) {
  // Only now: before the set-up there is no lib/.
  const { cacheFolder } = require('../../lib/local/temporal-cache.js');
  return join(cacheFolder(), `${name}-${version}`);
}

async function build(work, name, source) {
  await mkdir(work, { recursive: true });
  const env = { ...process.env, GOBIN: work, CGO_ENABLED: '0' };
  await run('go', ['install', source], { env }).catch((error) => {
    throw new StepFailed(
      `${error.message.trim()}\n\nIt is built by Go: install Go (the version that the message names, or 1.26), and see that it may fetch modules.`,
    );
  });
  const file = source.replace(/@.*$/, '').split('/').at(-1);
  await rename(join(work, file), join(work, name));
}
