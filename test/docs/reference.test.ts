import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '../..');
const page = readFileSync(join(root, 'docs/reference.md'), 'utf8');

test('docs/reference.md has the fields of the schemas, with their defaults', () => {
  const check = [join(root, 'scripts/reference.mjs'), '--check'];
  expect(execFileSync(process.execPath, check, { stdio: 'pipe' }).toString()).toBe('');
  for (const field of ['creation.perDay', 'conformance.owners[].roleArn', 'email', 'kind']) {
    expect(page).toContain(`| \`${field}\` `);
  }
});

test('docs/reference.md has the variables of .env.example that the worker reads', () => {
  const worker = readFileSync(join(root, '.env.example'), 'utf8').matchAll(
    /^#? ?(VEND_[A-Z_]+)=/gm,
  );
  const ofCompose = ['VEND_CONFIG_FILE', 'VEND_WORKERS', 'VEND_IMAGE_TAG'];
  const names = [...worker]
    .map(([, name = '']) => name)
    .filter((name) => !ofCompose.includes(name));
  expect(names.length).toBeGreaterThan(4);
  for (const name of names) expect(page).toContain(`\`${name}\``);
});
