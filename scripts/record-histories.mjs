/**
 * Records what this release leaves behind: histories of every branch, and the workflows themselves,
 * into test/replay/histories/RELEASE. Once for each release; one that is there is never written anew.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './tools.mjs';

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
// `0.1` of `0.1.0`: a patch release changes no workflow.
const release = process.argv[2] ?? version.split('.').slice(0, 2).join('.');

const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
const config = join(root, 'test', 'replay', 'record', 'jest.config.js');
const child = spawn(process.execPath, [jest, '--runInBand', '--config', config], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, RECORD_RELEASE: release },
});
child.once('close', (status) => (process.exitCode = status ?? 1));
