import { picture } from '../../src/cli/drawing/picture';
import type { Look } from '../../src/cli/vends/look';
import { ago, canvas, escalation, io, seen } from './looks';

// What is drawn says how long ago something was: in these tests no time goes by.
beforeAll(() => jest.useFakeTimers());
afterAll(() => jest.useRealTimers());

function draw(looks: readonly Look[], columns: number, rows: number): string[] {
  const lines = picture(io, looks, canvas(columns, rows));
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
  return lines;
}

const number = (value: number) => String(value).padStart(3, '0');
const many = (count: number, name: string, more: Parameters<typeof seen>[0] = {}) =>
  Array.from({ length: count }, (_, index) => seen({ id: `${name}-${number(index)}`, ...more }));

describe('one vend', () => {
  test('its stages with the time that each took, what it waits for, and the next look', () => {
    const next = new Date(Date.now() + 20_400).toISOString();
    const look = seen({
      stages: [
        ['queued', 300],
        ['creating', 240],
        ['placing', 60],
        ['conforming', 58],
      ],
      state: { waitingFor: `1 of 2 conformance packs; next look at ${next}` },
    });
    expect(draw([look], 80, 24)).toEqual([
      '* team-a  conforming, 5 min in all',
      '  ✓ queued      60 s',
      '  ✓ creating    3 min',
      '  ✓ placing     2 s',
      '  * conforming  58 s',
      expect.stringMatching(
        /^ {4}waits for 1 of 2 conformance packs; next look at .*\d\d:\d\d:\d\d \(in 20 s\)$/,
      ),
    ]);
  });

  test('a stage that it came back to is one line, with both times', () => {
    const stages: [never, number][] = [
      ['queued' as never, 100],
      ['creating' as never, 90],
      ['queued' as never, 80],
      ['creating' as never, 50],
    ];
    const lines = draw([seen({ stages })], 80, 24).join('\n');
    expect(lines).toMatch(/✓ queued +40 s\n +\* creating +60 s$/);
  });

  test('that needs a person: why, since when, when it looks by itself, and the exact commands', () => {
    const nextCheckAt = new Date(Date.now() + 3_600_000).toISOString();
    const lines = draw([seen({ state: { escalation: escalation({ nextCheckAt }) } })], 80, 24);
    expect(lines[0]).toBe('! team-a  creating, needs a person: EMAIL_ALREADY_EXISTS, 5 min in all');
    const text = lines.join('\n');
    expect(text).toMatch(/! creating +4 min/);
    expect(text).toMatch(
      /Since .*\(60 s\), after one attempt; looks again by itself at[-\d:\s]*\(in 60 min\)/,
    );
    for (const flags of ['--retry', '--amend email=NEW_ADDRESS', '--adopt ACCOUNT_ID']) {
      expect(lines).toContain(`      vend resolve team-a ${flags}`);
    }
  });

  test('a narrow terminal breaks a command where a shell takes it so', () => {
    const text = draw([seen({ state: { escalation: escalation() } })], 40, 40).join('\n');
    expect(text).toContain('      vend resolve team-a \\\n        --amend email=NEW_ADDRESS\n');
  });

  test('an answer that was taken is shown where it now goes on', () => {
    const look = seen();
    const note = 'answered: EMAIL_ALREADY_EXISTS with amend of email';
    look.view?.state?.history.push({ at: ago(1_000), stage: 'creating', note });
    expect(draw([look], 80, 24).join('\n')).toMatch(
      /\d\d:\d\d:\d\d {2}answered: EMAIL_ALREADY_EXISTS/,
    );
  });

  test('its end: how long it took in all, and each stage', () => {
    const stages = [
      ['queued', 100],
      ['creating', 90],
      ['done', 0],
    ] as [never, number][];
    const failed = { type: 'VendAbandoned', message: 'no need', details: [] };
    const done = seen({ status: 'COMPLETED', stages });
    expect(draw([done], 80, 24).slice(0, 3)).toEqual([
      '✓ team-a  done after 2 min',
      '  ✓ queued      10 s',
      '  ✓ creating    2 min',
    ]);
    const look = seen({ status: 'FAILED', stages: stages.slice(0, 2) });
    const view = { ...look.view!, failure: failed };
    const lines = draw([{ ...look, view }], 80, 24);
    expect(lines[2]).toMatch(/✗ creating/);
    expect(lines.join('\n')).toContain('VendAbandoned: no need');
  });

  test('a worker, or Temporal, that does not answer is said', () => {
    const silent = draw([seen({ state: null, look: { silent: true } })], 80, 24).join('\n');
    expect(silent).toMatch(/^\? team-a {2}creating.*\n.*no worker answers/);
    const away = draw([seen({ look: { outage: true } })], 80, 24).join('\n');
    expect(away).toContain('Temporal does not answer');
  });

  test('what AWS wrote cannot steer the terminal', () => {
    const message = 'AWS said\u001b[2J:\n\rno';
    const look = seen({ state: { escalation: escalation({ message, reason: 'A\u001b[31m' }) } });
    for (const columns of [40, 80]) {
      expect(draw([look], columns, 40).join('')).not.toMatch(/\p{Cc}/u);
    }
    const table = [look, ...many(9, 'other')];
    expect(draw(table, 80, 40).join('')).not.toMatch(/\p{Cc}/u);
  });
});

