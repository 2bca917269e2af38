import { parseRequest } from '../../src/config';

const valid = {
  requestId: 'team-a-prod',
  accountName: 'Secret Project',
  email: 'hidden+a@example.com',
};
const contact = { name: 'A', title: 'B', email: 'c@example.com', phone: '+1 (2) 3-4' };

function faults(changes: Record<string, unknown>): { field: string; message: string }[] {
  const parsed = parseRequest({ ...valid, ...changes });
  return parsed.ok ? [] : parsed.problems;
}

function manyTags(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'v']));
}

describe('a request that is accepted', () => {
  const accepted: [string, Record<string, unknown>][] = [
    ['the least', {}],
    ['an id of one character', { requestId: 'a' }],
    ['an id of 63 characters', { requestId: 'a'.repeat(63) }],
    ['an organization', { organizationId: 'o-abcdefghij' }],
    ['an existing account', { existingAccountId: '001234567890' }],
    ['a GovCloud pair', { kind: 'govcloud', accountName: 'Team-A.prod' }],
    ['a name of 50 printable characters', { accountName: `${'x'.repeat(49)}~` }],
    ['an address of 64 characters', { email: `${'a'.repeat(52)}@example.com` }],
    ['the shortest address', { email: 'a@b.cd' }],
    ['a role', { roleName: 'Admin+=,.@-_1' }],
    ['billing refused', { iamUserAccessToBilling: 'DENY' }],
    ['49 tags', { tags: manyTags(49) }],
    ['an empty tag value, and letters of the world', { tags: { Größe: '', 名前: 'é + = @ /' } }],
    ['a unit by ID', { organizationalUnit: 'ou-ab12-cd34ef56' }],
    ['the root', { organizationalUnit: 'r-ab12' }],
    ['a unit by path', { organizationalUnit: 'Workloads/Team A/Prod' }],
    ['a unit whose name begins with r-', { organizationalUnit: 'r-and-d' }],
    ['contacts', { alternateContacts: { billing: contact, security: contact } }],
    ['no contacts', { alternateContacts: {} }],
    ['opt-in regions', { regions: ['af-south-1', 'ap-east-1'] }],
    ['a parent', { notifyWorkflow: { workflowId: 'parent', signal: 'vended' } }],
    ['no conformance', { conformance: false }],
    ['all packs', { conformance: { packs: 'all' } }],
    [
      'packs by name',
      {
        conformance: {
          packs: ['Baseline', 'us-east-1/Encryption'],
          regions: ['us-east-1', 'eusc-de-east-1'],
          scope: 'organization',
          deadline: '1.5h',
        },
      },
    ],
  ];
  test.each(accepted)('%s', (_, changes) => {
    const input = { ...valid, ...changes };
    expect(parseRequest(input)).toEqual({ ok: true, value: input });
  });

  test('needs neither name nor address for an account that exists', () => {
    const input = { requestId: 'old-one', existingAccountId: '123456789012' };
    expect(parseRequest(input)).toEqual({ ok: true, value: input });
  });
});

