import type { Simulator } from '../simulator';
import { simulatedAws, withoutSettings } from './isolated';

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
  return {
    ...withoutSettings(env),
    ...simulatedAws(demo.simulator.url),
    TEMPORAL_ADDRESS: demo.address,
    TEMPORAL_NAMESPACE: demo.namespace,
    // Not the null device: SDK 1.24 fails at a file without a profile.
    TEMPORAL_CONFIG_FILE: demo.temporalFile,
    VEND_CONFIG: demo.configurationFile,
    // At AWS's pace the packs of the demo would be looked at every ten seconds.
    VEND_SIMULATOR_PACE: '50ms',
  };
}
