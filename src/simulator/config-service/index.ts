import { regionStatus } from '../account/regions';
import type { Call } from '../wire/call';
import { AwsError } from '../wire/errors';
import type { Operation } from '../wire/operation';
import { findAccount, type World } from '../world';
import { getDetailedStatus } from './detailed-status';
import { deletePack, describePacks, describePackStatuses, putPack } from './packs';
import { describeRecorders, describeRecorderStatus } from './recorders';

/** Any account may ask about itself. */
const OF_THE_ACCOUNT: Record<string, Operation> = {
  DescribeConfigurationRecorders: describeRecorders,
  DescribeConfigurationRecorderStatus: describeRecorderStatus,
};

const OF_THE_ORGANIZATION: Record<string, Operation> = {
  DescribeOrganizationConformancePacks: describePacks,
  DescribeOrganizationConformancePackStatuses: describePackStatuses,
  GetOrganizationConformancePackDetailedStatus: getDetailedStatus,
  PutOrganizationConformancePack: putPack,
  DeleteOrganizationConformancePack: deletePack,
};

export function findConfigOperation(name: string): Operation | undefined {
  const own = Object.hasOwn(OF_THE_ACCOUNT, name) ? OF_THE_ACCOUNT[name] : undefined;
  return own ?? (Object.hasOwn(OF_THE_ORGANIZATION, name) ? OF_THE_ORGANIZATION[name] : undefined);
}

export function serveConfig(world: World, serve: Operation, call: Call): Record<string, unknown> {
  refuseWhileUnusable(world, call);
  if (!Object.hasOwn(OF_THE_ACCOUNT, call.operation)) {
    refuseWithoutTrust(world);
    refuseMembers(world, call);
  }
  return serve(world, call);
}

function refuseWithoutTrust(world: World): void {
  if (world.data.knobs.configTrustedAccess) return;
  throw new AwsError(
    'OrganizationAccessDeniedException',
    'The organization has not enabled service access for AWS Config.',
  );
}

/** Only the management account and delegated administrators may ask about organization packs. */
function refuseMembers(world: World, { callerAccountId }: Call): void {
  const { managementAccountId, delegatedAdministrators } = world.data.organization;
  if (callerAccountId === managementAccountId) return;
  if (delegatedAdministrators.includes(callerAccountId)) return;
  throw new AwsError(
    'OrganizationAccessDeniedException',
    'This action can only be performed if you are the management account or a delegated ' +
      'administrator of an AWS Organization.',
  );
}

/** A new account that Config does not know yet, and a Region that the caller's account has not enabled. */
function refuseWhileUnusable(world: World, { callerAccountId, region }: Call): void {
  const account = findAccount(world, callerAccountId);
  if (!account) return;
  if ((account.servicesUsableAt ?? 0) > world.now()) {
    const message = 'The AWS Access Key Id needs a subscription for the service';
    throw new AwsError(world.data.knobs.notUsableError, message);
  }
  const status = regionStatus(world, account, region);
  if (status !== 'ENABLED' && status !== 'ENABLED_BY_DEFAULT') {
    throw new AwsError(
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
    );
  }
}
