import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateAccountCommand, OrganizationsClient } from '@aws-sdk/client-organizations';
import { clockFinding, nodeFinding } from '../../src/cli/doctor/checks/machine';
import { creationFinding } from '../../src/cli/doctor/checks/creations';
import { FINDING_IDS } from '../../src/cli/doctor/finding';
import { principalOf } from '../../src/cli/doctor/read-aws';
import { runChecks } from '../../src/cli/doctor/run-checks';
import { startSimulator, type FaultRule } from '../../src/simulator';
import { startDevServer, type DevServer } from '../support/temporal';
import { Vending } from '../support/vending';
import { configFile, diagnosed, withEnv } from './doctor-support';
import { vend } from './run-vend';
import { untilListed } from '../support/until';

const PACK = 'Baseline';
const DEAD = 'http://127.0.0.1:1';
let dev: DevServer;
let vending: Vending;

beforeAll(async () => {
  dev = await startDevServer();
  await dev.connection.workflowService.updateNamespace({
    namespace: dev.namespace,
    config: { workflowExecutionRetentionTtl: { seconds: 30 * 86_400 } as never },
  });
  vending = await Vending.start(dev, { skipped: false });
  vending.simulator.addOrganizationalUnit('Workloads/Prod');
  vending.simulator.putConformancePack({ name: PACK, region: 'us-east-1' });
});
afterEach(() => {
  vending.simulator.clearFaults();
  vending.simulator.set({
    organizationExists: true,
    configTrustedAccess: true,
    accountTrustedAccess: true,
  });
});
afterAll(async () => {
  await vending?.close();
  await dev?.close();
});

const env = () => ({ TEMPORAL_ADDRESS: dev.address });
const doctor = (configuration: object = {}, ...flags: string[]) =>
  diagnosed(env(), { taskQueue: vending.taskQueue, ...configuration }, ...flags);
const page = async (configuration: object = {}) => {
  const file = configFile({ taskQueue: vending.taskQueue, ...configuration });
  return vend(['doctor', '--config', file], { env: env() });
};
const always = (operation: string, name: string, more: object = {}): FaultRule => ({
  operation,
  times: 'always',
  kind: 'error',
  error: { name, ...more },
});

describe('where all is well', () => {
  test('a vend would go through: exit 0, and every part was looked at', async () => {
    const { ok, status, findings } = await doctor();
    expect(findings.filter(({ level }) => level === 'warning' || level === 'stop')).toEqual([]);
    expect({ ok, status }).toEqual({ ok: true, status: 0 });
    expect(findings.map(({ id }) => id)).toEqual([
      'configuration',
      'node',
      'clock',
      'temporal',
      'namespace',
      'search-attributes',
      'worker',
      'identity',
      'permissions',
      'writes',
      'regions',
      'organization',
      'trusted-access',
      'unit',
      'accounts',
      'creations',
      'packs',
    ]);
    for (const { detail, title } of findings) expect(detail && title).toBeTruthy();
  });

  test('a vend really goes through then', async () => {
    const request = { requestId: 'well', accountName: 'Well', email: 'well@example.com' };
    expect(await vending.vend(request)).toMatchObject({ adopted: false });
  });

  test('the page is grouped, says who we are, and ends with the verdict', async () => {
    const { stdout, stderr, status } = await page();
    expect(status).toBe(0);
    expect(stderr).toBe('');
    for (const group of ['Temporal', 'AWS', 'Organization', 'Conformance packs']) {
      expect(stdout).toContain(`\n${group}\n`);
    }
    expect(stdout).not.toContain('\nGate\n');
    expect(stdout).toContain(vending.simulator.managementAccountId);
    expect(stdout).toContain(vending.simulator.organizationId);
    expect(stdout).toContain(`us-east-1: ${PACK}`);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('A vend would go through.');
    // No terminal: no colours.
    expect(stdout).not.toContain('\u001B');
  });

  test('nothing was written, and no address is shown', async () => {
    const before = vending.simulator.journal().length;
    const { stdout } = await page();
    const calls = vending.simulator.journal().slice(before);
    expect(calls.length).toBeGreaterThan(10);
    expect(calls.filter(({ committed }) => committed)).toEqual([]);
    expect(calls.map(({ operation }) => operation).join(' ')).not.toMatch(
      /Create(?!AccountStatus)|Put|Move|Tag(?!sForResource)|Enable/,
    );
    expect(stdout).not.toContain('@');
  });

  test('the configuration that was read is named', async () => {
    const file = configFile({ taskQueue: vending.taskQueue });
    const { stdout } = await vend(['doctor', '--config', file], { env: env() });
    expect(stdout).toContain(`configuration: ${file}`);
  });
});

