import { userInfo } from 'node:os';

/** Who decides, unless `--by` says it: the name of this machine's user. */
export function defaultBy(env: NodeJS.ProcessEnv): string {
  try {
    return userInfo().username;
  } catch {
    // A container's user may have no name.
    return env['USER'] ?? 'unknown';
  }
}
