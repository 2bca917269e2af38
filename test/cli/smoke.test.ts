import { devNull } from 'node:os';
import { join } from 'node:path';
import {
  CreateAccountCommand,
  MoveAccountCommand,
  OrganizationsClient,
  TagResourceCommand,
} from '@aws-sdk/client-organizations';
import type { Sight } from '../../src/cli/smoke/look-at-account';
import { REQUEST_TAG, vendWorkflowId } from '../../src/contract';
import { startSimulator } from '../../src/simulator';
import { CTRL_C, Screen } from '../support/screen';
import { startDevServer, type DevServer } from '../support/temporal';
import { Vending } from '../support/vending';
import { configFile, withEnv } from './doctor-support';
import { vend, type Ended } from './run-vend';

const STARTER = join(__dirname, '../../lib/starter.js');
const PACK = 'Baseline';
const ORGANIZATION = {
  organizationalUnits: ['Sandbox', 'Workloads'],
  packs: [{ name: PACK, region: 'us-east-1' }],
};
let dev: DevServer;
let vending: Vending;
let config: string;
const screens: Screen[] = [];

beforeAll(async () => {
  dev = await startDevServer();
  const poll = { initial: '100ms', max: '200ms' };
  vending = await Vending.start(dev, {
    skipped: false,
    simulator: { organization: ORGANIZATION, knobs: { creationMs: 200 } },
    configuration: {
      creation: { poll, reconcile: { settle: '100ms' } },
      conformance: { poll },
    },
  });
  config = configFile({ taskQueue: vending.taskQueue });
});
afterAll(async () => {
  await Promise.all(screens.map((screen) => screen.close()));
  await vending?.close();
  await dev?.close();
});

function smoke(...flags: string[]): Promise<Ended> {
  return vend(['smoke', '--config', config, ...flags], { env: { TEMPORAL_ADDRESS: dev.address } });
}
const create = (requestId: string, ...more: string[]) => [
  '--create',
  '--request-id',
  requestId,
  '--email',
  `${requestId}@example.com`,
  '--organizational-unit',
  'Sandbox',
  ...more,
];
const confirmed = (requestId: string, ...more: string[]) =>
  create(requestId, '--confirm', vending.simulator.organizationId, ...more);

/** How often AWS was asked to create while `use` ran, and how often it was asked anything. */
async function asked(use: () => Promise<unknown>): Promise<{ create: number; all: number }> {
  const before = vending.simulator.journal().length;
  await use();
  const calls = vending.simulator.journal().slice(before);
  const creations = calls.filter(({ operation }) => operation === 'CreateAccount');
  return { create: creations.length, all: calls.length };
}

async function isStarted(requestId: string): Promise<boolean> {
  const handle = dev.client.workflow.getHandle(vendWorkflowId(requestId));
  return handle.describe().then(
    () => true,
    () => false,
  );
}

interface Document {
  ok: boolean;
  findings: unknown[];
  vend?: { status: string; result?: { accountId: string } };
  changed?: string[];
  seen?: Sight[];
}

describe('nothing is created', () => {
  test('without --create: it looks as doctor does, and says how to go on', async () => {
    let ended: Ended | undefined;
    const calls = await asked(async () => (ended = await smoke()));
    expect(ended).toMatchObject({ status: 0, stderr: '' });
    expect(ended?.stdout).toMatch(/\nGate\n/);
    expect(ended?.stdout).toMatch(
      /A vend would go through\..*\n\nNothing was created\. .* --create/,
    );
    expect(calls.create).toBe(0);
    expect(calls.all).toBeGreaterThan(10);
  });

  test.each<[string, string[], RegExp]>([
    ['no --confirm where nobody can be asked', create('nobody'), /--confirm/],
    ['--confirm alone', ['--confirm', 'o-exampleorgid'], /Without --create/],
    ['--no-conformance alone', ['--no-conformance'], /Without --create/],
    ['no address', ['--create', '--confirm', 'o-exampleorgid'], /--create needs --email/],
    ['an address that is none', create('nobody', '--email', 'nobody'), / email /],
    ['a request ID that is none', create('No_body', '--confirm', 'o-x'), / requestId /],
  ])('%s: exit 2 before anything is asked', async (_, flags, fault) => {
    let ended: Ended | undefined;
    const calls = await asked(async () => (ended = await smoke(...flags)));
    expect(ended?.stderr).toMatch(fault);
    expect(ended).toMatchObject({ status: 2, stdout: '' });
    expect(calls).toEqual({ create: 0, all: 0 });
  });

  test.each(['o-exampleorgid', ''])(
    'another organization is confirmed (%p): exit 2',
    async (id) => {
      let ended: Ended | undefined;
      const calls = await asked(
        async () => (ended = await smoke(...create('other', '--confirm', id))),
      );
      expect(ended?.status).toBe(2);
      expect(ended?.stderr).toMatch(/--confirm does not name .*Nothing was created/);
      expect(calls.create).toBe(0);
      expect(await isStarted('other')).toBe(false);
    },
  );

  test('a finding that would stop a vend: exit 1, whatever is confirmed', async () => {
    const file = configFile({
      taskQueue: vending.taskQueue,
      conformance: { packs: ['Not-There'] },
    });
    let ended: Ended | undefined;
    const calls = await asked(
      async () => (ended = await smoke(...confirmed('stopped'), '--config', file)),
    );
    expect(ended?.status).toBe(1);
    expect(ended?.stdout).toMatch(/A vend would not go through: pack-missing.*\n\nNothing was/);
    expect(calls.create).toBe(0);
    expect(await isStarted('stopped')).toBe(false);
  });
});

