import { execFileSync } from 'node:child_process';
import * as fc from 'fast-check';
import { cut, wrap, wrapCommand } from '../../src/cli/drawing/fit';
import { fitColumns, table } from '../../src/cli/drawing/table';

test('what is cut says so, and fits', () => {
  expect(cut('abcdef', 6)).toBe('abcdef');
  expect(cut('abcdef', 5)).toBe('abcd…');
  expect(cut('a👍b', 2)).toBe('a…');
  expect(cut('abcdef', 0)).toBe('');
});

test('wrapped text has all its words on lines that fit', () => {
  const text = fc.array(fc.string({ minLength: 1, unit: fc.constantFrom('a', 'b', 'c') }));
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 40 }), (words, width) => {
      const lines = wrap(words.join(' '), width);
      expect(lines.join('').replaceAll(' ', '')).toBe(words.join(''));
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
    }),
  );
  expect(wrap('one two three', 8)).toEqual(['one two', 'three']);
});

describe('a command that is longer than the terminal is wide', () => {
  const command =
    "vend resolve team-a-with-a-long-name --waive us-east-1/Security-Baseline --reason 'known fault, ticket 42'";

  test.each([20, 34, 50, 80])('at %i columns a shell reads it as it was', (width) => {
    const lines = wrapCommand(command, width);
    expect(lines.length).toBeGreaterThan(1);
    const seen = (text: string) =>
      execFileSync('bash', ['-c', `printf '%s\\n' ${text}`], { encoding: 'utf8' });
    expect(seen(lines.join('\n'))).toBe(seen(command));
  });

  test('it is broken before an option, and fits', () => {
    for (let width = 45; width < 110; width += 1) {
      const longest = Math.max(...wrapCommand(command, width).map(({ length }) => length));
      expect(longest).toBeLessThanOrEqual(width);
    }
    expect(wrapCommand(command, 60)).toEqual([
      'vend resolve team-a-with-a-long-name \\',
      '  --waive us-east-1/Security-Baseline \\',
      "  --reason 'known fault, ticket 42'",
    ]);
    expect(wrapCommand('vend show a', 11)).toEqual(['vend show a']);
  });
});

describe('columns', () => {
  const columns = [
    { name: 'id', width: 20 },
    { name: 'stage', width: 10, goes: 1 },
    { name: 'note', width: 40, goes: 2, least: 10 },
    { name: 'unit', width: 8, goes: 3 },
  ];
  const names = (width: number) => fitColumns(columns, width).map(({ name }) => name);

  test('go one after another, the least important first', () => {
    expect(names(84)).toEqual(['id', 'stage', 'note', 'unit']);
    expect(names(54)).toEqual(['id', 'stage', 'note', 'unit']);
    expect(names(53)).toEqual(['id', 'stage', 'note']);
    expect(names(43)).toEqual(['id', 'stage']);
    expect(names(31)).toEqual(['id']);
  });

  test('that may be cut are cut before any goes, and take what is left', () => {
    expect(fitColumns(columns, 60).map(({ width }) => width)).toEqual([20, 10, 16, 8]);
  });

  test('that may be cut share what is left, the first one first', () => {
    const two = [
      { name: 'a', width: 20, least: 5 },
      { name: 'b', width: 20, least: 5 },
    ];
    expect(fitColumns(two, 30).map(({ width }) => width)).toEqual([20, 8]);
  });

  test('that always stay are never cut', () => {
    expect(fitColumns(columns, 5)).toEqual([columns[0]]);
  });

  test('are two spaces apart', () => {
    expect(
      table([
        ['a', 'b'],
        ['long', 'c'],
      ]),
    ).toEqual(['a     b', 'long  c']);
  });
});
