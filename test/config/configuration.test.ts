import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ConfigurationError,
  checkRequest,
  loadConfiguration,
  parseConfiguration,
  parseYaml,
  toGatePolicy,
  toPolicy,
  type Configuration,
} from '../../src/config';

/** The file as the contract prints it, every default written out. */
const CONTRACT_FILE = `
taskQueue: account-vending    # one per organization
installation:                 # a name, where several installations share an organization
aws:
  managementRoleArn:
  externalId:
defaults: {}
email: { allowedDomains: [] }
creation:
  maxInProgress: 5
  perSecond: 0.1
  burst: 3
  perVend: 10
  perDay: 1000
  poll: { initial: 3s, factor: 1.5, max: 30s }
  overdueAfter: 30m
  reconcile: { settle: 10s, attempts: 4 }
  retry: { initial: 1m, max: 1h, attempts: 5 }
  recheck: 1h
approval: { required: false, expiresAfter: 7d }
placement: { organizationalUnit:  }
readiness: { assumeRole: false, deadline: 2h }
tags: {}
conformance:
  regions: [us-east-1]
  packs: all
  scope: account
  poll: { initial: 60s, max: 5m }
  deadline: 8h
  recorderGrace: 30m
  allowNone: false
  owners: []
escalation:
  remindEvery: 24h
  notify: []
`;

