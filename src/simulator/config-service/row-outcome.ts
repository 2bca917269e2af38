import { readBehaviours } from '../faults/behaviours';
import { PACK_RETRY_WINDOW_MS } from '../limits';
import type { PackError } from '../types';
import type { AccountState, PackState } from '../world';

export interface PackRow {
  sequence: number;
  accountId: string;
  status: string;
  error?: PackError;
  updatedAt: number;
}

const NO_RECORDER: PackError = {
  errorCode: 'NoAvailableConfigurationRecorderException',
  errorMessage: 'Configuration recorder is not available. Please enable the recorder.',
};

export function row(
  account: AccountState,
  status: string,
  updatedAt: number,
  error?: PackError,
): PackRow {
  const found: PackRow = { sequence: account.sequence, accountId: account.id, status, updatedAt };
  if (error) found.error = error;
  return found;
}

/**
 * How a deployment ended at `end`, seen at `time`. A failure whose cause was mended is made good by
 * AWS itself within seven hours; after that only by putting the pack again.
 */
export function ended(
  pack: PackState,
  account: AccountState,
  end: number,
  verb: 'CREATE' | 'UPDATE',
  time: number,
): PackRow {
  if (readBehaviours(account.email, account.tags).noRecorder) {
    return row(account, `${verb}_FAILED`, end, NO_RECORDER);
  }
  if (pack.failWith && pack.failWith.since <= end) {
    return row(account, `${verb}_FAILED`, end, pack.failWith);
  }
  const { mended } = pack;
  if (!mended || mended.at <= end || mended.since > end) {
    return row(account, `${verb}_SUCCESSFUL`, end);
  }
  const inTime = mended.at - end <= PACK_RETRY_WINDOW_MS;
  if (time < mended.at || !inTime) return row(account, `${verb}_FAILED`, end, mended);
  return row(account, `${verb}_SUCCESSFUL`, mended.at);
}
