import type { PackError } from '../types';
import type { AccountState, PackRowState, PackState, World } from '../world';
import { ended, row, type PackRow } from './row-outcome';

const BY_CHANCE: PackError = {
  errorCode: 'InternalError',
  errorMessage: 'An internal error occurred. The deployment will be tried again.',
};

export function rowKey(pack: PackState, accountId: string): string {
  return `${pack.region}/${pack.name}/${accountId}`;
}

/** The accounts that a pack is for: all members but the excluded ones; there is no choice by OU. */
export function coveredAccounts(world: World, pack: PackState): AccountState[] {
  const { accounts, knobs, organization } = world.data;
  return accounts.filter(
    ({ id, state }) =>
      state === 'ACTIVE' &&
      !pack.excludedAccounts.includes(id) &&
      (knobs.packsCoverManagement || id !== organization.managementAccountId),
  );
}

/** The row of an account at a time; undefined while there is none. */
export function rowAt(
  world: World,
  pack: PackState,
  account: AccountState,
  time: number,
): PackRow | undefined {
  const override = world.data.packRows[rowKey(pack, account.id)];
  if (override) return overridden(account, override);
  if (pack.deletedAt !== undefined && pack.deletedAt <= time) {
    return row(account, 'DELETE_IN_PROGRESS', pack.deletedAt);
  }
  if (world.data.knobs.packRowLooks !== null && account.sequence > pack.settledUntil) {
    return byLooks(world, pack, account, world.data.knobs.packRowLooks);
  }
  return byTime(world, pack, account, time);
}

function overridden(account: AccountState, override: PackRowState): PackRow | undefined {
  if (override.absent) return undefined;
  const { errorCode = '', errorMessage = '' } = override;
  const error = errorCode || errorMessage ? { errorCode, errorMessage } : undefined;
  return row(account, override.status, override.updatedAt, error);
}

/** Absent at the first look, in progress until the last, and then as it ends. */
function byLooks(
  world: World,
  pack: PackState,
  account: AccountState,
  looks: number,
): PackRow | undefined {
  const seen = world.data.packRowLooks[rowKey(pack, account.id)] ?? 0;
  if (seen >= looks) return ended(pack, account, world.now(), 'CREATE', world.now());
  return seen <= 1 ? undefined : row(account, 'CREATE_IN_PROGRESS', world.now());
}

/** A detail call has looked at this row. */
export function countLook(world: World, pack: PackState, accountId: string): void {
  if (world.data.knobs.packRowLooks === null) return;
  const key = rowKey(pack, accountId);
  world.data.packRowLooks[key] = (world.data.packRowLooks[key] ?? 0) + 1;
  world.touch();
}

function byTime(
  world: World,
  pack: PackState,
  account: AccountState,
  time: number,
): PackRow | undefined {
  const { knobs, organization } = world.data;
  const name = [organization.id, pack.sequence, account.sequence];
  const deploy = pack.deployMs ?? world.random.duration(knobs.packDeployMs, 'deploy', ...name);
  const updated = updateRow(pack, account, time, deploy);
  if (updated) return updated;
  if (account.sequence <= pack.settledUntil) {
    return row(account, 'CREATE_SUCCESSFUL', account.joinedAt);
  }
  const delay = pack.rowDelayMs ?? world.random.duration(knobs.packRowDelayMs, 'delay', ...name);
  const appears = Math.max(account.joinedAt, pack.createdAt) + delay;
  if (time < appears) return undefined;
  const end = appears + deploy;
  if (time < end) return row(account, 'CREATE_IN_PROGRESS', appears);
  if (world.random.chance(knobs.packFailureRate, 'pack-failure', ...name)) {
    const again = end + knobs.packRetryMs;
    if (time < again) return row(account, 'CREATE_FAILED', end, BY_CHANCE);
    if (time < again + deploy) return row(account, 'CREATE_IN_PROGRESS', again);
    return ended(pack, account, again + deploy, 'CREATE', time);
  }
  return ended(pack, account, end, 'CREATE', time);
}

/** A pack that was put again is deployed again everywhere. */
function updateRow(
  pack: PackState,
  account: AccountState,
  time: number,
  deploy: number,
): PackRow | undefined {
  const { updatedAt } = pack;
  if (updatedAt === undefined || updatedAt > time || account.joinedAt > updatedAt) return undefined;
  if (time < updatedAt + deploy) return row(account, 'UPDATE_IN_PROGRESS', updatedAt);
  return ended(pack, account, updatedAt + deploy, 'UPDATE', time);
}
