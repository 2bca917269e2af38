import { defineSignal } from '@temporalio/workflow';
import { MAIL } from '../domain/watch/messages';
import type { Mail, Verdict } from '../domain/watch/messages';

/** What vends and the watch of a region say to each other; nobody else sends these. */

/** To the watch. */
export const mailSignal = defineSignal<[Mail]>(MAIL);

/** To a vend. */
export const verdictSignal = defineSignal<[Verdict]>('verdict');
