import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { endWithUs } from '../../src/local/end-with-us';
import { PATIENCE_MS, until } from './until';

const WORKER = resolve(__dirname, '../../lib/worker.js');

/** The worker as it is run: `node lib/worker.js`, which `npm test` has just built. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | string>;
  #output = '';

  /** @param program another one that runs a worker */
  constructor(env: Record<string, string>, args: string[] = [], program = WORKER) {
    this.#child = spawn(process.execPath, [program, ...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    // A test that fails before it stops its worker leaves none behind.
    const letGo = endWithUs(this.#child);
    const keep = (chunk: Buffer) => {
      this.#output += chunk.toString();
    };
    this.#child.stdout?.on('data', keep);
    this.#child.stderr?.on('data', keep);
    this.#ended = new Promise((done) => {
      // Not at `exit`: what it said last may be on its way then.
      this.#child.once('close', (status, signal) => {
        letGo();
        done(status ?? signal ?? 'gone');
      });
    });
  }

  get output(): string {
    return this.#output;
  }

  /** Its log: every line that has ended is JSON, and the test fails where one is not. */
  get lines(): Record<string, unknown>[] {
    return this.#output
      .split('\n')
      .slice(0, -1)
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  async ready(): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    while (Date.now() < deadline) {
      if (this.#output.includes('worker is ready')) return;
      if (this.#child.exitCode !== null) break;
      await new Promise((done) => setTimeout(done, 50));
    }
    throw new Error(`the worker did not get ready:\n${this.#output}`);
  }

  /** Waits until it has said something. */
  async said(words: RegExp): Promise<string> {
    return until(
      () => this.#output,
      (output) => words.test(output),
      (output) => `it never said ${words}:\n${output}`,
    );
  }

  /** Its exit status, or the signal that ended it. */
  ended(): Promise<number | string> {
    return this.#ended;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string> {
    this.#child.kill(signal);
    return this.#ended;
  }
}
