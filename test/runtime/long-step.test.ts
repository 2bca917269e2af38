import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';
import { createAwsClients } from '../../src/aws/clients';
import { createVendWorker } from '../../src/runtime/create-worker';
import { compute } from '../support/busy-workflow';
import { withDevServer } from '../support/temporal';
import { configurationOf } from '../support/vending';

/** The SDK's own limit is 5,000. */
const STEP_MS = 7_000;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'account-vending-step-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** So many rounds take so long, on this machine and just now. */
function roundsIn(ms: number): number {
  const some = 1e7;
  compute(some);
  const beganMs = performance.now();
  compute(some);
  return Math.ceil((some * ms) / (performance.now() - beganMs));
}

async function bundleOf(workflows: string): Promise<string> {
  const logger = new DefaultLogger('ERROR');
  const { code } = await bundleWorkflowCode({ workflowsPath: workflows, logger });
  const path = join(folder, 'bundle.js');
  writeFileSync(path, code);
  return path;
}

test('a step of a workflow that computes for seconds on a busy machine comes to its end, and ends no worker', async () => {
  const workflowBundlePath = await bundleOf(resolve(__dirname, '../support/busy-workflow.ts'));
  await withDevServer(
    async ({ client, nativeConnection }) => {
      const configuration = configurationOf({ taskQueue: 'busy' });
      const aws = createAwsClients(configuration.aws);
      const worker = await createVendWorker({
        connection: nativeConnection,
        namespace: 'default',
        aws,
        configuration,
        configEveryMs: 0,
        workflowBundlePath,
      });
      const beganMs = performance.now();
      const sum: unknown = await worker.runUntil(
        client.workflow.execute('busy', {
          taskQueue: 'busy',
          workflowId: 'busy',
          args: [roundsIn(STEP_MS)],
          workflowTaskTimeout: '2m',
        }),
      );
      expect(performance.now() - beganMs).toBeGreaterThan(5_000);
      expect(sum).toEqual(expect.any(Number));
      aws.destroy();
    },
    { ui: false },
  );
});
