import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseConfiguration, parseManifests } from '../../src/config';
import type { Configuration, LoadedManifest } from '../../src/config';

function configuration(input: unknown = {}): Configuration {
  const parsed = parseConfiguration(input);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

type Files = Record<string, string>;

function read(files: Files, house: unknown = {}) {
  const sources = Object.entries(files).map(([file, text]) => ({ file, text }));
  return parseManifests(sources, configuration(house));
}

function loaded(text: string): LoadedManifest {
  const parsed = read({ 'm.yaml': text });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value[0]!;
}

/** Each fault as `file:line field message`. */
function faults(files: Files | string, house: unknown = {}): string[] {
  const parsed = read(typeof files === 'string' ? { 'm.yaml': files } : files, house);
  if (parsed.ok) return [];
  return parsed.problems.map(
    ({ file, line, field, message }) => `${file}:${line} ${field} ${message}`,
  );
}

const account = (id: string, more = '') =>
  `  - requestId: ${id}\n    accountName: Account\n    email: ${id}@example.com\n${more}`;

test('defaults stand in for what an account leaves out; its own field wins, tags are joined', () => {
  const { requests, manifest } = loaded(`
name: platform
defaults:
  organizationalUnit: Workloads/Dev
  tags: { Team: A, Stage: dev }
  conformance: { deadline: 2h, scope: organization }
accounts:
${account('one')}
${account('two', '    organizationalUnit: Workloads/Prod\n    tags: { Stage: prod }\n    conformance: { deadline: 9h }\n')}`);
  expect(requests).toEqual([
    {
      requestId: 'one',
      accountName: 'Account',
      email: 'one@example.com',
      organizationalUnit: 'Workloads/Dev',
      tags: { Team: 'A', Stage: 'dev' },
      conformance: { deadline: '2h', scope: 'organization' },
    },
    {
      requestId: 'two',
      accountName: 'Account',
      email: 'two@example.com',
      organizationalUnit: 'Workloads/Prod',
      tags: { Team: 'A', Stage: 'prod' },
      conformance: { deadline: '9h' },
    },
  ]);
  expect(manifest.name).toBe('platform');
  expect(manifest.accounts[0]).not.toHaveProperty('organizationalUnit');
});

test('JSON is read as well', () => {
  const entry = { requestId: 'one', accountName: 'A', email: 'one@example.com' };
  const parsed = read({ 'm.json': JSON.stringify({ name: 'm', accounts: [entry] }, undefined, 2) });
  expect(parsed).toMatchObject({ ok: true, value: [{ requests: [entry] }] });
});

test('every fault of a file is told, with its line and field', () => {
  const text = `name: Platform
accounts:
  - requestId: one
    accountName: A
    email: nonsense
  - requestId: two
    accountName: B
    email: two@example.com
    organizationUnit: Workloads
  - requestId: three
    accountName: C
  - just-a-word
  - requestId: four
    accountName: D
    email: four@example.com
    tags:
      CostCenter: 4711
    conformance: { deadline: soon }
`;
  expect(faults(text)).toEqual([
    expect.stringMatching(/^m\.yaml:1 name must be 1-63 lower-case/),
    expect.stringMatching(/^m\.yaml:5 accounts\[0\]\.email must have exactly one @/),
    expect.stringMatching(
      /^m\.yaml:9 accounts\[1\]\.organizationUnit is not a field here; did you mean organizationalUnit/,
    ),
    expect.stringMatching(/^m\.yaml:10 accounts\[2\]\.email is required/),
    expect.stringMatching(/^m\.yaml:12 accounts\[3\] must be a request/),
    expect.stringMatching(/^m\.yaml:17 accounts\[4\]\.tags\.CostCenter .*quotes/),
    expect.stringMatching(/^m\.yaml:18 accounts\[4\]\.conformance\.deadline must be a number and/),
  ]);
});

test('columns are told, too', () => {
  const parsed = read({ m: 'name: m\naccounts: [{ requestId: "ONE", existingAccountId: "1" }]\n' });
  expect(parsed).toMatchObject({
    ok: false,
    problems: [
      { file: 'm', line: 2, column: 14, field: 'accounts[0].requestId' },
      { file: 'm', line: 2, column: 32, field: 'accounts[0].existingAccountId' },
    ],
  });
});

test('a fault of the defaults is told once, where it stands, and not at each account', () => {
  const text = `name: m
defaults:
  kind: gov
  organizationalUnit: /Workloads
  email: shared@example.com
accounts:
${account('one')}${account('two')}${account('three', '    kind: other\n')}`;
  expect(faults(text)).toEqual([
    'm.yaml:3 defaults.kind must be standard or govcloud; write one of them',
    expect.stringMatching(/^m\.yaml:4 defaults\.organizationalUnit must be names/),
    'm.yaml:5 defaults.email says which account it is; write it at each account',
    'm.yaml:16 accounts[2].kind must be standard or govcloud; write one of them',
  ]);
});

test('what a default demands of the account is told at the account', () => {
  const text = `name: m\ndefaults: { kind: govcloud }\naccounts:\n  - requestId: one\n    accountName: A b\n    email: a@example.com\n`;
  expect(faults(text)).toEqual([
    expect.stringMatching(/^m\.yaml:5 accounts\[0\]\.accountName may hold only/),
  ]);
});

test('the rules of the house hold for each account', () => {
  const house = { email: { allowedDomains: ['corp.example'] } };
  const [fault, ...more] = faults(`name: m\naccounts:\n${account('one')}`, house);
  expect(fault).toMatch(/^m\.yaml:5 accounts\[0\]\.email has a domain that the configuration/);
  expect(more).toEqual([]);
});

test('a request ID, an address in any case, or an account may stand there once, in all files', () => {
  const files = {
    'a.yaml': `name: a\naccounts:\n${account('one')}${account('one')}  - requestId: old\n    existingAccountId: '111122223333'\n`,
    'b.yaml': `name: b\naccounts:\n${account('two')}  - requestId: three\n    accountName: T\n    email: ONE@Example.com\n  - requestId: old-2\n    existingAccountId: '111122223333'\n`,
  };
  const found = faults(files);
  expect(found).toEqual([
    'a.yaml:6 accounts[1].requestId is that of a.yaml:3, too; each account has its own',
    expect.stringMatching(/^a\.yaml:8 accounts\[1\]\.email is the address of a\.yaml:5, too/),
    expect.stringMatching(/^b\.yaml:8 accounts\[1\]\.email is the address of a\.yaml:5, too/),
    'b.yaml:10 accounts[2].existingAccountId is the account of a.yaml:10, too; remove one',
  ]);
  expect(found.join()).not.toContain('@');
});

test('two files must not have one name', () => {
  const text = (id: string) => `name: same\naccounts:\n${account(id)}`;
  expect(faults({ 'a.yaml': text('one'), 'b.yaml': text('two') })).toEqual([
    'b.yaml:1 name is the name of a.yaml:1, too; give each manifest its own',
  ]);
});

test.each([
  ['', /^m\.yaml:1 \(whole file\) must be an object/],
  ['name: m\n', /^m\.yaml:1 accounts is required/],
  ['name: m\naccounts: []\n', /^m\.yaml:2 accounts is empty/],
  ['name: m\naccounts: [\n', /^m\.yaml:3 \(whole file\) cannot be read as YAML/],
  ['name: m\naccounts: {}\n', /^m\.yaml:2 accounts must be a list/],
  ['accounts: [1]\nnames: m', /^m\.yaml:1 name is required/],
])('what is no manifest is refused: %j', (text, fault) => {
  expect(faults(text)[0]).toMatch(fault);
});

test('too many accounts, or more than a batch can hold', () => {
  const many = Array.from({ length: 5_001 }, (_, n) => ({ requestId: `r${n}` }));
  const tooMany = faults(JSON.stringify({ name: 'm', accounts: many }));
  expect(tooMany.join('\n')).toMatch(/m\.yaml:1 accounts has too many entries: at most 5000/);
  const tags = { Note: 'x'.repeat(250) };
  const large = Array.from({ length: 4_500 }, (_, n) => ({
    requestId: `r${n}`,
    accountName: 'A',
    email: `r${n}@example.com`,
    tags,
  }));
  expect(faults(JSON.stringify({ name: 'm', accounts: large }))).toEqual([
    expect.stringMatching(/accounts are \d+ kB, more than one batch can hold; split them/),
  ]);
  // Smaller as a file, and more as soon as many of its vends are under way.
  const mixed = [
    ...large.slice(0, 2_700).map((one) => ({ ...one, tags: { ...tags, More: 'x'.repeat(80) } })),
    ...Array.from({ length: 2_300 }, (_, n) => ({
      requestId: `e${n}`,
      existingAccountId: String(100_000_000_000 + n),
    })),
  ];
  expect(JSON.stringify(mixed).length).toBeLessThan(1_300_000);
  expect(faults(JSON.stringify({ name: 'm', accounts: mixed }))).toEqual([
    expect.stringMatching(/accounts are \d+ kB, more than one batch can hold; split them/),
  ]);
  const common = large.map(({ requestId, accountName, email }) => ({
    requestId,
    accountName,
    email,
  }));
  expect(faults(JSON.stringify({ name: 'm', defaults: { tags }, accounts: common }))).toEqual([]);
});

test('where a field of an account stands can be asked later', () => {
  const { locate } = loaded(`name: m\naccounts:\n${account('one')}${account('two')}`);
  expect(locate(1, 'email')).toEqual({ line: 8, column: 5 });
  expect(locate(1, 'kind')).toMatchObject({ line: 6 });
  expect(locate(0)).toMatchObject({ line: 3 });
});

test('the examples are manifests, and name their schema for editors', () => {
  const folder = join(__dirname, '../../examples/manifests');
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) {
    const text = readFileSync(join(folder, file), 'utf8');
    expect(text.split('\n')[0]).toMatch(/^# yaml-language-server: \$schema=\S+\.json$/);
    expect(faults({ [file]: text })).toEqual([]);
  }
});

test('a request ID that would be the workflow of the batch itself is a fault, before anything starts', () => {
  const text = [
    'name: yy',
    'accounts:',
    '  - { requestId: batch-yy, accountName: A, email: a@example.com }',
    '  - { requestId: yy-other, accountName: B, email: b@example.com }',
  ].join('\n');
  expect(faults(text)).toEqual([
    'm.yaml:3 accounts[0].requestId would be the workflow of the batch itself; take another one',
  ]);
});
