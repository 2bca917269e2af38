import { defineSignal } from '@temporalio/workflow';
import type { Subscribe, Unsubscribe, Verdict } from '../domain/watch/messages';

/** What vends and the watch of a region say to each other; nobody else sends these. */

/** To the watch. */
export const subscribeSignal = defineSignal<[Subscribe]>('subscribe');
export const unsubscribeSignal = defineSignal<[Unsubscribe]>('unsubscribe');

/** To a vend. */
export const verdictSignal = defineSignal<[Verdict]>('verdict');
