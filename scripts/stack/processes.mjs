/** Processes that are started again whenever they end, as compose does, and that end when we do. */
import { spawn } from 'node:child_process';
import { createWriteStream, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { StepFailed, step } from '../tools.mjs';

const require = createRequire(import.meta.url);

const READY_MS = 120_000;
const LOOK_MS = 200;
const AGAIN_MS = 500;
const STOP_MS = 40_000;
const LINES_SHOWN = 15;

export class Processes {
  #folder;
  #signal;
  #kept = [];
  #closing = false;

  /** @param folder where their logs go */
  constructor(folder, signal) {
    this.#folder = folder;
    this.#signal = signal;
  }

  /**
   * Starts it and returns when it is ready; fails where it ends before. Later it is started again.
   * @param onStart told its process id, each time
   */
  async start(program) {
    const kept = { ...program, log: join(this.#folder, `${program.name}.log`) };
    this.#kept.push(kept);
    await step(`starting ${program.name}`, async () => {
      this.#spawn(kept);
      await this.#untilReady(kept);
      void this.#keep(kept);
    });
  }

  /** In reverse order, one after the other. */
  async close() {
    this.#closing = true;
    for (const kept of this.#kept.toReversed()) {
      if (!isRunning(kept)) continue;
      await step(`stopping ${kept.name}`, () => stop(kept));
    }
  }

  #spawn(kept) {
    const { command, args, options = {}, log, onStart } = kept;
    const output = createWriteStream(log, { flags: 'a' });
    // Group of their own: at Ctrl-C they are told to stop by us, in order.
    const child = spawn(command, args, {
      ...options,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    child.stdout.pipe(output, { end: false });
    child.stderr.pipe(output, { end: false });
    const { endWithUs } = require('../../lib/local/end-with-us.js');
    const letGo = endWithUs(child);
    kept.child = child;
    kept.ended = new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('close', (code, by) => resolve(by ? `by ${by}` : `with status ${code}`));
    }).then((how) => {
      letGo();
      output.end();
      return how;
    });
    if (child.pid !== undefined) onStart?.(child.pid);
  }

  async #untilReady(kept) {
    const fails = kept.ended.then((how) => {
      throw new StepFailed(`${kept.name} has ended ${how}.\n${lastLines(kept.log)}`);
    });
    fails.catch(() => {});
    const isReady = async () => {
      for (let deadline = Date.now() + READY_MS; ;) {
        try {
          return await kept.isReady();
        } catch (error) {
          if (Date.now() < deadline && !this.#signal?.aborted) {
            await pause(LOOK_MS);
            continue;
          }
          throw new StepFailed(
            `${kept.name} is not ready after ${READY_MS / 1000} s: ${error.message}\n${lastLines(kept.log)}`,
          );
        }
      }
    };
    await Promise.race([isReady(), fails]);
  }

  async #keep(kept) {
    for (;;) {
      const how = await kept.ended;
      if (this.#closing) return;
      console.error(`${kept.name} has ended ${how}; it is started again (${kept.log})`);
      await pause(AGAIN_MS);
      if (this.#closing) return;
      this.#spawn(kept);
    }
  }
}

async function stop(kept) {
  kept.child.kill(kept.stopWith ?? 'SIGTERM');
  const limit = setTimeout(() => kept.child.kill('SIGKILL'), STOP_MS);
  await kept.ended;
  clearTimeout(limit);
}

function isRunning({ child }) {
  return child?.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

function lastLines(file) {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n').slice(-LINES_SHOWN);
  return [`The last lines of ${file}:`, ...lines.map((line) => `  ${line.slice(0, 400)}`)].join(
    '\n',
  );
}
