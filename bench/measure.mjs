/**
 * `node measure.mjs <name>`: one measurement, in a process of its own: the AWS SDK takes its endpoint
 * from the environment, Temporal's runtime is there once, and one that breaks breaks no other.
 * Sends what it told to who started it.
 */
import { allTold } from './report.mjs';

const [, , name] = process.argv;
// What it has started ends with it, also when it takes too long, or nobody waits for it any more.
process.once('disconnect', () => process.exit(1));
for (const end of ['SIGTERM', 'SIGINT']) process.once(end, () => finish('it was broken off'));
let failed;
try {
  const { measure } = await import(`./${name}.mjs`);
  await measure();
} catch (error) {
  console.error(error);
  failed = error instanceof Error ? error.message : String(error);
}
finish(failed);

/** What was told until then is kept, however it ends. */
function finish(why) {
  const exit = () => process.exit(why === undefined ? 0 : 1);
  if (process.connected) process.send({ told: allTold(), failed: why }, exit);
  else exit();
}
