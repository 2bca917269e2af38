/**
 * `npm run chaos -- --vends N --seed S [--json]`: vends N accounts while workers are killed, Temporal
 * is restarted and AWS is unreliable, and judges by the simulator's record whether each request made
 * exactly one account. Everything is drawn from the seed; how it meets is up to the machine.
 */
import { parseArgs } from 'node:util';
import { pageOf } from './report.mjs';
import { runChaos } from './chaos.mjs';

const { values } = parseArgs({
  options: {
    vends: { type: 'string', default: '24' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const [vends, seed] = [Number(values.vends), Number(values.seed)];
if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(vends) || vends < 20) {
  console.error('--vends wants a whole number of at least 20, --seed a whole number');
  process.exit(2);
}

const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => interrupted.abort(new Error(`ended by ${signal}`)));
}
const log = (line) => {
  process.stderr.write(`${String(Math.round(performance.now() / 1000)).padStart(4)} s  ${line}\n`);
};
log(`seed ${seed}, ${vends} vends`);
try {
  const report = await runChaos({ vends, seed, log, signal: interrupted.signal });
  console.log(values.json ? JSON.stringify(report, undefined, 2) : pageOf(report));
  process.exitCode = report.ok ? 0 : 1;
} catch (error) {
  if (!interrupted.signal.aborted) throw error;
  log(interrupted.signal.reason.message);
  process.exitCode = 130;
}
