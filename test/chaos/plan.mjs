/** What a run does, drawn from its seed: nothing here starts anything. */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { Randomness } = require('../../lib/simulator/random.js');
const { CRASH_POINTS } = require('./crash-points.cjs');

export const UNITS = ['Workloads/Dev', 'Workloads/Prod', 'Sandbox'];
export const PACK = 'Baseline';

/** Words of docs/simulator.md that an address carries. */
const BEHAVIOURS = [
  'fail-internal-failure-1x',
  'concurrent-2',
  'throttle-1',
  'drop-after-commit',
  'http500-after-commit',
];

/** So much of the vends starts at once; the rest while the organization has a fault. */
const FIRST_SHARE = 0.75;
const WAVES = 6;
const LARGEST_GAP_MS = 2_000;

export function drawPlan({ vends: count, seed }) {
  const random = new Randomness(seed).stream('chaos');
  const ids = shuffled(
    Array.from({ length: count }, (_, index) => `chaos-${seed}-${index + 1}`),
    random,
  );
  const rest = [...ids];
  const crashes = drawCrashes(rest, count);
  const behaviours = new Map(
    rest
      .splice(0, Math.max(BEHAVIOURS.length, Math.round(count / 6)))
      .map((id, index) => [id, BEHAVIOURS[index % BEHAVIOURS.length]]),
  );
  // No candidate is among the last: they are waited for.
  const first = shuffled(ids.slice(0, Math.ceil(count * FIRST_SHARE)), random);
  const later = ids.slice(first.length);
  const vends = [...first, ...later].map((id, index) =>
    aVend(id, index, behaviours.get(id), random),
  );
  return {
    seed,
    random,
    crashes,
    vends,
    firstWaves: inWaves(vends.slice(0, first.length), WAVES, random),
    laterWaves: inWaves(vends.slice(first.length), WAVES / 3, random),
  };
}

/** More candidates than kills: of some the worker is killed at another point first. */
function drawCrashes(ids, count) {
  const quota = killsPerPoint(count);
  const candidates = Math.min(quota + 2, Math.floor(count / 6));
  return Object.fromEntries(
    CRASH_POINTS.map((point) => [point, { quota, requestIds: ids.splice(0, candidates) }]),
  );
}

/** A kill costs a minute: so long its worker's submits keep places, and five are all there are. */
function killsPerPoint(count) {
  return Math.max(1, Math.round(count / 30));
}

function aVend(requestId, index, behaviour, random) {
  const unit = index % 2 === 0 ? UNITS[Math.floor(random() * UNITS.length)] : undefined;
  return {
    unit,
    isStartedTwice: index % 8 === 3,
    request: {
      requestId,
      accountName: `Chaos ${requestId}`,
      email: `${[requestId, behaviour].filter(Boolean).join('+')}@example.com`,
      tags: { team: `team-${index % 5}` },
      ...(unit ? { organizationalUnit: unit } : {}),
      conformance: index % 6 === 2 ? { packs: [PACK] } : false,
    },
  };
}

function inWaves(vends, count, random) {
  const size = Math.ceil(vends.length / count);
  const waves = [];
  for (let from = 0; from < vends.length; from += size) {
    waves.push({ vends: vends.slice(from, from + size), gapMs: random() * LARGEST_GAP_MS });
  }
  return waves;
}

function shuffled(items, random) {
  const all = [...items];
  for (let last = all.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [all[last], all[other]] = [all[other], all[last]];
  }
  return all;
}
