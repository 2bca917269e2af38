import { userInfo } from 'node:os';

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
