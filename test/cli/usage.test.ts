import { vend } from './run-vend';

const COMMANDS = [
  'demo',
  'start',
  'show',
  'list',
  'watch',
  'resolve',
  'cancel',
  'doctor',
  'smoke',
  'simulator',
  'schema',
  'completion',
];

test.each(COMMANDS)('%s --help shows an example and --json', async (command) => {
  const { status, stdout, stderr } = await vend([command, '--help']);
  expect(status).toBe(0);
  expect(stdout).toContain(`$ vend ${command}`);
  expect(stdout).toContain('--json');
  expect(stderr).toBe('');
});

test('vend alone shows the commands and is no success', async () => {
  const { status, stderr } = await vend([]);
  expect(status).toBe(2);
  for (const command of COMMANDS) expect(stderr).toContain(command);
});

const WRONG: [string, RegExp][] = [
  ['frobnicate', /unknown command 'frobnicate'/],
  ['shwo a', /Did you mean show/],
  ['list --colour', /unknown option '--colour'/],
  ['list --limit 0', /--limit/],
  ['list --stage nowhere', /--stage must be one of/],
  ['list --account 12 --older-than x', /--account must be .*\n.*--older-than must be a duration/],
  ['list --columns request,nonsense', /--columns must be .*not nonsense/],
  ['list --columns ,', /--columns must be/],
  ['list --older-than 200000000d', /--older-than must be a duration .* a hundred years/],
  ['show', /missing required argument 'id'/],
  ['show a b', /too many arguments/],
  ['show Team_A', /no request ID/],
  ['watch', /missing required argument/],
  ['watch a --all', /not both/],
  ['watch Team_A', /no request ID/],
  ['completion', /missing required argument 'shell'/],
  ['completion tcsh', /Allowed choices are bash, zsh, fish/],
  ['cancel A', /no request ID/],
  ['schema account', /Allowed choices are request, manifest, configuration/],
  ['simulator --port http', /--port/],
  ['simulator --profile fast', /--profile must be one of/],
  ['start --until-escalation', /belongs to --wait/],
  ['start --tag a', /--tag must be name=value/],
  ['start --tag a --request-id X! --email b', /--tag must be [^]*requestId [^]*email /],
  ['start -f a.yaml -f b.yaml', /--file is given twice/],
  ['start -f no-such-file.yaml', /no-such-file.yaml cannot be read \(ENOENT\)/],
  ['start --config no-such-file.yaml', /no-such-file.yaml cannot be read \(ENOENT\)/],
  ['doctor --config no-such-file.yaml', /no-such-file.yaml cannot be read \(ENOENT\)/],
  ['doctor now', /too many arguments/],
  ['resolve --retry', /Give the request ID/],
  ['resolve a', /Give one answer/],
  ['resolve a --retry --abandon --reason x', /Give one answer/],
  ['resolve a --abandon', /need --reason/],
  ['resolve a --waive placing', /need --reason/],
  ['resolve a --adopt 12', /twelve digits/],
  ['resolve a --amend kind=govcloud', /--amend must be/],
  ['resolve a --amend email=a@b.example --amend email=c@d.example', /--amend gives email twice/],
  ['resolve a --amend account-name=A --amend accountName=B', /--amend gives accountName twice/],
  ['resolve a --waive placing --waive settling --reason x', /--waive is given twice/],
  ['resolve a --adopt 111122223333 --adopt 444455556666', /--adopt is given twice/],
  ['resolve a --amend email=nobody', /exactly one @/],
  ['resolve team-a --organization --retry', /not both/],
  ['show', /request ID of a vend, or --organization/],
  ['show --organization nonsense', /id of an organization/],
];
test.each(WRONG)('%s: exit 2, with the fault named', async (line, fault) => {
  const { status, stdout, stderr } = await vend(line.split(' '));
  expect(stderr).toMatch(fault);
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(stdout).toBe('');
  expect(status).toBe(2);
});

test.each([
  ['start', '--request-id', 'a'],
  ['resolve', 'a', '--retry'],
  ['apply', '-f', '-'],
])('%s --by with nothing in it is no name', async (...argv) => {
  const { status, stderr } = await vend([...argv, '--by', ' '], { stdin: '{}' });
  expect(stderr).toContain('--by must be a name');
  expect(status).toBe(2);
});

describe('start with a request that is wrong', () => {
  const file = JSON.stringify({
    requestId: 'Team_A',
    accountName: 'Secret Größe',
    email: 'hidden.example.com',
    conformance: { packs: ['1st'] },
    alternateContacts: { legal: {} },
    emial: 'x',
  });

  test('lists every fault with its field, and starts nothing', async () => {
    const { status, stdout, stderr } = await vend(['start', '-f', '-', '--tag', 'aws:a=b'], {
      stdin: file,
    });
    expect(status).toBe(2);
    expect(stdout).toBe('');
    const fields = [...stderr.matchAll(/^ {2}(\S+) /gm)].map(([, field]) => field);
    expect(new Set(fields)).toEqual(
      new Set([
        'requestId',
        'accountName',
        'email',
        'conformance.packs[0]',
        'alternateContacts.legal',
        'emial',
        'tags.aws:a',
      ]),
    );
    expect(stderr).not.toMatch(/hidden|Secret/);
  });

  test('gives them as one document with --json', async () => {
    const { status, stdout } = await vend(['start', '-f', '-', '--json'], { stdin: file });
    expect(status).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      error: {
        problems: expect.arrayContaining([{ field: 'email', message: expect.any(String) }]),
      },
    });
  });

  test('names the line where it is no YAML', async () => {
    const { status, stderr } = await vend(['start', '-f', '-'], { stdin: 'requestId: a\n  b: [' });
    expect(status).toBe(2);
    expect(stderr).toMatch(/\(stdin\):\d+:\d+/);
  });
});

describe('where Temporal does not answer', () => {
  const valid = ['--request-id', 'a', '--account-name', 'A', '--email', 'a@example.com'];
  test.each([['list'], ['show a'], ['cancel a'], ['resolve a --retry'], ['watch a']])(
    '%s: exit 4, with the address and what to do',
    async (line) => {
      const begun = Date.now();
      const { status, stderr } = await vend(line.split(' '));
      expect(status).toBe(4);
      expect(stderr).toMatch(/127\.0\.0\.1:1 .*TEMPORAL_ADDRESS/);
      expect(Date.now() - begun).toBeLessThan(30_000);
    },
  );

  test('start --json: exit 4, and still one document', async () => {
    const { status, stdout } = await vend(['start', ...valid, '--json']);
    expect(status).toBe(4);
    expect(JSON.parse(stdout)).toMatchObject({ error: { problems: [] } });
  });
});

test('a profile of Temporal that is not there: exit 2', async () => {
  const { status, stderr } = await vend(['list'], { env: { TEMPORAL_PROFILE: 'nowhere' } });
  expect(status).toBe(2);
  expect(stderr).toMatch(/nowhere/);
});

test.each(['request', 'manifest', 'configuration'])('schema %s is one document', async (of) => {
  const { status, stdout } = await vend(['schema', of]);
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ type: 'object', additionalProperties: false });
});

test('the simulator says in a sentence why it cannot listen', async () => {
  const { status, stderr } = await vend(['simulator', '--host', '192.0.2.1']);
  expect(status).toBe(2);
  expect(stderr).toMatch(/cannot start: .*192\.0\.2\.1/);
});
