/**
 * Makes a checkout ready to run: installs what package-lock.json says and builds lib/, each only
 * where that has not been done. `npm run demo` and `npm test` begin with it.
 */
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`account-vending needs Node 20.19 or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

// Only now: an older Node would stop at these with an error of its own.
const { isBuilt, isInstalled, npm, run, step, StepFailed } = await import('./tools.mjs');

const install = ['ci', '--ignore-scripts', '--include=dev', '--no-audit', '--no-fund'];

try {
  if (!isInstalled()) await step('installing packages', () => npm(install));
  if (!isBuilt()) await step('building', () => run(process.execPath, ['scripts/build.mjs']));
} catch (error) {
  if (!(error instanceof StepFailed)) throw error;
  process.exitCode = 1;
}
