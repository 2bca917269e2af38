import type { Call } from '../wire/call';
import { findAccount, type World } from '../world';
import type { Wanted } from './policy';

const PREFIXES = {
  organizations: 'organizations',
  config: 'config',
  sts: 'sts',
  iam: 'iam',
  account: 'account',
};

const CREATIONS = new Set(['CreateAccount', 'CreateGovCloudAccount']);

/** IAM asks nobody's policy for it. */
const FREE = new Set(['sts:GetCallerIdentity']);

/**
 * What a call must be allowed, as the Service Authorization Reference has it: the action for each
 * resource that it is about, and what a creation needs besides.
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsorganizations.html
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsaccountmanagement.html
 */
export function wantedBy(world: World, call: Call): Wanted[] {
  const action = `${PREFIXES[call.service]}:${call.operation}`;
  if (FREE.has(action)) return [];
  const context = contextOf(world, call);
  const own = resourcesOf(world, call).map((resource) => ({ action, resource, context }));
  if (!CREATIONS.has(call.operation)) return own;
  const tagging = { action: 'organizations:TagResource', resource: NEW_ACCOUNT(world), context };
  return tagsOf(call).length > 0 ? [...own, tagging, serviceLinkedRole(world)] : own;
}

/** As for the first creation in an organization: its service-linked role is made with it. */
export const SERVICE_LINKED_ROLE = 'iam:CreateServiceLinkedRole';

function serviceLinkedRole({ data }: World): Wanted {
  const { managementAccountId } = data.organization;
  return {
    action: SERVICE_LINKED_ROLE,
    resource: `arn:aws:iam::${managementAccountId}:role/aws-service-role/organizations.amazonaws.com/AWSServiceRoleForOrganizations`,
    context: { 'iam:AWSServiceName': 'organizations.amazonaws.com' },
  };
}

/** AWS does not say which ARN it has in mind before there is an account: one that is nobody's. */
const NEW_ACCOUNT = (world: World) => organizationsArn(world, 'account', 'new');

function organizationsArn({ data }: World, type: string, id: string): string {
  const { managementAccountId, id: organization } = data.organization;
  return `arn:aws:organizations::${managementAccountId}:${type}/${organization}/${id}`;
}

/** Of an id as calls have it: an account's, a root's, a unit's. */
function arnOf(world: World, id: string): string {
  if (id.startsWith('r-')) return organizationsArn(world, 'root', id);
  return organizationsArn(world, id.startsWith('ou-') ? 'ou' : 'account', id);
}

/** The members of a call that name what it is about; all of them must be allowed. */
const NAMED_BY: Record<string, readonly string[]> = {
  MoveAccount: ['AccountId', 'SourceParentId', 'DestinationParentId'],
  DescribeAccount: ['AccountId'],
  CloseAccount: ['AccountId'],
  ListParents: ['ChildId'],
  ListChildren: ['ParentId'],
  ListAccountsForParent: ['ParentId'],
  ListOrganizationalUnitsForParent: ['ParentId'],
  DescribeOrganizationalUnit: ['OrganizationalUnitId'],
  TagResource: ['ResourceId'],
  ListTagsForResource: ['ResourceId'],
};

function resourcesOf(world: World, call: Call): string[] {
  const { input, callerAccountId } = call;
  if (call.service === 'sts') return [textOf(input['RoleArn'])];
  if (call.service === 'iam') return [textOf(input['PolicySourceArn'])];
  if (call.service === 'account') {
    const named = input['AccountId'];
    return [
      typeof named === 'string'
        ? organizationsArn(world, 'account', named).replace(':organizations:', ':account:')
        : `arn:aws:account::${callerAccountId}:account`,
    ];
  }
  const members = NAMED_BY[call.operation];
  return members ? members.map((member) => arnOf(world, textOf(input[member]))) : ['*'];
}

function contextOf(world: World, call: Call): Wanted['context'] {
  const { input, region, service } = call;
  const context: Record<string, string | string[]> = { 'aws:RequestedRegion': region };
  const tags = service === 'organizations' ? tagsOf(call) : [];
  if (tags.length > 0) context['aws:TagKeys'] = tags.map(([key]) => key);
  for (const [key, value] of tags) context[`aws:RequestTag/${key}`] = value;
  if (call.operation === 'EnableRegion')
    context['account:TargetRegion'] = textOf(input['RegionName']);
  if (call.operation === 'PutAlternateContact') {
    context['account:AlternateContactTypes'] = [textOf(input['AlternateContactType'])];
  }
  if (call.operation === 'AssumeRole') Object.assign(context, ofRole(world, input));
  return context;
}

function ofRole(world: World, input: Call['input']): Record<string, string> {
  const account = textOf(input['RoleArn']).split(':')[4] ?? '';
  const isMember = findAccount(world, account) !== undefined;
  return {
    'sts:RoleSessionName': textOf(input['RoleSessionName']),
    ...(input['ExternalId'] === undefined ? {} : { 'sts:ExternalId': textOf(input['ExternalId']) }),
    ...(isMember ? { 'aws:ResourceOrgID': world.data.organization.id } : {}),
  };
}

function tagsOf({ input }: Call): [string, string][] {
  const list: unknown = input['Tags'];
  if (!Array.isArray(list)) return [];
  return list.map(({ Key, Value }: { Key?: unknown; Value?: unknown }) => [
    textOf(Key),
    textOf(Value),
  ]);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
