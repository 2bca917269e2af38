import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DefaultLogger, bundleWorkflowCode } from '@temporalio/worker';
import { recordedBy, releases, replay, silentRuntime } from './corpus';
import { factsOf } from './facts';
import type { Facts } from './facts';

// That replay.test.ts would tell it: changes that runs under way do not survive, in copies of the
// workflows. It tells which runs, and no other.

silentRuntime();
const ROOT = resolve(__dirname, '../..');
const all = recordedBy(releases().at(-1) ?? '');
const facts = all.map((one) => ({ name: one.name, ...factsOf(one) }));

// Inside the repository: the bundler looks for the SDK from there.
mkdirSync(join(ROOT, '.cache'), { recursive: true });
const folder = mkdtempSync(join(ROOT, '.cache', 'changed-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let changes = 0;

/** The bundle of workflows of which one file was changed. */
async function changed(file: string, from: string, to: string): Promise<{ codePath: string }> {
  const copy = join(folder, String((changes += 1)));
  for (const room of ['contract', 'domain', 'workflows']) {
    cpSync(join(ROOT, 'src', room), join(copy, room), { recursive: true });
  }
  const path = join(copy, 'workflows', file);
  const text = readFileSync(path, 'utf8');
  expect(text.split(from)).toHaveLength(2);
  writeFileSync(path, text.replace(from, to));
  const workflowsPath = join(copy, 'workflows', 'index.ts');
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('ERROR') });
  const codePath = join(copy, 'bundle.js');
  writeFileSync(codePath, code);
  return { codePath };
}

const namesOf = (test: (one: Facts) => boolean) =>
  facts
    .filter(test)
    .map(({ name }) => name)
    .sort();

const hasPassed = (...stages: string[]) => {
  return (one: Facts) => stages.every((stage) => one.stages.includes(stage));
};

/** Some that must break on it, and as many that must not: all would take a minute. */
const SOME = 12;

async function outcome(
  bundle: { codePath: string },
  breaks: (one: Facts) => boolean,
): Promise<{ broken: string[]; expected: string[] }> {
  const expected = namesOf(breaks).slice(0, SOME);
  const others = namesOf((one) => !breaks(one)).slice(0, SOME);
  expect([expected.length > 0, others.length]).toEqual([true, SOME]);
  const chosen = all.filter(({ name }) => [...expected, ...others].includes(name));
  const broken = await replay(bundle, chosen);
  // Because the commands are not in the order of the history, and for no other reason.
  for (const why of broken.values()) expect(why).toMatch(/^\[TMPRL1100\] Nondeterminism error/);
  return { broken: [...broken.keys()].sort(), expected };
}

test('an account is placed after its packs, and not before: every vend that came so far breaks', async () => {
  const bundle = await changed(
    'vend-account.ts',
    '    await place(vend);\n    await ready(vend);\n    await settle(vend);\n    await conform(vend);\n',
    '    await conform(vend);\n    await ready(vend);\n    await settle(vend);\n    await place(vend);\n',
  );
  const isLater = (one: Facts) => one.isContinued && hasPassed('conforming')(one);
  const breaks = (one: Facts) => hasPassed('placing')(one) || isLater(one);
  const { broken, expected } = await outcome(bundle, breaks);
  expect(broken).toEqual(expected);
});

test('contacts and regions before the account can be used: only vends with both break', async () => {
  const bundle = await changed(
    'vend-account.ts',
    '    await ready(vend);\n    await settle(vend);\n',
    '    await settle(vend);\n    await ready(vend);\n',
  );
  const { broken, expected } = await outcome(bundle, hasPassed('readying', 'settling'));
  expect(broken).toEqual(expected);
});

test('an activity that is not done any more: only those break that had done it', async () => {
  const bundle = await changed(
    'steps/adopt.ts',
    "= await insistOn(vend, 'tag the account'",
    "= memory.accountId !== 'never' ? undefined : await insistOn(vend, 'tag the account'",
  );
  const { broken, expected } = await outcome(bundle, ({ activities }) =>
    activities.includes('tagAccount'),
  );
  expect(broken).toEqual(expected);
});
