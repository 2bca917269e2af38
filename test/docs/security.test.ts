import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

test('every test and document that SECURITY.md names is there', () => {
  const root = resolve(__dirname, '../..');
  const text = readFileSync(resolve(root, 'SECURITY.md'), 'utf8');
  const named = [...text.matchAll(/\b(?:test|docs)\/[\w./-]*\w/g)].map(([path]) => path);
  expect(named.length).toBeGreaterThan(15);
  expect(named.filter((path) => !existsSync(resolve(root, path)))).toEqual([]);
});
