import type { PackError } from '../types';
import type { PackState, World } from '../world';
import { coveredAccounts, rowAt } from './rows';

export interface AggregateStatus {
  status: string;
  error?: PackError;
  updatedAt: number;
}

/**
 * The organization-wide status of a pack: the worst of its rows, as they were `aggregateLagMs` ago.
 * So after an account has joined it first shows the old value, then goes in progress, and may then
 * fail for any account's sake.
 */
export function aggregateStatus(world: World, pack: PackState): AggregateStatus {
  const { knobs, organization } = world.data;
  if (pack.statusOverride) {
    const { status, error, at } = pack.statusOverride;
    return { status, updatedAt: at, ...(error && { error }) };
  }
  if (pack.deletedAt !== undefined) {
    return { status: 'DELETE_IN_PROGRESS', updatedAt: pack.deletedAt };
  }
  const delegated = pack.ownerAccountId !== organization.managementAccountId;
  if (delegated && knobs.aggregateStuckForDelegated) {
    return { status: 'CREATE_IN_PROGRESS', updatedAt: pack.createdAt };
  }
  return worstOfRows(world, pack, world.now() - knobs.aggregateLagMs);
}

function worstOfRows(world: World, pack: PackState, time: number): AggregateStatus {
  const noticed = coveredAccounts(world, pack).filter(
    ({ joinedAt, sequence }) => joinedAt <= time || sequence < pack.sequence,
  );
  const joined = noticed.some(({ sequence }) => sequence > pack.sequence);
  const verb = joined || pack.updatedAt !== undefined ? 'UPDATE' : 'CREATE';
  const rows = noticed.map((account) => rowAt(world, pack, account, time));
  const updatedAt = Math.max(pack.createdAt, ...rows.map((row) => row?.updatedAt ?? 0));
  const failed = rows.filter((row) => row?.status.endsWith('_FAILED'));
  if (rows.some((row) => !row || row.status.endsWith('_IN_PROGRESS'))) {
    return { status: `${verb}_IN_PROGRESS`, updatedAt };
  }
  const code = failed[0]?.error?.errorCode;
  if (failed.length === 0) return { status: `${verb}_SUCCESSFUL`, updatedAt };
  return {
    status: `${verb}_FAILED`,
    updatedAt,
    error: {
      errorCode: code ?? 'InternalError',
      errorMessage: `Summary: [${code ?? 'InternalError'} in ${failed.length} account(s), ]`,
    },
  };
}
