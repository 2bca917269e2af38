import { Client, Connection } from '@temporalio/client';
import { noopMetricMeter } from '@temporalio/common';
import type { MetricMeter } from '@temporalio/common';
import { Counted } from '../../src/domain/metrics';
import { Counts } from '../../src/runtime/metrics/counts';
import { until } from '../support/until';

test('counts that never work get old from the start: their time is there', async () => {
  const shown: [string, number, unknown][] = [];
  const meter = Object.create(noopMetricMeter) as MetricMeter;
  meter.createGauge = (name) =>
    Object.assign(Object.create(noopMetricMeter.createGauge(name)), {
      set: (value: number, labels: unknown) => void shown.push([name, value, labels]),
    });
  const connection = Connection.lazy({ address: '127.0.0.1:1' });
  await connection.close();
  const failed: unknown[] = [];
  const counts = new Counts({
    client: new Client({ connection }),
    taskQueue: 'a',
    meter,
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
