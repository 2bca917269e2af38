import type { MetricsExporterConfig } from '@temporalio/worker';
import { parseDuration } from '../../domain/duration';
import { Called, Counted, Happened } from '../../domain/metrics';
import type { MetricDefinition } from '../../domain/metrics';
import { addressText, listenAddress } from '../listen-address';
import { StartProblem } from '../start-problem';

const ADDRESS = 'VEND_METRICS_ADDRESS';
const EVERY = 'VEND_METRICS_EVERY';

/** Each time costs Temporal a dozen counts, and an Action for each gate. */
const DEFAULT_EVERY = '1m';
const SHORTEST_MS = 100;
/** docs/alerts.yaml: what is older than ten minutes pages somebody, and one round may fail. */
const LONGEST_MS = 5 * 60_000;

export interface MetricsSettings {
  /** Where Prometheus finds them. */
  address: string;
  /** How often what is under way is read from Temporal. */
  everyMs: number;
  exporter: MetricsExporterConfig;
}

/** Off, unless the environment says where they are shown. */
export function metricsSettings(env: NodeJS.ProcessEnv): MetricsSettings | undefined {
  const listen = listenAddress(env, ADDRESS);
  if (!listen) return undefined;
  const text = env[EVERY]?.trim() || DEFAULT_EVERY;
  const everyMs = parseDuration(text) ?? 0;
  if (everyMs < SHORTEST_MS || everyMs > LONGEST_MS) {
    const must = 'must be a duration such as 30s or 1m, and 5m at most';
    throw new StartProblem(`${EVERY} is ${text}, and ${must}.`, 2);
  }
  const address = addressText(listen);
  return { address, everyMs, exporter: exporterAt(address) };
}

function exporterAt(address: string): MetricsExporterConfig {
  const definitions: MetricDefinition[] = [Happened, Called, Counted].flatMap((each) =>
    Object.values(each),
  );
  const buckets: Record<string, number[]> = {};
  for (const { name, buckets: bounds } of definitions) if (bounds) buckets[name] = [...bounds];
  return {
    attachServiceName: false,
    prometheus: {
      bindAddress: address,
      useSecondsForDurations: true,
      histogramBucketOverrides: buckets,
    },
  };
}