describe('a request that is refused names the field', () => {
  const refused: [string, string, Record<string, unknown>][] = [
    ['requestId', 'lower-case', { requestId: 'Team_A' }],
    ['requestId', 'lower-case', { requestId: '-a' }],
    ['requestId', 'lower-case', { requestId: 'a'.repeat(64) }],
    ['requestId', 'is required', { requestId: undefined }],
    ['requestId', 'quotes', { requestId: 4711 }],
    ['organizationId', 'o-', { organizationId: 'r-abcd' }],
    ['existingAccountId', 'twelve', { existingAccountId: '12345' }],
    ['existingAccountId', 'quotes', { existingAccountId: 123456789012 }],
    ['kind', 'standard or govcloud', { kind: 'GovCloud' }],
    ['accountName', 'is required', { accountName: undefined }],
    ['accountName', '1-50', { accountName: '' }],
    ['accountName', '1-50', { accountName: 'x'.repeat(51) }],
    ['accountName', 'ASCII', { accountName: 'Größe' }],
    ['accountName', 'govcloud', { kind: 'govcloud', accountName: 'Team A' }],
    ['email', 'is required', { email: undefined }],
    ['email', '6 to 64', { email: 'a@b.c' }],
    ['email', '6 to 64', { email: `${'a'.repeat(53)}@example.com` }],
    ['email', 'ASCII', { email: 'grüße@example.com' }],
    ['email', 'exactly one @', { email: 'nobody.example.com' }],
    ['email', 'exactly one @', { email: 'a@b@example.com' }],
    ['email', 'white space', { email: 'no body@example.com' }],
    ['email', 'begins with a dot', { email: '.nobody@example.com' }],
    ['email', 'nothing before', { email: '@example.com' }],
    ['email', 'nothing behind', { email: 'nobody@' }],
    ...'"\'()<>[]:;,\\|%&'
      .split('')
      .map((character): [string, string, Record<string, unknown>] => [
        'email',
        'AWS refuses',
        { email: `no${character}body@example.com` },
      ]),
    ['email', 'domain', { email: 'nobody@exam_ple.com' }],
    ['email', 'without a dot', { email: 'nobody@localhost' }],
    ['email', 'ASCII', { email: 'no\u0001body@example.com' }],
    ['email', 'begins or ends', { email: 'nobody@-example.com' }],
    ['email', 'begins or ends', { email: 'nobody@example.com.' }],
    ['email', 'must be the root', { email: ['a'] }],
    ['roleName', '1-64', { roleName: 'two words' }],
    ['roleName', '1-64', { roleName: 'x'.repeat(65) }],
    ['roleName', 'AWSServiceRoleFor', { roleName: 'AWSServiceRoleForMe' }],
    ['iamUserAccessToBilling', 'ALLOW or DENY', { iamUserAccessToBilling: true }],
    ['tags', 'at most 49', { tags: manyTags(50) }],
    ['tags', 'object', { tags: ['a'] }],
    ['tags.aws:x', 'aws:', { tags: { 'aws:x': 'y' } }],
    ['tags.AWS:x', 'aws:', { tags: { 'AWS:x': 'y' } }],
    [
      'tags.account-vending:request-id',
      'ourselves',
      { tags: { 'account-vending:request-id': 'a' } },
    ],
    ['tags[""]', '1 to 128', { tags: { '': 'y' } }],
    ['tags["a#b"]', 'AWS refuses', { tags: { 'a#b': 'y' } }],
    ['tags.a', 'AWS refuses', { tags: { a: 'b#c' } }],
    ['tags.a', '256', { tags: { a: 'x'.repeat(257) } }],
    ['tags.a', 'is empty', { tags: { a: null } }],
    ['tags.a', 'quotes', { tags: { a: 4711 } }],
    ['organizationalUnit', 'looks like an ID', { organizationalUnit: 'ou-AB' }],
    ['organizationalUnit', 'slashes', { organizationalUnit: '/Workloads' }],
    ['organizationalUnit', 'slashes', { organizationalUnit: '' }],
    ['organizationalUnit', 'deep', { organizationalUnit: 'a/b/c/d/e/f' }],
    ['alternateContacts.legal', 'not a field', { alternateContacts: { legal: contact } }],
    ['alternateContacts.billing.phone', 'digits', badContact({ phone: 'x' })],
    ['alternateContacts.billing.email', 'e-mail', badContact({ email: 'x' })],
    ['alternateContacts.billing.name', 'longer than 64', badContact({ name: 'x'.repeat(65) })],
    ['alternateContacts.billing.title', 'required', badContact({ title: undefined })],
    ['regions', 'list of region codes', { regions: 'af-south-1' }],
    ['regions[0]', 'region code', { regions: ['Cape Town'] }],
    ['notifyWorkflow', 'workflowId and signal', { notifyWorkflow: 'parent' }],
    ['notifyWorkflow.signal', 'is required', { notifyWorkflow: { workflowId: 'a' } }],
    ['notifyWorkflow.workflowId', '1000 bytes', notifying('ü'.repeat(600))],
    ['notifyWorkflow.workflowId', 'the gate', notifying('organization-gate-o-exampleorg1')],
    [
      'notifyWorkflow.workflowId',
      'a watch',
      notifying('conformance-watch-o-exampleorg1-us-east-1'),
    ],
    ['conformance', 'false, or', { conformance: true }],
    ['conformance.packs', 'all, or', { conformance: { packs: 'Baseline' } }],
    ['conformance.packs', 'is empty', { conformance: { packs: [] } }],
    ['conformance.packs[0]', 'pack name', { conformance: { packs: ['1st'] } }],
    ['conformance.packs[1]', 'twice', { conformance: { packs: ['A', 'A'] } }],
    ['conformance.regions[0]', 'region code', { conformance: { regions: ['us'] } }],
    ['conformance.scope', 'account or organization', { conformance: { scope: 'all' } }],
    ['conformance.deadline', 'unit', { conformance: { deadline: '8 hours' } }],
    ['conformance.deadline', 'longer than nothing', { conformance: { deadline: '0s' } }],
    ['conformance.deadline', 'at most', { conformance: { deadline: '366d' } }],
    ['conformance.pack', 'did you mean packs?', { conformance: { pack: ['A'] } }],
    ['account_name', 'did you mean accountName?', { account_name: 'x' }],
    ['colour', 'is not a field', { colour: 'red' }],
  ];
  test.each(refused)('%s: %s (%j)', (field, part, changes) => {
    expect(faults(changes)).toContainEqual({ field, message: expect.stringContaining(part) });
  });

  test('and nothing of it is said twice or in the words of the library', () => {
    for (const [, , changes] of refused) {
      const found = faults(changes);
      expect(new Set(found.map((fault) => JSON.stringify(fault))).size).toBe(found.length);
      for (const { message } of found) {
        expect(message).not.toMatch(/Invalid|expected|Unrecognized|Too (big|small)|undefined|NaN/);
      }
    }
  });

  test('and neither address nor name is repeated', () => {
    const said = JSON.stringify([
      faults({ email: 'hidden(x)@example', accountName: 'Secret Größe' }),
      faults({ tags: { 'hidden@example.com!': 'hidden#' }, kind: 'govcloud' }),
    ]);
    expect(said).not.toMatch(/hidden|Secret/);
  });

  test('all of them at once', () => {
    const found = faults({
      requestId: 'A',
      email: 'x',
      kind: 'y',
      tags: { 'aws:a': 'b' },
      oops: 1,
    });
    expect(new Set(found.map(({ field }) => field))).toEqual(
      new Set(['requestId', 'email', 'kind', 'tags.aws:a', 'oops']),
    );
  });

  test.each([[null], ['text'], [[]], [undefined]])('an input that is no request: %j', (input) => {
    const parsed = parseRequest(input);
    expect(parsed.ok).toBe(false);
    expect(parsed.ok ? [] : parsed.problems).toContainEqual({
      field: '(whole input)',
      message: expect.stringContaining('a request'),
    });
  });
});

function notifying(workflowId: string): Record<string, unknown> {
  return { notifyWorkflow: { workflowId, signal: 'ask' } };
}

function badContact(changes: Record<string, unknown>): Record<string, unknown> {
  return { alternateContacts: { billing: { ...contact, ...changes } } };
}
