/** What the scripts share. Node's own modules only: it runs before anything is installed. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Where a build notes what it was made from. */
export const buildStamp = join(root, 'lib', '.built-from');

/** A step that went wrong; its output has been shown already. */
export class StepFailed extends Error {}

/** Runs one step and says in one line what it was and how long it took. */
export async function step(title, work) {
  const started = performance.now();
  process.stderr.write(`${title} … `);
  const seconds = () => ((performance.now() - started) / 1000).toFixed(1);
  try {
    await work();
    process.stderr.write(`${seconds()} s\n`);
  } catch (error) {
    process.stderr.write(`failed after ${seconds()} s\n`);
    if (!(error instanceof StepFailed)) throw error;
    process.stderr.write(`${error.message.trimEnd()}\n`);
    throw error;
  }
}

/** Runs a program silently and returns what it printed; that is the message of its failure. */
export async function run(command, args, options = {}) {
  const child = spawn(command, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
  });
  let output = '';
  child.stdout?.on('data', (chunk) => (output += chunk));
  child.stderr?.on('data', (chunk) => (output += chunk));
  const status = await new Promise((resolve) => {
    child.once('error', (error) => {
      output += error.message;
      resolve(1);
    });
    child.once('close', (code, signal) => resolve(signal ?? code));
  });
  if (status !== 0) throw new StepFailed(output || `${command} ended with ${status}`);
  return output;
}

/** npm, by the copy that runs us where there is one: on Windows `npm` is no program of its own. */
export async function npm(args, options = {}) {
  const running = process.env.npm_execpath;
  if (running && basename(running) === 'npm-cli.js') {
    return run(process.execPath, [running, ...args], options);
  }
  return run('npm', args, { ...options, shell: process.platform === 'win32' });
}

/** The program of an installed package, run by this Node. */
export async function tool(path, args, options = {}) {
  return run(process.execPath, [join(root, 'node_modules', path), ...args], options);
}

/**
 * Whether node_modules is what package-lock.json says. npm notes what it installed, last of all, in
 * a lock file of its own: this compares the two, so it is right whoever did the installing.
 */
export function isInstalled() {
  const noted = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(noted)) return false;
  const { packages: there } = readJson(noted);
  const { packages: wanted } = readJson(join(root, 'package-lock.json'));
  const declared = readJson(join(root, 'package.json'));
  for (const kind of ['dependencies', 'peerDependencies', 'devDependencies']) {
    if (!sameEntries(declared[kind], wanted[''][kind])) return false;
  }
  const unknown = Object.keys(there).some((path) => !wanted[path]);
  const missing = Object.entries(wanted).some(([path, { version, integrity, optional }]) => {
    if (path === '') return false;
    const found = there[path];
    // Optional packages are mostly those of other platforms, and lock.mjs knows no hash of them.
    if (!found) return !optional;
    return found.version !== version || (integrity && found.integrity !== integrity);
  });
  return !unknown && !missing;
}

/** A hash over all that lib/ is made from. */
export function sourceHash() {
  const hash = createHash('sha256');
  const files = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'scripts/build.mjs'];
  const sources = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  for (const file of [...files.map((name) => join(root, name)), ...sources.sort()]) {
    hash.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}

export function isBuilt() {
  return existsSync(buildStamp) && readFileSync(buildStamp, 'utf8') === sourceHash();
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function sameEntries(left = {}, right = {}) {
  const names = Object.keys(left);
  return (
    names.length === Object.keys(right).length && names.every((name) => left[name] === right[name])
  );
}
