import type { MetricMeter } from '@temporalio/common';
import type { CallObserver } from '../../aws/observe';
import { Called, wordFor } from '../../domain/metrics';

/** Counts what the worker asks of AWS. */
export function awsCallMetrics(meter: MetricMeter): CallObserver {
  const { awsCalls, awsCallDuration } = Called;
  const calls = meter.createCounter(awsCalls.name, undefined, awsCalls.help);
  const durations = meter.createHistogram(
    awsCallDuration.name,
    'float',
    undefined,
    awsCallDuration.help,
  );
  return ({ service, operation, outcome, error, seconds }) => {
    const words = { outcome, error: error === undefined ? 'none' : wordFor(error) };
    calls.add(1, { service, operation, ...words });
    durations.record(seconds, { service, operation });
  };
}
