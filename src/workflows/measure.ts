import { metricMeter, workflowInfo } from '@temporalio/workflow';
import type { Escalation, Stage, VendFailure } from '../contract';
import { Happened, wordFor } from '../domain/metrics';
import { timeMs } from './time';

/**
 * What workflows tell of themselves to the metrics of the worker that runs them. It adds nothing to the
 * history, and what is only replayed is not told again.
 */

type Counter = Extract<(typeof Happened)[keyof typeof Happened], { kind: 'counter' }>;
type Histogram = Extract<(typeof Happened)[keyof typeof Happened], { kind: 'histogram' }>;
type Labels = Record<string, string>;

function count({ name, help }: Counter, labels: Labels = {}): void {
  metricMeter.createCounter(name, undefined, help).add(1, ours(labels));
}

function timed({ name, help }: Histogram, since: string, labels: Labels): void {
  const seconds = Math.max(0, timeMs() - Date.parse(since)) / 1_000;
  // No measure is worth a workflow task.
  if (Number.isNaN(seconds)) return;
  metricMeter.createHistogram(name, 'float', undefined, help).record(seconds, ours(labels));
}

/** The SDK adds `namespace`, and names the queue otherwise than in its own metrics. */
function ours(labels: Labels): Labels {
  return { task_queue: workflowInfo().taskQueue, ...labels };
}

export function vendStarted(stage: Stage): void {
  count(Happened.vendsStarted);
  count(Happened.stageEntries, { stage });
}

/** @param since ISO 8601: when it entered the stage that it leaves */
export function stageChanged(from: Stage, since: string, to: Stage): void {
  timed(Happened.stageDuration, since, { stage: from });
  count(Happened.stageEntries, { stage: to });
}

/** @param since ISO 8601: when it was asked for */
export function vendEnded(outcome: Stage, since: string, failure?: VendFailure): void {
  count(Happened.vendsEnded, { outcome, failure: failure ?? 'none' });
  timed(Happened.vendDuration, since, { outcome });
}

/** How an escalation ended: by which answer, or without one. */
export type EscalationEnd =
  'retry' | 'amend' | 'adopt' | 'waive' | 'abandon' | 'by_itself' | 'replaced' | 'vend_ended';

export function escalationOpened({ scope, reason }: Escalation): void {
  count(Happened.escalationsOpened, { scope, reason: wordFor(reason) });
}

export function escalationEnded({ scope, reason, since }: Escalation, how: EscalationEnd): void {
  count(Happened.escalationsEnded, { scope, reason: wordFor(reason), how });
  timed(Happened.escalationDuration, since, { scope });
}

/** Of one subscriber; where it could not even be handed over, of all of them at once. */
export function notified(outcome: 'told' | 'undelivered'): void {
  count(Happened.notifications, { outcome });
}
