import { resolve } from 'node:path';
import { tsToMs } from '@temporalio/common/lib/time';
import { startSimulator } from '../../src/simulator';
import type { vendAccount } from '../../src/workflows';
import { aRequest } from '../support/skipped';
import { withDevServer } from '../support/temporal';
import { WorkerProcess } from '../support/worker-process';

/** Loaded into the worker, which it kills at the moment when it has CreateAccount's answer in hand. */
const DIES_ON_THE_ANSWER = resolve(__dirname, 'dies-on-the-answer.js');

/** `creation.reconcile.settle`, where nothing else is said. */
const SETTLE_MS = 10_000;

// In real time, on a real worker process: Temporal gives an activity up after 45 seconds.
test(
  "case 4 · the worker is killed between CreateAccount's answer and writing it down: adopted, sent once",
  () =>
    withDevServer(
      async (dev) => {
        const simulator = await startSimulator({ profile: 'test' });
        const env = { TEMPORAL_ADDRESS: dev.address, AWS_ENDPOINT_URL: simulator.url };
        const first = new WorkerProcess({
          ...env,
          NODE_OPTIONS: `--require ${DIES_ON_THE_ANSWER}`,
        });
        await first.ready();
        const handle = await dev.skipping.start<typeof vendAccount>('vendAccount', {
          taskQueue: 'account-vending',
          workflowId: 'vend-killed',
          args: [aRequest('killed')],
        });
        expect(await first.ended()).toBe('SIGKILL');
        expect(simulator.committedCreations()).toEqual({ killed: 1 });
        const next = new WorkerProcess(env);
        await next.ready();
        try {
          const result = await handle.result();
          const { accounts, requests } = simulator.snapshot();
          expect(requests.map(({ id }) => id)).toEqual(result.createAccountRequestIds);
          expect(accounts.filter((one) => one.createAccountRequestId)).toMatchObject([
            { id: result.accountId, tags: { 'account-vending:request-id': 'killed' } },
          ]);
          expect(result.adopted).toBe(true);
          const sent = simulator.journal().filter(({ operation }) => operation === 'CreateAccount');
          expect(sent).toHaveLength(1);
          const { events } = await handle.fetchHistory();
          const timedOut = events?.find((one) => one.activityTaskTimedOutEventAttributes);
          const look = events?.find(
            ({ activityTaskScheduledEventAttributes: scheduled }) =>
              scheduled?.activityType?.name === 'findAccount',
          );
          // Until its hard time-out it might have been sent: an earlier look would prove nothing.
          const waited = tsToMs(look?.eventTime) - tsToMs(timedOut?.eventTime);
          expect(waited).toBeGreaterThanOrEqual(SETTLE_MS);
        } finally {
          await next.stop();
          await simulator.close();
        }
      },
      { ui: false },
    ),
  120_000,
);
