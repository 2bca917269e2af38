import { REQUEST_TAG, requestTagValue } from '../../../contract';
import { inTurns } from '../../../domain/in-turns';
import { AwsCallError, findOrganizationalUnit } from '../../aws';
import type { Check, Finding } from '../finding';
import type { Patient } from '../patient';
import { iamOf, mayDo, type Asked, type Judgement } from '../read-aws';

/** They would change something, so they are not tried: IAM is asked what it would say. */
export const writeChecks: Check<Patient>[] = [
  { name: 'permissions to write', group: 'AWS', needed: false, run: look },
];

/** IAM throttles; a person waits. */
const AT_ONCE = 4;

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
  let judged: { write: Write; judgement: Judgement }[];
  try {
    judged = await inTurns(writes, AT_ONCE, async (write) => ({
      write,
      judgement: await mayDo(iam, principal, write),
    }));
  } catch (error) {
    if (!(error instanceof AwsCallError)) throw error;
    return [notAsked(principal, writes, error)];
  } finally {
    iam.destroy();
  }
  const denied = judged.flatMap(({ write, judgement }) => (judgement.is === 'denied' ? write : []));
  const unclear = judged.flatMap(({ write, judgement }) =>
    judgement.is === 'unclear' ? { write, missing: judgement.missing } : [],
  );
  const needed = denied.filter(({ always }) => always);
  const others = denied.filter(({ always }) => !always);
  const found = [
    ...missing(principal, needed, 'writes-missing'),
    ...missing(principal, others, 'writes-missing-later'),
    ...unclearFinding(principal, unclear),
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
  const { placement, defaults, escalation, installation } = patient.configuration;
  const region = await patient.aws.organizations.config.region();
  const arn = (service: string, resource: string) =>
    `arn:${partition}:${service}::${managementAccountId}:${resource}`;
  const ofOrganizations = (type: string, id: string) =>
    arn('organizations', `${type}/${organizationId}/${id}`);
  // Policies name all accounts of the organization, or some by their tags; here it stands for any.
  const account = managementAccountId;
  const ofAccount = arn('account', `account/${organizationId}/${account}`);
  const tag = requestTagValue('doctor', installation);
  const every = { 'aws:RequestedRegion': region, 'aws:SecureTransport': 'true' };
  const context = { ...every, [`aws:RequestTag/${REQUEST_TAG}`]: tag };
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
      context: every,
      always: isPlaced,
      what: resource.split(':').at(-1) ?? resource,
    })),
    {
      action: 'iam:CreateServiceLinkedRole',
      resource: `arn:${partition}:iam::${managementAccountId}:role/aws-service-role/organizations.amazonaws.com/AWSServiceRoleForOrganizations`,
      context: { ...every, 'iam:AWSServiceName': 'organizations.amazonaws.com' },
      // AWS makes it with the first account of an organization.
      always: false,
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
      context: every,
      always: defaults.alternateContacts !== undefined,
      what: 'alternateContacts',
    },
    ...(defaults.regions ?? []).map((name) => ({
      action: 'account:EnableRegion',
      resource: ofAccount,
      context: { ...every, 'account:TargetRegion': name },
      always: true,
      what: `defaults.regions: ${name}`,
    })),
    ...escalation.notify.flatMap((subscriber) =>
      subscriber.type === 'sns'
        ? [
            {
              action: 'sns:Publish',
              resource: subscriber.topicArn,
              context: every,
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

/** A policy that looks at where a call comes from, or at tags, cannot be judged from here. */
function unclearFinding(
  principal: string,
  unclear: readonly { write: Write; missing: readonly string[] }[],
): Finding[] {
  if (unclear.length === 0) return [];
  const what = unclear.map(({ write, missing: keys }) => `${write.action} (${keys.join(', ')})`);
  return [
    {
      id: 'writes-unclear',
      level: 'note',
      title: 'IAM cannot tell whether some writes are allowed',
      detail: `Policies of ${principal} ask for condition keys that only a real call has: ${[...new Set(what)].join('; ')}.`,
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
