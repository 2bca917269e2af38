import { GetRegionOptStatusCommand } from '@aws-sdk/client-account';
import {
  DescribeAccountCommand,
  DescribeCreateAccountStatusCommand,
  DescribeOrganizationalUnitCommand,
  ListOrganizationalUnitsForParentCommand,
  ListParentsCommand,
  ListTagsForResourceCommand,
} from '@aws-sdk/client-organizations';
import { isOrganizationalUnitId } from '../../../domain/organizational-unit';
import { AwsCallError, call } from '../../aws';
import { awsFinding, isDenied } from '../aws-finding';
import type { Check, Finding } from '../finding';
import type { Patient } from '../patient';

export const permissionChecks: Check<Patient>[] = [
  { name: 'permissions', group: 'AWS', needed: true, run: look },
];

/** A call that vends make and that changes nothing. */
interface ReadCall {
  action: string;
  /** Every vend makes it; the others are made when something goes wrong, or is asked for. */
  always: boolean;
  what: string;
  send: () => Promise<unknown>;
}

/** Well formed, and of no creation: AWS says so to whoever may ask. */
const NO_CREATION = 'car-00000000000000000000000000000000';

async function look(patient: Patient): Promise<Finding[]> {
  const { managementAccountId = '' } = await patient.managed();
  const tried = await Promise.all(
    readCalls(patient, managementAccountId).map(async (one) => ({
      ...one,
      error: await errorOf(one.send),
    })),
  );
  const denied = tried.filter(({ error }) => error && isDenied(error.name));
  const others = tried.filter(({ error }) => error && !isDenied(error.name));
  const missing = [
    ...missingFinding(
      denied.filter(({ always }) => always),
      true,
    ),
    ...missingFinding(
      denied.filter(({ always }) => !always),
      false,
    ),
  ];
  const rest = others.flatMap(({ error, always }) => (error ? [awsFinding(error, always)] : []));
  const faults = [...missing, ...rest];
  return faults.length > 0 ? faults : [ALL_ALLOWED];
}

function readCalls(patient: Patient, managementAccountId: string): ReadCall[] {
  const { organizations, account } = patient.aws;
  const { placement, defaults } = patient.configuration;
  const unit = placement.organizationalUnit;
  const isPath = unit !== undefined && !isOrganizationalUnitId(unit);
  const about = (operation: string, send: () => Promise<unknown>) => () => call(operation, send);
  const calls: ReadCall[] = [
    {
      action: 'organizations:ListRoots',
      always: true,
      what: 'placing',
      send: patient.root,
    },
    {
      action: 'organizations:ListParents',
      always: true,
      what: 'placing',
      send: about('ListParents', () =>
        organizations.send(new ListParentsCommand({ ChildId: managementAccountId })),
      ),
    },
    {
      action: 'organizations:DescribeCreateAccountStatus',
      always: true,
      what: 'following a creation',
      send: about('DescribeCreateAccountStatus', () =>
        organizations.send(
          new DescribeCreateAccountStatusCommand({ CreateAccountRequestId: NO_CREATION }),
        ),
      ),
    },
    {
      action: 'organizations:ListCreateAccountStatus',
      always: false,
      what: 'finding a creation whose answer was lost, and those of others',
      send: patient.creations,
    },
    {
      action: 'organizations:ListAccounts',
      always: false,
      what: 'finding an account by its address',
      send: patient.accounts,
    },
    {
      action: 'organizations:DescribeAccount',
      always: false,
      what: 'proving an account ours',
      send: about('DescribeAccount', () =>
        organizations.send(new DescribeAccountCommand({ AccountId: managementAccountId })),
      ),
    },
    {
      action: 'organizations:ListTagsForResource',
      always: false,
      what: 'proving an account ours',
      send: about('ListTagsForResource', () =>
        organizations.send(new ListTagsForResourceCommand({ ResourceId: managementAccountId })),
      ),
    },
    {
      action: 'organizations:ListOrganizationalUnitsForParent',
      always: isPath,
      what: 'units that are given as a path',
      send: async () => unitsBelowRoot(patient),
    },
    {
      action: 'organizations:DescribeOrganizationalUnit',
      always: unit !== undefined && !isPath,
      what: 'units that are given by id',
      // Only one that exists tells: a policy may allow some and not others.
      send: async () => {
        const known = isPath || !unit ? await unitsBelowRoot(patient).catch(() => []) : [unit];
        const [id] = known.filter((one) => one.startsWith('ou-'));
        if (id === undefined) return;
        await call('DescribeOrganizationalUnit', () =>
          organizations.send(new DescribeOrganizationalUnitCommand({ OrganizationalUnitId: id })),
        );
      },
    },
  ];
  const [region] = defaults.regions ?? [];
  if (region !== undefined) {
    calls.push({
      action: 'account:GetRegionOptStatus',
      always: true,
      what: 'enabling regions (defaults.regions)',
      send: async () => {
        const { accounts } = await patient.accounts();
        const member = accounts.find(
          ({ Id, State }) => Id !== managementAccountId && State === 'ACTIVE',
        );
        if (!member?.Id) return;
        const command = new GetRegionOptStatusCommand({ AccountId: member.Id, RegionName: region });
        await call('GetRegionOptStatus', () => account.send(command));
      },
    });
  }
  return calls;
}

async function unitsBelowRoot(patient: Patient): Promise<string[]> {
  const ParentId = await patient.root().catch(() => undefined);
  if (ParentId === undefined) return [];
  const { OrganizationalUnits = [] } = await call('ListOrganizationalUnitsForParent', () =>
    patient.aws.organizations.send(new ListOrganizationalUnitsForParentCommand({ ParentId })),
  );
  return OrganizationalUnits.flatMap(({ Id }) => Id ?? []);
}

/** That something is not there says as well that we may ask for it. */
async function errorOf(send: () => Promise<unknown>) {
  try {
    await send();
    return undefined;
  } catch (error) {
    if (!(error instanceof AwsCallError)) throw error;
    return error.detail.name.endsWith('NotFoundException') ? undefined : error.detail;
  }
}

type Tried = ReadCall & { error: AwsCallError['detail'] | undefined };

function missingFinding(denied: readonly Tried[], always: boolean): Finding[] {
  const [first] = denied;
  if (!first) return [];
  const actions = denied.map(({ action }) => action);
  const purposes = denied.map(({ action, what }) => `${action} (${what})`);
  return [
    {
      id: always ? 'permissions-missing' : 'permissions-missing-later',
      level: always ? 'stop' : 'warning',
      title: `AWS refuses ${actions.length === 1 ? actions[0] : `${actions.length} calls`}${
        always ? '' : ' that some vends need'
      }`,
      detail: `${purposes.join('; ')}. AWS: ${first.error?.message ?? ''}`,
      fix: `Allow ${actions.join(', ')} in the policy of these credentials (docs/iam has them all), and in the service control policies above.`,
    },
  ];
}

const ALL_ALLOWED: Finding = {
  id: 'permissions',
  level: 'ok',
  title: 'the reading calls of vends are allowed',
  detail: 'Each was tried once. Those of AWS Config are looked at with the conformance packs.',
};
