import { z } from 'zod';
import type { SimulatorKnobs } from '../knobs';

const ms = z.number().min(0);
const share = z.number().min(0).max(1);
const whole = z.int().min(1);

const duration = z.union([
  ms,
  z.strictObject({ min: ms, max: ms }),
  z.strictObject({ median: ms, sigma: z.number().min(0) }),
  z.strictObject({ mix: z.array(z.strictObject({ share, min: ms, max: ms })).min(1) }),
]);

const SHAPE = {
  latencyMs: duration,
  createAccountLatencyMs: duration,
  creationMs: duration,
  govCloudCreationMs: duration,
  creationLooks: whole.nullable(),
  statusVisibleMs: duration,
  describeVisibleMs: duration,
  listVisibleMs: duration,
  usableMs: duration,
  serviceUsableMs: duration,
  notUsableError: z.string().min(1),
  regionOptMs: duration,
  activationMs: duration,
  closureMs: duration,
  staleReadRate: share,
  staleReadMs: ms,
  rateFactor: z.number().min(0),
  backgroundUse: share,
  creationsInProgress: whole,
  accountQuota: whole,
  concurrentModificationRate: share,
  pageSize: whole,
  configPageSize: whole,
  // Below 1: a list of nothing but empty pages never ends.
  emptyPageRate: z.number().min(0).lt(1),
  nextTokenTtlMs: ms,
  requestRetentionMs: ms.nullable(),
  judgeAt: z.enum(['due', 'call']),
  sameEmailReason: z.enum(['CONCURRENT_ACCOUNT_MODIFICATION', 'EMAIL_ALREADY_EXISTS']),
  internalFailureKeepsEmail: z.boolean(),
  managementIssue: z.string().min(1).nullable(),
  finalizingUntil: ms.nullable(),
  organizationExists: z.boolean(),
  accountTrustedAccess: z.boolean(),
  configTrustedAccess: z.boolean(),
  govCloudEnabled: z.boolean(),
  govCloudIdLagMs: ms,
  govCloudIdLagLooks: z.int().min(0),
  wrongSourceError: z.string().min(1),
  firstAnswer: z.enum(['full', 'minimal']),
  timestampJitterMs: ms,
  accountStateFields: z.enum(['state', 'both', 'status']),
  errorCodes: z.enum(['documented', 'model']),
  errorTypes: z.enum(['plain', 'namespaced']),
  errorMessageKey: z.enum(['Message', 'message']),
  packRowDelayMs: duration,
  packDeployMs: duration,
  packRowLooks: whole.nullable(),
  packFailureRate: share,
  packRetryMs: ms,
  aggregateLagMs: ms,
  aggregateStuckForDelegated: z.boolean(),
  packsCoverManagement: z.boolean(),
} satisfies { [Knob in keyof SimulatorKnobs]: z.ZodType<SimulatorKnobs[Knob]> };

const knobs = z.strictObject(SHAPE).partial();

/** Checks knobs that come from outside; throws with the name of the one that does not fit. */
export function readKnobs(input: unknown): Partial<SimulatorKnobs> {
  const given = Object.entries(knobs.parse(input)).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given);
}
