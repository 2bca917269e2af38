import { findOrganizationalUnit, type OrganizationalUnitState, type World } from '../world';

function arn(world: World, kind: string, ...rest: string[]): string {
  const { id, managementAccountId } = world.data.organization;
  return `arn:aws:organizations::${managementAccountId}:${kind}/${[id, ...rest].join('/')}`;
}

export function organizationArn(world: World): string {
  return arn(world, 'organization');
}

export function accountArn(world: World, id: string): string {
  return arn(world, 'account', id);
}

export function rootArn(world: World): string {
  return arn(world, 'root', world.data.organization.rootId);
}

export function unitArn(world: World, id: string): string {
  return arn(world, 'ou', id);
}

/** The units from below the root down to this one. */
export function ancestry(world: World, id: string): OrganizationalUnitState[] {
  const unit = findOrganizationalUnit(world, id);
  return unit ? [...ancestry(world, unit.parentId), unit] : [];
}

/** `o-…/r-…/ou-…/`, as in the condition key aws:PrincipalOrgPaths. */
export function pathOf(world: World, parentId: string): string {
  const { id, rootId } = world.data.organization;
  const units = ancestry(world, parentId).map((unit) => unit.id);
  return `${[id, rootId, ...units].join('/')}/`;
}

/** Names instead of ids: `Workloads/Prod`. */
export function namePath(world: World, id: string): string {
  return ancestry(world, id)
    .map(({ name }) => name)
    .join('/');
}
