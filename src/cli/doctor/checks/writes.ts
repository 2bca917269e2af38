import type { Account } from '@aws-sdk/client-organizations';
import { REQUEST_TAG } from '../../../contract';
import { AwsCallError, findOrganizationalUnit } from '../../aws';
import type { Check, Finding } from '../finding';
import type { Patient } from '../patient';
import { iamOf, mayDo, type Asked } from '../read-aws';

/** They would change something, so they are not tried: IAM is asked what it would say. */
export const writeChecks: Check<Patient>[] = [
  { name: 'permissions to write', group: 'AWS', needed: true, run: look },
];

/** A call that changes something. */
interface Write extends Asked {
  /** Whether every vend of this configuration makes it; the others are made where a request asks for it. */
  always: boolean;
  what: string;
}

async function look(patient: Patient): Promise<Finding[]> {
  await patient.managed();
  const principal = await principalArn(patient);
  const writes = await writesOf(patient);
  const iam = iamOf(patient.aws);
  const denied: Write[] = [];
  try {
    for (const write of writes) if (!(await mayDo(iam, principal, write))) denied.push(write);
  } catch (error) {
    if (!(error instanceof AwsCallError)) throw error;
    return [notAsked(principal, writes, error)];
  } finally {
    iam.destroy();
  }
  const found = [
    ...missing(
      principal,
      denied.filter(({ always }) => always),
      'writes-missing',
    ),
    ...missing(
      principal,
      denied.filter(({ always }) => !always),
      'writes-missing-later',
    ),
  ];
  if (found.length > 0) return found;
  const detail = `IAM says so of ${principal}: ${actionsOf(writes).join(', ')}. Service control policies do not hold for the management account.`;
  return [{ id: 'writes', level: 'ok', title: 'the writing calls of vends are allowed', detail }];
}

/** Whose policies count. */
async function principalArn(patient: Patient): Promise<string> {
  const { accountId, principal, partition } = await patient.caller();
  const { managementRoleArn } = patient.configuration.aws;
  return managementRoleArn ?? `arn:${partition}:iam::${accountId}:${principal}`;
}

/**
 * With the resources and condition keys that the calls of a vend have, as the Service Authorization Reference names them.
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsorganizations.html
 */
async function writesOf(patient: Patient): Promise<Write[]> {
  const { id: organizationId, managementAccountId = '' } = await patient.managed();
  const { partition } = await patient.caller();
  // Another check tells where these may not be listed; then the management account stands for all.
  const { accounts } = await patient.accounts().catch(() => ({ accounts: [] as Account[] }));
  const { placement, defaults, escalation } = patient.configuration;
  const members = accounts.filter(({ Id }) => Id !== managementAccountId);
  const account = members.find(({ State }) => State === 'ACTIVE')?.Id ?? managementAccountId;
  const arn = (service: string, resource: string) =>
    `arn:${partition}:${service}::${managementAccountId}:${resource}`;
  const ofOrganizations = (type: string, id: string) =>
    arn('organizations', `${type}/${organizationId}/${id}`);
  const ofAccount = arn('account', `account/${organizationId}/${account}`);
  const context = { [`aws:RequestTag/${REQUEST_TAG}`]: 'x' };
  const isPlaced = placement.organizationalUnit !== undefined;
  const moved = [
    ofOrganizations('account', account),
    ...(await patient.root().then(
      (id) => [ofOrganizations('root', id)],
      () => [],
    )),
    ...(await unitOf(patient)).map((id) => ofOrganizations('ou', id)),
  ];
  return [
    {
      action: 'organizations:CreateAccount',
      context,
      always: true,
      what: 'with our tag',
    },
    {
      action: 'organizations:TagResource',
      resource: ofOrganizations('account', account),
      context,
      always: true,
      what: 'with our tag',
    },
    ...moved.map((resource) => ({
      action: 'organizations:MoveAccount',
      resource,
      always: isPlaced,
      what: resource.split(':').at(-1) ?? resource,
    })),
    {
      action: 'iam:CreateServiceLinkedRole',
      resource: `arn:${partition}:iam::${managementAccountId}:role/aws-service-role/organizations.amazonaws.com/AWSServiceRoleForOrganizations`,
      context: { 'iam:AWSServiceName': 'organizations.amazonaws.com' },
      // AWS makes it with the first account of an organization.
      always: members.length === 0,
      what: "an organization's first account",
    },
    {
      action: 'organizations:CreateGovCloudAccount',
      context,
      always: false,
      what: 'requests with kind govcloud',
    },
    {
      action: 'account:PutAlternateContact',
      resource: ofAccount,
      always: defaults.alternateContacts !== undefined,
      what: 'alternateContacts',
    },
    ...(defaults.regions ?? []).map((region) => ({
      action: 'account:EnableRegion',
      resource: ofAccount,
      context: { 'account:TargetRegion': region },
      always: true,
      what: `defaults.regions: ${region}`,
    })),
    ...escalation.notify.flatMap((subscriber) =>
      subscriber.type === 'sns'
        ? [
            {
              action: 'sns:Publish',
              resource: subscriber.topicArn,
              always: false,
              what: 'escalation.notify',
            },
          ]
        : [],
    ),
  ];
}

/** Where the configuration names none, or one that is not there: another check tells that. */
async function unitOf(patient: Patient): Promise<string[]> {
  const { organizationalUnit } = patient.configuration.placement;
  const unit = await patient
    .root()
    .then((root) => findOrganizationalUnit(patient.aws, root, organizationalUnit))
    .catch(() => undefined);
  return unit?.found && unit.id.startsWith('ou-') ? [unit.id] : [];
}

const actionsOf = (writes: readonly Write[]) => [...new Set(writes.map(({ action }) => action))];

function missing(
  principal: string,
  denied: readonly Write[],
  id: 'writes-missing' | 'writes-missing-later',
): Finding[] {
  if (denied.length === 0) return [];
  const actions = actionsOf(denied);
  const isNeeded = id === 'writes-missing';
  return [
    {
      id,
      level: isNeeded ? 'stop' : 'note',
      title: `IAM does not allow ${actions.length === 1 ? actions[0] : `${actions.length} calls`}${
        isNeeded ? '' : ' that some requests need'
      }`,
      detail: `Of ${principal}: ${denied.map(({ action, what }) => `${action} (${what})`).join('; ')}.`,
      fix: `Allow ${actions.join(', ')} in its policy: docs/iam has them all, with their conditions.`,
    },
  ];
}

/** What the policies of docs/iam allow only so: IAM answers `implicitDeny` where it is asked without. */
const WITH_OUR_TAG = ['organizations:CreateAccount', 'organizations:TagResource'];

/** Without the permission for it a person may have: it is needed for nothing else. */
function notAsked(principal: string, writes: readonly Write[], { detail }: AwsCallError): Finding {
  return {
    id: 'permissions-not-tried',
    level: 'note',
    title: 'writes were not tried: they would change something',
    detail: `IAM could tell, and did not (${detail.name}: ${detail.message}). Vends need ${actionsOf(writes).join(', ')}. read/doctor.json of docs/iam lets this ask; a role's path, where it has one, belongs before its name. Of those that must have our tag the command asks by hand.`,
    fix: `aws iam simulate-principal-policy --policy-source-arn ${principal} --action-names ${WITH_OUR_TAG.join(' ')} --context-entries ContextKeyName=aws:RequestTag/${REQUEST_TAG},ContextKeyType=string,ContextKeyValues=x`,
  };
}