describe('calls that AWS refuses', () => {
  const OF_EVERY_VEND = ['ListRoots', 'ListParents', 'DescribeCreateAccountStatus'];
  const OF_SOME = [
    'ListCreateAccountStatus',
    'ListAccounts',
    'DescribeAccount',
    'ListTagsForResource',
    'ListOrganizationalUnitsForParent',
    'DescribeOrganizationalUnit',
  ];

  test.each(OF_EVERY_VEND)('%s: stops every vend', async (operation) => {
    vending.simulator.inject(always(operation, 'AccessDeniedException'));
    const seen = await doctor();
    const found = seen.the('permissions-missing', 'stop');
    expect(found.title).toContain(operation);
    expect(found.fix).toContain(`organizations:${operation}`);
    expect(seen.status).toBe(1);
    expect(seen.ok).toBe(false);
  });

  test.each(OF_SOME)('%s: some vends need it', async (operation) => {
    vending.simulator.inject(always(operation, 'AccessDeniedException'));
    const seen = await doctor();
    expect(seen.the('permissions-missing-later', 'warning').detail).toContain(operation);
    expect(seen.has('permissions')).toBe(false);
    expect({ ok: seen.ok, status: seen.status }).toEqual({ ok: true, status: 0 });
  });

  test('several are named together', async () => {
    for (const operation of OF_EVERY_VEND) {
      vending.simulator.inject(always(operation, 'AccessDeniedException'));
    }
    const { fix, title } = (await doctor()).the('permissions-missing');
    for (const operation of OF_EVERY_VEND) expect(fix).toContain(operation);
    expect(title).toContain('3 calls');
  });

  test('units given as a path, or by id, need other calls', async () => {
    vending.simulator.inject(always('ListOrganizationalUnitsForParent', 'AccessDeniedException'));
    const byPath = await doctor({ placement: { organizationalUnit: 'Workloads/Prod' } });
    expect(byPath.the('permissions-missing', 'stop').title).toContain('ForParent');
    vending.simulator.clearFaults();
    vending.simulator.inject(always('DescribeOrganizationalUnit', 'AccessDeniedException'));
    const id = vending.simulator.addOrganizationalUnit('Workloads/Prod');
    const byId = await doctor({ placement: { organizationalUnit: id } });
    expect(byId.the('permissions-missing', 'stop').title).toContain('DescribeOrganizationalUnit');
  });

  test.each([
    'DescribeOrganizationConformancePackStatuses',
    'DescribeOrganizationConformancePacks',
    'GetOrganizationConformancePackDetailedStatus',
  ])('%s of AWS Config: stops, and says in which region', async (operation) => {
    vending.simulator.inject(always(operation, 'AccessDeniedException'));
    const seen = await doctor();
    const { title } = seen.the('permissions-missing', 'stop');
    expect(title).toContain(`${operation} in us-east-1`);
    expect(seen.status).toBe(1);
  });

  test('DescribeOrganization: stops, and what needs it says that it was not looked at', async () => {
    vending.simulator.inject(always('DescribeOrganization', 'AccessDeniedException'));
    const seen = await doctor();
    expect(seen.the('permissions-missing', 'stop').title).toContain('DescribeOrganization');
    expect(seen.the('not-looked-at', 'note').title).toMatch(/permissions|conformance packs/);
    expect(seen.has('packs')).toBe(false);
  });

  test('GetRegionOptStatus, where the configuration enables regions', async () => {
    vending.simulator.addAccount({ email: 'member-of-regions@example.com' });
    vending.simulator.inject(always('GetRegionOptStatus', 'AccessDeniedException'));
    expect((await doctor()).status).toBe(0);
    const seen = await doctor({ defaults: { regions: ['af-south-1'] } });
    expect(seen.the('permissions-missing', 'stop').fix).toContain('account:GetRegionOptStatus');
  });

  test('calls that only doctor makes say nothing of vends', async () => {
    vending.simulator.inject(always('ListRegions', 'AccessDeniedException'));
    vending.simulator.inject(
      always('ListAWSServiceAccessForOrganization', 'AccessDeniedException'),
    );
    const seen = await doctor();
    seen.the('regions-not-told', 'note');
    seen.the('trusted-access-not-told', 'note');
    expect(seen.status).toBe(0);
  });

  test('writes are not tried: IAM is asked; where it may not be, they are named, with the command for it', async () => {
    const asked = await doctor();
    expect(asked.the('writes', 'ok').detail).toMatch(/CreateAccount.*TagResource.*MoveAccount/);
    vending.simulator.inject(always('SimulatePrincipalPolicy', 'AccessDenied'));
    const seen = await doctor();
    const { fix, detail } = seen.the('permissions-not-tried', 'note');
    for (const action of ['AccessDenied', 'CreateAccount', 'TagResource', 'MoveAccount']) {
      expect(detail).toContain(action);
    }
    expect(seen.status).toBe(0);
    // Without our tag in its context IAM refuses what the policies of docs/iam allow.
    const { managementAccountId } = vending.simulator;
    expect(fix).toBe(
      `aws iam simulate-principal-policy --policy-source-arn arn:aws:iam::${managementAccountId}:user/simulator` +
        ' --action-names organizations:CreateAccount organizations:TagResource --context-entries' +
        ' ContextKeyName=aws:RequestTag/account-vending:request-id,ContextKeyType=string,ContextKeyValues=x',
    );
  });
});

