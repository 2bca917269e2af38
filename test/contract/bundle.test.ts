import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { minifySync } from '@swc/core';
import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';
import { testBundle } from '../support/temporal';

const SOURCE_MAP =
  /\n\/\/# sourceMappingURL=data:application\/json[^,]*;base64,([A-Za-z0-9+/=]+)\s*$/;

/** The modules that stand in a bundle, as its own source map lists them. */
function modulesOf(code: string): string[] {
  const [, map] = SOURCE_MAP.exec(code) ?? [];
  if (!map) throw new Error('The bundle has no source map.');
  const { sources } = JSON.parse(Buffer.from(map, 'base64').toString()) as { sources: string[] };
  return sources;
}

async function bundled(workflows: string): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: resolve(__dirname, 'consumer', workflows),
    logger: new DefaultLogger('ERROR'),
  });
  return code;
}

/** What is run, in bytes: names stay as they are, comments and white space do not count. */
function javaScriptOf(code: string): number {
  const format = { comments: false } as const;
  const { code: js } = minifySync(code.replace(SOURCE_MAP, ''), {
    compress: false,
    mangle: false,
    format,
  });
  return Buffer.byteLength(js);
}

/** Measured: 2.2 kB. The SDK of workflows has nexus-rpc in it already. */
const NEXUS_AT_MOST = 4_000;

/** What workflow code must not load: it is run anew for every cached run. */
const FORBIDDEN = /node_modules\/(?:zod|@aws-sdk|@smithy|@aws-crypto|pino|yaml|commander)\//;

describe('the bundle of our workflows', () => {
  const modules = modulesOf(readFileSync(testBundle().codePath, 'utf8'));

  test('holds what is looked for: the workflow SDK and our own code', () => {
    expect(modules.some((name) => name.includes('node_modules/@temporalio/workflow/'))).toBe(true);
    expect(modules.some((name) => name.includes('/src/workflows/vend-account.ts'))).toBe(true);
    expect(modules.some((name) => name.includes('/src/domain/dispositions.ts'))).toBe(true);
  });

  test('holds neither zod nor the AWS SDK', () => {
    expect(modules.filter((name) => FORBIDDEN.test(name))).toEqual([]);
  });

  test('holds nothing of ours but contract, domain and workflows', () => {
    const ours = modules.filter((name) => /(?:^|\/)src\//.test(name) && !/node_modules/.test(name));
    const strangers = ours.filter((name) => !/\/src\/(?:contract|domain|workflows)\//.test(name));
    expect(strangers).toEqual([]);
    expect(ours.length).toBeGreaterThan(10);
  });

  test('and the code itself names none of them', () => {
    const code = readFileSync(testBundle().codePath, 'utf8').replace(SOURCE_MAP, '');
    expect(code).not.toMatch(/node_modules\/(?:zod|@aws-sdk|@smithy)\//);
    expect(code).toMatch(/node_modules\/@temporalio\/workflow\//);
  });
});

describe('the bundle of a caller', () => {
  test('that calls by Nexus grows by the definition of the service alone', async () => {
    const plain = await bundled('plain.ts');
    const withNexus = await bundled('with-nexus.ts');
    expect(javaScriptOf(withNexus) - javaScriptOf(plain)).toBeLessThan(NEXUS_AT_MOST);
    const before = new Set(modulesOf(plain));
    const added = modulesOf(withNexus).filter((name) => !before.has(name));
    const ours = added.filter((name) => /\/(?:src|lib)\//.test(name) && !/node_modules/.test(name));
    expect(ours.map((name) => name.replace(/^.*\/(?:src|lib)\//, '')).toSorted()).toEqual([
      'nexus/failures.ts',
      'nexus/index.ts',
      'nexus/service.ts',
    ]);
    expect(
      added.filter((name) => /node_modules/.test(name) && !/node_modules\/nexus-rpc\//.test(name)),
    ).toEqual([]);
  });

  test('grows by a few kB, and by no library', async () => {
    const plain = await bundled('plain.ts');
    const withContract = await bundled('with-contract.ts');
    const grown = javaScriptOf(withContract) - javaScriptOf(plain);
    expect(modulesOf(withContract).some((name) => /\/(?:src|lib)\/contract\//.test(name))).toBe(
      true,
    );
    expect(grown).toBeGreaterThan(1_000);
    expect(grown).toBeLessThan(10_000);
    const before = new Set(modulesOf(plain));
    const added = modulesOf(withContract).filter((name) => !before.has(name));
    expect(
      added.filter((name) => !/\/(?:(?:src|lib)\/contract|contract\/consumer)\//.test(name)),
    ).toEqual([]);
  });
});
