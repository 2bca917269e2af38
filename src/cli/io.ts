import { basename, relative } from 'node:path';
import { createColors } from 'picocolors';

/** A stream that may be a terminal. */
export type Output = NodeJS.WritableStream & { isTTY?: boolean; rows?: number; columns?: number };

/** Where a command reads and writes; the process's own, or a test's. */
export interface Io {
  stdout: Output;
  stderr: Output;
  stdin: NodeJS.ReadableStream;
  env: NodeJS.ProcessEnv;
  /** How this command is called, so that a line we print can be typed as it stands. */
  command: string;
}

/** As a shell tells of a program that SIGPIPE has ended. */
const ENDED_BY_A_CLOSED_PIPE = 141;

export function processIo(): Io {
  // `vend list | head`: nobody reads on, and that is no fault. What is not known yet is no success, either.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? ENDED_BY_A_CLOSED_PIPE);
    throw error;
  });
  // What is told beside the result: the result is still wanted.
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    env: process.env,
    command: commandLine(process.argv[1]),
  };
}

function commandLine(script: string | undefined): string {
  if (!script?.endsWith('.js')) return script ? basename(script) : 'vend';
  const path = relative(process.cwd(), script);
  return `node ${path.startsWith('..') ? script : path}`;
}

export type Colors = ReturnType<typeof createColors>;

/**
 * Whether what is shown may be redrawn in place: where a person looks. Some terminals do not say how
 * high they are, and the log of a build is no screen although some builds run in a terminal.
 */
export function isLive({ env }: Pick<Io, 'env'>, stream: Output): boolean {
  const isScreen = stream.isTTY === true && stream.rows !== 0;
  return isScreen && env['TERM'] !== 'dumb' && !isSet(env['CI']);
}

/**
 * Colour only where a person looks, and never with NO_COLOR (no-color.org). FORCE_COLOR
 * (force-color.org) asks for it elsewhere; `0` is no, as Node has it.
 */
export function colors({ env, stdout }: Pick<Io, 'env' | 'stdout'>, stream = stdout): Colors {
  return createColors(!env['NO_COLOR'] && isColorful(env, stream));
}

function isColorful(env: NodeJS.ProcessEnv, stream: Output): boolean {
  if (env['FORCE_COLOR']) return isSet(env['FORCE_COLOR']);
  return stream.isTTY === true && env['TERM'] !== 'dumb';
}

function isSet(value: string | undefined): boolean {
  return Boolean(value) && value !== '0' && value !== 'false';
}

export function print(stream: NodeJS.WritableStream, ...lines: string[]): void {
  if (lines.length > 0) stream.write(`${lines.join('\n')}\n`);
}

/** The one document of `--json`. */
export function printJson(io: Io, document: unknown): void {
  print(io.stdout, JSON.stringify(document, undefined, 2));
}

/** Text that others wrote, without what would move the cursor or colour the terminal. */
export function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ');
}
