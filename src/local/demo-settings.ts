import { devNull } from 'node:os';
import type { Simulator } from '../simulator';

/** Short waits, so that a person sees all of it within half a minute. JSON is YAML. */
export const DEMO_CONFIGURATION = {
  creation: {
    perSecond: 1,
    burst: 5,
    poll: { initial: '1s', factor: 1.5, max: '2s' },
    reconcile: { settle: '1s', attempts: 2 },
    retry: { initial: '2s', max: '5s', attempts: 5 },
  },
  conformance: { regions: ['us-east-1'], poll: { initial: '1s', max: '2s' } },
};

/** Quicker than the simulator's own demo profile: nobody watches a demo for a minute. */
export const DEMO_KNOBS = {
  creationMs: { min: 2_000, max: 4_000 },
  govCloudCreationMs: { min: 4_000, max: 6_000 },
  // AWS would refuse to move an account that it does not see yet; a wait that only costs time here.
  describeVisibleMs: 0,
  packDeployMs: { min: 2_000, max: 4_000 },
};

/** The worker's environment: ours, without anything that could lead to a real account. */
export function demoWorkerEnv(
  env: NodeJS.ProcessEnv,
  demo: {
    address: string;
    namespace: string;
    simulator: Simulator;
    configurationFile: string;
    temporalFile: string;
  },
): NodeJS.ProcessEnv {
  const endpoint = demo.simulator.url;
  refuseUnlessLoopback(endpoint);
  const kept = Object.entries(env).filter(([name]) => !/^(?:AWS|TEMPORAL|VEND)_/i.test(name));
  return {
    ...Object.fromEntries(kept),
    TEMPORAL_ADDRESS: demo.address,
    TEMPORAL_NAMESPACE: demo.namespace,
    // Not the null device: SDK 1.24 fails at a file without a profile.
    TEMPORAL_CONFIG_FILE: demo.temporalFile,
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    VEND_CONFIG: demo.configurationFile,
    // At AWS's pace the packs of the demo would be looked at every ten seconds.
    VEND_SIMULATOR_PACE: '50ms',
  };
}

/** The demo creates accounts: it must never reach an AWS that is not on this machine. */
export function refuseUnlessLoopback(endpoint: string): void {
  const { hostname } = new URL(endpoint);
  if (/^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)) return;
  throw new Error(`The demo refuses the AWS endpoint ${endpoint}: it is not on this machine.`);
}