describe('credentials', () => {
  test("a member account's are not the management account's", async () => {
    const member = vending.simulator.addAccount({ email: 'member@example.com' });
    const seen = await withEnv({ AWS_ACCESS_KEY_ID: member }, () => doctor());
    const found = seen.the('not-management-account', 'stop');
    expect(found.title).toContain(member);
    expect(found.fix).toContain(vending.simulator.managementAccountId);
    // That AWS refuses a member everything else says nothing more.
    expect(seen.findings.filter(({ level }) => level === 'stop' || level === 'warning')).toEqual([
      found,
    ]);
    expect(seen.the('not-looked-at').detail).toContain('management account');
    expect(seen.status).toBe(1);
  });

  test('none at all', async () => {
    const none = { AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined };
    const seen = await withEnv(none, () => doctor());
    expect(seen.the('credentials-missing', 'stop').fix).toContain('AWS_PROFILE');
    expect(seen.findings.filter(({ id }) => id === 'credentials-missing')).toHaveLength(1);
    expect(seen.status).toBe(1);
  });

  test.each(['ExpiredToken', 'InvalidClientTokenId', 'SignatureDoesNotMatch'])(
    '%s: told once, with what to do',
    async (name) => {
      vending.simulator.inject({ kind: 'error', times: 'always', error: { name } });
      const seen = await doctor();
      expect(seen.the('credentials-refused', 'stop').detail).toContain(name);
      expect(seen.findings.filter(({ id }) => id === 'credentials-refused')).toHaveLength(1);
      expect(seen.status).toBe(1);
    },
  );

  test('that nobody gives in time are as good as none', async () => {
    const awsConfig = configFile({});
    writeFileSync(awsConfig, '[default]\ncredential_process = sleep 20\n');
    const slow = {
      AWS_ACCESS_KEY_ID: undefined,
      AWS_SECRET_ACCESS_KEY: undefined,
      AWS_CONFIG_FILE: awsConfig,
    };
    const seen = await withEnv(slow, () => doctor());
    expect(seen.the('credentials-missing', 'stop').detail).toContain('did not answer in 7 s');
    expect(seen.has('check-timed-out')).toBe(false);
    expect(seen.ms).toBeLessThan(30_000);
  });

  test('the management role is assumed, and named', async () => {
    const role = `arn:aws:iam::${vending.simulator.managementAccountId}:role/ops/Vending`;
    const seen = await doctor({ aws: { managementRoleArn: role } });
    expect(seen.the('identity').title).toBe(
      `AWS knows us as role/Vending of account ${vending.simulator.managementAccountId}`,
    );
    expect(seen.the('identity').detail).toContain(role);
    expect(seen.ok).toBe(true);
  });

  test('a management role that cannot be assumed', async () => {
    const role = 'arn:aws:iam::999999999999:role/Vending';
    const seen = await doctor({ aws: { managementRoleArn: role } });
    expect(seen.the('management-role-not-assumable', 'stop').fix).toContain(role);
    expect(seen.findings.filter(({ level }) => level === 'stop')).toHaveLength(1);
    expect(seen.status).toBe(1);
  });
});

