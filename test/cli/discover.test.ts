import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REQUEST_TAG } from '../../src/contract';
import type { VendManifest } from '../../src/contract';
import { fleetYaml, nameAccounts } from '../../src/cli/fleet/fleet-manifest';
import { startDevServer, type DevServer } from '../support/temporal';
import { Vending } from '../support/vending';
import { vend, type Ended } from './run-vend';

const folder = mkdtempSync(join(tmpdir(), 'vend-discover-'));
const config = join(folder, 'vending.yaml');
let dev: DevServer;
let vending: Vending;

beforeAll(async () => {
  dev = await startDevServer({ ui: false });
  vending = await Vending.start(dev, {
    skipped: false,
    configuration: { conformance: { allowNone: true } },
    // Two on a page, and empty pages in between.
    simulator: { organization: { organizationalUnits: ['Workloads/Prod', 'Sandbox'] } },
  });
  writeFileSync(config, JSON.stringify({ taskQueue: vending.taskQueue }));
  const { simulator } = vending;
  const prod = simulator.addOrganizationalUnit('Workloads/Prod');
  const sandbox = simulator.addOrganizationalUnit('Sandbox');
  const add = (id: string, name: string, more = {}) =>
    simulator.addAccount({ id, name, email: `secret-${id}@example.com`, ...more });
  add('000000000011', 'Team A: Prod!', { parentId: prod });
  add('000000000012', 'Data', { parentId: prod });
  add('000000000013', 'data', { parentId: sandbox });
  add('000000000014', '日本', { parentId: sandbox });
  add('000000000015', 'In the root');
  add('000000000016', 'Gone', { parentId: sandbox, state: 'SUSPENDED' });
  add('000000000017', 'Elsewhere', { parentId: prod, tags: { [REQUEST_TAG]: 'other/x' } });
  add('000000000018', 'Tagged', { parentId: prod, tags: { [REQUEST_TAG]: 'tagged-id' } });
  add('000000000019', '4711', { parentId: prod });
});

afterAll(async () => {
  await vending?.close();
  await dev?.close();
  rmSync(folder, { recursive: true });
});

function cli(argv: string[], stdin?: string): Promise<Ended> {
  const env = { TEMPORAL_ADDRESS: dev.address, VEND_CONFIG: config };
  return vend(argv, stdin === undefined ? { env } : { env, stdin });
}

interface Document {
  manifest: VendManifest;
  left: { accountId: string; why: string }[];
}

const discovered = async (...more: string[]) =>
  JSON.parse((await cli(['discover', '--json', ...more])).stdout) as Document;

test('every active member account with its id, its unit and a request id; the others are named', async () => {
  const { manifest, left } = await discovered();
  expect(manifest).toMatchObject({
    name: 'fleet',
    defaults: { organizationId: vending.simulator.organizationId },
  });
  const ids = Object.fromEntries(
    manifest.accounts.map(({ existingAccountId = '', requestId }) => [
      existingAccountId,
      requestId,
    ]),
  );
  expect(ids).toEqual({
    '000000000011': 'account-000000000011',
    '000000000012': 'account-000000000012',
    '000000000013': 'account-000000000013',
    '000000000014': 'account-000000000014',
    '000000000015': 'account-000000000015',
    '000000000018': 'tagged-id',
    '000000000019': 'account-000000000019',
  });
  const { accounts } = vending.simulator.snapshot();
  for (const entry of manifest.accounts) {
    const account = accounts.find(({ id }) => id === entry.existingAccountId);
    expect(entry.organizationalUnit).toBe(account?.parentId);
  }
  expect(left).toEqual(
    expect.arrayContaining([
      { accountId: vending.simulator.managementAccountId, why: 'the management account' },
      { accountId: '000000000016', why: 'it is SUSPENDED' },
      {
        accountId: '000000000017',
        why: `its tag ${REQUEST_TAG} is that of another installation`,
      },
    ]),
  );
  expect(left).toHaveLength(3);
});

test('the file is the same each time, pleasant to read, and holds no address', async () => {
  const [one, other] = [await cli(['discover']), await cli(['discover'])];
  expect(one.stdout).toBe(other.stdout);
  expect(one.stdout).toContain('  # In Workloads/Prod\n');
  expect(one.stdout).toContain(
    "  - requestId: account-000000000011 # Team A: Prod!\n    existingAccountId: '000000000011'\n",
  );
  expect(one.stdout).toContain('  - requestId: tagged-id # Tagged, vended by us\n');
  expect(one.stdout).toContain('  - requestId: account-000000000019 # 4711\n');
  expect(one.stdout).toContain('# Left out:\n#   000000000016: it is SUSPENDED\n');
  expect(one.stderr).toMatch(/7 accounts to bring in, 3 left out:/);
  expect(one.stdout + one.stderr).not.toContain('secret');
});

