/**
 * All that CI runs: set-up, format, lint, types, unused code and dependencies, tests. The last line is `N passed, N failed`, in
 * which each gate counts as one test.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { npm, run, step, StepFailed } from './tools.mjs';

const gates = [
  ['format', () => npm(['run', '--silent', 'format:check'])],
  ['lint', () => npm(['run', '--silent', 'lint'])],
  ['types', () => npm(['run', '--silent', 'types'])],
  ['unused', () => npm(['run', '--silent', 'unused'])],
];

const total = { passed: 0, failed: 0, skipped: 0 };

if (await succeeds('set-up', () => run(process.execPath, ['scripts/set-up.mjs']))) {
  for (const [name, gate] of gates) {
    if (await succeeds(name, gate)) total.passed += 1;
    else total.failed += 1;
  }
  add(await runTests());
} else {
  total.failed += 1;
}

process.exitCode = total.failed > 0 ? 1 : 0;
if (total.skipped > 0) console.log(`${total.skipped} skipped: each says why above`);
// Alone on the last line: CI reads it.
console.log(`${total.passed} passed, ${total.failed} failed`);

async function succeeds(name, work) {
  try {
    await step(name, work);
    return true;
  } catch (error) {
    if (!(error instanceof StepFailed)) console.error(error);
    return false;
  }
}

/** Runs `npm test` in plain sight and reads the counts from jest's own report. */
async function runTests() {
  const folder = mkdtempSync(join(tmpdir(), 'account-vending-verify-'));
  const report = join(folder, 'jest.json');
  const inSight = { stdio: ['ignore', 'inherit', 'inherit'] };
  console.error('tests:');
  try {
    const ended = await npm(['test', '--', '--json', `--outputFile=${report}`], inSight).then(
      () => ({ well: true }),
      (error) => ({ well: false, why: error.message }),
    );
    return countsOf(readReport(report), ended);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function countsOf(report, ended) {
  if (!report) {
    console.error(`The tests left no report: ${ended.why ?? 'they never ran'}`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const passed = report.numPassedTests;
  const skipped = report.numPendingTests + report.numTodoTests;
  // A file that does not load has no test that could fail.
  let failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
  if (passed + failed === 0) console.error('No test was run.');
  if (failed === 0 && (!ended.well || passed === 0)) failed = 1;
  return { passed, failed, skipped };
}

function add(counts) {
  for (const [kind, count] of Object.entries(counts)) total[kind] += count;
}
