import { randomUUID } from 'node:crypto';
import { EnableRegionCommand } from '@aws-sdk/client-account';
import { DescribeOrganizationConformancePacksCommand } from '@aws-sdk/client-config-service';
import {
  CreateAccountCommand,
  CreateGovCloudAccountCommand,
  MoveAccountCommand,
  TagResourceCommand,
} from '@aws-sdk/client-organizations';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { createAwsClients, type AwsClients } from '../../src/aws/clients';
import { REQUEST_TAG, type VendRequest } from '../../src/contract';
import type { JournalEntry } from '../../src/simulator';
import { diagnosed, configFile } from '../cli/doctor-support';
import { vend } from '../cli/run-vend';
import { timeSkippingEnv } from '../support/temporal';
import { Vending } from '../support/vending';
import {
  EXTERNAL_ID,
  FILES,
  MANAGEMENT,
  OWNER,
  OWNER_ROLE,
  READS,
  VENDING,
  actionsOf,
  inFolder,
  permissions,
  type Missing,
} from './policies';

const CONTACT = { name: 'Desk', title: 'Desk', email: 'desk@example.com', phone: '+1 555 0100' };
const CONFIGURATION = {
  aws: { managementRoleArn: VENDING, readRoleArn: READS, externalId: EXTERNAL_ID },
  defaults: { regions: ['af-south-1'], alternateContacts: { security: CONTACT } },
  readiness: { assumeRole: true },
  placement: { organizationalUnit: 'Workloads/Prod' },
  conformance: {
    regions: ['us-east-1', 'eu-west-1'],
    owners: [{ roleArn: OWNER_ROLE, externalId: EXTERNAL_ID }],
  },
};

let env: TestWorkflowEnvironment;
let vending: Vending;

beforeAll(async () => {
  env = await timeSkippingEnv();
  const { client, nativeConnection, namespace } = env;
  vending = await Vending.start(
    {
      client,
      nativeConnection,
      namespace,
      sleep: (ms) => env.sleep(ms),
      now: () => env.currentTimeMs(),
    },
    {
      configuration: CONFIGURATION,
      simulator: {
        organization: {
          managementAccountId: MANAGEMENT,
          organizationalUnits: ['Workloads/Prod', 'Sandbox'],
          accounts: [{ id: OWNER, email: 'owner@example.com', name: 'Owner' }],
          packs: [
            { name: 'Baseline', region: 'us-east-1' },
            { name: 'Baseline', region: 'eu-west-1' },
            { name: 'Delegated', region: 'us-east-1', ownerAccountId: OWNER },
            { name: 'Delegated', region: 'eu-west-1', ownerAccountId: OWNER },
          ],
        },
      },
    },
  );
  allow();
});
afterAll(async () => {
  await vending.close();
  await env.teardown();
});
afterEach(() => allow());

/** All that docs/iam has, but for what is missing. */
function allow(missing?: Missing): void {
  vending.simulator.setPermissions(permissions(vending.simulator, missing));
}

const requestOf = (requestId: string, more: Partial<VendRequest> = {}): VendRequest => ({
  requestId,
  accountName: `of-${requestId}`.slice(0, 40),
  email: `${requestId}@example.com`,
  tags: { CostCenter: '4711' },
  ...more,
});

/** What AWS was asked while `use` ran. */
async function during(use: () => Promise<unknown>): Promise<JournalEntry[]> {
  const before = vending.simulator.journal().length;
  await use();
  return vending.simulator.journal().slice(before);
}

const denied = (calls: readonly JournalEntry[]) =>
  calls.filter(({ error = '' }) => /AccessDenied/.test(error));
const doctor = () => diagnosed({}, { taskQueue: vending.taskQueue, ...CONFIGURATION });
const discover = () =>
  vend(['discover', '--organizational-unit', 'Workloads', '--config', configFile(CONFIGURATION)]);

const used = new Set<string>();
const remember = (calls: readonly JournalEntry[]) => {
  for (const { service, operation } of calls) used.add(`${service}:${operation}`);
};

const WRITES = /^(Create.*Account|MoveAccount|TagResource|PutAlternateContact|EnableRegion)$/;

