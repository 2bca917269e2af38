import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bundleWorkflowCode } from '@temporalio/worker';
import { quietRuntime } from '../support/temporal';
import { recordedBy, releases, replay } from './corpus';
import { factsOf } from './facts';
import type { Facts } from './facts';

// That replay.test.ts would tell it: changes that runs under way do not survive, in copies of the
// workflows. It tells which runs, and no other.

quietRuntime();
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
  const { code } = await bundleWorkflowCode({ workflowsPath, logger: QUIET });
  const codePath = join(copy, 'bundle.js');
  writeFileSync(codePath, code);
  return { codePath };
}

const nothing = () => undefined;
const QUIET = {
  log: nothing,
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
};

const namesOf = (test: (one: Facts) => boolean) =>
  facts
    .filter(test)
    .map(({ name }) => name)
    .sort();

const hasPassed = (...stages: string[]) => {
  return (one: Facts) => stages.every((stage) => one.stages.includes(stage));
};

/** Those that do not replay on it; each because its commands are not in the order of its history. */
async function brokenBy(bundle: { codePath: string }): Promise<string[]> {
  const broken = await replay(bundle, all);
  for (const why of broken.values()) expect(why).toMatch(/^\[TMPRL1100\] Nondeterminism error/);
  expect(broken.size).toBeGreaterThan(0);
  expect(broken.size).toBeLessThan(all.length);
  return [...broken.keys()].sort();
}

test('an account is placed after its packs, and not before: every vend that came so far breaks', async () => {
  const bundle = await changed(
    'vend-account.ts',
    '    await place(vend);\n    await ready(vend);\n    await settle(vend);\n    await conform(vend);\n',
    '    await conform(vend);\n    await ready(vend);\n    await settle(vend);\n    await place(vend);\n',
  );
  const isLater = (one: Facts) => one.isContinued && hasPassed('conforming')(one);
  expect(await brokenBy(bundle)).toEqual(
    namesOf((one) => hasPassed('placing')(one) || isLater(one)),
  );
});

test('contacts and regions before the account can be used: only vends with both break', async () => {
  const bundle = await changed(
    'vend-account.ts',
    '    await ready(vend);\n    await settle(vend);\n',
    '    await settle(vend);\n    await ready(vend);\n',
  );
  expect(await brokenBy(bundle)).toEqual(namesOf(hasPassed('readying', 'settling')));
});

test('an activity that is not done any more: only those break that had done it', async () => {
  const bundle = await changed(
    'steps/adopt.ts',
    "await insistOn(vend, 'tag the account'",
    "if (memory.accountId === 'never') await insistOn(vend, 'tag the account'",
  );
  expect(await brokenBy(bundle)).toEqual(
    namesOf(({ activities }) => activities.includes('tagAccount')),
  );
});