test.each([
  ['assumed-role/Vending/anna@example.com', 'role/Vending'],
  ['user/team/vending', 'user/team/vending'],
  ['user/anna@example.com', 'user/[hidden]'],
  ['root', 'root'],
])('%s is shown as %s', (resource, shown) => {
  expect(principalOf(resource)).toBe(shown);
});

describe('AWS that does not answer well', () => {
  test('not at all: exit 4, and Temporal was looked at', async () => {
    const seen = await withEnv({ AWS_ENDPOINT_URL: DEAD }, () => doctor());
    seen.the('aws-unreachable', 'stop');
    seen.the('worker', 'ok');
    expect(seen.status).toBe(4);
    expect(seen.ms).toBeLessThan(30_000);
  });

  test('never: it does not wait for ever', async () => {
    vending.simulator.inject({ kind: 'hang', times: 'always' });
    const seen = await doctor();
    seen.the('aws-unreachable', 'stop');
    expect(seen.status).toBe(4);
    expect(seen.ms).toBeLessThan(30_000);
  });

  test('something else answers, such as a proxy', async () => {
    const proxy = createServer((_, response) => response.writeHead(404).end('nobody here'));
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const seen = await withEnv({ AWS_ENDPOINT_URL: url }, () => doctor());
    proxy.closeAllConnections();
    proxy.close();
    expect(seen.the('aws-unreachable', 'stop').fix).toContain('AWS_ENDPOINT_URL');
    expect(seen.has('aws-call-failed')).toBe(false);
  });

  test('AWS Config alone, dead or silent: that stops vends', async () => {
    const dead = await withEnv({ AWS_ENDPOINT_URL_CONFIG_SERVICE: DEAD }, () => doctor());
    expect(dead.the('aws-service-unreachable', 'stop').title).toContain('us-east-1');
    expect(dead.status).toBe(1);
    vending.simulator.inject({
      operation: 'DescribeOrganizationConformancePackStatuses',
      kind: 'hang',
      times: 'always',
    });
    const silent = await doctor();
    expect(silent.the('check-timed-out', 'stop').title).toContain('conformance packs');
    expect(silent.ms).toBeLessThan(30_000);
  });

  test('throttling is no fault of anything', async () => {
    vending.simulator.inject(always('ListAccounts', 'TooManyRequestsException'));
    const seen = await doctor();
    expect(seen.the('aws-throttled', 'warning').title).toContain('ListAccounts');
    expect(seen.the('not-looked-at', 'note').title).toContain('the accounts');
    expect(seen.status).toBe(0);
  });

  test('an error that nobody knows is told as AWS says it', async () => {
    vending.simulator.inject(
      always('ListParents', 'ServiceException', { message: 'lost somebody@example.com' }),
    );
    const seen = await doctor();
    const { detail } = seen.the('aws-call-failed', 'stop');
    expect(detail).toContain('ServiceException: lost [hidden]');
  });
});

