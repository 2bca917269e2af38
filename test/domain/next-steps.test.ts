import { buildResolution } from '../../src/cli/vends/resolution';
import type { ConformanceRow, Resolution, ResolutionAction, VendState } from '../../src/contract';
import { amendableNow, gateSteps, nextSteps, openPacks } from '../../src/domain/next-steps';
import { toState } from '../../src/domain/memory';
import { resolutionProblem } from '../../src/domain/resolution';
import type { VendMemory } from '../../src/domain/memory';
import { aMemory, anEscalation } from './fixtures';

const ALL: ResolutionAction[] = ['retry', 'amend', 'adopt', 'waive', 'abandon'];
const AMENDABLE = [
  'email',
  'tags',
  'roleName',
  'organizationalUnit',
  'alternateContacts',
  'regions',
] as const;

/** Packs in progress, failed and successful, as the watch has shown them. */
function conforming(): Partial<VendMemory> {
  const pack = (name: string, status: string) => ({
    region: 'us-east-1',
    pack: name,
    failedLooks: 0,
    seen: { row: { status } },
    ...(status.endsWith('SUCCESSFUL') ? { verdict: { is: 'done' as const } } : {}),
  });
  return {
    stage: 'conforming',
    conformance: {
      packs: [pack('Good', 'CREATE_SUCCESSFUL'), pack('Bad', 'CREATE_FAILED')],
      deadlineAtMs: 0,
      looks: 1,
      seenAtMs: {},
    },
  };
}

function memory(reason: string, actions: ResolutionAction[], changes: Partial<VendMemory> = {}) {
  const escalation = anEscalation(actions, { reason, amendable: [...AMENDABLE] });
  return aMemory({ escalation, ...changes });
}

/** What a person writes in place of what is in capitals. */
function filledIn(text: string): string {
  return text
    .replaceAll('NEW_ADDRESS', 'new@example.com')
    .replaceAll('NEW_ROLE', 'Vended')
    .replaceAll('FIELD=VALUE', 'roleName=Vended')
    .replaceAll('"FIELD":"VALUE"', '"roleName":"Vended"')
    .replaceAll('ACCOUNT_ID', '111122223333')
    .replaceAll('NAME=VALUE', 'Team=A')
    .replaceAll('{"NAME":"VALUE"}', '{"Team":"A"}')
    .replaceAll('=UNIT', '=Workloads')
    .replaceAll('"UNIT"', '"Workloads"')
    .replaceAll('REGION', 'af-south-1')
    .replaceAll('ADDRESS', 'a@example.com')
    .replaceAll('PHONE', '+1555')
    .replaceAll('NAME', 'Ada')
    .replaceAll('TITLE', 'Lead');
}

/** The answer that the command line makes of a line that was typed. */
function typed(command: string): Resolution {
  const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare);
  expect(words.slice(0, 2)).toEqual(['resolve', 'team-a-prod']);
  const flags: Record<string, string | boolean | string[]> = {};
  for (let at = 2; at < words.length; at += 1) {
    const name = (words[at] ?? '').slice(2);
    if (name === 'retry' || name === 'abandon') flags[name] = true;
    else if (name === 'amend')
      flags[name] = [...((flags[name] as string[]) ?? []), words[++at] ?? ''];
    else flags[name] = words[++at] ?? '';
  }
  return buildResolution(flags);
}

const CASES: [string, string, Partial<VendMemory>][] = [
  ['a taken address', 'EMAIL_ALREADY_EXISTS', {}],
  ['a foreign account', 'ACCOUNT_NOT_OURS', {}],
  ['tags that break a policy', 'TAG_POLICY_VIOLATION', {}],
  ['a role name', 'INVALID_ROLE_NAME', {}],
  ['a unit that is gone', 'DestinationParentNotFoundException', { stage: 'placing' }],
  ['an account that stands elsewhere', 'ALREADY_PLACED', { stage: 'placing' }],
  ['contacts that AWS refuses', 'ValidationException', { stage: 'settling' }],
  ['a region that takes long', 'REGIONS_DEADLINE', { stage: 'settling' }],
  ['a pack that failed', 'CREATE_FAILED', conforming()],
];

test.each(CASES)(
  '%s: what is typed and what is sent by the form are the same',
  (_, reason, more) => {
    const held = memory(reason, ALL, more);
    const steps = nextSteps(toState(held));
    for (const { command, update, to } of steps) {
      expect([to, update.name]).toEqual(['vend', 'resolve']);
      const sent = JSON.parse(filledIn(update.json)) as Resolution;
      const { escalationId, ...answer } = sent;
      expect(escalationId).toBe('e2');
      const { action } = answer;
      if (action === 'waive' && held.stage === 'queued') continue;
      expect(typed(filledIn(command))).toEqual(answer);
      expect(resolutionProblem(sent, held)).toBeUndefined();
    }
  },
);

test.each(CASES)('%s: every answer that is taken is shown, and no other', (_, reason, more) => {
  const offered = (actions: ResolutionAction[]) =>
    new Set(
      nextSteps(toState(memory(reason, actions, more))).map(
        ({ update }) => (JSON.parse(update.json) as Resolution).action,
      ),
    );
  expect(offered(['retry', 'abandon'])).toEqual(new Set(['retry', 'abandon']));
  const canWaive = more.stage !== undefined;
  expect(offered(ALL)).toEqual(new Set(ALL.filter((one) => one !== 'waive' || canWaive)));
});

