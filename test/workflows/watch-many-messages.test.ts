import { WATCH_PROTOCOL } from '../../src/domain/watch/messages';
import { withDevServer } from '../support/temporal';
import { Vending } from '../support/vending';

const REGION = 'us-east-1';
/** Below what the server itself suggests to continue as new after: 4,096 events. */
const MESSAGES = 2_100;
const AT_A_TIME = 100;

test('a watch that gets many messages continues as new early: one that must be read again is read soon', async () => {
  await withDevServer(async (temporal) => {
    const vending = await Vending.start(temporal, { skipped: false });
    try {
      const watch = vending.watch(REGION);
      await temporal.client.workflow.start('conformanceWatch', {
        taskQueue: vending.taskQueue,
        workflowId: watch.workflowId,
        args: [{ organizationId: vending.simulator.organizationId, region: REGION }],
      });
      const first = (await watch.describe()).runId;
      for (let sent = 0; sent < MESSAGES; sent += AT_A_TIME) {
        const some = Array.from({ length: AT_A_TIME }, (_, n) =>
          watch.signal('mail', {
            v: WATCH_PROTOCOL,
            subscribe: [],
            unsubscribe: [
              { v: WATCH_PROTOCOL, workflowId: `gone-${sent + n}`, of: 'gone', ticket: 1 },
            ],
          }),
        );
        await Promise.all(some);
      }
      const deadline = Date.now() + 30_000;
      let { runId } = await watch.describe();
      while (runId === first && Date.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 200));
        ({ runId } = await watch.describe());
      }
      expect(runId).not.toBe(first);
      await expect(vending.watchState(REGION)).resolves.toMatchObject({ waiting: 0 });
    } finally {
      await vending.close();
    }
  });
});