describe('the organization', () => {
  test('there is none', async () => {
    vending.simulator.set({ organizationExists: false });
    const seen = await doctor();
    expect(seen.the('organization-missing', 'stop').fix).toContain('create-organization');
    expect(seen.status).toBe(1);
  });

  test('consolidated billing alone', async () => {
    const billing = await startSimulator({
      profile: 'test',
      organization: { featureSet: 'CONSOLIDATED_BILLING' },
    });
    const seen = await withEnv({ AWS_ENDPOINT_URL: billing.url }, () => doctor());
    await billing.close();
    expect(seen.the('not-all-features', 'stop').title).toContain('CONSOLIDATED_BILLING');
  });

  test('trusted access of AWS Config', async () => {
    vending.simulator.set({ configTrustedAccess: false });
    const seen = await doctor();
    const found = seen.the('trusted-access-missing', 'stop');
    expect(found.fix).toContain('--service-principal config-multiaccountsetup.amazonaws.com');
  });

  test('trusted access of Account Management counts where the configuration needs it', async () => {
    vending.simulator.set({ accountTrustedAccess: false });
    const unasked = await doctor();
    unasked.the('trusted-access-missing', 'note');
    expect(unasked.status).toBe(0);
    const asked = await doctor({ defaults: { regions: ['af-south-1'] } });
    asked.the('trusted-access-missing', 'stop');
  });

  test('the unit of the configuration, as a path and by id', async () => {
    const id = vending.simulator.addOrganizationalUnit('Workloads/Prod');
    const byPath = await doctor({ placement: { organizationalUnit: 'Workloads/Prod' } });
    expect(byPath.the('unit', 'ok').title).toContain(id);
    for (const organizationalUnit of ['Workloads/Pord', 'ou-abcd-12345678']) {
      const seen = await doctor({ placement: { organizationalUnit } });
      expect(seen.the('unit-missing', 'stop').title).toContain(organizationalUnit);
      expect(seen.status).toBe(1);
    }
  });

  test('accounts are counted by state, closed ones too', async () => {
    vending.simulator.addAccount({ email: 'closed@example.com', state: 'SUSPENDED' });
    const { title, fix } = (await doctor()).the('accounts', 'ok');
    expect(title).toMatch(/^\d+ accounts count .*1 SUSPENDED.*limit is not known/);
    expect(fix).toContain('L-29A0C5DF');
  });
});

test('a large organization is not read to its end', async () => {
  const large = await startSimulator({ profile: 'test', seed: 78, knobs: { pageSize: 2 } });
  for (let n = 0; n < 90; n += 1) large.addAccount({ email: `member-${n}@example.com` });
  const seen = await withEnv({ AWS_ENDPOINT_URL: large.url }, () => doctor());
  const pages = large.journal().filter(({ operation }) => operation === 'ListAccounts');
  await large.close();
  expect(seen.the('accounts', 'ok').title).toMatch(/^\d+ or more accounts count/);
  expect(pages.length).toBeLessThanOrEqual(40);
});

describe('the role in new accounts', () => {
  const readiness = { readiness: { assumeRole: true } };

  test('is tried in the newest account that AWS created', async () => {
    const none = await startSimulator({ profile: 'test', seed: 77 });
    const untried = await withEnv({ AWS_ENDPOINT_URL: none.url }, () => doctor(readiness));
    await none.close();
    untried.the('readiness-role-not-tried', 'note');

    const request = { requestId: 'roles', accountName: 'Roles', email: 'roles@example.com' };
    await vending.vend(request);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const second = { ...request, requestId: 'roles-2', email: 'roles-2@example.com' };
    const { accountId } = await vending.vend(second);
    expect((await doctor()).has('readiness-role')).toBe(false);
    expect((await doctor(readiness)).the('readiness-role', 'ok').title).toContain(accountId);
    const other = await doctor({ ...readiness, defaults: { roleName: 'NoSuchRole' } });
    expect(other.the('readiness-role-not-assumable', 'warning').title).toContain('NoSuchRole');
    expect(other.status).toBe(0);
  });
});

