import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { addRequestFlags, withFlags, type RequestFlags } from '../../src/cli/vends/request-flags';
import { parseRequest, parseYaml, requestJsonSchema } from '../../src/config';
import type { FieldProblem } from '../../src/contract';

function built(argv: string[], file: unknown = {}): unknown {
  const command = addRequestFlags(new Command().exitOverride());
  const flags = command.parse(argv, { from: 'user' }).opts<RequestFlags>();
  const problems: FieldProblem[] = [];
  const request = withFlags(file, flags, problems);
  const told = problems.map(({ field, message }) => `${field} ${message}`);
  if (told.length > 0) throw new Error(told.join('\n'));
  return request;
}

test('flags make the request', () => {
  const argv = [
    ['--request-id', 'a'],
    ['--kind', 'govcloud'],
    ['--tag', 'Team=A=1'],
    ['--tag', 'Empty='],
    ['--iam-user-access-to-billing', 'DENY'],
    ['--notify-workflow-id', 'parent'],
    ['--notify-signal', 'vended'],
    ['--conformance-packs', 'A, us-east-1/B'],
    ['--conformance-deadline', '8h'],
  ].flat();
  expect(built(argv)).toEqual({
    requestId: 'a',
    kind: 'govcloud',
    tags: { Team: 'A=1', Empty: '' },
    iamUserAccessToBilling: 'DENY',
    notifyWorkflow: { workflowId: 'parent', signal: 'vended' },
    conformance: { packs: ['A', 'us-east-1/B'], deadline: '8h' },
  });
});

test('nothing is said where no flag is given', () => {
  expect(built([])).toEqual({});
});

test('flags override the file, tags and conformance by entry', () => {
  const file = {
    requestId: 'a',
    tags: { Team: 'A', Stage: 'prod' },
    conformance: { packs: ['A'], scope: 'account' },
  };
  const argv = ['--request-id', 'b', '--tag', 'Team=B', '--conformance-packs', 'all'];
  expect(built(argv, file)).toEqual({
    requestId: 'b',
    tags: { Team: 'B', Stage: 'prod' },
    conformance: { packs: 'all', scope: 'account' },
  });
  expect(built(['--no-conformance'], file)).toMatchObject({ conformance: false });
  expect(built(['--conformance-scope', 'organization'], { conformance: false })).toEqual({
    conformance: { scope: 'organization' },
  });
  expect(file.tags).toEqual({ Team: 'A', Stage: 'prod' });
});

test('contacts', () => {
  const argv = ['--alternate-contact', 'billing.name=A', '--alternate-contact', 'billing.title=B'];
  expect(built(argv)).toEqual({ alternateContacts: { billing: { name: 'A', title: 'B' } } });
  expect(() => built(['--alternate-contact', 'name=A'])).toThrow(/type.field=value/);
});

test('what excludes each other is refused', () => {
  expect(() => built(['--no-conformance', '--conformance-packs', 'A'])).toThrow(/exclude/);
  expect(() => built(['--tag', 'a=1', '--tag', 'a=2'])).toThrow(/twice/);
});

test('all that is wrong is told', () => {
  const argv = ['--tag', 'a', '--tag', '=b', '--alternate-contact', 'x=1'];
  expect(() => built(argv)).toThrow(
    '--tag must be name=value\n--tag must be name=value\n--alternate-contact must be type.field',
  );
});

test('a list given again comes to what was given before', () => {
  const argv = ['--conformance-packs', 'A,B', '--conformance-packs', 'C', '--regions', 'a'];
  expect(built([...argv, '--regions', 'b'])).toEqual({
    conformance: { packs: ['A', 'B', 'C'] },
    regions: ['a', 'b'],
  });
});

test('a file that is no request is left for the check', () => {
  expect(built(['--request-id', 'a'], ['x'])).toEqual(['x']);
});

test('every field of the request has a flag', () => {
  const flags = addRequestFlags(new Command())
    .options.map(({ long }) => long ?? '')
    .join(' ');
  const { properties } = requestJsonSchema() as { properties: Record<string, unknown> };
  for (const name of Object.keys(properties)) {
    const kebab = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    expect(flags).toContain(`--${kebab.replace(/s$/, '').replace('notify-workflow', 'notify')}`);
  }
});

const EXAMPLES = join(__dirname, '../../examples/requests');
test.each(readdirSync(EXAMPLES))('the example %s is a request', (name) => {
  const yaml = parseYaml(readFileSync(join(EXAMPLES, name), 'utf8'), name);
  expect(parseRequest(yaml.ok ? yaml.value : yaml.problems)).toMatchObject({ ok: true });
});
