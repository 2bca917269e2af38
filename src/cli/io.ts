import { basename, relative } from 'node:path';
import { createColors } from 'picocolors';

/** A stream that may be a terminal. */
export type Output = NodeJS.WritableStream & { isTTY?: boolean; rows?: number };

/** Where a command reads and writes; the process's own, or a test's. */
export interface Io {
  stdout: Output;
  stderr: Output;
  stdin: NodeJS.ReadableStream;
  env: NodeJS.ProcessEnv;
  /** How this command is called, so that a line we print can be typed as it stands. */
  command: string;
}

export function processIo(): Io {
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

/** Whether what is shown may be redrawn in place. Some terminals do not say how high they are. */
export function isLive(stream: Output): boolean {
  return stream.isTTY === true && stream.rows !== 0;
}

/** Colour only where a person looks, and never with NO_COLOR. */
export function colors(io: Io, stream = io.stdout): Colors {
  const wanted = !io.env['NO_COLOR'] && io.env['TERM'] !== 'dumb';
  return createColors(wanted && stream.isTTY === true);
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
