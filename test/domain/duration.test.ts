import { formatDuration, parseDuration } from '../../src/domain/duration';

describe('durations as people write them', () => {
  test.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['5m', 300_000],
    ['8h', 28_800_000],
    ['7d', 604_800_000],
    ['0s', 0],
    ['1.5h', 5_400_000],
  ])('%s', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each([
    '',
    '5',
    'm',
    '5 m',
    ' 5m',
    '5m ',
    '5m\n',
    '-5m',
    '+5m',
    '5M',
    '5min',
    '1h30m',
    '1e3s',
    '.5s',
    '5.s',
    '1,5h',
    '٥m',
    'Infinitys',
    '99999999999999999999d',
  ])('%p is none', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});

test.each([
  [0, '0 s'],
  [-5_000, '0 s'],
  [45_000, '45 s'],
  [89_400, '89 s'],
  [180_000, '3 min'],
  [89 * 60_000, '89 min'],
  [125 * 60_000, '2 h 05 min'],
  [47 * 3_600_000, '47 h 00 min'],
  [76 * 3_600_000, '3 d 4 h'],
])('%p ms are told to a person as "%s"', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});
