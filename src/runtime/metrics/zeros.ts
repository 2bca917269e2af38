import type { MetricMeter } from '@temporalio/common';
import { Stage, WorkflowType } from '../../contract';
import { Happened } from '../../domain/metrics';
import type { MetricDefinition } from '../../domain/metrics';

/**
 * Shows what alerts look for before it has happened. Prometheus sees no increase in a counter that is
 * born at 1, so the first loss of a worker's life would alert nobody. The labels are those that
 * workflows tell (src/workflows/measure.ts).
 */
export function showZeros(meter: MetricMeter, taskQueue: string): void {
  const zero = ({ name, help }: MetricDefinition, labels: Record<string, string>) =>
    meter.createCounter(name, undefined, help).add(0, { taskQueue, ...labels });
  for (const outcome of ['told', 'undelivered']) {
    zero(Happened.notifications, { workflowType: WorkflowType.deliverNotification, outcome });
  }
  for (const stage of Object.values(Stage)) {
    zero(Happened.stageEntries, { workflowType: WorkflowType.vendAccount, stage });
  }
}
