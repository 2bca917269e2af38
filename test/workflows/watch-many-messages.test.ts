import type { WorkflowHandle } from '@temporalio/client';
import { stateQuery } from '../../src/contract';
import { WATCH_PROTOCOL } from '../../src/domain/watch/messages';
import type { Subscribe } from '../../src/domain/watch/messages';
import { signalsTo } from '../support/history';
import { aRequest } from '../support/skipped';
import { withDevServer } from '../support/temporal';
import { until } from '../support/until';
import { Vending } from '../support/vending';

const REGION = 'us-east-1';
const ROWS = 'GetOrganizationConformancePackDetailedStatus';
/** Below what the server itself suggests to continue as new after: 4,096 events. */
const MESSAGES = 2_100;
const AT_A_TIME = 100;

async function sendMany(watch: WorkflowHandle): Promise<void> {
  for (let sent = 0; sent < MESSAGES; sent += AT_A_TIME) {
    const some = Array.from({ length: AT_A_TIME }, (_, n) =>
      watch.signal('mail', {
        v: WATCH_PROTOCOL,
        subscribe: [],
        unsubscribe: [{ v: WATCH_PROTOCOL, workflowId: `gone-${sent + n}`, of: 'gone', ticket: 1 }],
      }),
    );
    await Promise.all(some);
  }
}

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
      await sendMany(watch);
      await until(
        () => watch.describe(),
        ({ runId }) => runId !== first,
      );
      await expect(vending.watchState(REGION)).resolves.toMatchObject({ waiting: 0 });
    } finally {
      await vending.close();
    }
  });
});

test('one that cannot continue as new before a long look has ended tells vends meanwhile what it knows', async () => {
  await withDevServer(async (temporal) => {
    const vending = await Vending.start(temporal, {
      skipped: false,
      configuration: { conformance: { poll: { initial: '1s', max: '1s' } } },
      simulator: { knobs: { configPageSize: 100, emptyPageRate: 0 } },
    });
    try {
      const { simulator } = vending;
      simulator.putConformancePack({ name: 'Slow', region: REGION, deployMs: 3_600_000 });
      const handle = await vending.begin({ ...aRequest('told'), conformance: {} });
      const { accountId = '' } = await until(
        () => handle.query(stateQuery),
        ({ conformance }) => conformance?.[0]?.status === 'CREATE_IN_PROGRESS',
      );
      const watch = vending.watch(REGION);
      const { runId, priority } = await watch.describe();
      // Before those of vends, which ask it.
      expect(priority).toMatchObject({ priorityKey: 1 });
      simulator.inject({ operation: ROWS, kind: 'delay', delayMs: 15_000, times: 6 });
      const calls = vending.calls(ROWS);
      await until(
        async () => vending.calls(ROWS),
        (now) => now > calls,
      );
      const verdicts = () => signalsTo(handle, 'verdict');
      const before = await verdicts();
      await sendMany(watch);
      const { workflowId, firstExecutionRunId } = handle;
      const subscribe: Subscribe = {
        v: WATCH_PROTOCOL,
        holder: { workflowId, firstExecutionRunId, requestId: 'told' },
        ticket: 1,
        accountId,
        packs: [{ pack: 'Slow' }],
        scope: 'account',
      };
      await watch.signal('mail', { v: WATCH_PROTOCOL, subscribe: [subscribe], unsubscribe: [] });
      await until(verdicts, (told) => told > before);
      // It is the same run still, and looks.
      expect((await watch.describe()).runId).toBe(runId);
      expect(await vending.watchState()).toMatchObject({ waitingFor: 'AWS Config to answer' });
    } finally {
      await vending.close();
    }
  });
});
