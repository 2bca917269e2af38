import type { SimulatorKnobs, SimulatorProfile } from './knobs';
import { CREATIONS_IN_PROGRESS, DEFAULT_ACCOUNT_QUOTA } from './limits';
import type { OrganizationSetup } from './types';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** As AWS publishes it, or as users measured it (docs/simulator.md names which). */
const real: SimulatorKnobs = {
  latencyMs: { median: 120, sigma: 0.4 },
  createAccountLatencyMs: { median: 850, sigma: 0.25 },
  creationMs: {
    mix: [
      { share: 0.7, min: 2 * SECOND, max: 5 * SECOND },
      { share: 0.25, min: 20 * SECOND, max: 70 * SECOND },
      { share: 0.05, min: 2 * MINUTE, max: 8 * MINUTE },
    ],
  },
  govCloudCreationMs: { min: 50 * SECOND, max: 90 * SECOND },
  creationLooks: null,
  statusVisibleMs: { min: 0, max: 2 * SECOND },
  describeVisibleMs: { min: 0, max: 5 * SECOND },
  listVisibleMs: { min: 0, max: 30 * SECOND },
  usableMs: {
    mix: [
      { share: 0.95, min: MINUTE, max: 10 * MINUTE },
      { share: 0.05, min: 10 * MINUTE, max: 120 * MINUTE },
    ],
  },
  serviceUsableMs: {
    mix: [
      { share: 0.95, min: MINUTE, max: 12 * MINUTE },
      { share: 0.05, min: 12 * MINUTE, max: 120 * MINUTE },
    ],
  },
  notUsableError: 'SubscriptionRequiredException',
  regionOptMs: { min: MINUTE, max: 30 * MINUTE },
  activationMs: 0,
  closureMs: { min: 9 * MINUTE, max: 12 * MINUTE },
  staleReadRate: 0.02,
  staleReadMs: 20 * SECOND,
  rateFactor: 1,
  backgroundUse: 0,
  creationsInProgress: CREATIONS_IN_PROGRESS,
  accountQuota: DEFAULT_ACCOUNT_QUOTA,
  concurrentModificationRate: 0.02,
  pageSize: 20,
  configPageSize: 100,
  emptyPageRate: 0.05,
  nextTokenTtlMs: 10 * MINUTE,
  requestRetentionMs: null,
  judgeAt: 'due',
  sameEmailReason: 'CONCURRENT_ACCOUNT_MODIFICATION',
  internalFailureKeepsEmail: false,
  managementIssue: null,
  finalizingUntil: null,
  organizationExists: true,
  accountTrustedAccess: true,
  configTrustedAccess: true,
  govCloudEnabled: true,
  govCloudIdLagMs: 0,
  govCloudIdLagLooks: 0,
  wrongSourceError: 'SourceParentNotFoundException',
  firstAnswer: 'full',
  timestampJitterMs: 100,
  accountStateFields: 'state',
  errorCodes: 'documented',
  errorTypes: 'plain',
  errorMessageKey: 'Message',
  packRowDelayMs: { min: MINUTE, max: 15 * MINUTE },
  packDeployMs: { min: 2 * MINUTE, max: 30 * MINUTE },
  packRowLooks: null,
  packFailureRate: 0.03,
  packRetryMs: 60 * MINUTE,
  aggregateLagMs: 5 * MINUTE,
  aggregateStuckForDelegated: false,
  packsCoverManagement: false,
};

/** Fast enough to watch, slow enough to see; nothing fails by chance. */
const demo: SimulatorKnobs = {
  ...real,
  latencyMs: { median: 30, sigma: 0.3 },
  createAccountLatencyMs: { median: 120, sigma: 0.2 },
  creationMs: { min: 3 * SECOND, max: 8 * SECOND },
  govCloudCreationMs: { min: 6 * SECOND, max: 10 * SECOND },
  statusVisibleMs: { min: 0, max: 500 },
  describeVisibleMs: { min: 0, max: SECOND },
  listVisibleMs: { min: 0, max: 3 * SECOND },
  usableMs: { min: 2 * SECOND, max: 6 * SECOND },
  serviceUsableMs: { min: 2 * SECOND, max: 8 * SECOND },
  regionOptMs: { min: 5 * SECOND, max: 15 * SECOND },
  closureMs: { min: 5 * SECOND, max: 10 * SECOND },
  staleReadRate: 0,
  rateFactor: 10,
  accountQuota: 5000,
  concurrentModificationRate: 0,
  packRowDelayMs: { min: SECOND, max: 2 * SECOND },
  packDeployMs: { min: 3 * SECOND, max: 6 * SECOND },
  packFailureRate: 0,
  aggregateLagMs: 2 * SECOND,
};

/** Nothing takes time and nothing is left to chance, but pages are small and often empty. */
const test: SimulatorKnobs = {
  ...real,
  latencyMs: 0,
  createAccountLatencyMs: 0,
  creationMs: 50,
  govCloudCreationMs: 50,
  statusVisibleMs: 0,
  describeVisibleMs: 0,
  listVisibleMs: 0,
  usableMs: 0,
  serviceUsableMs: 0,
  regionOptMs: 0,
  closureMs: 50,
  staleReadRate: 0,
  rateFactor: 0,
  accountQuota: 5000,
  concurrentModificationRate: 0,
  pageSize: 2,
  configPageSize: 2,
  emptyPageRate: 0.3,
  timestampJitterMs: 0,
  packRowDelayMs: 0,
  packDeployMs: 0,
  packFailureRate: 0,
  aggregateLagMs: 0,
};

const PROFILES = { real, demo, test } as const satisfies Record<SimulatorProfile, SimulatorKnobs>;

const LANDING_ZONE: OrganizationSetup = {
  organizationalUnits: ['Workloads/Dev', 'Workloads/Prod', 'Sandbox', 'Security'],
  packs: [
    { name: 'Operational-Best-Practices', region: 'us-east-1' },
    { name: 'Security-Baseline', region: 'us-east-1' },
  ],
};

export function profileKnobs(profile: SimulatorProfile): SimulatorKnobs {
  return { ...PROFILES[profile] };
}

export function profileOrganization(profile: SimulatorProfile): OrganizationSetup {
  return profile === 'test' ? {} : LANDING_ZONE;
}
