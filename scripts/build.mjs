/** Compiles src/ into lib/ and bundles the workflows, so that a worker starts without webpack. */
import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { format } from 'node:util';
import { buildStamp, root, sourceHash, StepFailed, tool } from './tools.mjs';

const lib = join(root, 'lib');

try {
  const madeFrom = sourceHash();
  rmSync(lib, { recursive: true, force: true });
  await tool('typescript/bin/tsc', ['-p', 'tsconfig.build.json']);
  await bundleWorkflows('index.js', 'workflow-bundle.js');
  await bundleWorkflows('versioned.js', 'workflow-bundle-versioned.js');
  const starter = join(lib, 'starter.js');
  if (existsSync(starter)) chmodSync(starter, 0o755);
  // Last: without it the build counts as not done.
  writeFileSync(buildStamp, madeFrom);
} catch (error) {
  console.error(error instanceof StepFailed ? error.message : error);
  process.exitCode = 1;
}

async function bundleWorkflows(entry, bundle) {
  const { bundleWorkflowCode } = createRequire(import.meta.url)('@temporalio/worker');
  const said = [];
  const note = (...words) => said.push(format(...words));
  const logger = { log: note, trace: note, debug: note, info: note, warn: note, error: note };
  try {
    const workflowsPath = join(lib, 'workflows', entry);
    const { code } = await bundleWorkflowCode({ workflowsPath, logger });
    writeFileSync(join(lib, bundle), code);
  } catch (error) {
    throw new StepFailed([...said, format(error)].join('\n'));
  }
}
