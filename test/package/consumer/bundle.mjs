/** Bundles a file of workflows as a worker would, and says which modules went in and how long the code is. */
import { resolve } from 'node:path';
import { minifySync } from '@swc/core';
import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';

const SOURCE_MAP =
  /\n\/\/# sourceMappingURL=data:application\/json[^,]*;base64,([A-Za-z0-9+/=]+)\s*$/;

const [file = ''] = process.argv.slice(2);
const { code } = await bundleWorkflowCode({
  workflowsPath: resolve(file),
  logger: new DefaultLogger('ERROR'),
});
const { sources } = JSON.parse(Buffer.from(SOURCE_MAP.exec(code)[1], 'base64').toString());
// What is run: names stay as they are, comments and white space do not count.
const options = { compress: false, mangle: false, format: { comments: false } };
const { code: js } = minifySync(code.replace(SOURCE_MAP, ''), options);
console.log(JSON.stringify({ bytes: Buffer.byteLength(js), modules: sources }));
