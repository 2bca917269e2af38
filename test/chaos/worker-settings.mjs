/** What the workers of a run are given: waits about ten times as short as the defaults. */
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RATE_FACTOR } from './aws-chaos.mjs';

const require = createRequire(import.meta.url);
const { demoWorkerEnv } = require('../../lib/local/demo-settings.js');
const { FOLDER_VARIABLE, PLAN_FILE } = require('./crash-points.cjs');

const CONFIGURATION = {
  creation: {
    maxInProgress: 5,
    perSecond: 0.1 * RATE_FACTOR,
    burst: 3 * RATE_FACTOR,
    poll: { initial: '500ms', factor: 1.5, max: '3s' },
    reconcile: { settle: '1s', attempts: 3 },
    retry: { initial: '1s', max: '10s', attempts: 5 },
    recheck: '30s',
  },
  conformance: { regions: ['us-east-1'], poll: { initial: '500ms', max: '2s' } },
};

/** Writes the files of a worker into the folder and returns its environment. */
export async function workerEnv({ folder, temporal, simulator, crashes }) {
  const configurationFile = join(folder, 'vending.yaml');
  await writeFile(configurationFile, JSON.stringify(CONFIGURATION));
  const temporalFile = join(folder, 'temporal.toml');
  await writeFile(temporalFile, '[profile.default]\n');
  await writeFile(join(folder, PLAN_FILE), JSON.stringify(crashes));
  const { address, namespace } = temporal;
  const preload = fileURLToPath(new URL('crash-points.cjs', import.meta.url));
  return {
    ...demoWorkerEnv(process.env, {
      address,
      namespace,
      simulator,
      configurationFile,
      temporalFile,
    }),
    NODE_OPTIONS: `--require ${JSON.stringify(preload)}`,
    [FOLDER_VARIABLE]: folder,
    VEND_LOG_LEVEL: 'info',
  };
}
