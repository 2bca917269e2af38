import { readFileSync } from 'node:fs';
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
