import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');

/** Versions that we are tested with, for what a consumer shares with us. */
const { dependencies, devDependencies } = readJson(join(ROOT, 'package.json')) as Record<
  'dependencies' | 'devDependencies',
  Record<string, string>
>;

/** One file of the tarball. */
interface PackedFile {
  path: string;
  size: number;
}

/** Our package as others get it. */
export interface Packed {
  tarball: string;
  size: number;
  files: PackedFile[];
}

/** Packs what the build made, into a folder. */
export async function pack(folder: string): Promise<Packed> {
  const said = await npm(['pack', '--json', '--ignore-scripts', '--pack-destination', folder]);
  const [made] = JSON.parse(said) as { filename: string; size: number; files: PackedFile[] }[];
  if (!made) throw new Error('npm pack made nothing');
  return { tarball: join(folder, made.filename), size: made.size, files: made.files };
}

/**
 * A package outside of this repository that depends on ours: a copy of a folder, with our tarball
 * and its other dependencies installed. Takes half a minute: once a test file.
 */
export class Consumer {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /**
   * @param source the folder that is copied; a `package.json` in it keeps all but our version
   * @param packages what it depends on besides us, in the versions that we are tested with
   */
  static async install(source: string, packages: string[], tarball: string): Promise<Consumer> {
    const folder = mkdtempSync(join(tmpdir(), 'vend-consumer-'));
    const consumer = new Consumer(folder);
    try {
      cpSync(source, folder, {
        recursive: true,
        filter: (path) => basename(path) !== 'node_modules',
      });
      const versions = Object.fromEntries(packages.map((name) => [name, versionOf(name)]));
      const file = join(folder, 'package.json');
      const given = readJson(file) as { dependencies?: Record<string, string> };
      const wanted = { ...given.dependencies, ...versions, 'account-vending': `file:${tarball}` };
      writeFileSync(file, JSON.stringify({ ...given, dependencies: wanted }, undefined, 2));
      const quietly = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
      await npm(['install', '--prefer-offline', ...quietly], folder);
      return consumer;
    } catch (error) {
      consumer.remove();
      throw error;
    }
  }

  /** Runs a file of it, or the program of one of its packages, by this Node; what it printed. */
  node(...args: string[]): Promise<string> {
    return run(process.execPath, args, this.folder);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The program of a package that is installed here; what it printed. */
export function tool(path: string, ...args: string[]): Promise<string> {
  return run(process.execPath, [join(ROOT, 'node_modules', path), ...args], ROOT);
}

function versionOf(name: string): string {
  const version = dependencies[name] ?? devDependencies[name];
  if (!version) throw new Error(`package.json names no version of ${name}`);
  return version;
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** npm, by the copy that runs us where there is one. */
function npm(args: string[], folder = ROOT): Promise<string> {
  const running = process.env['npm_execpath'];
  return running && basename(running) === 'npm-cli.js'
    ? run(process.execPath, [running, ...args], folder)
    : run('npm', args, folder);
}

function run(command: string, args: string[], cwd: string): Promise<string> {
  return new Promise((done, reject) => {
    const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let errors = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
    child.once('error', reject);
    child.once('close', (status) => {
      if (status === 0) done(output);
      else reject(new Error([`${args.join(' ')} ended with ${status}`, output, errors].join('\n')));
    });
  });
}
