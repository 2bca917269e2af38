import type { Region } from '@aws-sdk/client-account';
import { REGION_OPTS_AT_ONCE } from '../limits';
import { tooManyRequests } from '../organizations/buckets';
import { AwsError } from '../wire/errors';
import { pageOf } from '../wire/paging';
import { count, type AccountState, type World } from '../world';
import { accountOperation, invalid } from './account-operation';
import { REGIONS, isOptIn } from './region-names';
import * as schemas from './schemas';

export type RegionStatus = (typeof schemas.STATUSES)[number];

export function regionStatus(world: World, account: AccountState, region: string): RegionStatus {
  if (!isOptIn(region)) return 'ENABLED_BY_DEFAULT';
  const opt = account.regions?.[region];
  if (!opt) return 'DISABLED';
  if (opt.endsAt <= world.now()) return opt.becomes;
  return opt.becomes === 'ENABLED' ? 'ENABLING' : 'DISABLING';
}

export const enableRegion = accountOperation(
  schemas.regionInput,
  (world, account, { RegionName }, call) => {
    if (change(world, account, RegionName, 'ENABLED')) call.entry.committed = true;
    return {};
  },
);

export const disableRegion = accountOperation(
  schemas.regionInput,
  (world, account, { RegionName }, call) => {
    if (change(world, account, RegionName, 'DISABLED')) call.entry.committed = true;
    return {};
  },
);

export const getRegionOptStatus = accountOperation(
  schemas.regionInput,
  (world, account, { RegionName }) => ({
    RegionName: known(RegionName),
    RegionOptStatus: regionStatus(world, account, RegionName),
  }),
);

export const listRegions = accountOperation(schemas.listRegionsInput, (world, account, input) => {
  const wanted = input.RegionOptStatusContains;
  const regions = REGIONS.map((name, index) => ({
    sequence: index + 1,
    RegionName: name,
    RegionOptStatus: regionStatus(world, account, name),
  })).filter((region) => !wanted?.length || wanted.includes(region.RegionOptStatus));
  const page = pageOf(world, regions, {
    list: `ListRegions?${account.id}/${wanted?.join() ?? ''}`,
    limit: input.MaxResults,
    token: input.NextToken,
    badToken: () => invalid('The specified NextToken is not valid.', 'fieldValidationFailed'),
  });
  return {
    ...(page.items && { Regions: page.items.map(view) }),
    ...(page.nextToken !== undefined && { NextToken: page.nextToken }),
  };
});

function view({ RegionName, RegionOptStatus }: Region): Region {
  return { RegionName, RegionOptStatus };
}

/** False where it is so already. That a change under way refuses the same one again is our reading. */
function change(
  world: World,
  account: AccountState,
  region: string,
  becomes: 'ENABLED' | 'DISABLED',
): boolean {
  if (!isOptIn(known(region))) {
    throw invalid(`${region} is enabled by default.`, 'invalidRegionOptTarget');
  }
  const status = regionStatus(world, account, region);
  if (status === becomes) return false;
  if (status.endsWith('ING')) {
    throw new AwsError('ConflictException', `${region} is in the status ${status}.`);
  }
  refuseTooMany(world, account);
  const sequence = count(world, 'regionOptMs');
  const duration = world.random.duration(world.data.knobs.regionOptMs, 'regionOptMs', sequence);
  account.regions = { ...account.regions, [region]: { becomes, endsAt: world.now() + duration } };
  world.touch();
  return true;
}

function known(region: string): string {
  if (REGIONS.includes(region)) return region;
  throw invalid(`The Region ${region} is not valid.`, 'invalidRegionOptTarget');
}

/** What AWS answers beyond its limits of changes at once is not documented. */
function refuseTooMany(world: World, account: AccountState): void {
  const underWay = (one: AccountState): number =>
    Object.values(one.regions ?? {}).filter(({ endsAt }) => endsAt > world.now()).length;
  const all = world.data.accounts.reduce((sum, one) => sum + underWay(one), 0);
  const { account: perAccount, organization } = REGION_OPTS_AT_ONCE;
  if (underWay(account) >= perAccount || all >= organization) throw tooManyRequests();
}
