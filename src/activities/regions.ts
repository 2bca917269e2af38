import { EnableRegionCommand, GetRegionOptStatusCommand } from '@aws-sdk/client-account';
import { log } from '@temporalio/activity';
import { isThrottling } from '../domain/dispositions';
import type { RegionStatus } from '../domain/regions';
import { AwsCallError, call, outcomeOf } from './aws-calls';
import type { ActivityDeps } from './deps';
import type { OrganizationLookup } from './organization';
import type { Outcome } from './outcomes';

export interface RegionsInput {
  organizationId: string;
  /** Absent in what earlier versions have scheduled. */
  requestId?: string;
  accountId: string;
  regions: string[];
}

/**
 * How far each region is in the account. Read-only.
 * @see https://docs.aws.amazon.com/accounts/latest/reference/API_GetRegionOptStatus.html
 */
export function lookAtRegions(
  deps: ActivityDeps,
  lookup: OrganizationLookup,
  { organizationId, accountId, regions }: RegionsInput,
): Promise<Outcome<RegionStatus[]>> {
  return outcomeOf(async () => {
    await lookup.expect(organizationId);
    const seen: RegionStatus[] = [];
    for (const region of regions) {
      const command = new GetRegionOptStatusCommand({ AccountId: accountId, RegionName: region });
      const answer = await call('GetRegionOptStatus', () => deps.aws.account.send(command));
      seen.push({ region, status: answer.RegionOptStatus ?? 'UNKNOWN' });
    }
    return seen;
  });
}

/**
 * Begins to enable regions, and answers which: AWS takes one such call a second, so the rest may have
 * to wait for the next time. Idempotent: AWS takes one that is enabled again, and refuses with a conflict
 * one that is being enabled.
 * @see https://docs.aws.amazon.com/accounts/latest/reference/API_EnableRegion.html
 */
export function enableRegions(
  deps: ActivityDeps,
  lookup: OrganizationLookup,
  { organizationId, requestId, accountId, regions }: RegionsInput,
): Promise<Outcome<string[]>> {
  return outcomeOf(async () => {
    await lookup.expect(organizationId);
    const { account: client } = deps.aws.writersFor(requestId);
    const begun: string[] = [];
    for (const region of regions) {
      const command = new EnableRegionCommand({ AccountId: accountId, RegionName: region });
      try {
        await call('EnableRegion', () => client.send(command));
      } catch (error) {
        if (!(error instanceof AwsCallError)) throw error;
        const { name } = error.detail;
        if (isThrottling(name) && begun.length > 0) break;
        // It is on its way already, or being disabled by somebody: the next look tells.
        if (name !== 'ConflictException') throw error;
      }
      begun.push(region);
    }
    log.info('regions are being enabled', { accountId, regions: begun });
    return begun;
  });
}
