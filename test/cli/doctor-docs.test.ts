import { readFileSync } from 'node:fs';
import { PassThrough, Readable } from 'node:stream';
import { join, resolve } from 'node:path';
import { FINDING_IDS } from '../../src/cli/doctor/finding';
import { doctorPage } from '../../src/cli/doctor/page';
import type { Found } from '../../src/cli/doctor/run-checks';
import type { Io, Output } from '../../src/cli/io';

const ROW = /^\| `([a-z-]+)` +\| ([a-z0-9, ]+?) +\| (.+?) +\| (.*?) *\|$/gm;
const TESTS = [
  'doctor',
  'doctor-temporal',
  'doctor-gate',
  '../connection/tls-fault',
  '../e2e/tls',
  '../iam/permissions',
];

const rows = [
  ...readFileSync(resolve(__dirname, '../../docs/doctor.md'), 'utf8').matchAll(ROW),
].map(([, id = '', levels = '', meaning = '', todo = '']) => ({ id, levels, meaning, todo }));

test('docs/doctor.md has a row for every finding, and none besides', () => {
  expect(rows.map(({ id }) => id).sort()).toEqual([...FINDING_IDS].sort());
});

test('each row that is not well says what to do, or that there is nothing', () => {
  const faults = rows.filter(({ levels }) => /stop|warning/.test(levels));
  expect(faults.length).toBeGreaterThan(20);
  expect(faults.filter(({ todo }) => !/\w/.test(todo))).toEqual([]);
});

test('every finding is met in a test', () => {
  const text = TESTS.map((name) => readFileSync(join(__dirname, `${name}.test.ts`), 'utf8')).join();
  expect(FINDING_IDS.filter((id) => !text.includes(`'${id}'`))).toEqual([]);
});

describe('the page', () => {
  const found: Found[] = [
    { id: 'identity', group: 'AWS', level: 'ok', title: 'we are we', detail: 'Unseen.' },
    {
      id: 'no-worker',
      group: 'Temporal',
      level: 'stop',
      title: 'nobody\u001B[2J works',
      detail: `anna@example.com ${'word '.repeat(60)}`,
      fix: `node lib/worker.js ${'--flag '.repeat(30)}`,
    },
    { id: 'retention-short', group: 'Temporal', level: 'warning', title: 'short', detail: 'So.' },
    { id: 'accounts', group: 'Organization', level: 'note', title: 'some', detail: 'So.' },
  ];
  const show = (isTTY: boolean, env: NodeJS.ProcessEnv = {}) => {
    const stdout: Output = Object.assign(new PassThrough(), { isTTY });
    const io: Io = { stdout, stderr: stdout, stdin: Readable.from([]), env, command: 'vend' };
    return doctorPage(io, found);
  };

  test('has the groups in their order, a mark for each level, ids, and the verdict last', () => {
    const lines = show(false);
    expect(lines.filter((line) => /^\w.*[^.]$/.test(line))).toEqual([
      'Temporal',
      'AWS',
      'Organization',
    ]);
    expect(lines).toContain('  ✓ we are we');
    expect(lines).toContain('  ! short [retention-short]');
    expect(lines).toContain('  · some [accounts]');
    expect(lines.find((line) => line.includes('✗'))).toContain('[no-worker]');
    expect(lines.at(-1)).toBe('A vend would not go through: no-worker. 1 warning.');
    expect(lines.join()).not.toContain('Unseen');
  });

  test('breaks texts and never commands, and lets nothing foreign through', () => {
    const lines = show(false);
    expect(lines.filter((line) => line.length > 102)).toEqual([
      expect.stringContaining('→ node lib/worker.js --flag'),
    ]);
    expect(lines.join()).not.toContain('\u001B');
    expect(lines.join()).not.toContain('@');
  });

  test('is coloured for a person alone, and never with NO_COLOR', () => {
    expect(show(true).join()).toContain('\u001B[31m✗');
    expect(show(true, { NO_COLOR: '1' }).join()).not.toContain('\u001B');
    expect(show(false).join()).not.toContain('\u001B');
  });
});