describe('with the policies of docs/iam and nothing else', () => {
  test('a vend of everything goes through; each write is in a session of its own vend', async () => {
    const calls = await during(() => vending.vend(requestOf('everything')));
    remember(calls);
    expect(denied(calls)).toEqual([]);
    const own = calls.filter(({ operation }) => WRITES.test(operation));
    expect(own.map(({ operation }) => operation).sort()).toEqual([
      'CreateAccount',
      'EnableRegion',
      'MoveAccount',
      'PutAlternateContact',
    ]);
    for (const { session } of own) {
      expect(session).toBe(`arn:aws:sts::${MANAGEMENT}:assumed-role/Vending/vend-everything`);
    }
    const rest = calls.filter(({ operation }) => !WRITES.test(operation));
    const { accounts } = vending.simulator.snapshot();
    const made = accounts.find(({ email }) => email === 'everything@example.com')?.id;
    expect([...new Set(rest.map(({ session = 'the worker' }) => session))].sort()).toEqual(
      [
        `arn:aws:sts::${MANAGEMENT}:assumed-role/Vending/vend-everything`,
        `arn:aws:sts::${MANAGEMENT}:assumed-role/VendingReads/account-vending`,
        `arn:aws:sts::${OWNER}:assumed-role/VendingReadsConformancePacks/account-vending`,
        `arn:aws:sts::${made}:assumed-role/OrganizationAccountAccessRole/vend-everything`,
        'the worker',
      ].sort(),
    );
    // Nothing but sessions for others, and into the new account.
    const ofWorker = rest.filter(({ session = '' }) => !session || session.includes('/Vending/'));
    expect([...new Set(ofWorker.map(({ operation }) => operation))]).toEqual(['AssumeRole']);
    // Reads, this vend, the owner, the account: one each.
    expect(calls.filter(({ operation }) => operation === 'AssumeRole')).toHaveLength(4);
  });

  test('a second vend costs one AssumeRole more, beside the one into its account', async () => {
    const calls = await during(() => vending.vend(requestOf('second')));
    const assumed = calls.filter(({ operation }) => operation === 'AssumeRole');
    expect(assumed.map(({ session = 'the worker' }) => session)).toEqual([
      'the worker',
      `arn:aws:sts::${MANAGEMENT}:assumed-role/Vending/vend-second`,
    ]);
  });

  test('so does one for GovCloud', async () => {
    const calls = await during(() => vending.vend(requestOf('pair', { kind: 'govcloud' })));
    remember(calls);
    expect(denied(calls)).toEqual([]);
    expect(calls.map(({ operation }) => operation)).toContain('CreateGovCloudAccount');
  });

  test('an account is brought in, and a lost answer is found again', async () => {
    const id = vending.simulator.addAccount({ email: 'old@example.com', name: 'Old' });
    const calls = await during(async () => {
      await vending.vend({ requestId: 'old', existingAccountId: id });
      const operation = 'CreateAccount';
      vending.simulator.inject({ operation, kind: 'reset', phase: 'after' });
      await vending.vend(requestOf('lost'));
    });
    remember(calls);
    expect(denied(calls)).toEqual([]);
    const tagged = calls.find(({ operation }) => operation === 'TagResource');
    expect(tagged?.session).toMatch(/Vending\/vend-old$/);
    expect(vending.simulator.createdAccounts()).toMatchObject({ lost: 1 });
  });

  test('doctor finds nothing missing, and discover reads', async () => {
    const calls = await during(async () => {
      const { findings } = await doctor();
      const faults = findings.filter(({ level }) => level === 'stop' || level === 'warning');
      expect(faults.map(({ id }) => id)).toEqual(['temporal-unreachable']);
      expect((await discover()).status).toBe(0);
    });
    remember(calls);
    expect(denied(calls)).toEqual([]);
  });

  test('one role for all is enough as well', async () => {
    vending.simulator.setPermissions(permissions(vending.simulator, undefined, 'one'));
    const { readRoleArn: _, ...aws } = CONFIGURATION.aws;
    const { findings } = await diagnosed({}, { ...CONFIGURATION, aws });
    const faults = findings.filter(({ level }) => level === 'stop' || level === 'warning');
    expect(faults.map(({ id }) => id)).toEqual(['temporal-unreachable']);
  });

  test('nothing is granted that nobody uses', () => {
    // The simulator knows neither; the service-linked role is made by AWS.
    const notSeen = ['sns:Publish', 'iam:CreateServiceLinkedRole'];
    const granted = new Set(FILES.flatMap(actionsOf));
    expect([...granted].filter((action) => !used.has(action)).sort()).toEqual(notSeen.sort());
  });

  test('they fit into the inline policies of one role', () => {
    const all = [...inFolder('read'), ...inFolder('write')];
    const size = all.map(({ text }) => text.replace(/\s/g, '').length).reduce((a, b) => a + b, 0);
    expect(size).toBeLessThan(10_240);
  });
});

/** Every action of every policy, but for what the simulator does not serve. */
const ALL: Missing[] = ['worker', 'read', 'write', 'owner', 'trust']
  .flatMap((folder) =>
    inFolder(folder).flatMap((file) =>
      actionsOf(file).map((action) => ({ file: file.name, action })),
    ),
  )
  .filter(({ action }) => action !== 'sns:Publish');

