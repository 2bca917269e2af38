import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** What is installed: by the lock file, by its hashes, and without running anything of it. */

const root = resolve(__dirname, '../..');
const read = (name: string) => readFileSync(join(root, name), 'utf8');

interface Locked {
  version: string;
  resolved?: string;
  integrity?: string;
  hasInstallScript?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
}

const { '': _, ...packages } = (
  JSON.parse(read('package-lock.json')) as { packages: Record<string, Locked> }
).packages;
const locked = Object.entries(packages);

/** Those that would like to run something, and why it is not needed. Whoever adds one looks first. */
const SCRIPTS_NOT_RUN = {
  'node_modules/@swc/core': 'compiles for platforms without a binary, which comes as a package',
  'node_modules/@parcel/watcher': 'compiles where there is no binary; jest watches with it',
  'node_modules/@grpc/proto-loader/node_modules/protobufjs': 'warns of a version scheme',
};

test('no package needs its install script: those that have one are known', () => {
  const withScript = locked.filter(([, { hasInstallScript }]) => hasInstallScript);
  expect(withScript.map(([path]) => path).toSorted()).toEqual(
    Object.keys(SCRIPTS_NOT_RUN).toSorted(),
  );
});

test('scripts are switched off wherever packages are installed, for newcomers as well', () => {
  expect(read('.npmrc').split('\n')).toContain('ignore-scripts=true');
  expect(read('scripts/set-up.mjs')).toMatch(/\['ci', '--ignore-scripts',/);
  const installs = read('Dockerfile')
    .split('\n')
    .filter((line) => /npm (?:ci|install)/.test(line));
  expect(installs.length).toBeGreaterThan(1);
  for (const line of installs) expect(line).toMatch(/npm ci .*--ignore-scripts/);
});

test('and we have none ourselves that runs where our package is installed', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  for (const name of ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish']) {
    expect(scripts).not.toHaveProperty(name);
  }
});

test('the lock file fits package.json: npm ci would install it', async () => {
  const args = ['ci', '--dry-run', '--offline', '--ignore-scripts', '--no-audit'];
  await expect(promisify(execFile)('npm', args, { cwd: root })).resolves.toBeDefined();
});

test('every package has its hash and comes from the registry; binaries of other platforms alone have none', () => {
  const open = locked.filter(([, { integrity }]) => !integrity);
  for (const [path, { optional, os, cpu }] of open) {
    expect([path, optional, Boolean(os ?? cpu)]).toEqual([path, true, true]);
  }
  // No git, no file, no address of anybody's.
  expect(locked.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
});

test('dependencies are pinned exactly', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<
    string,
    Record<string, string>
  >;
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    expect([name, version]).toEqual([name, expect.stringMatching(/^\d+\.\d+\.\d+$/)]);
  }
});
