import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

// Measurements and scripts are JavaScript on the built package: no compiler sees that a name which
// they use is gone, and they are run seldom.

const ROOT = resolve(__dirname, '../..');
const SRC = join(ROOT, 'src');
const FROM_LIB = /(?:import|const) \{([^}]+)\} (?:from|= require\()[^;]*?\blib\b([^;]*);/g;

const files = ['bench', 'scripts', 'test'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.mjs'))
    .map((file) => join(folder, file)),
);

/** `[file, module of ours, names]` */
const taken = files.flatMap((file) =>
  [...readFileSync(join(ROOT, file), 'utf8').matchAll(FROM_LIB)]
    .filter(([statement]) => !statement.includes("'@"))
    .map(([, names = '', path = '']): [string, string, string[]] => [
      file,
      path
        .match(/[\w-]+(?:\.js)?/g)
        ?.join('/')
        .replace(/\.js$/, '') ?? '',
      names.split(',').flatMap((name) => name.trim().split(/[ :]/)[0] || []),
    ]),
);

test('they take something of ours', () => {
  const seen = taken.map(([file]) => file);
  expect(seen).toContain('bench/watch-client/workflows.mjs');
  expect(seen).toContain('bench/vend.mjs');
  expect(seen).toContain('scripts/walk-through.mjs');
});

test.each(taken)('%s takes from %s what is there', async (_, path, names) => {
  const source = [`${path}.ts`, `${path}/index.ts`].find((one) => existsSync(join(SRC, one)));
  const there = Object.keys(
    (await import(join(SRC, source ?? `no such module: ${path}`))) as object,
  );
  expect(names.filter((name) => !there.includes(name))).toEqual([]);
});
