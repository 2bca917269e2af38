import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { format } from 'node:util';
import { bundleWorkflowCode } from '@temporalio/worker';
import { findTemporalCli, findTestServer } from '../../src/local/temporal-cli';
import { isolate } from './environment';

const WORKFLOWS = resolve(__dirname, '../../src/workflows/index.ts');
const WORKFLOW_TIME = resolve(__dirname, 'workflow-time.ts');

/** Once for each run of jest: what it sets in the environment, all test files inherit. */
// oxlint-disable-next-line import/no-default-export -- jest asks for it
export default async function globalSetup(): Promise<void> {
  const log = (line: string) => process.stderr.write(`${line}\n`);
  const folder = mkdtempSync(join(tmpdir(), 'account-vending-test-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  isolate(process.env, folder);
  process.env['TEMPORAL_CLI'] = (await findTemporalCli({ log })).path;
  process.env['TEMPORAL_TEST_SERVER'] = (await findTestServer({ log })).path;
  process.env['VEND_TEST_BUNDLE'] = await bundle(folder);
}

/** Webpack takes a second: once for all, not in each test file. */
async function bundle(folder: string): Promise<string> {
  const said: string[] = [];
  const note = (...words: unknown[]) => {
    said.push(format(...words));
  };
  const logger = { log: note, trace: note, debug: note, info: note, warn: note, error: note };
  try {
    const { code } = await bundleWorkflowCode({
      workflowsPath: WORKFLOWS,
      workflowInterceptorModules: [WORKFLOW_TIME],
      logger,
    });
    const file = join(folder, 'workflow-bundle.js');
    writeFileSync(file, code);
    return file;
  } catch (error) {
    throw new Error(['The workflows could not be bundled.', ...said].join('\n'), { cause: error });
  }
}
