import type { Organization } from '@aws-sdk/client-organizations';
import { AwsError } from '../wire/errors';
import { operation } from '../wire/operation';
import { findAccount, findOrganizationalUnit, parentExists, type World } from '../world';
import { listed, parentNotFound, visibleAccount } from './accounts';
import { accountArn, organizationArn, rootArn } from './hierarchy';
import { listPage } from './list-page';
import { childUnits } from './organizational-units';
import * as schemas from './schemas';
import { isStaleRead, readAccount } from './stale-reads';

export const describeOrganization = operation(schemas.noInput, (world) => ({
  Organization: organizationView(world),
}));

function organizationView(world: World): Organization {
  const { id, featureSet, managementAccountId } = world.data.organization;
  const view: Organization = {
    Id: id,
    Arn: organizationArn(world),
    FeatureSet: featureSet,
    MasterAccountArn: accountArn(world, managementAccountId),
    MasterAccountId: managementAccountId,
    AvailablePolicyTypes: [{ Type: 'SERVICE_CONTROL_POLICY', Status: 'ENABLED' }],
  };
  const email = findAccount(world, managementAccountId)?.email;
  if (email) view.MasterAccountEmail = email;
  return view;
}

export const listRoots = operation(schemas.listInput, (world, input) => {
  const roots = [{ sequence: 1, id: world.data.organization.rootId }];
  return listPage(world, roots, { ...input, list: 'ListRoots' }, 'Roots', ({ id }) => ({
    Id: id,
    Arn: rootArn(world),
    Name: 'Root',
    PolicyTypes: [],
  }));
});

/** An account or unit has exactly one parent. */
export const listParents = operation(schemas.childInput, (world, input) => {
  const id = parentOf(world, input.ChildId);
  if (id === undefined) {
    throw new AwsError(
      'ChildNotFoundException',
      "We can't find an organizational unit (OU) or AWS account with the ChildId that you specified.",
    );
  }
  const list = `ListParents?${input.ChildId}`;
  return listPage(world, [{ sequence: 1, id }], { ...input, list }, 'Parents', (parent) => ({
    Id: parent.id,
    Type: parent.id.startsWith('r-') ? 'ROOT' : 'ORGANIZATIONAL_UNIT',
  }));
});

function parentOf(world: World, childId: string): string | undefined {
  const account = visibleAccount(world, childId);
  if (account) return readAccount(world, account, isStaleRead(world)).parentId;
  return findOrganizationalUnit(world, childId)?.parentId;
}

export const listChildren = operation(schemas.childrenInput, (world, input) => {
  if (!parentExists(world, input.ParentId)) throw parentNotFound();
  const stale = isStaleRead(world);
  const children =
    input.ChildType === 'ACCOUNT'
      ? listed(world).filter(
          (account) => readAccount(world, account, stale).parentId === input.ParentId,
        )
      : childUnits(world, input.ParentId);
  const list = `ListChildren?${input.ParentId}/${input.ChildType}`;
  return listPage<{ sequence: number; id: string }>(
    world,
    children,
    { ...input, list },
    'Children',
    ({ id }) => ({ Id: id, Type: input.ChildType }),
  );
});
