import { defineSignal } from '@temporalio/workflow';
import type { BatchNotice } from '../domain/batch/messages';

/** A vend tells the batch that started it how it goes; nobody else sends it. */
export const batchNoticeSignal = defineSignal<[BatchNotice]>('vendNotice');