test('of one unit alone, by path or by id', async () => {
  const prod = vending.simulator.addOrganizationalUnit('Workloads/Prod');
  for (const unit of ['Workloads', 'Workloads/Prod', prod]) {
    const { manifest } = await discovered('--organizational-unit', unit, '--name', 'prod');
    expect(manifest.name).toBe('prod');
    expect(manifest.accounts.map(({ requestId }) => requestId)).toEqual([
      'account-000000000011',
      'account-000000000012',
      'account-000000000019',
      'tagged-id',
    ]);
  }
  const none = await cli(['discover', '--organizational-unit', 'Workload']);
  expect(none.status).toBe(2);
  expect(none.stderr).toContain('names no unit of this organization');
});

test('to a file, which is not overwritten unless asked', async () => {
  const output = join(folder, 'fleet.yaml');
  const written = await cli(['discover', '-o', output]);
  expect(written).toMatchObject({ status: 0, stdout: '' });
  expect(written.stderr).toContain(`vend apply -f ${output} --dry-run`);
  expect(readFileSync(output, 'utf8')).toBe((await cli(['discover'])).stdout);
  expect((await cli(['discover', '-o', output])).status).toBe(2);
  expect((await cli(['discover', '-o', output, '--force'])).status).toBe(0);
  expect((await cli(['discover', '--force'])).status).toBe(2);
  expect((await cli(['discover', '--name', 'No Name'])).status).toBe(2);
});

test('applied, it brings the fleet in: nothing is created, nothing moves, and all are done', async () => {
  await vending
    .begin({ requestId: 'made', accountName: 'Made here', email: 'made@example.com' }, 'vend-made')
    .then((handle) => handle.result());
  const before = vending.simulator.snapshot();
  const creations = vending.calls('CreateAccount');
  const moves = vending.calls('MoveAccount');
  const { stdout } = await cli(['discover']);
  expect(stdout).toContain('- requestId: made # Made here, vended by us');
  const dry = await cli(['apply', '-f', '-', '--dry-run'], stdout);
  expect(dry.stdout).toContain('In all 7 new, 1 done.');
  const applied = await cli(['apply', '-f', '-', '--wait', '--json'], stdout);
  expect(applied.status).toBe(0);
  const document = JSON.parse(applied.stdout) as {
    manifests: { accounts: { requestId: string; standing: string; accountId: string }[] }[];
  };
  expect(document.manifests[0]!.accounts.map(({ standing }) => standing)).toEqual(
    Array.from({ length: 8 }, () => 'done'),
  );
  expect(vending.calls('CreateAccount')).toBe(creations);
  expect(vending.calls('MoveAccount')).toBe(moves);
  const places = ({ accounts }: typeof before) =>
    accounts.map(({ id, parentId }) => [id, parentId]);
  expect(places(vending.simulator.snapshot())).toEqual(places(before));

  // They are ours now, under the same ids: discovered again, nothing is new.
  const again = await cli(['discover']);
  const names = (text: string) => text.match(/requestId: \S+/g);
  expect(names(again.stdout)).toEqual(names(stdout));
  const second = await cli(['apply', '-f', '-'], again.stdout);
  expect(second.stdout).toContain('In all 8 done.');
});

test('without AWS it says so: exit 4', async () => {
  const endpoint = process.env['AWS_ENDPOINT_URL'];
  process.env['AWS_ENDPOINT_URL'] = 'http://127.0.0.1:1';
  try {
    const { status, stderr, stdout } = await cli(['discover']);
    expect(status).toBe(4);
    expect(stderr).toMatch(/AWS answered DescribeOrganization with .*Check the network/);
    expect(stdout).toBe('');
  } finally {
    process.env['AWS_ENDPOINT_URL'] = endpoint;
  }
});

test('a request id tells no name, and nothing that YAML would read as a number', () => {
  const account = (accountId: string, name: string, requestId?: string) => ({
    accountId,
    name,
    unitId: 'r-ab12',
    unitPath: '',
    ...(requestId ? { requestId } : {}),
  });
  const fleet = {
    organizationId: 'o-exampleorgid',
    left: [],
    accounts: [
      account('000000000001', 'anna.smith@example.com'),
      account('000000000002', 'Anna Smith'),
      account('000000000003', 'Web', '4711'),
    ],
  };
  const named = nameAccounts(fleet);
  expect(named.map(({ requestId }) => requestId)).toEqual([
    '4711',
    'account-000000000001',
    'account-000000000002',
  ]);
  expect(nameAccounts({ ...fleet, accounts: fleet.accounts.toReversed() })).toEqual(named);
  expect(fleetYaml(fleet, 'fleet', named)).toContain('requestId: "4711" # Web, vended by us');
  expect(fleetYaml({ ...fleet, accounts: [] }, 'fleet', [])).toContain('accounts: [] #');
});
