/**
 * Completes package-lock.json after dependencies have changed. npm leaves out the optional packages
 * of other platforms where its registry does not serve them, and `npm ci` then refuses its own lock
 * file. What is added has a version and a platform; npm skips it on every other one.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './tools.mjs';

const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'openharmony', 'sunos', 'win32'];
const PROCESSORS = ['arm', 'arm64', 'ia32', 'loong64', 'ppc64', 'riscv64', 's390x', 'x64'];

const file = join(root, 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));
const { '': project, ...packages } = lock.packages;

const added = [];
for (const [path, { optionalDependencies = {}, dev }] of Object.entries(packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    if (isLocked(path, name)) continue;
    packages[`node_modules/${name}`] = { version, ...(dev && { dev }), ...platformOf(name) };
    added.push(`${name}@${version}`);
  }
}
const sorted = Object.entries(packages).sort(([left], [right]) => left.localeCompare(right, 'en'));
lock.packages = { '': project, ...Object.fromEntries(sorted) };
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(added.length > 0 ? `added ${added.join(', ')}` : 'package-lock.json is complete');

/** Looks where Node would: beside the package that wants it, then one level up after another. */
function isLocked(path, name) {
  for (let folder = path; ; folder = folder.slice(0, folder.lastIndexOf('/node_modules/'))) {
    if (packages[`${folder}/node_modules/${name}`]) return true;
    if (!folder.includes('/node_modules/')) return Boolean(packages[`node_modules/${name}`]);
  }
}

/** These packages carry their platform in their name, such as `@swc/core-linux-arm64-musl`. */
function platformOf(name) {
  const words = name.split(/[/-]/);
  const cpu = PROCESSORS.filter((each) => words.includes(each));
  const os = SYSTEMS.filter((each) => words.includes(each));
  if (cpu.length !== 1 || os.length !== 1) throw new Error(`${name}: for which platform?`);
  const libc = words.includes('musl') ? { libc: ['musl'] } : {};
  return { cpu, ...libc, optional: true, os };
}
