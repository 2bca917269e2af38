import { resolve } from 'node:path';
import { tsToMs } from '@temporalio/common/lib/time';
import type { temporal } from '@temporalio/proto';
import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';
import { createAwsClients } from '../../src/aws/clients';
import { createVendWorker } from '../../src/runtime/create-worker';
import { compute } from '../support/busy-workflow';
import { testBundle, withDevServer } from '../support/temporal';
import { configurationOf } from '../support/vending';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/** The SDK's own limit. */
const LIMIT_MS = 5_000;
const STEP_MS = 8_000;

/** So many rounds take so long at least, whatever else this machine does just now. */
function roundsIn(ms: number): number {
  const some = 1e6;
  const tries = Array.from({ length: 30 }, () => {
    const beganMs = performance.now();
    compute(some);
    return performance.now() - beganMs;
  });
  return Math.ceil((some * ms) / Math.min(...tries));
}

test('a step of a workflow that computes for seconds on a busy machine comes to its end, and ends no worker', async () => {
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: resolve(__dirname, '../support/busy-workflow.ts'),
    logger: new DefaultLogger('ERROR'),
  });
  await withDevServer(
    async ({ client, nativeConnection, namespace }) => {
      const configuration = configurationOf({ taskQueue: 'busy' });
      const aws = createAwsClients(configuration.aws);
      const worker = await createVendWorker({
        connection: nativeConnection,
        namespace,
        aws,
        configuration,
        configEveryMs: 0,
        workflowBundlePath: testBundle().codePath,
        overrides: { workflowBundle },
      });
      const handle = await client.workflow.start('busy', {
        taskQueue: 'busy',
        workflowId: 'busy',
        args: [roundsIn(STEP_MS)],
        workflowTaskTimeout: '2m',
      });
      await worker.runUntil(handle.result());
      const { events } = await handle.fetchHistory();
      const timeOf = (is: (event: HistoryEvent) => unknown) => {
        const [event, ...more] = (events ?? []).filter(is);
        expect(more).toEqual([]);
        return tsToMs(event?.eventTime);
      };
      const stepMs =
        timeOf((one) => one.workflowTaskCompletedEventAttributes) -
        timeOf((one) => one.workflowTaskStartedEventAttributes);
      expect(stepMs).toBeGreaterThan(LIMIT_MS);
      aws.destroy();
    },
    { ui: false },
  );
});
