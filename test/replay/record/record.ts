import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { TemporalServerOptions } from '../../../src/local/temporal-server';
import { continuingAfter, withDevServer } from '../../support/temporal';
import type { VendingOptions } from '../../support/vending';
import { batches, longRuns, longVend } from './batches';
import { conforming, departing, departingOptions, refusedLooks } from './conforming';
import { budget, budgetOptions, creating, pairOptions, pairs } from './creating';
import type { Scenario } from './creating';
import { placingAndSettling, readying, readyingOptions, settlingOptions } from './later-stages';
import {
  breaker,
  daily,
  dailyOptions,
  gateLooks,
  heldBack,
  unknownOrganization,
} from './organization';
import { withReceiver } from './people';
import { Recorder } from './recorder';
import { saveBundles } from './save-bundle';

// Not part of `npm test`: `npm run record-histories` runs it with a configuration of its own.

const release = process.env['RECORD_RELEASE'] ?? '';
const only = process.env['RECORD_ONLY'];
const HISTORIES = resolve(__dirname, '../histories');
const SOON = continuingAfter(100);

interface Group {
  scenarios: Scenario[];
  options?: VendingOptions;
  /** All at once, in one organization. Default: one after the other. */
  together?: true;
  server?: TemporalServerOptions;
  skipped?: true;
}

const GROUPS: Record<string, Group> = {
  creating: { scenarios: creating, together: true },
  budget: { scenarios: budget, options: budgetOptions },
  pairs: { scenarios: pairs, options: pairOptions },
  'held-back': { scenarios: heldBack },
  breaker: { scenarios: breaker },
  'unknown-organization': { scenarios: unknownOrganization },
  'gate-looks': { scenarios: gateLooks },
  daily: { scenarios: daily, options: dailyOptions },
  'placing-and-settling': { scenarios: placingAndSettling, options: settlingOptions },
  readying: { scenarios: readying, options: readyingOptions },
  conforming: { scenarios: conforming, together: true },
  departing: { scenarios: departing, options: departingOptions },
  'refused-looks': { scenarios: refusedLooks },
  batches: { scenarios: batches, together: true },
  'long-runs': { scenarios: longRuns, server: SOON },
  'long-vend': {
    scenarios: longVend,
    server: SOON,
    skipped: true,
    options: {
      simulator: { knobs: { usableMs: 7_200_000 } },
      configuration: { readiness: { assumeRole: true } },
    },
  },
};

const saved = new Set<string>();
let folder: string | undefined;
let failed = false;

beforeAll(() => {
  if (!/^\d+\.\d+$/.test(release)) throw new Error('run it by `npm run record-histories`');
  if (existsSync(join(HISTORIES, release))) {
    throw new Error(`${release} is recorded: what a release left behind is never written anew.`);
  }
  mkdirSync(HISTORIES, { recursive: true });
  // Beside the others, so that it can be renamed; seen by nobody until it is whole.
  folder = mkdtempSync(join(HISTORIES, '.recording-'));
});

afterAll(() => {
  if (!folder) return;
  if (!failed && only === undefined) renameSync(folder, join(HISTORIES, release));
  else if (only === undefined) rmSync(folder, { recursive: true });
  else process.stderr.write(`\nleft in ${folder}\n`);
});

/** On a busy machine a moment may pass before it was seen: what failed is recorded anew. */
async function noting(work: () => Promise<void>): Promise<void> {
  const before = [...saved];
  for (let tries = 1; ; tries += 1) {
    try {
      await work();
      return;
    } catch (error) {
      saved.clear();
      for (const name of before) saved.add(name);
      if (tries < 3) continue;
      // Nothing is left of a recording that is not whole.
      failed = true;
      throw error;
    }
  }
}

async function record(group: Group): Promise<void> {
  const into = folder ?? '';
  await withDevServer(
    async (dev) => {
      const recorder = await Recorder.start(dev, into, saved, group.options, group.skipped);
      try {
        if (group.together)
          await Promise.all(group.scenarios.map((scenario) => scenario(recorder)));
        else for (const scenario of group.scenarios) await scenario(recorder);
      } finally {
        await recorder.close();
      }
    },
    { ui: false, ...group.server },
  );
}

for (const [name, group] of Object.entries(GROUPS)) {
  const run = only === undefined || only === name ? test : test.skip;
  run(name, () => noting(() => record(group)), 400_000);
}

const people = only === undefined || only === 'people' ? test : test.skip;
people(
  'people',
  () => noting(() => withReceiver((options, scenarios) => record({ options, scenarios }))),
  400_000,
);

const bundle = only === undefined || only === 'bundle' ? test : test.skip;
bundle('the workflows themselves, as an old worker runs them', () =>
  noting(() => saveBundles(folder ?? '')),
);
