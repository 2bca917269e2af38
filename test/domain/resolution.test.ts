import type { Resolution, ResolutionAction } from '../../src/contract';
import type { VendMemory } from '../../src/domain/memory';
import { resolutionProblem } from '../../src/domain/resolution';
import { aMemory, anEscalation } from './fixtures';

const ALL: ResolutionAction[] = ['retry', 'amend', 'adopt', 'waive', 'abandon'];
const CREATING = aMemory({ stage: 'creating', escalation: anEscalation(ALL) });
const PLACING = aMemory({ stage: 'placing', escalation: anEscalation(ALL) });
const CONFORMING = aMemory({
  stage: 'conforming',
  escalation: anEscalation(ALL),
  conformance: {
    packs: [
      { region: 'eu-west-1', pack: 'Baseline', failedLooks: 2 },
      { region: 'us-east-1', pack: 'Baseline', failedLooks: 0 },
      { region: 'us-east-1', pack: 'Extra', failedLooks: 0 },
    ],
    deadlineAtMs: 0,
    seenAtMs: {},
    looks: 2,
  },
});

/** The Web UI sends whatever is typed into its form. */
function problem(typed: unknown, memory: VendMemory = CREATING): string | undefined {
  return resolutionProblem(typed as Resolution, memory);
}

describe('what fits', () => {
  test.each<[unknown, VendMemory]>([
    [{ action: 'retry' }, CREATING],
    [{ action: 'retry', escalationId: 'e2', by: 'ada', reason: 'mended' }, CREATING],
    [{ action: 'amend', changes: { email: 'new@example.com' } }, CREATING],
    [{ action: 'amend', changes: { tags: {}, organizationalUnit: 'Sandbox' } }, CREATING],
    [{ action: 'adopt', accountId: '012345678901' }, CREATING],
    [{ action: 'adopt', accountId: '111122223333', allowOtherEmail: true }, CREATING],
    [{ action: 'abandon', reason: 'not needed' }, CREATING],
    [{ action: 'waive', stage: 'placing', reason: 'by hand' }, PLACING],
    [{ action: 'waive', pack: 'Baseline', reason: 'later' }, CONFORMING],
    [{ action: 'waive', pack: 'Baseline', region: 'eu-west-1', reason: 'later' }, CONFORMING],
  ])('%j', (typed, memory) => {
    expect(problem(typed, memory)).toBeUndefined();
  });
});