test('what is pasted as it stands is valid JSON on one line', () => {
  for (const [, reason, more] of CASES) {
    for (const { update } of nextSteps(toState(memory(reason, ALL, more)))) {
      expect(update.json).not.toMatch(/[\n`]/);
      expect(() => JSON.parse(update.json) as unknown).not.toThrow();
      expect(update.json).not.toContain('@');
    }
  }
});

test('where the reason is about a field, amending it comes first', () => {
  const first = (reason: string, more: Partial<VendMemory> = {}) =>
    nextSteps(toState(memory(reason, ALL, more)))[0]?.command.replace('resolve team-a-prod ', '');
  expect(first('EMAIL_ALREADY_EXISTS')).toBe('--amend email=NEW_ADDRESS');
  expect(first('GOVCLOUD_ACCOUNT_ALREADY_EXISTS')).toBe('--amend email=NEW_ADDRESS');
  expect(first('DUPLICATE_TAG_KEY')).toBe('--amend tags.NAME=VALUE');
  expect(first('INVALID_ROLE_NAME')).toBe('--amend roleName=NEW_ROLE');
  expect(first('OrganizationalUnitNotFoundException')).toBe('--amend organizationalUnit=UNIT');
  expect(first('REGIONS_DEADLINE')).toBe('--amend regions=REGION');
  expect(first('ValidationException', { stage: 'settling' })).toMatch(/^--amend alternateContacts/);
  expect(first('INTERNAL_FAILURE')).toBe('--retry');
});

test('a field that may not be amended any more is not shown as one that may', () => {
  const escalation = anEscalation(['retry', 'amend'], { amendable: ['tags'] });
  const state = toState(aMemory({ escalation }));
  expect(nextSteps(state).map(({ command }) => command)).toEqual([
    'resolve team-a-prod --retry',
    'resolve team-a-prod --amend FIELD=VALUE',
  ]);
  expect(amendableNow(state)).toEqual(['tags']);
});

test('the account that was found is named, where there is one', () => {
  const foundAccountId = '444455556666';
  const escalation = anEscalation(['adopt'], { reason: 'ACCOUNT_NOT_OURS', foundAccountId });
  const [adopt] = nextSteps(toState(aMemory({ escalation })));
  expect(adopt?.command).toBe('resolve team-a-prod --adopt 444455556666');
  expect(JSON.parse(adopt?.update.json ?? '')).toMatchObject({ accountId: foundAccountId });
});

test('a stage is waived by its name, packs each by their own, and only those that are open', () => {
  const waived = (more: Partial<VendMemory>) =>
    nextSteps(toState(memory('X', ['waive'], more))).map(({ command }) => command);
  expect(waived({ stage: 'readying' })).toEqual([
    "resolve team-a-prod --waive readying --reason '…'",
  ]);
  expect(waived(conforming())).toEqual(["resolve team-a-prod --waive us-east-1/Bad --reason '…'"]);
});

test('where only the organization-wide status is missing, its packs can be waived', () => {
  const row = (pack: string, status: string): ConformanceRow => ({ region: 'r', pack, status });
  const rows = [row('A', 'UPDATE_SUCCESSFUL'), row('B', 'EXCLUDED'), row('C', 'WAIVED')];
  expect(openPacks(rows).map(({ pack }) => pack)).toEqual(['A']);
  expect(openPacks([...rows, row('D', 'DELETE_SUCCESSFUL')]).map(({ pack }) => pack)).toEqual([
    'D',
  ]);
});

describe('of an organization that is held back', () => {
  const state = (id: string): VendState =>
    toState(
      aMemory({
        escalation: anEscalation(['abandon'], { id, scope: 'organization', reason: 'X' }),
      }),
    );

  test('the one answer for all comes first, and goes to the gate', () => {
    const [forAll, own] = nextSteps(state('o3'));
    expect(forAll).toEqual({
      command: 'resolve --organization --retry',
      update: { name: 'resolve', json: '{"escalationId":"o3","action":"retry"}' },
      to: 'organization',
    });
    expect(own).toMatchObject({
      to: 'vend',
      command: "resolve team-a-prod --abandon --reason '…'",
    });
    expect(nextSteps(state('o3'))).toHaveLength(2);
  });

  test('the gate knows it by an id of its own', () => {
    expect(nextSteps(state('e3'))[0]?.update.json).toBe('{"action":"retry"}');
    expect(gateSteps({ id: 'o1' })[0]?.update.json).toContain('"o1"');
  });

  test('before the gate is known the vend itself is answered', () => {
    const escalation = anEscalation(['retry', 'abandon'], { scope: 'organization' });
    const steps = nextSteps(toState(aMemory({ escalation })));
    expect(steps.map(({ to }) => to)).toEqual(['vend', 'vend']);
  });
});

test('where nobody is asked there is nothing to type', () => {
  expect(nextSteps(toState(aMemory()))).toEqual([]);
});

test('an approval is given or refused', () => {
  const steps = nextSteps(toState(aMemory({ stage: 'approving' })));
  expect(steps.map(({ command }) => command)).toEqual([
    'approve team-a-prod',
    "reject team-a-prod --reason '…'",
  ]);
  expect(steps.map(({ update }) => update.name)).toEqual(['approve', 'reject']);
});