describe('--create, in a terminal', () => {
  function terminal(requestId: string): Screen {
    const env = {
      TEMPORAL_ADDRESS: dev.address,
      TEMPORAL_CONFIG_FILE: devNull,
      AWS_ENDPOINT_URL: vending.simulator.url,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: 'us-east-1',
      AWS_CONFIG_FILE: devNull,
      AWS_SHARED_CREDENTIALS_FILE: devNull,
    };
    const command = [process.execPath, STARTER, 'smoke', '--config', config, ...create(requestId)];
    const screen = new Screen(command, { columns: 140, rows: 60, env });
    screens.push(screen);
    return screen;
  }
  const QUESTION = /Type the ID of the organization to go on:/;

  test('says what it will do; another answer, or Ctrl-C, and nothing is created', async () => {
    const both = [terminal('typed-wrong'), terminal('interrupted')] as const;
    const calls = await asked(async () => {
      const [wrong, left] = await Promise.all(both.map((one) => one.until(QUESTION)));
      const { organizationId } = vending.simulator;
      expect(wrong).toContain(`ONE REAL ACCOUNT in organization ${organizationId}`);
      expect(wrong).toMatch(/request typed-wrong, to stand in Sandbox/);
      expect(wrong).not.toContain('@');
      expect(left).toContain('cannot be deleted');
      both[0].type('yes\n');
      both[1].type(CTRL_C);
      const [status, interrupted] = await Promise.all(both.map(({ ended }) => ended));
      expect(status).toBe(2);
      expect(interrupted).not.toBe(0);
      expect(await both[0].text()).toMatch(/not the ID of the organization\. Nothing was created/);
    });
    expect(calls.create).toBe(0);
    expect(await isStarted('typed-wrong')).toBe(false);
    expect(await isStarted('interrupted')).toBe(false);
  });

  test('the ID is typed: one account is made, looked at, and how to close it is told', async () => {
    const screen = terminal('typed');
    const calls = await asked(async () => {
      await screen.until(QUESTION);
      screen.type(`${vending.simulator.organizationId}\n`);
      expect(await screen.ended).toBe(0);
    });
    const text = await screen.text();
    expect(text).toMatch(/✓ account \d{12} is ACTIVE in organization o-/);
    expect(text).toContain('The smoke test is passed.');
    expect(text).toMatch(/close-account --account-id \d{12}/);
    expect(text).not.toContain('@');
    expect(calls.create).toBe(1);
  });
});

