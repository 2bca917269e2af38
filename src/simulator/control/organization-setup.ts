import { PARENT_ID, newAccountId } from '../ids';
import { addUnit, childUnits } from '../organizations/organizational-units';
import { sameEmail } from '../organizations/emails';
import type { AccountSetup, OrganizationSetup } from '../types';
import { count, parentExists, type AccountState, type World } from '../world';
import { putConformancePack } from './pack-setup';

/** What exists before anybody calls: units, accounts, packs, and addresses of strangers. */
export function setUpOrganization(world: World, setup: OrganizationSetup): void {
  for (const path of setup.organizationalUnits ?? []) addOrganizationalUnit(world, path);
  for (const account of setup.accounts ?? []) addAccount(world, account);
  for (const pack of setup.packs ?? []) putConformancePack(world, pack);
  for (const email of setup.foreignEmails ?? []) takeEmail(world, email);
}

/** Walks `Workloads/Prod` from the root and makes what is missing. */
export function addOrganizationalUnit(world: World, path: string): string {
  const names = path.split('/').filter((name) => name !== '');
  if (names.length === 0) throw new Error(`Expected names like Workloads/Prod, got '${path}'.`);
  return names.reduce((parentId, name) => {
    const there = childUnits(world, parentId).find((unit) => unit.name === name);
    return (there ?? addUnit(world, parentId, name)).id;
  }, world.data.organization.rootId);
}

export function addAccount(world: World, setup: AccountSetup): string {
  const { accounts } = world.data;
  const id = setup.id ?? newAccountId(world);
  if (accounts.some((account) => account.id === id || sameEmail(account.email, setup.email))) {
    throw new Error(`An account ${id}, or one with this address, is there already.`);
  }
  const now = world.now();
  const account: AccountState = {
    sequence: count(world, 'sequence'),
    id,
    email: setup.email,
    name: setup.name ?? 'Account',
    parentId: parentIdOf(world, setup.parentId),
    tags: { ...setup.tags },
    state: setup.state ?? 'ACTIVE',
    joinedMethod: 'INVITED',
    joinedAt: now,
    listVisibleAt: now,
    describeVisibleAt: now,
    usableAt: now,
    activeAt: now,
  };
  if (account.state === 'CLOSED') account.closedAt = now;
  accounts.push(account);
  world.touch();
  return id;
}

/** An id, or a path of names whose units are made where they are missing. */
function parentIdOf(world: World, parent: string | undefined): string {
  if (parent === undefined) return world.data.organization.rootId;
  if (!PARENT_ID.test(parent)) return addOrganizationalUnit(world, parent);
  if (!parentExists(world, parent)) throw new Error(`There is no parent ${parent}.`);
  return parent;
}

/** It goes on outside the organization, with its address. */
export function removeAccount(world: World, id: string): void {
  const { accounts, organization } = world.data;
  const account = accounts.find((candidate) => candidate.id === id);
  if (!account || id === organization.managementAccountId) {
    throw new Error(`No member account ${id} is there.`);
  }
  world.data.accounts = accounts.filter((candidate) => candidate !== account);
  takeEmail(world, account.email);
}

export function takeEmail(world: World, email: string): void {
  world.data.organization.foreignEmails.push(email.toLowerCase());
  world.touch();
}
