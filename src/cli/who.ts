import { userInfo } from 'node:os';
import { isBlank } from '../domain/shape';
import { invalid } from './errors';

/**
 * Who decides, unless `--by` says it: the name of this machine's user. Where that is an e-mail address,
 * what stands before the @: it is shown to many.
 */
export function defaultBy(env: NodeJS.ProcessEnv): string {
  return userName(env).split('@')[0] || 'unknown';
}

function userName(env: NodeJS.ProcessEnv): string {
  try {
    return userInfo().username;
  } catch {
    // A container's user may have no name.
    return env['USER'] ?? 'unknown';
  }
}

/** @param by as `--by` gives it: what is shown to everybody who sees the vend is no address */
export function checkBy(by: string): void {
  if (!isBlank(by) && !by.includes('@')) return;
  throw invalid(
    '--by must be a name, not an e-mail address: it is shown to everybody who sees the vend.',
  );
}
