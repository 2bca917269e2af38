import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Terminal } from '@xterm/headless';
import { PATIENCE_MS } from './until';

/** What is set on every machine, so that only what a test sets differs. */
const PLAIN_ENV = {
  PATH: process.env['PATH'],
  HOME: process.env['HOME'],
  LANG: 'C.UTF-8',
  TERM: 'xterm-256color',
};

export interface ScreenOptions {
  columns?: number;
  rows?: number;
  env?: NodeJS.ProcessEnv;
  cwd?: string;
}

/** A command in a real pseudo-terminal (Python's), and what a person sees of it (xterm.js). */
export class Screen {
  readonly ended: Promise<number>;
  /** All that was written, control sequences too. */
  raw = '';
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #terminal: Terminal;

  constructor(command: readonly string[], options: ScreenOptions = {}) {
    const { columns = 80, rows = 24, env = {}, cwd = process.cwd() } = options;
    this.#terminal = new Terminal({
      cols: columns,
      rows,
      scrollback: 1_000,
      allowProposedApi: true,
    });
    const script = join(__dirname, 'pseudo-terminal.py');
    this.#child = spawn('python3', [script, String(columns), String(rows), ...command], {
      cwd,
      env: { ...PLAIN_ENV, ...env },
    });
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.raw += text;
      this.#terminal.write(text);
    });
    // Only where Python itself failed.
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => (this.raw += text));
    this.ended = once(this.#child, 'close').then(([status]) => Number(status));
  }

  /** Everything from the first line on, as it stands now. */
  async text(): Promise<string> {
    await new Promise<void>((resolve) => this.#terminal.write('', resolve));
    const { active } = this.#terminal.buffer;
    const lines: string[] = [];
    for (let line = 0; line < active.length; line += 1) {
      lines.push(active.getLine(line)?.translateToString(true) ?? '');
    }
    return lines.join('\n').trimEnd();
  }

  /** Waits until the screen shows it. */
  async until(pattern: RegExp, ms = PATIENCE_MS): Promise<string> {
    const deadline = Date.now() + ms;
    for (;;) {
      const text = await this.text();
      if (pattern.test(text)) return text;
      if (Date.now() > deadline) throw new Error(`never shown: ${pattern}\n${text}\n${this.raw}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  type(input: string): void {
    this.#child.stdin.write(`${JSON.stringify({ input })}\n`);
  }

  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows);
    this.#child.stdin.write(`${JSON.stringify({ resize: [columns, rows] })}\n`);
  }

  /** The window is closed: what ran in it is told so by the system. */
  async close(): Promise<void> {
    this.#child.kill();
    await this.ended;
  }
}

export const CTRL_C = '\u0003';
/** Takes back what was typed. */
export const CTRL_U = '\u0015';
/** What every control sequence begins with. */
export const ESC = '\u001b';
