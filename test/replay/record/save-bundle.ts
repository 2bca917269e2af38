import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { minify } from '@swc/core';
import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';

const WORKFLOWS = resolve(__dirname, '../../../src/workflows');
const BUNDLES = {
  'workflow-bundle.js': 'index.ts',
  'workflow-bundle-versioned.js': 'versioned.ts',
};

/** The workflows of this release, small: with them a test starts a worker of this release. */
export async function saveBundles(folder: string): Promise<void> {
  for (const [bundle, entry] of Object.entries(BUNDLES)) {
    const workflowsPath = join(WORKFLOWS, entry);
    const logger = new DefaultLogger('ERROR');
    const { code } = await bundleWorkflowCode({ workflowsPath, logger });
    // Names are kept: Temporal knows workflows and failures by them.
    const names = { keep_classnames: true, keep_fnames: true };
    const { code: small } = await minify(code, {
      compress: names,
      mangle: names,
      sourceMap: false,
      format: { comments: false },
    });
    writeFileSync(join(folder, `${bundle}.gz`), gzipSync(small, { level: 9 }));
  }
}
