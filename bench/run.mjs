/**
 * `npm run bench [-- NAME… [--write]]`: measurements, not tests. Each one starts what it needs on this
 * machine and prints what it measured. A full run writes RESULTS.md; with `--write`, a run of some
 * replaces their sections.
 */
import { fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { writeResults } from './results.mjs';

const require = createRequire(import.meta.url);
const { simulatedAws, withoutSettings } = require('../lib/local/isolated.js');

/** In the order of RESULTS.md. */
const MEASUREMENTS = ['vend', 'peers', 'makespan', 'gate', 'conformance', 'batch', 'scale'];
/** For what is stuck: `scale` takes 45 minutes on one machine, and more than 90 on another. */
const LIMIT_MINUTES = 180;

const words = process.argv.slice(2);
const isWrite = (word) => word === '--write';
const wanted = words.filter((word) => !isWrite(word));
const unknown = wanted.filter((name) => !MEASUREMENTS.includes(name));
if (unknown.length > 0) {
  console.error(
    `no such measurement: ${unknown.join(', ')}; there are: ${MEASUREMENTS.join(', ')}, and --write`,
  );
  process.exit(2);
}
const isFull = wanted.length === 0;
for (const name of MEASUREMENTS) {
  if (!isFull && !wanted.includes(name)) continue;
  const startedAt = Date.now();
  const { told, failed } = await measured(name);
  if (failed !== undefined) {
    console.error(`FAILED: ${name}: ${failed}`);
    process.exitCode = 1;
  }
  // After each: a run of an hour that is broken off has not been for nothing.
  if (isFull || words.some(isWrite)) {
    await writeResults(MEASUREMENTS, { name, told, failed, startedAt, ms: Date.now() - startedAt });
  }
  console.log('');
}

/** What it told, and why it did not come to its end. */
function measured(name) {
  const { TEMPORAL_CLI } = process.env;
  const env = {
    ...withoutSettings(process.env),
    ...(TEMPORAL_CLI ? { TEMPORAL_CLI } : {}),
    // Each names its simulator itself; nobody listens here.
    ...simulatedAws('http://127.0.0.1:1'),
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  };
  const child = fork(fileURLToPath(new URL('measure.mjs', import.meta.url)), [name], { env });
  const limit = setTimeout(() => child.kill('SIGTERM'), LIMIT_MINUTES * 60_000);
  let said = { told: [], failed: undefined };
  let isSaid = false;
  child.once('message', (message) => {
    said = message;
    isSaid = true;
  });
  return new Promise((resolve) => {
    child.once('close', (status, signal) => {
      clearTimeout(limit);
      const end = child.killed
        ? `it was stopped after ${LIMIT_MINUTES} minutes`
        : `it ended with ${signal ?? status} before it was finished`;
      const isWhole = isSaid && !(child.killed && said.failed);
      resolve(isWhole ? said : { ...said, failed: end });
    });
  });
}
