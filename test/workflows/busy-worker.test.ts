import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { ManualClock } from '../../src/simulator';
import { aRequest } from '../support/skipped';
import { fastForward } from '../support/skipping-client';
import { withDevServer } from '../support/temporal';
import { until } from '../support/until';
import { Vending } from '../support/vending';

// In real time: what no worker takes, Temporal gives up after twenty seconds.
test('no worker takes CreateAccount in time: it was not sent, and is sent anew without a search', () =>
  withDevServer(
    async (dev) => {
      let isBusy = false;
      let isHeld = false;
      let letGo = () => {};
      const held = new Promise<void>((resolve) => {
        letGo = resolve;
      });
      /** While it is busy, a look at a creation does not end. */
      const busy: ActivityInterceptorsFactory = ({ info }) => ({
        inbound: {
          async execute(input, next) {
            if (isBusy && info.activityType === 'describeCreateAccountStatus') {
              isHeld = true;
              await held;
            }
            return next(input);
          },
        },
      });
      const vending = await Vending.start(dev, {
        skipped: false,
        // A token in fifty seconds: the second waits for it.
        configuration: { creation: { perSecond: 0.02, burst: 1 } },
        simulator: { clock: new ManualClock() },
        worker: { maxConcurrentActivityTaskExecutions: 1, interceptors: { activity: [busy] } },
      });
      try {
        const first = await vending.begin(aRequest('first'));
        await vending.until(first, ({ attempts }) => attempts === 1);
        const second = await vending.begin(aRequest('second'));
        await vending.until(
          second,
          ({ waitingFor }) => waitingFor?.includes('it is the next') ?? false,
        );
        isBusy = true;
        await until(async () => isHeld, Boolean);
        await fastForward(dev, vending.gate.workflowId, '1m');
        await vending.until(
          second,
          ({ waitingFor }) => waitingFor?.includes('SCHEDULE_TO_START time-out') ?? false,
        );
        expect(vending.calls('CreateAccount')).toBe(1);
        letGo();
        await vending.until(second, ({ attempts }) => attempts === 1);
        vending.simulator.advance(60_000);
        await Promise.all([first.result(), second.result()]);
        const { events } = await second.fetchHistory();
        const scheduled = (events ?? []).flatMap(
          ({ activityTaskScheduledEventAttributes: one }) => one?.activityType?.name ?? [],
        );
        expect(scheduled.filter((name) => name === 'createAccount')).toHaveLength(2);
        expect(scheduled).not.toContain('findAccount');
        expect(vending.calls('CreateAccount')).toBe(2);
        expect(vending.simulator.createdAccounts()).toEqual({ first: 1, second: 1 });
      } finally {
        letGo();
        await vending.close();
      }
    },
    { ui: false },
  ));
