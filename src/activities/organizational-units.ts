import {
  DescribeOrganizationalUnitCommand,
  ListOrganizationalUnitsForParentCommand,
} from '@aws-sdk/client-organizations';
import type { AwsClients } from '../aws/clients';
import { isOrganizationalUnitId } from '../domain/organizational-unit';
import { withoutAddresses } from '../domain/redact';
import { AwsCallError, call, listAll } from './aws-calls';

export type UnitLookup = { found: true; id: string } | { found: false; why: string };

/** The id of an OU or root given by id or by a path of names from the root. */
export async function findOrganizationalUnit(
  aws: AwsClients,
  rootId: string,
  text: string | undefined,
): Promise<UnitLookup> {
  if (text === undefined || text === rootId) return { found: true, id: rootId };
  return isOrganizationalUnitId(text) ? unitById(aws, rootId, text) : unitByPath(aws, rootId, text);
}

async function unitById(aws: AwsClients, rootId: string, id: string): Promise<UnitLookup> {
  if (id.startsWith('r-')) {
    return { found: false, why: `is not the root of this organization, which is ${rootId}` };
  }
  try {
    await call('DescribeOrganizationalUnit', () =>
      aws.organizations.send(new DescribeOrganizationalUnitCommand({ OrganizationalUnitId: id })),
    );
    return { found: true, id };
  } catch (error) {
    if (
      error instanceof AwsCallError &&
      error.detail.name === 'OrganizationalUnitNotFoundException'
    ) {
      return {
        found: false,
        why: 'does not exist in this organization; give the id or path of one that does',
      };
    }
    throw error;
  }
}

async function unitByPath(aws: AwsClients, rootId: string, path: string): Promise<UnitLookup> {
  let parent = rootId;
  const walked: string[] = [];
  for (const name of path.split('/')) {
    const units = await unitsBelow(aws, parent);
    const next = units.find((unit) => unit.Name === name)?.Id;
    if (!next) {
      const where = walked.length > 0 ? walked.join('/') : 'the root';
      // It may be an address, by mistake: failures stand in logs.
      const shown = withoutAddresses(name);
      return {
        found: false,
        why: `names the organizational unit "${shown}", which does not exist below ${where}; names are compared with their case`,
      };
    }
    parent = next;
    walked.push(name);
  }
  return { found: true, id: parent };
}

function unitsBelow(aws: AwsClients, parentId: string) {
  return listAll(async (token) => {
    const page = await call('ListOrganizationalUnitsForParent', () =>
      aws.organizations.send(
        new ListOrganizationalUnitsForParentCommand({ ParentId: parentId, NextToken: token }),
      ),
    );
    return { items: page.OrganizationalUnits, token: page.NextToken };
  });
}
