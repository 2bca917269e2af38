import { defineSignal } from '@temporalio/workflow';
import type { Ask, Grant, Notice, Release, Report, Withdraw } from '../domain/gate/messages';

/** What vends and the gate say to each other; nobody else sends these. */

/** To the gate. */
export const askSignal = defineSignal<[Ask]>('ask');
export const releaseSignal = defineSignal<[Release]>('release');
export const withdrawSignal = defineSignal<[Withdraw]>('withdraw');
export const reportSignal = defineSignal<[Report]>('report');

/** To a vend. */
export const grantSignal = defineSignal<[Grant]>('grant');
export const noticeSignal = defineSignal<[Notice]>('notice');