describe('--create --confirm, without a terminal', () => {
  test('one account; again the same one, and what AWS shows of it is looked at anew', async () => {
    const documents: Document[] = [];
    const run = async () => {
      const { status, stdout } = await smoke(...confirmed('scripted'), '--json');
      documents.push(JSON.parse(stdout) as Document);
      return status;
    };
    const { simulator } = vending;
    const calls = await asked(async () => {
      expect(await run()).toBe(0);
      expect(await run()).toBe(0);
    });
    expect(calls.create).toBe(1);
    const [first, second] = documents;
    expect(first).toMatchObject({ ok: true, vend: { status: 'COMPLETED', stage: 'done' } });
    expect(second?.seen).toEqual(first?.seen);
    expect([first?.changed, second?.changed]).toEqual([[], []]);
    const accountId = first?.vend?.result?.accountId ?? '';
    expect(first?.seen?.map(({ what }) => what)).toEqual([
      `account ${accountId} is ACTIVE in organization ${simulator.organizationId}`,
      expect.stringMatching(/^made once, by car-\w+$/),
      `tag ${REQUEST_TAG} is scripted`,
      expect.stringMatching(/^stands in Sandbox \(ou-/),
      `conformance pack ${PACK} in us-east-1: CREATE_SUCCESSFUL`,
    ]);

    const other = ['--organizational-unit', 'Workloads', '--no-conformance'];
    const differs = await smoke(...confirmed('scripted', ...other));
    expect(differs.stdout).toMatch(
      /other values of conformance, organizationalUnit than you give now\. Yours are not applied/,
    );
    expect(differs.stdout).toMatch(/✓ stands in Sandbox \(ou-[\s\S]*The smoke test is passed\./);
    expect(differs.status).toBe(0);

    await spoil(accountId);
    const ended = await smoke(...confirmed('scripted'));
    expect(ended.status).toBe(1);
    expect(ended.stdout).toMatch(/✗ tag \S+ is another, and should be scripted\n/);
    expect(ended.stdout).toMatch(/✗ stands in r-\w+, and should in Sandbox \(ou-/);
    expect(ended.stdout).toMatch(/✗ conformance pack Baseline in us-east-1: UPDATE_FAILED\n/);
    expect(ended.stdout).toContain('The account is not as it should be.');
    expect(ended.stdout + ended.stderr).not.toContain('@');

    simulator.removeAccount(accountId);
    const gone = await smoke(...confirmed('scripted'));
    expect(gone.status).toBe(1);
    expect(gone.stdout).toContain(`✗ the organization has no account ${accountId}`);
    expect(simulator.createdAccounts()).toMatchObject({ scripted: 1 });
  });

  /** What somebody else could do to it. */
  async function spoil(accountId: string): Promise<void> {
    const { simulator } = vending;
    const aws = new OrganizationsClient({ endpoint: simulator.url, region: 'us-east-1' });
    const sandbox = simulator.addOrganizationalUnit('Sandbox');
    const root = `r-${sandbox.split('-')[1]}`;
    await aws.send(
      new MoveAccountCommand({
        AccountId: accountId,
        SourceParentId: sandbox,
        DestinationParentId: root,
      }),
    );
    const Tags = [{ Key: REQUEST_TAG, Value: 'another' }];
    await aws.send(new TagResourceCommand({ ResourceId: accountId, Tags }));
    aws.destroy();
    simulator.setPackRow({ region: 'us-east-1', pack: PACK, accountId, status: 'UPDATE_FAILED' });
  }

  test('an account of which its vend knows nothing is found: AWS is asked, and not the vend', async () => {
    expect((await smoke(...confirmed('twice'))).status).toBe(0);
    const { simulator } = vending;
    const accountName = 'twice';
    const other = simulator.addAccount({
      name: accountName,
      email: 'other@example.com',
      tags: { [REQUEST_TAG]: 'twice' },
    });
    // Of the same name, and of somebody else.
    simulator.addAccount({ name: accountName, email: 'foreign@example.com' });
    const ended = await smoke(...confirmed('twice'));
    expect(ended.stdout).toContain(`✗ account ${other} carries its tag, too\n`);
    expect(ended.stdout).toContain('The account is not as it should be.');
    expect(ended.status).toBe(1);
    simulator.removeAccount(other);

    simulator.set({ creationMs: 20_000 });
    const aws = new OrganizationsClient({ endpoint: simulator.url, region: 'us-east-1' });
    const { CreateAccountStatus: begun } = await aws.send(
      new CreateAccountCommand({ AccountName: accountName, Email: 'again@example.com' }),
    );
    aws.destroy();
    simulator.set({ creationMs: 200 });
    const unknown = await smoke(...confirmed('twice'));
    expect(unknown.stdout).toContain(`✗ ${begun?.Id} is making an account of the same name`);
    expect(unknown.status).toBe(1);
  });

  test('it asks a person: exit 3; once answered, the same line goes on with it', async () => {
    vending.simulator.takeEmail('asks@example.com');
    const first = await smoke(...confirmed('asks'));
    expect(first.status).toBe(3);
    expect(first.stdout).toContain('vend resolve asks --amend email=NEW_ADDRESS');
    expect(first.stdout).toMatch(/run this again/);
    const amend = ['email=free@example.com', 'organizationalUnit=Workloads'];
    const amended = await vend(['resolve', 'asks', ...amend.flatMap((one) => ['--amend', one])], {
      env: { TEMPORAL_ADDRESS: dev.address },
    });
    expect(amended).toMatchObject({ status: 0, stderr: '' });
    const second = await smoke(...confirmed('asks', '--email', 'free@example.com'));
    // It is held against what it was amended to, whatever is given again.
    expect(second.stdout).toMatch(/✓ stands in Workloads \(ou-/);
    expect(second.status).toBe(0);
    expect(second.stdout).toMatch(/asks is there already; no second account is made/);
    expect(second.stdout).not.toContain('other values');
    expect(vending.simulator.createdAccounts()).toMatchObject({ asks: 1 });
  });
});

// Last: the worker's clients keep the address at which they called first.
test('the worker is in another organization than we are: its vend is refused', async () => {
  const ours = await startSimulator({ profile: 'test', seed: 99, organization: ORGANIZATION });
  try {
    const flags = create('astray', '--confirm', ours.organizationId, '--json');
    let ended: Ended | undefined;
    const calls = await asked(() =>
      withEnv({ AWS_ENDPOINT_URL: ours.url }, async () => (ended = await smoke(...flags))),
    );
    expect(ended?.status).toBe(1);
    const { ok, vend: its } = JSON.parse(ended?.stdout ?? '') as Document;
    expect({ ok, its }).toMatchObject({
      ok: false,
      its: { status: 'FAILED', failure: { type: 'InvalidVendRequest' } },
    });
    expect(calls.create).toBe(0);
    expect(ours.journal().some(({ operation }) => operation === 'CreateAccount')).toBe(false);
  } finally {
    await ours.close();
  }
});
