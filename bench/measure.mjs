/**
 * `node measure.mjs <name>`: one measurement, in a process of its own: the AWS SDK takes its endpoint
 * from the environment, Temporal's runtime is there once, and one that breaks breaks no other.
 * Sends what it told to who started it.
 */
import { allTold } from './report.mjs';

const [, , name] = process.argv;
// What it has started ends with it, also when it takes too long, or nobody waits for it any more.
for (const end of ['SIGTERM', 'SIGINT', 'disconnect']) process.once(end, () => process.exit(1));
let failed;
try {
  const { measure } = await import(`./${name}.mjs`);
  await measure();
} catch (error) {
  console.error(error);
  failed = error instanceof Error ? error.message : String(error);
}
process.send?.({ told: allTold(), failed }, () => process.exit(failed === undefined ? 0 : 1));