describe('conformance packs and regions', () => {
  test('a pack that is not there, and what is there instead', async () => {
    const seen = await doctor({ conformance: { packs: ['Basline'] } });
    const found = seen.the('pack-missing', 'stop');
    expect(found.title).toContain('us-east-1 has no conformance pack Basline');
    expect(found.detail).toContain(PACK);
    expect(seen.status).toBe(1);
  });

  test('a pack of one region alone is looked for there', async () => {
    const packs = [PACK, 'eu-west-1/Other'];
    const missing = await doctor({ conformance: { packs } });
    expect(missing.the('pack-missing', 'stop').title).toContain('eu-west-1 has no');
    vending.simulator.putConformancePack({ name: 'Other', region: 'eu-west-1' });
    const there = await doctor({ conformance: { packs } });
    expect(there.has('pack-missing')).toBe(false);
    expect(there.ok).toBe(true);
    vending.simulator.removeConformancePack('eu-west-1', 'Other');
  });

  test('a region without any, unless that is allowed', async () => {
    const regions = ['us-east-1', 'eu-west-1'];
    const seen = await doctor({ conformance: { regions } });
    expect(seen.the('packs-none', 'stop').title).toContain('eu-west-1');
    expect(seen.findings.filter(({ id }) => id === 'packs')).toHaveLength(1);
    const allowed = await doctor({ conformance: { regions, allowNone: true } });
    expect(allowed.has('packs-none')).toBe(false);
    expect(allowed.ok).toBe(true);
  });

  test("owners' roles are assumed, and their packs count", async () => {
    const owner = vending.simulator.addAccount({ email: 'owner@example.com' });
    vending.simulator.putConformancePack({
      name: 'Owned',
      region: 'us-east-1',
      ownerAccountId: owner,
    });
    const roleArn = (account: string) => `arn:aws:iam::${account}:role/Packs`;
    const packs = ['Owned'];
    const owned = await doctor({ conformance: { packs, owners: [{ roleArn: roleArn(owner) }] } });
    owned.the('owner-role', 'ok');
    expect(owned.the('packs', 'ok').title).toContain('Owned');

    const stranger = [{ roleArn: roleArn('999999999999') }];
    const closed = await doctor({ conformance: { packs, owners: stranger } });
    expect(closed.the('owner-role-not-assumable', 'stop').title).toContain('999999999999');
    // What it owns cannot be known: only its role is told.
    expect(closed.has('pack-missing')).toBe(false);
    vending.simulator.removeConformancePack('us-east-1', 'Owned');
  });

  test('regions that AWS does not know, or that are not enabled', async () => {
    const unknown = await doctor({ defaults: { regions: ['eu-south-9'] } });
    expect(unknown.the('region-unknown', 'stop').title).toContain('eu-south-9');
    const disabled = await doctor({ conformance: { regions: ['af-south-1'], allowNone: true } });
    expect(disabled.the('region-disabled', 'stop').title).toContain('af-south-1');
  });
});

describe('creations in progress', () => {
  test('that no running vend knows are told, with how it was told', async () => {
    vending.simulator.set({ creationMs: 3_600_000 });
    const organizations = new OrganizationsClient({});
    const ids: (string | undefined)[] = [];
    for (let n = 0; n < 4; n += 1) {
      const { CreateAccountStatus } = await organizations.send(
        new CreateAccountCommand({ Email: `console-${n}@example.com`, AccountName: 'Console' }),
      );
      ids.push(CreateAccountStatus?.Id);
    }
    const own = await vending.begin({
      requestId: 'own',
      accountName: 'Own',
      email: 'own@example.com',
    });
    await vending.until(own, ({ createAccountRequestIds }) => createAccountRequestIds.length > 0);
    await untilListed(dev.client, `VendStage = 'creating' AND TaskQueue = '${vending.taskQueue}'`);
    const seen = await doctor();
    const found = seen.the('foreign-creations', 'warning');
    expect(found.title).toBe('5 creations are in progress, 4 of them not by running vends');
    expect(found.detail).toContain(ids[0]);
    expect(found.detail).toMatch(/Told by the request ids/);
    expect(JSON.stringify(found)).not.toMatch(/Console|@/);
    expect(seen.status).toBe(0);

    const without = await diagnosed({}, { taskQueue: vending.taskQueue });
    expect(without.the('creations-unclear', 'note').detail).toContain('It needs Temporal');
    organizations.destroy();
  });

  test('fewer leave places; vends that do not say leave it open', () => {
    const one = { Id: 'car-1', RequestedTimestamp: new Date(0) };
    const judged = (unknown: number, silent: number, inProgress = unknown) =>
      creationFinding(
        { inProgress, unknown: Array.from({ length: unknown }, () => one), silent },
        5,
        60_000,
      );
    expect(judged(1, 0)).toMatchObject({ id: 'foreign-creations', level: 'note' });
    expect(judged(2, 1)).toMatchObject({ id: 'foreign-creations', level: 'note' });
    expect(judged(5, 0)).toMatchObject({ id: 'foreign-creations', level: 'warning' });
    expect(judged(1, 1)).toMatchObject({ id: 'creations-unclear' });
    expect(judged(0, 3, 3)).toMatchObject({ id: 'creations', level: 'ok' });
  });
});

