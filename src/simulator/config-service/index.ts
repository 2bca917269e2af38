import type { Call } from '../wire/call';
import { AwsError } from '../wire/errors';
import type { Operation } from '../wire/operation';
import type { World } from '../world';
import { getDetailedStatus } from './detailed-status';
import { deletePack, describePacks, describePackStatuses, putPack } from './packs';

const OPERATIONS: Record<string, Operation> = {
  DescribeOrganizationConformancePacks: describePacks,
  DescribeOrganizationConformancePackStatuses: describePackStatuses,
  GetOrganizationConformancePackDetailedStatus: getDetailedStatus,
  PutOrganizationConformancePack: putPack,
  DeleteOrganizationConformancePack: deletePack,
};

export function findConfigOperation(name: string): Operation | undefined {
  return Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
}

/** Only the management account and delegated administrators may ask about organization packs. */
export function serveConfig(world: World, serve: Operation, call: Call): Record<string, unknown> {
  const { managementAccountId, delegatedAdministrators } = world.data.organization;
  const caller = call.callerAccountId;
  if (caller !== managementAccountId && !delegatedAdministrators.includes(caller)) {
    throw new AwsError(
      'OrganizationAccessDeniedException',
      'This action can only be performed if you are the management account or a delegated ' +
        'administrator of an AWS Organization.',
    );
  }
  return serve(world, call);
}
