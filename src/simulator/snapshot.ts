import { regionStatus } from './account/regions';
import { aggregateStatus } from './config-service/aggregate';
import { requestTagOf } from './faults/behaviours';
import { namePath } from './organizations/hierarchy';
import type {
  AccountSnapshot,
  CreateRequestSnapshot,
  PackSnapshot,
  SimulatorSnapshot,
} from './types';
import type { AccountState, CreateRequestState, PackState, World } from './world';

/** The world as it is, whatever AWS's readers can see of it yet. */
export function takeSnapshot(world: World): SimulatorSnapshot {
  const { organization, organizationalUnits, accounts, requests, packs } = world.data;
  return {
    time: world.now(),
    organizationId: organization.id,
    rootId: organization.rootId,
    managementAccountId: organization.managementAccountId,
    accounts: accounts.map((account) => accountSnapshot(world, account)),
    requests: requests.map(requestSnapshot),
    organizationalUnits: organizationalUnits.map(({ id, name, parentId }) => ({
      id,
      name,
      parentId,
      path: namePath(world, id),
    })),
    packs: packs.map((pack) => packSnapshot(world, pack)),
  };
}

function accountSnapshot(world: World, account: AccountState): AccountSnapshot {
  const { id, email, name, parentId, tags, state, joinedAt, alternateContacts, regions } = account;
  return {
    id,
    email,
    name,
    parentId,
    state,
    joinedAt,
    tags: { ...tags },
    ...(account.govCloudAccountId && { govCloudAccountId: account.govCloudAccountId }),
    ...(account.requestId && { createAccountRequestId: account.requestId }),
    ...(alternateContacts && { alternateContacts: { ...alternateContacts } }),
    ...(regions && {
      regions: Object.fromEntries(
        Object.keys(regions).map((region) => [region, regionStatus(world, account, region)]),
      ),
    }),
  };
}

function requestSnapshot(request: CreateRequestState): CreateRequestSnapshot {
  const { id, kind, email, accountName, tags, state, requestedAt } = request;
  return {
    id,
    kind,
    email,
    accountName,
    state,
    requestedAt,
    tags: { ...tags },
    ...(request.completedAt !== undefined && { completedAt: request.completedAt }),
    ...(request.accountId && { accountId: request.accountId }),
    ...(request.govCloudAccountId && { govCloudAccountId: request.govCloudAccountId }),
    ...(request.failureReason && { failureReason: request.failureReason }),
  };
}

function packSnapshot(world: World, pack: PackState): PackSnapshot {
  const { name, region, ownerAccountId, excludedAccounts } = pack;
  const { status } = aggregateStatus(world, pack);
  return { name, region, ownerAccountId, excludedAccounts: [...excludedAccounts], status };
}

export function countCreations(requests: readonly CreateRequestState[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { tags } of requests) {
    const tag = requestTagOf(tags);
    counts[tag] = (counts[tag] ?? 0) + 1;
  }
  return counts;
}
