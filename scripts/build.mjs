/** Compiles src/ into lib/ and bundles the workflows, so that a worker starts without webpack. */
import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { format } from 'node:util';
import { buildStamp, root, sourceHash, StepFailed, tool } from './tools.mjs';

const lib = join(root, 'lib');
/** Half of a bundle. Temporal's worker wants one; an empty one is enough where nobody debugs. */
const SOURCE_MAP = /\n(\/\/# sourceMappingURL=data:[^,]*base64,)\S+\s*$/;
const NO_MAP = Buffer.from('{"version":3,"sources":[],"names":[],"mappings":""}');

try {
  const madeFrom = sourceHash();
  rmSync(lib, { recursive: true, force: true });
  await tool('typescript/bin/tsc', ['-p', 'tsconfig.build.json']);
  // What differs between these only a bundle can bring into workflow code: the word on worker versioning,
  // which a server takes of a worker that has a version alone, and a failure converter that hides messages.
  const failureConverterPath = join(lib, 'encryption', 'failure-converter.js');
  for (const [kind, entry] of Object.entries({ '': 'index.js', '-versioned': 'versioned.js' })) {
    const from = join('workflows', entry);
    await bundleWorkflows(from, `workflow-bundle${kind}.js`);
    await bundleWorkflows(from, `workflow-bundle${kind}-encrypting.js`, { failureConverterPath });
  }
  // Tests of others start it: not with webpack either.
  await bundleWorkflows('testing/fake-workflow/index.js', 'testing/fake-bundle.js', {
    workflowInterceptorModules: [join(lib, 'testing', 'fake-workflow', 'search-attributes.js')],
    isMapped: false,
  });
  const starter = join(lib, 'starter.js');
  if (existsSync(starter)) chmodSync(starter, 0o755);
  // Last: without it the build counts as not done.
  writeFileSync(buildStamp, madeFrom);
} catch (error) {
  console.error(error instanceof StepFailed ? error.message : error);
  process.exitCode = 1;
}

async function bundleWorkflows(from, to, { isMapped = true, ...options } = {}) {
  const { bundleWorkflowCode } = createRequire(import.meta.url)('@temporalio/worker');
  const said = [];
  const note = (...words) => said.push(format(...words));
  const logger = { log: note, trace: note, debug: note, info: note, warn: note, error: note };
  try {
    const workflowsPath = join(lib, from);
    const { code } = await bundleWorkflowCode({ workflowsPath, logger, ...options });
    const written = isMapped
      ? code
      : code.replace(SOURCE_MAP, `\n$1${NO_MAP.toString('base64')}\n`);
    writeFileSync(join(lib, to), written);
  } catch (error) {
    throw new StepFailed([...said, format(error)].join('\n'));
  }
}
