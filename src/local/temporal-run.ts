import { execFile, type ExecFileException } from 'node:child_process';

export interface RunOptions {
  env: NodeJS.ProcessEnv;
  timeoutMs: number;
  signal?: AbortSignal;
}

/** Runs a program to its end and returns what it printed; rejects with the last lines it printed. */
export function run(command: string, args: readonly string[], options: RunOptions) {
  return new Promise<string>((resolve, reject) => {
    const { env, timeoutMs: timeout, signal } = options;
    const limits = { env, timeout, killSignal: 'SIGKILL' as const, maxBuffer: 16 * 1024 * 1024 };
    execFile(command, [...args], { ...limits, ...(signal && { signal }) }, (error, out, err) => {
      const output = `${out}${err}`.trim();
      if (!error) resolve(output);
      else reject(new RunError(reasonOf(command, error, output, timeout), output));
    });
  });
}

/** A program that could not be started, failed or took too long. */
export class RunError extends Error {
  override readonly name = 'RunError';
  readonly output: string;

  constructor(message: string, output: string) {
    super(message);
    this.output = output;
  }
}

function reasonOf(
  command: string,
  error: ExecFileException,
  output: string,
  timeoutMs: number,
): string {
  if (error.code === 'ENOENT') return `${command} is not there`;
  if (error.code === 'EACCES') return `${command} may not be executed`;
  if (error.code === 'ABORT_ERR') return 'given up: nothing came';
  if (error.killed) return `${command} did not end within ${timeoutMs / 1000} s`;
  const lastLines = output.split('\n').filter(Boolean).slice(-3).join(' / ');
  return lastLines.slice(0, 500) || error.message;
}
