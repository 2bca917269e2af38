import { isOptIn } from '../account/region-names';
import { newPack } from '../config-service/packs';
import { rowKey } from '../config-service/rows';
import type { PackError, PackRowOverride, PackSetup } from '../types';
import { count, findAccount, type PackState, type World } from '../world';

/** Adds a pack that the accounts of now have had for long, or changes one that is there. */
export function putConformancePack(world: World, setup: PackSetup): void {
  const { organization, packs } = world.data;
  const owner = setup.ownerAccountId ?? organization.managementAccountId;
  const old = packs.find(
    (pack) =>
      pack.name === setup.name && pack.region === setup.region && pack.ownerAccountId === owner,
  );
  const pack = old ?? newPack(world, setup.name, setup.region, owner);
  if (!old) {
    pack.settledUntil = count(world, 'sequence');
    packs.push(pack);
  }
  if (owner !== organization.managementAccountId) delegateTo(world, owner);
  // Nobody deploys a pack in a Region that is not enabled.
  enableLongAgo(world, owner, setup.region);
  pack.excludedAccounts = [...(setup.excludedAccounts ?? [])];
  pack.rowDelayMs = setup.rowDelayMs;
  pack.deployMs = setup.deployMs;
  pack.statusOverride = setup.status ? { status: setup.status, at: world.now() } : undefined;
  setFailure(world, pack, setup.failWith);
  world.touch();
}

function delegateTo(world: World, accountId: string): void {
  const { delegatedAdministrators } = world.data.organization;
  if (!delegatedAdministrators.includes(accountId)) delegatedAdministrators.push(accountId);
}

function enableLongAgo(world: World, accountId: string, region: string): void {
  const account = findAccount(world, accountId);
  if (!account || !isOptIn(region)) return;
  account.regions = { ...account.regions, [region]: { becomes: 'ENABLED', endsAt: world.now() } };
}

/** A failure that goes on keeps its beginning; one that is taken away is mended from now on. */
function setFailure(world: World, pack: PackState, failWith: PackError | undefined): void {
  const now = world.now();
  if (failWith) {
    pack.failWith = { ...failWith, since: pack.failWith?.since ?? now };
    return;
  }
  if (pack.failWith) pack.mended = { ...pack.failWith, at: now };
  pack.failWith = undefined;
}

export function removeConformancePack(world: World, region: string, name: string): void {
  packsNamed(world, region, name);
  world.data.packs = world.data.packs.filter(
    (pack) => pack.region !== region || pack.name !== name,
  );
  world.touch();
}

export function setPackRow(world: World, row: PackRowOverride): void {
  const { status = 'CREATE_SUCCESSFUL', absent = false, errorCode, errorMessage } = row;
  for (const pack of packsNamed(world, row.region, row.pack)) {
    world.data.packRows[rowKey(pack, row.accountId)] = {
      status,
      absent,
      updatedAt: world.now(),
      ...(errorCode !== undefined && { errorCode }),
      ...(errorMessage !== undefined && { errorMessage }),
    };
  }
  world.touch();
}

export function clearPackRow(world: World, region: string, name: string, accountId: string): void {
  for (const pack of packsNamed(world, region, name)) {
    delete world.data.packRows[rowKey(pack, accountId)];
  }
  world.touch();
}

export function setPackStatus(
  world: World,
  region: string,
  name: string,
  status: string,
  error?: PackError,
): void {
  for (const pack of packsNamed(world, region, name)) {
    pack.statusOverride = { status, at: world.now(), ...(error && { error }) };
  }
  world.touch();
}

function packsNamed(world: World, region: string, name: string): PackState[] {
  const found = world.data.packs.filter((pack) => pack.region === region && pack.name === name);
  if (found.length === 0) throw new Error(`There is no pack ${name} in ${region}.`);
  return found;
}
