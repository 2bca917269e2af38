import { Client, Connection } from '@temporalio/client';
import { noopMetricMeter } from '@temporalio/common';
import type { MetricMeter } from '@temporalio/common';
import { Counted } from '../../src/domain/metrics';
import { Counts } from '../../src/runtime/metrics/counts';
import { aRequest } from '../support/skipped';
import { withDevServer } from '../support/temporal';
import { until, untilTrue } from '../support/until';
import { Vending } from '../support/vending';

type Shown = [name: string, value: number, labels: unknown];

/** Writes down what is shown, in order. */
function meterInto(shown: Shown[]): MetricMeter {
  const meter = Object.create(noopMetricMeter) as MetricMeter;
  meter.createGauge = (name) =>
    Object.assign(Object.create(noopMetricMeter.createGauge(name)), {
      set: (value: number, labels: unknown) => void shown.push([name, value, labels]),
    });
  return meter;
}

test('counts that never work get old from the start: their time is there', async () => {
  const shown: Shown[] = [];
  const connection = Connection.lazy({ address: '127.0.0.1:1' });
  await connection.close();
  const failed: unknown[] = [];
  const counts = new Counts({
    client: new Client({ connection }),
    taskQueue: 'a',
    meter: meterInto(shown),
    everyMs: 60_000,
    logger: { warn: (what: unknown) => void failed.push(what) },
  });
  const beganAt = Math.floor(Date.now() / 1_000);
  counts.start();
  await until(
    () => Promise.resolve(failed.length),
    (count) => count === 2,
  );
  counts.stop();
  expect(shown).toEqual([
    [Counted.countedAt.name, expect.closeTo(beganAt, -1), { what: 'vends' }],
    [Counted.countedAt.name, expect.closeTo(beganAt, -1), { what: 'gate' }],
  ]);
});

test('where the gate was terminated nobody waits there any more, and no place is used', async () => {
  await withDevServer(async (temporal) => {
    const vending = await Vending.start(temporal, {
      skipped: false,
      configuration: { creation: { maxInProgress: 1 } },
      simulator: { knobs: { creationMs: 3_600_000 } },
    });
    const shown: Shown[] = [];
    const { client, taskQueue } = vending;
    const logger = { warn: () => {} };
    const counts = new Counts({ client, taskQueue, meter: meterInto(shown), everyMs: 50, logger });
    const isShown = (gauge: { name: string }, value: number) => () =>
      shown.findLast(([name]) => name === gauge.name)?.[1] === value;
    try {
      const vends = [await vending.begin(aRequest('one')), await vending.begin(aRequest('two'))];
      counts.start();
      await untilTrue(isShown(Counted.waiting, 1));
      await untilTrue(isShown(Counted.placesUsed, 1));
      for (const vend of vends) await vend.terminate();
      await vending.gate.terminate();
      await untilTrue(isShown(Counted.waiting, 0));
      await untilTrue(isShown(Counted.placesUsed, 0));
      await untilTrue(isShown(Counted.placesAllowed, 0));
      expect(shown).toContainEqual([
        Counted.waiting.name,
        0,
        { organization: vending.simulator.organizationId },
      ]);
    } finally {
      counts.stop();
      await vending.close();
    }
  });
});
