import { devNull } from 'node:os';

/**
 * What runs on this machine alone (demo, chaos, measurements) creates accounts. Nothing of its
 * environment may lead it to a real AWS, or to a Temporal that others use.
 */

/** The environment without any setting of AWS, of Temporal, or of ours. */
export function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^(?:AWS|TEMPORAL|VEND)_/i.test(name)),
  );
}

/** AWS as a simulator answers it, for AWS's SDK and for programs that use it. */
export function simulatedAws(endpoint: string): Record<string, string> {
  refuseUnlessLoopback(endpoint);
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
  };
}

function refuseUnlessLoopback(endpoint: string): void {
  const { hostname } = new URL(endpoint);
  if (/^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)) return;
  throw new Error(`The AWS endpoint ${endpoint} is refused: it is not on this machine.`);
}
