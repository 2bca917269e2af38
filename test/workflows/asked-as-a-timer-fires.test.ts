import { resolve } from 'node:path';
import { DefaultLogger, Worker, bundleWorkflowCode } from '@temporalio/worker';
import { withDevServer } from '../support/temporal';
import { until } from '../support/until';
import { timersQuery, type due } from '../support/due-workflow';

const CROWD = 40;
const DUE_MS = 6_000;
const TASK_QUEUE = 'due';

// docs/decisions/0007-a-timer-that-has-fired-is-over.md: who is asked while no worker is there, and whose timer fires before one
// is, goes on with the time of the task before.
test('one that is asked in the moment in which its timer fires waits no second time, and replays', async () => {
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: resolve(__dirname, '../support/due-workflow.ts'),
    logger: new DefaultLogger('ERROR'),
  });
  await withDevServer(async ({ client, nativeConnection, namespace }) => {
    const worker = () =>
      Worker.create({
        connection: nativeConnection,
        namespace,
        taskQueue: TASK_QUEUE,
        workflowBundle,
      });
    const ids = Array.from({ length: CROWD }, (_, n) => `due-${n}`);
    const first = await worker();
    const handles = await first.runUntil(async () => {
      const begun = await Promise.all(
        ids.map((workflowId) =>
          client.workflow.start<typeof due>('due', {
            taskQueue: TASK_QUEUE,
            workflowId,
            args: [DUE_MS],
          }),
        ),
      );
      for (const handle of begun) {
        await until(
          () => handle.fetchHistory(),
          ({ events }) => events?.some((one) => one.timerStartedEventAttributes) ?? false,
        );
      }
      return begun;
    });
    const answers = Promise.all(
      handles.map((handle) => handle.query(timersQuery).catch(() => undefined)),
    );
    for (const handle of handles) {
      await until(
        () => handle.fetchHistory(),
        ({ events }) => events?.some((one) => one.timerFiredEventAttributes) ?? false,
      );
    }
    const second = await worker();
    await second.runUntil(async () => {
      await answers;
      for (const handle of handles) {
        const { events } = await until(
          () => handle.fetchHistory(),
          (history) =>
            (history.events ?? []).filter((one) => one.timerStartedEventAttributes).length > 1,
        );
        const waits = (events ?? [])
          .map((one) => Number(one.timerStartedEventAttributes?.startToFireTimeout?.seconds ?? 0))
          .filter((seconds) => seconds > 0);
        expect(waits).toEqual([expect.any(Number), 86_400]);
      }
    });
    for (const handle of handles) {
      await Worker.runReplayHistory({ workflowBundle }, await handle.fetchHistory());
    }
  });
});
