import { createInterface } from 'node:readline';
import type { Io } from '../io';

/** A person sits there, who sees the question and can answer it. */
export function canAsk({ stdin, stderr }: Pick<Io, 'stdin' | 'stderr'>): boolean {
  return (stdin as { isTTY?: boolean }).isTTY === true && stderr.isTTY === true;
}

/** What they type; empty where the input ends. */
export function ask({ stdin, stderr }: Pick<Io, 'stdin' | 'stderr'>, question: string) {
  stderr.write(question);
  // The terminal itself edits the line, and its Ctrl-C ends us: nothing is to be tidied up.
  const lines = createInterface({ input: stdin, terminal: false });
  return new Promise<string>((resolve) => {
    lines.once('line', (line) => {
      resolve(line.trim());
      lines.close();
      stdin.pause();
    });
    lines.once('close', () => resolve(''));
  });
}