describe('three vends', () => {
  const three = [
    seen({ id: 'a', status: 'COMPLETED' }),
    seen({ id: 'b' }),
    seen({ id: 'c', state: { escalation: escalation() } }),
  ];

  test('are told in full where there is room', () => {
    const text = draw(three, 80, 40).join('\n');
    expect(text).toContain('not visible in this\n    organization.');
    expect(text).toMatch(/^ {2}✓ queued/m);
  });

  test('else in brief, commands included; else as a table', () => {
    const brief = draw(three, 80, 14).join('\n');
    expect(brief).toMatch(/^ {2}queued 60 s → creating 4 min$/m);
    expect(brief).toContain('      vend resolve c --amend email=NEW_ADDRESS');
    const table = draw(three, 80, 8);
    expect(table.length).toBeLessThanOrEqual(8);
    expect(table[1]).toMatch(/REQUEST/);
  });
});

describe('many vends', () => {
  const sixty = [
    ...many(20, 'done', { status: 'COMPLETED', stages: [['done', 100]] }),
    ...many(30, 'wait', { stages: [['queued', 50]] }),
    ...many(7, 'busy', { state: { accountId: '123456789012', waitingFor: 'AWS to (x; y)' } }),
    seen({ id: 'lost', status: 'FAILED', stages: [['queued', 1]] }),
    ...many(2, 'help', { state: { escalation: escalation() } }),
  ];

  test.each([
    [80, 23],
    [200, 49],
    [60, 12],
    [40, 8],
    [20, 5],
  ])('fit %i columns and %i lines, with those that need a person on top', (columns, rows) => {
    const lines = draw(sixty, columns, rows);
    expect(lines.length).toBeLessThanOrEqual(rows);
    expect(lines[2]).toMatch(/^! help-000/);
  });

  test('the order: who needs a person, who failed, who is under way, who waits, who is done', () => {
    const ids = draw(sixty, 80, 100).flatMap((line) => /^\S (\w+)-?\d* /.exec(line)?.[1] ?? []);
    expect([...new Set(ids)].slice(0, 5)).toEqual(['help', 'lost', 'busy', 'wait', 'done']);
    const again = draw(sixty.toReversed(), 80, 100);
    expect(again).toEqual(draw(sixty, 80, 100));
  });

  test('of the same kind, the one that began first', () => {
    const looks = [...many(9, 'young', { stages: [['creating', 5]] }), seen({ id: 'zen' })];
    expect(draw(looks, 80, 30)[2]).toMatch(/^· zen/);
  });

  test('the head counts all, and the last line those that are not shown', () => {
    const lines = draw(sixty, 80, 23);
    expect(lines[0]).toBe('60 vends: 2 need a person, 1 ended otherwise, 37 under way, 20 done');
    const more = lines.find((line) => line.startsWith('  … and'));
    const shown = lines.filter((line) => /^[!·✓✗] \w+(-\d+)? +\w/.test(line)).length;
    const [, left, counts = ''] = /and (\d+) more: (.*)$/.exec(more ?? '') ?? [];
    const numbers = [...counts.matchAll(/\d+/g)].map(Number);
    expect(numbers.reduce((sum, one) => sum + one, 0)).toBe(Number(left));
    expect(Number(left)).toBe(60 - shown);
    expect(counts).toMatch(/20 done/);
  });

  test('a request ID is never cut; other columns go', () => {
    const id = `${'long-'.repeat(12)}id`;
    const looks = [...sixty, seen({ id, state: { escalation: escalation() } })];
    for (const columns of [200, 80, 66, 40]) {
      const lines = picture(io, looks, canvas(columns, 49));
      expect(lines.find((line) => line.startsWith(`! ${id}`))).toBeDefined();
      // Nor in what can be typed.
      expect(lines.join('\n')).toMatch(new RegExp(`vend (?:show|resolve) \\\\?\\s*${id}`));
    }
  });

  test('time in stage is exact where it is known, else at most as long as since the start', () => {
    const known = seen({ id: 'known' });
    const listed = seen({ id: 'listed', state: null });
    const moved = seen({ id: 'moved', state: null, look: { stageSeenAt: ago(7_000) } });
    const text = draw([known, listed, moved, ...many(3, 'x')], 100, 30).join('\n');
    expect(text).toMatch(/known +creating +4 min/);
    expect(text).toMatch(/listed +creating +≤ 5 min/);
    expect(text).toMatch(/moved +creating +7 s/);
  });

  test('commands are whole or not there: then show says them', () => {
    const looks = many(9, 'help', { state: { escalation: escalation() } });
    const text = draw(looks, 80, 23).join('\n');
    expect(text).toContain('\n      vend resolve help-000 --abandon --reason');
    expect(text).not.toContain('vend resolve help-001');
    const little = draw(looks, 80, 12).join('\n');
    expect(little).toContain('\n      vend show help-000');
  });

  test('what holds the organization back is told once, and below what needs its own answer', () => {
    const scope = 'organization' as const;
    const held = escalation({ scope, reason: 'PENDING_BUSINESS_VALIDATION', actions: ['abandon'] });
    const looks = [
      ...many(30, 'held', { state: { escalation: held } }),
      seen({ id: 'own', stages: [['queued', 1]], state: { escalation: escalation() } }),
    ];
    const lines = draw(looks, 120, 49);
    expect(lines[2]).toMatch(/^! own/);
    expect(lines.filter((line) => line.includes('resolve --organization --retry'))).toHaveLength(1);
    expect(lines.join('\n')).toContain('The organization is held back: ');
  });
});
