/**
 * A region of an organization with packs, and accounts that have just joined it. Its time is moved by
 * hand, and each region has its own: workflows that skip their waiting do so each by itself.
 */
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { ManualClock, startSimulator } = require('../../lib/simulator/index.js');

export const PACKS = ['Baseline', 'Encryption', 'Logging'];
export const REGIONS = ['us-east-1', 'eu-west-1'];
/** Members that have had the packs for long: the lists of a real organization are not empty. */
const MEMBERS = 1_000;
const MINUTE = 60_000;

export async function startAws({ waiting, seed, region, deployMs }) {
  const clock = new ManualClock(Date.now());
  const simulator = await startSimulator({
    profile: 'test',
    clock,
    seed,
    knobs: {
      accountQuota: 50_000,
      configPageSize: 100,
      emptyPageRate: 0,
      packRowDelayMs: { min: MINUTE, max: 15 * MINUTE },
      packDeployMs: deployMs ?? { min: 2 * MINUTE, max: 30 * MINUTE },
      packFailureRate: 0,
    },
  });
  for (let n = 0; n < MEMBERS; n += 1) simulator.addAccount({ email: `old-${n}@example.com` });
  for (const name of PACKS) simulator.putConformancePack({ name, region });
  const accounts = Array.from({ length: waiting }, (_, n) =>
    simulator.addAccount({ email: `new-${n}@example.com` }),
  );
  return { simulator, clock, accounts, region };
}

export function configCalls(simulator) {
  return simulator.journal().filter(({ service }) => service === 'config').length;
}
