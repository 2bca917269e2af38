import { spawn, type ChildProcess } from 'node:child_process';

/**
 * Sees to it that a child ends when we do, however we do (on Windows, unless we are killed);
 * returns what calls that off.
 */
export function endWithUs(child: ChildProcess): () => void {
  const onExit = () => child.kill('SIGKILL');
  process.once('exit', onExit);
  const guard = process.platform === 'win32' ? undefined : watchPipe(child);
  return () => {
    process.off('exit', onExit);
    guard?.kill('SIGKILL');
  };
}

/** The pipe closes when this process is gone, whatever ended it; `read` then fails. */
function watchPipe({ pid }: ChildProcess): ChildProcess | undefined {
  if (pid === undefined) return undefined;
  const script = 'read -r _; kill -KILL "$0"';
  const guard = spawn('/bin/sh', ['-c', script, String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.once('error', () => {});
  guard.unref();
  return guard;
}
