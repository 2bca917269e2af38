/**
 * `npm run bench [-- vend makespan gate conformance batch]`: measurements, not tests. Each one starts what it needs on
 * this machine and prints what it measured.
 */
const MEASUREMENTS = {
  vend: () => import('./vend.mjs'),
  gate: () => import('./gate.mjs'),
  conformance: () => import('./conformance.mjs'),
  makespan: () => import('./makespan.mjs'),
  batch: () => import('./batch.mjs'),
  scale: () => import('./scale.mjs'),
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(MEASUREMENTS, name));
if (unknown.length > 0) {
  console.error(
    `no such measurement: ${unknown.join(', ')}; there are: ${Object.keys(MEASUREMENTS).join(', ')}`,
  );
  process.exit(2);
}
for (const [name, load] of Object.entries(MEASUREMENTS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const { measure } = await load();
  await measure();
}