describe('this machine', () => {
  const shifted = (shiftMs: number) => {
    vending.simulator.inject({
      operation: 'GetCallerIdentity',
      kind: 'wrong-date',
      shiftMs,
      times: 'always',
    });
    return doctor();
  };

  test("a clock that differs from AWS's", async () => {
    const behind = await shifted(2 * 60_000);
    expect(behind.the('clock-skew', 'warning').title).toMatch(/behind/);
    expect(behind.status).toBe(0);
    vending.simulator.clearFaults();
    const ahead = await shifted(-10 * 60_000);
    expect(ahead.the('clock-skew', 'stop').title).toMatch(/10 min ahead of/);
  });

  test('is judged at its limits', () => {
    expect(clockFinding(59_000).id).toBe('clock');
    expect(clockFinding(-61_000)).toMatchObject({ id: 'clock-skew', level: 'warning' });
    expect(clockFinding(-300_000)).toMatchObject({ level: 'stop' });
  });

  test.each([
    ['20.19.0', 'node'],
    ['20.20.2', 'node'],
    ['24.0.0', 'node'],
    ['20.18.9', 'node-unsupported'],
    ['18.30.0', 'node-unsupported'],
  ])('Node %s: %s', (version, id) => {
    expect(nodeFinding(version, '>=20.19').id).toBe(id);
  });
});

describe('how checks are run', () => {
  const check = (run: () => Promise<never>, needed = true) => ({
    name: 'something',
    group: 'AWS' as const,
    needed,
    run,
  });

  test('one that throws is a finding, and the others go on', async () => {
    const found = await runChecks(
      [
        check(() => Promise.reject(new TypeError('no such thing'))),
        { ...check(() => new Promise(() => {})), run: async () => [OK] },
      ],
      undefined,
    );
    expect(found).toMatchObject([
      { id: 'check-failed', level: 'stop', detail: 'TypeError: no such thing' },
      { id: 'identity', level: 'ok' },
    ]);
    // What no vend needs stops none.
    const [other] = await runChecks(
      [check(() => Promise.reject(new Error('x')), false)],
      undefined,
    );
    expect(other).toMatchObject({ id: 'check-failed', level: 'warning' });
  });

  test('one that never ends is left', async () => {
    const never = () => new Promise<never>(() => {});
    const found = await runChecks([check(never), check(never, false)], undefined, 50);
    expect(found).toMatchObject([{ id: 'check-timed-out', level: 'stop' }]);
  });

  const OK = { id: 'identity', level: 'ok', title: 'we are we', detail: 'so' } as const;
});

describe('faults of the call: exit 2', () => {
  test('a configuration that is wrong lists every fault', async () => {
    const file = configFile({ creation: { maxInProgress: 99 }, conformence: {} });
    const { status, stdout, stderr } = await vend(['doctor', '--config', file]);
    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('creation.maxInProgress');
    expect(stderr).toContain('did you mean conformance?');
  });

  test('a file that is not there, and settings of Temporal that cannot be read', async () => {
    expect((await vend(['doctor', '--config', 'no-such.yaml'])).status).toBe(2);
    const settings = await vend(['doctor'], { env: { TEMPORAL_PROFILE: 'nobody' } });
    expect(settings.status).toBe(2);
    expect(settings.stderr).toContain('TEMPORAL_PROFILE');
    const json = await vend(['doctor', '--json', '--config', 'no-such.yaml']);
    expect(JSON.parse(json.stdout)).toMatchObject({ error: { problems: [{}] } });
  });
});

test('ids are stable words', () => {
  expect(new Set(FINDING_IDS).size).toBe(FINDING_IDS.length);
  for (const id of FINDING_IDS) expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
});
