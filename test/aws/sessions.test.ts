import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAwsClients } from '../../src/aws/clients';
import { vendSession } from '../../src/aws/sessions';
import { startSimulator, type Simulator } from '../../src/simulator';

const ROLE = 'arn:aws:iam::111122223333:role/Vending';
let simulator: Simulator;
beforeAll(async () => {
  simulator = await startSimulator({
    profile: 'test',
    organization: { managementAccountId: '111122223333' },
  });
  process.env['AWS_ENDPOINT_URL'] = simulator.url;
});
afterAll(() => simulator.close());

const assumed = () => simulator.journal().filter(({ operation }) => operation === 'AssumeRole');
const keyOf = async (client: { config: { credentials(): Promise<{ accessKeyId: string }> } }) =>
  (await client.config.credentials()).accessKeyId;

describe('the name of a session', () => {
  test.each(['a', 'team-a', 'x'.repeat(59)])('%s stands in it whole', (requestId) => {
    expect(vendSession(requestId)).toBe(`vend-${requestId}`);
  });

  test('a long request ID is cut to what AWS takes, and told apart from its like', () => {
    const [one, other] = ['1', '2'].map((end) => vendSession(`${'x'.repeat(62)}${end}`));
    for (const name of [one, other]) expect(name).toMatch(/^vend-x{50}-[0-9a-f]{8}$/);
    expect(one).toHaveLength(64);
    expect(one).not.toBe(other);
  });
});

test('all clients of a vend share one AssumeRole, also when they ask at once', async () => {
  const aws = createAwsClients({ managementRoleArn: ROLE });
  const before = assumed().length;
  const { organizationsWrite, organizations, account, sts } = aws.writersFor('a');
  const keys = await Promise.all([organizationsWrite, organizations, account, sts].map(keyOf));
  expect(new Set(keys).size).toBe(1);
  expect(await keyOf(aws.writersFor('a').account)).toBe(keys[0]);
  expect(assumed()).toHaveLength(before + 1);
  expect(await keyOf(aws.writersFor('b').account)).not.toBe(keys[0]);
  expect(assumed()).toHaveLength(before + 2);
  // What is of no vend has one of its own.
  const common = await Promise.all([aws.organizations, aws.account, aws.sts].map(keyOf));
  expect(new Set(common).size).toBe(1);
  expect(await keyOf(aws.organizationsWrite)).toBe(common[0]);
  expect(assumed()).toHaveLength(before + 3);
  aws.destroy();
});

test('so many vends are remembered and no more; the one used last is forgotten last', () => {
  const aws = createAwsClients({ managementRoleArn: ROLE });
  const first = aws.writersFor('first');
  const second = aws.writersFor('second');
  for (let n = 0; n < 198; n += 1) aws.writersFor(`other-${n}`);
  expect(aws.writersFor('first')).toBe(first);
  aws.writersFor('one-more');
  expect(aws.writersFor('first')).toBe(first);
  expect(aws.writersFor('second')).not.toBe(second);
  aws.destroy();
});

describe('credentials that are renewed', () => {
  const now = Date.now.bind(Date);
  const later = (ms: number) => {
    jest.spyOn(Date, 'now').mockImplementation(() => now() + ms);
  };
  const set = { ...process.env };
  afterEach(() => {
    jest.restoreAllMocks();
    simulator.clearFaults();
    process.env = { ...set, AWS_ENDPOINT_URL: simulator.url };
  });

  test('in a file, without an end: taken from it again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vend-credentials-'));
    const file = join(folder, 'credentials');
    const write = (id: string) =>
      writeFileSync(file, `[default]\naws_access_key_id = ${id}\naws_secret_access_key = s\n`);
    delete process.env['AWS_ACCESS_KEY_ID'];
    process.env['AWS_SHARED_CREDENTIALS_FILE'] = file;
    write('FIRST');
    const aws = createAwsClients();
    expect([await aws.credentialKey(), await keyOf(aws.organizationsWrite)]).toEqual([
      'FIRST',
      'FIRST',
    ]);
    write('SECOND');
    expect(await aws.credentialKey()).toBe('FIRST');
    later(6 * 60_000);
    expect([await aws.credentialKey(), await keyOf(aws.organizationsWrite)]).toEqual([
      'SECOND',
      'SECOND',
    ]);
    aws.destroy();
    rmSync(folder, { recursive: true });
  });

  test('by AssumeRole, which is refused for the moment: the old ones, as long as they are good', async () => {
    const aws = createAwsClients(
      { managementRoleArn: ROLE },
      { requestTimeoutMs: 5_000, attempts: 1 },
    );
    const first = await aws.credentialKey();
    simulator.inject({
      operation: 'AssumeRole',
      kind: 'error',
      times: 'always',
      error: { name: 'Throttling', status: 400 },
    });
    later(57 * 60_000);
    expect(await aws.credentialKey()).toBe(first);
    later(61 * 60_000);
    await expect(aws.credentialKey()).rejects.toMatchObject({ name: 'Throttling' });
    simulator.clearFaults();
    expect(await aws.credentialKey()).not.toBe(first);
    aws.destroy();
  });
});

test('without a role no session is made, and a vend has the same clients as all', () => {
  const aws = createAwsClients();
  const before = assumed().length;
  expect(aws.writersFor('a')).toBe(aws.writersFor());
  expect(assumed()).toHaveLength(before);
  aws.destroy();
});

test.each(['cn-north-1', 'us-gov-west-1', 'eu-central-1'])(
  'a role is assumed in the Region of the worker, %s: another partition does not know it',
  async (region) => {
    const before = assumed().length;
    const set = process.env['AWS_REGION'];
    process.env['AWS_REGION'] = region;
    const aws = createAwsClients({ managementRoleArn: ROLE });
    try {
      const owner = aws.config('ap-southeast-1', { roleArn: ROLE.replace('Vending', 'Packs') });
      await Promise.all([aws.organizations, aws.writersFor('in-a-region').sts, owner].map(keyOf));
    } finally {
      aws.destroy();
      if (set === undefined) delete process.env['AWS_REGION'];
      else process.env['AWS_REGION'] = set;
    }
    const regions = assumed()
      .slice(before)
      .map((entry) => entry.region);
    expect(regions).toEqual([region, region, region]);
  },
);