function configuration(input: unknown): Configuration {
  const parsed = parseConfiguration(input);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

function faults(input: unknown): { field: string; message: string }[] {
  const parsed = parseConfiguration(input);
  return parsed.ok ? [] : parsed.problems;
}

test("the defaults are the contract's", () => {
  const yaml = parseYaml(CONTRACT_FILE, 'vending.yaml');
  expect(configuration(yaml.ok ? yaml.value : undefined)).toEqual(configuration({}));
  expect(configuration(null)).toEqual(configuration({}));
});

test('the policy carries milliseconds', () => {
  expect(toPolicy(configuration({}))).toEqual({
    creation: {
      perSecond: 0.1,
      perVend: 10,
      poll: { initialMs: 3_000, factor: 1.5, maxMs: 30_000 },
      overdueAfterMs: 1_800_000,
      reconcile: { settleMs: 10_000, attempts: 4 },
      retry: { initialMs: 60_000, maxMs: 3_600_000, attempts: 5 },
    },
    conformance: {
      poll: { initialMs: 60_000, factor: 1.5, maxMs: 300_000 },
      recorderGraceMs: 1_800_000,
    },
  });
  expect(toPolicy(configuration({ installation: 'emea' })).installation).toBe('emea');
  const runbookUrl = 'https://wiki.example.com/runbook';
  const linked = configuration({ escalation: { runbookUrl } });
  expect(toPolicy(linked).runbookUrl).toBe(runbookUrl);
  expect(toGatePolicy(linked).runbookUrl).toBe(runbookUrl);
});

test("the gate's policy is that of CreateAccount's published limits", () => {
  expect(toGatePolicy(configuration({}))).toEqual({
    maxInProgress: 5,
    perSecond: 0.1,
    burst: 3,
    perDay: 1_000,
    recheckMs: 3_600_000,
  });
});

const notify = { type: 'webhook', url: 'https://example.com/hook', on: ['escalated'] };
const refused: [string, string, unknown][] = [
  ['(whole input)', 'sections', 'text'],
  ['taskQueue', 'quotes', { taskQueue: 5 }],
  ['taskqueue', 'did you mean taskQueue?', { taskqueue: 'a' }],
  ['installation', 'letters', { installation: 'a/b' }],
  ['aws.managementRoleArn', 'ARN', { aws: { managementRoleArn: 'Vending' } }],
  ['aws.externalId', '2-1224', { aws: { externalId: 'x' } }],
  ['defaults.email', 'not a field', { defaults: { email: 'a@example.com' } }],
  ['defaults.roleName', '1-64', { defaults: { roleName: 'a b' } }],
  ['defaults.regions[0]', 'region code', { defaults: { regions: ['Africa'] } }],
  [
    'defaults.alternateContacts.legal',
    'not a field',
    { defaults: { alternateContacts: { legal: {} } } },
  ],
  ['email.allowedDomains[0]', 'domain', { email: { allowedDomains: ['@example.com'] } }],
  ['creation.maxInProgress', '1 to 20', { creation: { maxInProgress: 0 } }],
  ['creation.perSecond', 'number', { creation: { perSecond: '0.1' } }],
  ['creation.burst', 'whole', { creation: { burst: 1.5 } }],
  ['creation.perVend', '1 to 100', { creation: { perVend: 101 } }],
  ['creation.perDay', 'whole', { creation: { perDay: -1 } }],
  ['creation.poll.initial', 'duration', { creation: { poll: { initial: 3 } } }],
  ['creation.poll.initial', 'unit', { creation: { poll: { initial: '3 s' } } }],
  ['creation.poll.factor', '1 to 10', { creation: { poll: { factor: 0.5 } } }],
  ['creation.poll.max', 'shorter than initial', { creation: { poll: { max: '1s' } } }],
  ['creation.retry.max', 'shorter than initial', { creation: { retry: { max: '1s' } } }],
  ['creation.reconcile.attempts', '1 to 10', { creation: { reconcile: { attempts: 0 } } }],
  ['creation.recheck', 'longer than nothing', { creation: { recheck: '0s' } }],
  ['approval.required', 'true or false', { approval: { required: 'yes' } }],
  ['placement.organizationalUnit', 'looks like', { placement: { organizationalUnit: 'ou-1' } }],
  ['readiness.assumeRole', 'true or false', { readiness: { assumeRole: 'yes' } }],
  ['readiness.deadline', 'unit', { readiness: { deadline: '2 hours' } }],
  ['tags.aws:a', 'aws:', { tags: { 'aws:a': 'b' } }],
  ['tags.a', 'is empty', { tags: { a: null } }],
  ['conformance.regions', 'is empty', { conformance: { regions: [] } }],
  ['conformance.packs[0]', 'pack name', { conformance: { packs: ['a b'] } }],
  ['conformance.scope', 'account or organization', { conformance: { scope: 'pack' } }],
  ['conformance.poll.max', 'shorter than initial', { conformance: { poll: { max: '1s' } } }],
  ['conformance.owners[0].roleArn', 'is required', { conformance: { owners: [{}] } }],
  ['escalation.remindEvery', 'duration', { escalation: { remindEvery: true } }],
  ['approval.expiresAfter', 'unit', { approval: { expiresAfter: '7 days' } }],
  ['approval.allowRequester', 'true or false', { approval: { allowRequester: 'no' } }],
  ['escalation.notify[0].url', 'https', { escalation: { notify: [{ ...notify, url: 'x' }] } }],
  ['escalation.runbookUrl', 'https://', { escalation: { runbookUrl: 'wiki/runbook' } }],
  ['escalation.runbookUrl', 'no #', { escalation: { runbookUrl: 'https://wiki/runbook#top' } }],
  [
    'escalation.notify[0].url',
    'link-local',
    { escalation: { notify: [{ ...notify, url: 'https://[::ffff:169.254.169.254]/' }] } },
  ],
  ['escalation.notify[0].type', 'type: sns', { escalation: { notify: [{ type: 'mail' }] } }],
];
test.each(refused)('%s: %s (%j)', (field, part, input) => {
  expect(faults(input)).toContainEqual({ field, message: expect.stringContaining(part) });
});

test('what later stages and people need is accepted', () => {
  const input = {
    approval: { required: true, expiresAfter: '3d', allowRequester: true },
    readiness: { assumeRole: true, deadline: '3h' },
    defaults: { regions: ['af-south-1'], alternateContacts: {} },
    conformance: { owners: [] },
    escalation: { notify: [notify], remindEvery: '8h' },
  };
  expect(faults(input)).toEqual([]);
});

describe('house rules', () => {
  const request = { requestId: 'a', accountName: 'A', email: 'hidden@Example.com' };
  const faultsOf = (input: unknown, house: Configuration) => {
    const checked = checkRequest(input, house);
    return checked.ok ? [] : checked.problems;
  };

  test('only allowed domains', () => {
    const allowing = (domain: string) => configuration({ email: { allowedDomains: [domain] } });
    expect(faultsOf(request, allowing('example.COM'))).toEqual([]);
    const problems = faultsOf(request, allowing('example.org'));
    expect(problems.map(({ field }) => field)).toEqual(['email']);
    expect(JSON.stringify(problems)).not.toContain('hidden');
  });

  test('49 tags together', () => {
    const tags = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`a${index}`, '']));
    const more = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`b${index}`, '']));
    expect(faultsOf({ ...request, tags: more }, configuration({ tags }))).toEqual([
      { field: 'tags', message: expect.stringContaining('make 50') },
    ]);
    expect(faultsOf({ ...request, tags }, configuration({ tags }))).toEqual([]);
  });

  test('are told together with all that AWS would not take, and each fault once', () => {
    const house = configuration({ email: { allowedDomains: ['example.org'] } });
    const fields = (input: unknown) => faultsOf(input, house).map(({ field }) => field);
    expect(fields({ ...request, requestId: 'Bad_ID' })).toEqual(['requestId', 'email']);
    const unsound = faultsOf({ ...request, email: 'no address@example.com' }, house);
    expect(unsound.map(({ field }) => field)).toContain('email');
    expect(JSON.stringify(unsound)).not.toContain('allow');
    expect(fields('not an object')).toHaveLength(1);
  });
});

