import type { Call } from '../wire/call';
import { AwsError } from '../wire/errors';
import type { Operation } from '../wire/operation';
import type { World } from '../world';
import { describeAccount, listAccounts, listAccountsForParent, moveAccount } from './accounts';
import type { TokenBuckets } from './buckets';
import { closeAccount } from './close-account';
import { createAccount, createGovCloudAccount } from './create-account';
import { describeCreateAccountStatus, listCreateAccountStatus } from './create-account-status';
import { describeOrganization, listChildren, listParents, listRoots } from './organization';
import {
  createOrganizationalUnit,
  deleteOrganizationalUnit,
  describeOrganizationalUnit,
  listOrganizationalUnitsForParent,
} from './organizational-units';
import { listTagsForResource, tagResource } from './tags';
import { listServiceAccess } from './trusted-access';

/** `management`: it alone. `administrators`: delegated ones too. `members`: everybody. */
type Callers = 'management' | 'administrators' | 'members';

interface Entry {
  callers: Callers;
  serve: Operation;
}

const write = (serve: Operation): Entry => ({ callers: 'management', serve });
const read = (serve: Operation): Entry => ({ callers: 'administrators', serve });

const OPERATIONS: Record<string, Entry> = {
  CreateAccount: write(createAccount),
  CreateGovCloudAccount: write(createGovCloudAccount),
  DescribeCreateAccountStatus: read(describeCreateAccountStatus),
  ListCreateAccountStatus: read(listCreateAccountStatus),
  DescribeAccount: read(describeAccount),
  ListAccounts: read(listAccounts),
  ListAccountsForParent: read(listAccountsForParent),
  MoveAccount: write(moveAccount),
  CloseAccount: write(closeAccount),
  ListParents: read(listParents),
  ListChildren: read(listChildren),
  ListRoots: read(listRoots),
  ListOrganizationalUnitsForParent: read(listOrganizationalUnitsForParent),
  DescribeOrganizationalUnit: read(describeOrganizationalUnit),
  CreateOrganizationalUnit: write(createOrganizationalUnit),
  DeleteOrganizationalUnit: write(deleteOrganizationalUnit),
  ListTagsForResource: read(listTagsForResource),
  TagResource: write(tagResource),
  ListAWSServiceAccessForOrganization: read(listServiceAccess),
  DescribeOrganization: { callers: 'members', serve: describeOrganization },
};

const CREATIONS = new Set(['CreateAccount', 'CreateGovCloudAccount']);

export function findOrganizationsOperation(name: string): Entry | undefined {
  return Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
}

/** What AWS checks before it looks at the input, in its order. */
export function serveOrganizations(
  world: World,
  buckets: TokenBuckets,
  { callers, serve }: Entry,
  call: Call,
): Record<string, unknown> {
  buckets.take(world, call.operation, call.callerAccountId);
  if (!world.data.knobs.organizationExists) {
    throw new AwsError(
      'AWSOrganizationsNotInUseException',
      "Your account isn't a member of an organization.",
    );
  }
  if (CREATIONS.has(call.operation)) refuseWhileFinalizing(world);
  if (!mayCall(world, callers, call.callerAccountId)) {
    throw new AwsError(
      'AccessDeniedException',
      "You don't have permissions to access this resource.",
    );
  }
  return serve(world, call);
}

function refuseWhileFinalizing(world: World): void {
  const { finalizingUntil } = world.data.knobs;
  if (finalizingUntil !== null && finalizingUntil > world.now()) {
    throw new AwsError(
      'FinalizingOrganizationException',
      'AWS Organizations could not perform the operation because your organization has not ' +
        'finished initializing. This can take up to an hour. Try again later.',
    );
  }
}

function mayCall(world: World, callers: Callers, accountId: string): boolean {
  const { managementAccountId, delegatedAdministrators } = world.data.organization;
  if (accountId === managementAccountId) return true;
  if (callers === 'administrators') return delegatedAdministrators.includes(accountId);
  return callers === 'members' && world.data.accounts.some(({ id }) => id === accountId);
}
