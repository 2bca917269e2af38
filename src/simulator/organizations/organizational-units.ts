import type { OrganizationalUnit } from '@aws-sdk/client-organizations';
import { newOrganizationalUnitId } from '../ids';
import { ORGANIZATIONAL_UNITS, ORGANIZATIONAL_UNIT_DEPTH, TAGS_PER_RESOURCE } from '../limits';
import { AwsError, constraintViolation } from '../wire/errors';
import { operation } from '../wire/operation';
import {
  count,
  findOrganizationalUnit,
  parentExists,
  type OrganizationalUnitState,
  type Tags,
  type World,
} from '../world';
import { parentNotFound } from './accounts';
import { ancestry, pathOf, unitArn } from './hierarchy';
import { listPage } from './list-page';
import * as schemas from './schemas';

export const describeOrganizationalUnit = operation(
  schemas.unitInput,
  (world, { OrganizationalUnitId }) => ({
    OrganizationalUnit: unitView(world, knownUnit(world, OrganizationalUnitId)),
  }),
);

export const listOrganizationalUnitsForParent = operation(schemas.parentInput, (world, input) => {
  if (!parentExists(world, input.ParentId)) throw parentNotFound();
  const units = childUnits(world, input.ParentId);
  const list = `ListOrganizationalUnitsForParent?${input.ParentId}`;
  return listPage(world, units, { ...input, list }, 'OrganizationalUnits', (unit) =>
    unitView(world, unit),
  );
});

export const createOrganizationalUnit = operation(schemas.createUnitInput, (world, input, call) => {
  if (!parentExists(world, input.ParentId)) throw parentNotFound();
  refuseCreation(world, input.ParentId, input.Name);
  if (input.Tags.length > TAGS_PER_RESOURCE) {
    throw constraintViolation('MAX_TAG_LIMIT_EXCEEDED', 'You have exceeded the number of tags.');
  }
  const tags = Object.fromEntries(input.Tags.map(({ Key, Value }) => [Key, Value]));
  call.entry.committed = true;
  return {
    OrganizationalUnit: unitView(world, addUnit(world, input.ParentId, input.Name, tags)),
  };
});

export const deleteOrganizationalUnit = operation(
  schemas.unitInput,
  (world, { OrganizationalUnitId }, call) => {
    deleteUnit(world, OrganizationalUnitId);
    call.entry.committed = true;
    return {};
  },
);

export function addUnit(
  world: World,
  parentId: string,
  name: string,
  tags: Tags = {},
): OrganizationalUnitState {
  const sequence = count(world, 'sequence');
  const unit = { sequence, id: newOrganizationalUnitId(world), name, parentId, tags };
  world.data.organizationalUnits.push(unit);
  world.touch();
  return unit;
}

export function deleteUnit(world: World, id: string): void {
  const unit = knownUnit(world, id);
  const occupied =
    childUnits(world, id).length > 0 || world.data.accounts.some(({ parentId }) => parentId === id);
  if (occupied) {
    throw new AwsError(
      'OrganizationalUnitNotEmptyException',
      'The specified OU is not empty. Move all accounts to another root or to other OUs first.',
    );
  }
  const units = world.data.organizationalUnits;
  units.splice(units.indexOf(unit), 1);
  world.touch();
}

export function childUnits(world: World, parentId: string): OrganizationalUnitState[] {
  return world.data.organizationalUnits.filter((unit) => unit.parentId === parentId);
}

function refuseCreation(world: World, parentId: string, name: string): void {
  if (childUnits(world, parentId).some((unit) => unit.name === name)) {
    throw new AwsError('DuplicateOrganizationalUnitException', 'An OU with the same name exists.');
  }
  if (ancestry(world, parentId).length >= ORGANIZATIONAL_UNIT_DEPTH) {
    throw constraintViolation(
      'OU_DEPTH_LIMIT_EXCEEDED',
      'You attempted to create an OU tree that is too many levels deep.',
    );
  }
  if (world.data.organizationalUnits.length >= ORGANIZATIONAL_UNITS) {
    throw constraintViolation(
      'OU_NUMBER_LIMIT_EXCEEDED',
      'You have exceeded the number of OUs that you can have in an organization.',
    );
  }
}

function knownUnit(world: World, id: string): OrganizationalUnitState {
  const unit = findOrganizationalUnit(world, id);
  if (!unit) {
    throw new AwsError(
      'OrganizationalUnitNotFoundException',
      "We can't find an OU with the OrganizationalUnitId that you specified.",
    );
  }
  return unit;
}

function unitView(world: World, unit: OrganizationalUnitState): OrganizationalUnit {
  return {
    Id: unit.id,
    Arn: unitArn(world, unit.id),
    Name: unit.name,
    Path: pathOf(world, unit.id),
  };
}
