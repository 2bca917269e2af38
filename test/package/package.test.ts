import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, normalize, resolve } from 'node:path';
import { Consumer, pack, tool } from '../support/packed';
import type { Packed } from '../support/packed';
import { withDevServer } from '../support/temporal';

/*
 * Our package as others get it: packed from what the build made, installed from the tarball into a
 * package outside of this repository, and used there with types.
 */

const ROOT = resolve(__dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'vend-packed-'));
let packed: Packed;

beforeAll(async () => {
  packed = await pack(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the tarball', () => {
  test('holds what is needed and nothing else', () => {
    const paths = packed.files.map(({ path }) => path);
    const roots = new Set(paths.map((path) => path.split('/')[0]));
    const expected = 'CHANGELOG.md LICENSE README.md SECURITY.md docs lib package.json'.split(' ');
    expect(roots).toEqual(new Set(expected));
    const inLib = paths.filter((path) => path.startsWith('lib/'));
    expect(inLib.filter((path) => !/\.(?:js|d\.ts)$/.test(path))).toEqual([]);
    expect(paths.filter((path) => /chromium|(?:^|\/)test\//.test(path))).toEqual([]);
    expect(packed.size).toBeLessThan(4_000_000);
  });

  test('lacks nothing that a file in it asks for', () => {
    const there = new Set(packed.files.map(({ path }) => path));
    const wanted = [...there]
      .filter((path) => /\.(?:js|d\.ts)$/.test(path) && !path.includes('bundle'))
      .flatMap((path) => relativeImports(path));
    expect(wanted.length).toBeGreaterThan(500);
    const missing = wanted.filter(
      ({ module }) => !there.has(`${module}.js`) && !there.has(`${module}/index.js`),
    );
    expect(missing).toEqual([]);
  });

  test('names no source map that is not in it: webpack warns of each in a caller', () => {
    const naming = packed.files.filter(
      ({ path }) =>
        path.endsWith('.js') &&
        /^\/\/# sourceMappingURL=(?!data:)/m.test(readFileSync(join(ROOT, path), 'utf8')),
    );
    expect(naming).toEqual([]);
  });

  test('has the worker, its workflows, and the command', () => {
    const paths = packed.files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining([
        'lib/worker.js',
        'lib/starter.js',
        ...['', '-versioned', '-encrypting', '-versioned-encrypting'].map(
          (kind) => `lib/workflow-bundle${kind}.js`,
        ),
        'docs/runbook.md',
        'docs/iam/write/core.json',
      ]),
    );
  });

  test('is clean for publint', async () => {
    await expect(tool('publint/src/cli.js', packed.tarball, '--strict')).resolves.toMatch(
      /All good/i,
    );
  });

  test('is clean for "Are the types wrong?", in every way that TypeScript resolves', async () => {
    const said = await tool('@arethetypeswrong/cli/dist/index.js', packed.tarball, '-f', 'json');
    const { analysis, problems } = JSON.parse(said) as {
      analysis: { entrypoints: Record<string, unknown> };
      problems: unknown;
    };
    expect(problems).toEqual({});
    const doors =
      '. ./contract ./workflows ./activities ./nexus ./encryption ./simulator ./testing'.split(' ');
    expect(Object.keys(analysis.entrypoints)).toEqual(expect.arrayContaining(doors));
  });
});

/** Modules of ours that a file of the package names, as paths in the package. */
function relativeImports(path: string): { path: string; module: string }[] {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const found = text.matchAll(/(?:from |require\(|import\()["'](\.{1,2}(?:\/[^"']*)?)["']/g);
  return [...found].map(([, name = '']) => ({
    path,
    module: normalize(join(dirname(path), name)).replace(/\/$|\.js$/, ''),
  }));
}

/** The TypeScript of the documentation that is for callers, as modules. */
function snippets(): { name: string; code: string }[] {
  const pages = readdirSync(join(ROOT, 'docs'), { withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
    .map(({ name }) => join('docs', name));
  return ['README.md', ...pages].flatMap((page) => {
    const blocks = [...readFileSync(join(ROOT, page), 'utf8').matchAll(/^```ts\n(.*?)^```/gms)];
    return blocks.map(([, code = ''], n) => ({
      name: `${basename(page, '.md').toLowerCase()}-${n + 1}.mts`,
      code,
    }));
  });
}

test('the documentation shows callers what to write', () => {
  const names = snippets().map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['readme-1.mts', 'child-workflow-1.mts']));
});

describe('a package outside of the repository', () => {
  let consumer: Consumer;

  beforeAll(async () => {
    const sdk = ['@temporalio/client', '@temporalio/workflow', '@temporalio/worker'];
    const packages = [...sdk, '@types/node', 'typescript'];
    consumer = await Consumer.install(join(__dirname, 'consumer'), packages, packed.tarball);
    for (const { name, code } of snippets())
      writeFileSync(join(consumer.folder, 'src', name), code);
    // Strict; and the mistakes in it are refused.
    await consumer.node('node_modules/typescript/bin/tsc');
  });
  afterAll(() => consumer?.remove());

  test('shares the workflow SDK with us: one copy of it, installed in the version that we have', async () => {
    const where = (from: string) =>
      consumer.node('-p', `require.resolve('@temporalio/workflow', { paths: ['${from}'] })`);
    expect(await where('./node_modules/account-vending')).toBe(await where('.'));
    // Where versions differ, npm gives a dependency a copy of its own, and a peer dependency never. That is
    // npm's promise and not tried here; that ours are peers is read from package.json.
    const { dependencies, peerDependencies } = JSON.parse(
      readFileSync(join(ROOT, 'package.json'), 'utf8'),
    ) as Record<string, Record<string, string>>;
    const shared = ['@temporalio/common', '@temporalio/workflow'];
    expect(Object.keys(peerDependencies ?? {})).toEqual(shared);
    expect(Object.keys(dependencies ?? {})).not.toEqual(expect.arrayContaining(shared));
  });

  test('compiles strictly, as does what the documentation shows; every door from CommonJS', async () => {
    expect(JSON.parse(await consumer.node('dist/program.js'))).toEqual({
      isRequest: true,
      taskQueue: 'account-vending',
      workflowId: 'vend-a',
      worker: 'function',
      activities: true,
      simulator: '127.0.0.1',
    });
  });

  test('uses every door from an ES module', async () => {
    expect(JSON.parse(await consumer.node('dist/module.mjs'))).toEqual({
      functions: Array.from({ length: 7 }, () => 'function'),
      taskQueue: 'account-vending',
      failure: 'VendAbandoned',
      signal: 'resolve',
      service: 'account-vending',
    });
  });

  test('has the command', async () => {
    const said = await consumer.node('node_modules/.bin/vend', 'schema', 'request');
    expect(JSON.parse(said)).toMatchObject({ type: 'object' });
  });

  describe("its workflows' bundle", () => {
    interface Bundled {
      bytes: number;
      modules: string[];
    }
    const bundled = async (file: string) =>
      JSON.parse(await consumer.node('bundle.mjs', file)) as Bundled;
    /** What a file adds to `plain.ts`: how many bytes, and which modules, by their last folders. */
    const growth = async (file: string) => {
      const plain = await bundled('src/plain.ts');
      const grown = await bundled(file);
      const before = new Set(plain.modules);
      const added = grown.modules.filter((name) => !before.has(name) && !name.includes('/src/'));
      const modules = added.map((name) => name.replace(/^.*\/node_modules\//, ''));
      return { bytes: grown.bytes - plain.bytes, modules };
    };

    test('grows by a few kB, and by no library', async () => {
      const { bytes, modules } = await growth('src/parent.ts');
      expect(bytes).toBeGreaterThan(1_000);
      expect(bytes).toBeLessThan(10_000);
      expect(modules).toContain('account-vending/lib/contract/index.js');
      expect(modules.filter((name) => !name.startsWith('account-vending/lib/contract/'))).toEqual(
        [],
      );
    });

    test('that calls by Nexus grows by the definition of the service alone', async () => {
      const { bytes, modules } = await growth('src/with-nexus.ts');
      // The SDK of workflows has nexus-rpc in it already.
      expect(bytes).toBeLessThan(4_000);
      expect(modules.filter((name) => !name.startsWith('nexus-rpc/')).toSorted()).toEqual([
        'account-vending/lib/nexus/failures.js',
        'account-vending/lib/nexus/index.js',
        'account-vending/lib/nexus/service.js',
      ]);
    });
  });

  // The last one: from now on there are two.
  test('whose worker is another copy of the SDK than ours can use the testing kit', async () => {
    for (const name of ['worker', 'core-bridge']) {
      const from = join(consumer.folder, 'node_modules/@temporalio', name);
      const below = 'node_modules/account-vending/node_modules/@temporalio';
      const filter = (path: string) => !path.includes('sdk-core');
      cpSync(from, join(consumer.folder, below, name), { recursive: true, filter });
    }
    const said = await withDevServer(({ address }) => consumer.node('dist/own-sdk.mjs', address), {
      ui: false,
    });
    const last = said.trim().split('\n').at(-1) ?? '';
    expect(JSON.parse(last)).toEqual({ copies: 2, vended: [true, true] });
  });
});
