import type { Priority } from '@temporalio/common';

/**
 * Gate and watch are asked by every vend: with thousands that have just been started, or are read again after
 * an outage, their tasks would wait behind those of all these, and all these for them.
 * From 1, the first, to 5; 3 where nothing is said. https://docs.temporal.io/develop/task-queue-priority-fairness
 */
export const BEFORE_VENDS: Priority = { priorityKey: 1 };