const isOfDiscover = ({ file }: Missing) => file === 'read/discover';
/** Doctor tries none of them; to enter an account changes nothing. */
const isWrite = ({ file }: Missing) => file.startsWith('write/') && file !== 'write/readiness';

describe('an action that is missing', () => {
  test.each(ALL.filter((one) => !isWrite(one) && !isOfDiscover(one)))(
    '$action of $file: doctor names it',
    async (missing) => {
      allow(missing);
      const { findings } = await doctor();
      const told = findings.filter(
        ({ id, level, title, detail }) =>
          level !== 'ok' &&
          // It lists all writes where IAM may not be asked.
          (id !== 'permissions-not-tried' || missing.action.startsWith('iam:')) &&
          `${title} ${detail}`.includes(missing.action),
      );
      expect(told).not.toEqual([]);
    },
  );

  test.each(ALL.filter(isWrite))(
    '$action of $file: doctor names it, as IAM says, and tries nothing',
    async (missing) => {
      allow(missing);
      let findings: Awaited<ReturnType<typeof doctor>>['findings'] = [];
      const calls = await during(async () => ({ findings } = await doctor()));
      const told = findings.filter(({ id }) => id.startsWith('writes-missing'));
      expect(told.map(({ title }) => title).join()).toContain(missing.action);
      const isOptional = /GovCloud|ServiceLinkedRole/.test(missing.action);
      expect(told.map(({ id, level }) => [id, level])).toEqual([
        isOptional ? ['writes-missing-later', 'note'] : ['writes-missing', 'stop'],
      ]);
      expect(calls.filter(({ operation }) => WRITES.test(operation))).toEqual([]);
    },
  );

  test('a policy that looks at what only a real call has: no fault, and doctor says so', async () => {
    const { identities, trust } = permissions(vending.simulator);
    const Condition = { StringEquals: { 'aws:PrincipalOrgID': 'o-exampleorgid' } };
    const Statement = [{ Effect: 'Allow', Action: '*', Resource: '*', Condition }];
    vending.simulator.setPermissions({
      identities: { ...identities, [VENDING]: [{ Version: '2012-10-17', Statement }] },
      trust: trust ?? {},
    });
    const { findings } = await doctor();
    const ids = findings.map(({ id }) => id);
    expect(ids.filter((id) => id.startsWith('writes'))).toEqual(['writes-unclear']);
    const { detail } = findings.find(({ id }) => id === 'writes-unclear') ?? { detail: '' };
    expect(detail).toContain('organizations:CreateAccount (aws:PrincipalOrgID)');
  });

  test('a unit that is not named, a region that is not named: doctor says which', async () => {
    const { findings } = await diagnosed(
      {},
      {
        ...CONFIGURATION,
        placement: { organizationalUnit: 'Sandbox' },
        defaults: { ...CONFIGURATION.defaults, regions: ['eu-south-1'] },
      },
    );
    const { detail } = findings.find(({ id }) => id === 'writes-missing') ?? { detail: '' };
    expect(detail).toMatch(/MoveAccount \(ou\/.*EnableRegion \(defaults\.regions: eu-south-1\)/);
  });

  test.each([
    ['vending', VENDING, 'aws.managementRoleArn'],
    ['vending-reads', READS, 'aws.readRoleArn'],
  ])('trust/%s: doctor says which of both roles cannot be assumed', async (name, role, key) => {
    allow({ file: `trust/${name}`, action: 'sts:AssumeRole' });
    const { title, detail, fix } = (await doctor()).the('management-role-not-assumable', 'stop');
    expect(title).toContain(role);
    expect(detail).toContain(key);
    expect(fix).toContain(role);
  });

  test.each(ALL.filter(isOfDiscover))('$action of $file: discover names it', async (missing) => {
    allow(missing);
    const { status, stderr } = await discover();
    expect(status).not.toBe(0);
    expect(stderr).toContain(missing.action);
  });

  test.each(ALL.filter(isWrite))(
    '$action of $file: the escalation names it; allowed and retried, there is one account',
    async (missing) => {
      allow(missing);
      const requestId = `without-${missing.action.replace(':', '-').toLowerCase()}`;
      const isGovCloud = missing.action.endsWith('CreateGovCloudAccount');
      const handle = await vending.begin(
        requestOf(requestId, isGovCloud ? { kind: 'govcloud' } : {}),
      );
      const { escalation } = await vending.escalated(handle);
      expect(escalation?.message).toContain(`is not authorized to perform: ${missing.action} on`);
      allow();
      const answer = { action: 'retry', by: 'ada' } as const;
      if (escalation?.scope === 'organization') await vending.resolveOrganization(answer);
      else await vending.resolve(handle, answer);
      await vending.until(handle, ({ stage }) => stage === 'done');
      expect(vending.simulator.createdAccounts()[requestId]).toBe(1);
    },
  );
});

describe('what the conditions keep out', () => {
  let aws: AwsClients;
  beforeAll(() => {
    aws = createAwsClients(CONFIGURATION.aws);
  });
  afterAll(() => aws.destroy());

  const member = () => vending.simulator.addAccount({ email: `${randomUUID()}@example.com` });
  const sandbox = () =>
    vending.simulator.snapshot().organizationalUnits.find(({ path }) => path === 'Sandbox')?.id;
  const create = { Email: 'new@example.com', AccountName: 'New' };
  const Tags = [{ Key: REQUEST_TAG, Value: 'new' }];
  const role = (account: string, name: string) => ({
    RoleArn: `arn:aws:iam::${account}:role/${name}`,
    RoleSessionName: 'vend-new',
  });

  test.each<[string, string, () => Promise<unknown>]>([
    [
      'an account without our tag',
      'organizations:CreateAccount',
      () => aws.organizationsWrite.send(new CreateAccountCommand(create)),
    ],
    [
      'a GovCloud account without our tag',
      'organizations:CreateGovCloudAccount',
      () => aws.organizationsWrite.send(new CreateGovCloudAccountCommand(create)),
    ],
    [
      'other tags without ours',
      'organizations:TagResource',
      () => {
        const command = { ResourceId: member(), Tags: [{ Key: 'Owner', Value: 'me' }] };
        return aws.organizationsWrite.send(new TagResourceCommand(command));
      },
    ],
    [
      'ours on a unit, and not on an account',
      'organizations:TagResource',
      () => {
        const command = { ResourceId: sandbox(), Tags: [{ Key: REQUEST_TAG, Value: 'x' }] };
        return aws.organizationsWrite.send(new TagResourceCommand(command));
      },
    ],
    [
      'a unit that is not named',
      'organizations:MoveAccount',
      () => {
        const SourceParentId = vending.simulator.rootId;
        const command = { AccountId: member(), SourceParentId, DestinationParentId: sandbox() };
        return aws.organizationsWrite.send(new MoveAccountCommand(command));
      },
    ],
    [
      'a region that is not named',
      'account:EnableRegion',
      () => {
        const command = { AccountId: member(), RegionName: 'eu-south-1' };
        return aws.writersFor().account.send(new EnableRegionCommand(command));
      },
    ],
    [
      'another role in a member account',
      'sts:AssumeRole',
      () => aws.writersFor().sts.send(new AssumeRoleCommand(role(member(), 'Admin'))),
    ],
    [
      'the role in an account of nobody we know',
      'sts:AssumeRole',
      () => {
        const elsewhere = role('999999999999', 'OrganizationAccountAccessRole');
        return aws.writersFor().sts.send(new AssumeRoleCommand(elsewhere));
      },
    ],
    [
      'to enter accounts with the role that reads',
      'sts:AssumeRole',
      () => aws.sts.send(new AssumeRoleCommand(role(member(), 'OrganizationAccountAccessRole'))),
    ],
    [
      'to create with the role that reads',
      'organizations:CreateAccount',
      () => aws.organizations.send(new CreateAccountCommand({ ...create, Tags })),
    ],
    [
      'packs of a region that is not named',
      'config:DescribeOrganizationConformancePacks',
      () => aws.config('us-west-2').send(new DescribeOrganizationConformancePacksCommand({})),
    ],
  ])('%s', async (_, action, send) => {
    const error = await send().catch((thrown: unknown) => thrown);
    expect(String(error)).toMatch(
      new RegExp(`^AccessDenied.*: User: arn:aws:sts::${MANAGEMENT}:assumed-role/\\S+ is not .*`),
    );
    expect(String(error)).toContain(`to perform: ${action} on resource`);
    expect(vending.simulator.createdAccounts()).not.toHaveProperty('new');
  });

  test.each([
    ['by a session of another name', { RoleSessionName: 'somebody', ExternalId: EXTERNAL_ID }],
    ['without the external ID', { RoleSessionName: 'vend-new' }],
    ['with another external ID', { RoleSessionName: 'vend-new', ExternalId: 'guessed' }],
  ])('the role that writes cannot be assumed %s', async (_, how) => {
    const own = createAwsClients();
    const command = new AssumeRoleCommand({ RoleArn: VENDING, ...how });
    await expect(own.sts.send(command)).rejects.toThrow(/is not authorized to perform: sts:Assume/);
    own.destroy();
  });
});
