import { KNOWN_REASONS } from '../../src/domain/dispositions';
import { Called, Counted, Happened, wordFor } from '../../src/domain/metrics';
import type { MetricDefinition } from '../../src/domain/metrics';

const ALL = [Happened, Called, Counted].flatMap((each): MetricDefinition[] => Object.values(each));

test('names are those of Prometheus: one prefix, units, and _total where it only grows', () => {
  expect(new Set(ALL.map(({ name }) => name)).size).toBe(ALL.length);
  for (const { name, kind, buckets } of ALL) {
    expect(name).toMatch(/^account_vending_[a-z0-9_]+$/);
    expect({ name, isTotal: name.endsWith('_total') }).toEqual({
      name,
      isTotal: kind === 'counter',
    });
    expect({ name, hasBuckets: buckets !== undefined }).toEqual({
      name,
      hasBuckets: kind === 'histogram',
    });
    expect({ name, isTime: kind !== 'histogram' || name.endsWith('_seconds') }).toEqual({
      name,
      isTime: true,
    });
    expect(buckets ?? []).toEqual([...(buckets ?? [])].toSorted((one, other) => one - other));
  }
});

test('every known reason is told by its own word', () => {
  for (const reason of KNOWN_REASONS) expect(wordFor(reason)).toBe(reason);
});

test.each([
  'an account Sunflower',
  'me@example.com',
  '111122223333',
  '',
  'x'.repeat(65),
  'a\nb',
  'o"',
])('%j could be anything, and is told as other', (text) => {
  expect(wordFor(text)).toBe('other');
});
