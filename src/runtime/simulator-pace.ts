import { isLoopbackUrl } from '../config';
import { parseDuration } from '../domain/duration';
import { StartProblem } from './start-problem';

const VARIABLE = 'VEND_SIMULATOR_PACE';

/**
 * How soon AWS Config may be called again, where that is a simulator on this machine: AWS itself is
 * never called more often than once a second in a Region.
 */
export function simulatorPaceMs(env: NodeJS.ProcessEnv): number | undefined {
  const text = env[VARIABLE];
  if (!text) return undefined;
  const paceMs = parseDuration(text);
  if (paceMs === undefined) {
    throw new StartProblem(`${VARIABLE} must be a duration such as 20ms`, 2);
  }
  // The SDK prefers the one of the service alone.
  const endpoint = env['AWS_ENDPOINT_URL_CONFIG_SERVICE'] || env['AWS_ENDPOINT_URL'] || '';
  if (!isLoopbackUrl(endpoint)) {
    throw new StartProblem(
      `${VARIABLE} is for a simulator on this machine, and AWS_ENDPOINT_URL names none: unset it`,
      2,
    );
  }
  return paceMs;
}