describe('what does not fit is refused, and the refusal says why', () => {
  test('no escalation is open: nothing is kept for later', () => {
    expect(problem({ action: 'retry' }, aMemory())).toMatch(/no escalation is open/);
  });

  test.each([null, undefined, 'retry', 7, true, [], [{ action: 'retry' }]])(
    '%j is no resolution',
    (typed) => {
      expect(problem(typed)).toMatch(/JSON object/);
    },
  );

  test.each(['e1', 'E2', '', 2, null])(
    'the escalation %j is not the open one, which is named',
    (escalationId) => {
      expect(problem({ action: 'retry', escalationId })).toMatch(/\be2\b/);
    },
  );

  // What is not read must not be taken for done: an address beside `changes`, a question under another name.
  test.each<[Record<string, unknown>, string, VendMemory]>([
    [{ action: 'retry', email: 'new@example.com' }, 'email', CREATING],
    [{ action: 'retry', escalationID: 'e1' }, 'escalationID', CREATING],
    [{ action: 'amend', changes: { email: 'a@example.com' }, email: 'x' }, 'email', CREATING],
    [
      { action: 'adopt', accountId: '111122223333', allowOtherEmails: true },
      'allowOtherEmails',
      CREATING,
    ],
    [{ action: 'abandon', reason: 'x', accountId: '111122223333' }, 'accountId', CREATING],
    [{ action: 'waive', stage: 'placing', pack: 'Baseline', reason: 'x' }, 'pack', PLACING],
    [{ action: 'waive', pack: 'Baseline', regions: [], reason: 'x' }, 'regions', CONFORMING],
    [{ action: 'retry', 'ada@example.com': 1 }, 'one of the fields', CREATING],
  ])('%j has a field that is none', (typed, field, memory) => {
    const said = problem(typed, memory);
    expect(said).toMatch(
      new RegExp(`^${field} is not a field of ${String(typed['action'])}; these are: action, `),
    );
    expect(said).not.toContain('@');
  });

  test.each([undefined, 'Retry', 'retry ', 'constructor', '__proto__', null, {}, ['retry']])(
    'the action %j is none; those that are are named',
    (action) => {
      expect(problem({ action })).toMatch(/retry, amend, adopt, waive, abandon/);
    },
  );

  test('an action that this escalation does not offer', () => {
    const memory = aMemory({ escalation: anEscalation(['retry', 'abandon']) });
    expect(problem({ action: 'amend', changes: { email: 'a@b.cd' } }, memory)).toMatch(
      /retry, abandon/,
    );
    expect(problem({ action: 'adopt', accountId: '111122223333' }, memory)).toBeDefined();
  });

  test.each([
    ['by', 7],
    ['by', { name: 'ada' }],
    ['by', 'a'.repeat(1_001)],
    ['reason', 7],
    ['reason', 'a'.repeat(1_001)],
  ])('%s must be a text that is not endless', (field, value) => {
    expect(problem({ action: 'retry', [field]: value })).toContain(field);
  });

  test.each([undefined, null, {}, [], 'email=a@b.cd', ['email']])('changes %j', (changes) => {
    expect(problem({ action: 'amend', changes })).toContain('changes');
  });

  test.each(['requestId', 'kind', 'existingAccountId', 'organizationId', 'mail', 'constructor'])(
    'changes.%s can never be amended; what can is named',
    (field) => {
      const found = problem({ action: 'amend', changes: { email: 'a@b.cd', [field]: 'x' } });
      expect(found).toContain(`changes.${field}`);
      expect(found).toContain('organizationalUnit');
    },
  );

  test.each([undefined, 111122223333, '11112222333', '1111222233334', ' 111122223333', '①②'])(
    'the account %j',
    (accountId) => {
      expect(problem({ action: 'adopt', accountId })).toContain('accountId');
    },
  );

  test.each(['true', 'false', 1, 'no', {}])(
    'another address is allowed by true alone, and not by %j',
    (allowOtherEmail) => {
      const typed = { action: 'adopt', accountId: '111122223333', allowOtherEmail };
      expect(problem(typed)).toContain('allowOtherEmail');
    },
  );

  test.each([undefined, '', '  ', 7, null])(
    'abandoning and waiving need a reason, not %j',
    (reason) => {
      expect(problem({ action: 'abandon', reason })).toContain('reason');
      expect(problem({ action: 'waive', stage: 'placing', reason }, PLACING)).toContain('reason');
      expect(problem({ action: 'waive', pack: 'Baseline', reason }, CONFORMING)).toContain(
        'reason',
      );
    },
  );

  test.each([
    ['another stage than the present one', { stage: 'settling' }, PLACING],
    ['a stage that cannot be waived', { stage: 'creating' }, CREATING],
    ['the stage of the packs as a whole', { stage: 'conforming' }, CONFORMING],
    ['placing when it is over', { stage: 'placing' }, CONFORMING],
    ['a pack before there are any', { pack: 'Baseline' }, PLACING],
    ['a pack that is not required', { pack: 'Nope' }, CONFORMING],
    ['a pack in a region where it is not', { pack: 'Extra', region: 'eu-west-1' }, CONFORMING],
    ['nothing at all', {}, CONFORMING],
    ['nothing at all, in another stage', {}, PLACING],
  ])('waiving %s', (_, what, memory) => {
    expect(problem({ action: 'waive', reason: 'later', ...what }, memory)).toBeDefined();
  });

  test('a pack that is not required is refused with those that are', () => {
    const found = problem({ action: 'waive', pack: 'Nope', reason: 'x' }, CONFORMING);
    expect(found).toContain('eu-west-1/Baseline');
    expect(found).toContain('us-east-1/Extra');
  });
});

test('no refusal repeats what was typed as an address', () => {
  const typed = [
    { action: 'amend', changes: { 'ada@example.com': 1 } },
    { action: 'adopt', accountId: 'ada@example.com' },
    { action: 'ada@example.com' },
    { action: 'retry', escalationId: 'ada@example.com' },
    { action: 'waive', stage: 'ada@example.com', reason: 'x' },
    { action: 'waive', pack: 'ada@example.com', reason: 'x' },
  ];
  for (const one of typed) expect(problem(one, CONFORMING)).not.toContain('@');
});

describe('what is larger than any answer', () => {
  test('changes of more than a request', () => {
    const changes = { tags: { a: 'x'.repeat(200_000) } };
    expect(problem({ action: 'amend', changes })).toMatch(/^changes are larger than any request/);
  });

  test('a field of any length, or an address, is not repeated', () => {
    for (const field of ['x'.repeat(1_000_000), 'ada@example.com']) {
      const said = problem({ action: 'amend', changes: { [field]: 1 } });
      expect(said).toMatch(/^one of the changes cannot be amended; these can: /);
      expect(said?.length).toBeLessThan(300);
    }
  });
});