describe('the file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vend-config-'));
  const file = join(folder, 'file.yaml');
  afterAll(() => rmSync(folder, { recursive: true }));

  function problemsOfFile(content: string): string {
    writeFileSync(file, content);
    try {
      loadConfiguration({ env: { VEND_CONFIG: file } });
    } catch (error) {
      if (error instanceof ConfigurationError) return error.message;
      throw error;
    }
    return '';
  }

  test('is read where it is named', () => {
    writeFileSync(file, 'taskQueue: other\ncreation: { poll: { initial: 1s } }\n');
    expect(loadConfiguration({ path: file, env: {} }).creation.poll.initial).toBe(1_000);
    expect(loadConfiguration({ env: { VEND_CONFIG: file } }).taskQueue).toBe('other');
    expect(loadConfiguration({ env: {} }).taskQueue).toBe('account-vending');
  });

  test('that is named must be there', () => {
    expect(() => loadConfiguration({ path: join(folder, 'none.yaml') })).toThrow(/ENOENT/);
  });

  test('with a fault in its YAML names the line and does not repeat it', () => {
    expect(problemsOfFile('taskQueue: a\ntags: { "Owner": hidden@example.com\n')).toMatch(
      /:\d+:\d+ /,
    );
    expect(problemsOfFile('taskQueue: a\ntaskQueue: b\n')).toMatch(/file.yaml:2:1 .*twice/);
    expect(problemsOfFile('a: 1\n---\nb: 2\n')).toMatch(/second document/);
    expect(problemsOfFile('tags: { "Owner": hidden@example.com\n')).not.toContain('hidden');
  });

  test('is refused with every fault', () => {
    const message = problemsOfFile('taskQueue: 1\ncreation: { burst: 0 }\n');
    expect(message).toMatch(/taskQueue[\s\S]*creation\.burst/);
  });

  test('that is empty means the defaults', () => {
    expect(problemsOfFile('')).toBe('');
    expect(problemsOfFile('# nothing\n')).toBe('');
  });
});

describe('aws.readRoleArn', () => {
  const role = (account: string, name: string) => `arn:aws:iam::${account}:role/${name}`;
  const management = role('111122223333', 'Vending');

  test('stands beside the role that writes, in the same account', () => {
    const aws = { managementRoleArn: management, readRoleArn: role('111122223333', 'Reads') };
    expect(parseConfiguration({ aws })).toMatchObject({ ok: true, value: { aws } });
  });

  test.each([
    [{ readRoleArn: role('111122223333', 'Reads') }, /needs aws\.managementRoleArn/],
    [
      { managementRoleArn: management, readRoleArn: role('444455556666', 'Reads') },
      /is in account 444455556666, and aws\.managementRoleArn in 111122223333/,
    ],
    [{ managementRoleArn: management, readRoleArn: 'Reads' }, /must be the ARN of a role/],
  ])('otherwise it is refused: %j', (aws, message) => {
    expect(parseConfiguration({ aws })).toEqual({
      ok: false,
      problems: [{ field: 'aws.readRoleArn', message: expect.stringMatching(message) }],
    });
  });
});
