/** `stop`: a vend would not go through. */
export type Level = 'ok' | 'note' | 'warning' | 'stop';

/** What findings are about, in the order of the page. */
export const GROUPS = [
  'This machine',
  'Temporal',
  'AWS',
  'Organization',
  'Conformance packs',
  'Gate',
] as const;
export type Group = (typeof GROUPS)[number];

/** Every id there is. They are stable: scripts ask for them. docs/doctor.md says what each means. */
export const FINDING_IDS = [
  'configuration',
  'node',
  'node-unsupported',
  'clock',
  'clock-skew',

  'temporal',
  'temporal-unreachable',
  'temporal-refuses',
  'temporal-tls',
  'temporal-in-clear',
  'client-certificate-ends',
  'temporal-call-failed',
  'namespace',
  'namespace-missing',
  'retention-short',
  'encryption',
  'encryption-keys-missing',
  'payload-codec-missing',
  'search-attributes',
  'search-attribute-missing',
  'search-attribute-type',
  'worker',
  'no-worker',
  'worker-version-not-current',

  'credentials-missing',
  'credentials-refused',
  'management-role-not-assumable',
  'identity',
  'aws-unreachable',
  'aws-service-unreachable',
  'aws-throttled',
  'aws-call-failed',
  'permissions',
  'permissions-missing',
  'permissions-missing-later',
  'permissions-not-tried',
  'writes',
  'writes-missing',
  'writes-missing-later',
  'writes-unclear',
  'regions',
  'region-unknown',
  'region-disabled',
  'regions-not-told',

  'organization',
  'organization-missing',
  'not-management-account',
  'not-all-features',
  'trusted-access',
  'trusted-access-missing',
  'trusted-access-not-told',
  'unit',
  'unit-missing',
  'readiness-role',
  'readiness-role-not-assumable',
  'readiness-role-not-tried',
  'accounts',
  'creations',
  'foreign-creations',
  'creations-unclear',

  'packs',
  'pack-missing',
  'packs-none',
  'owner-role',
  'owner-role-not-assumable',

  'gate',
  'gate-missing',
  'gate-silent',
  'gate-failing',
  'gate-escalation',
  'gate-ghost-place',
  'gate-ghost-waiter',
  'gate-unknown-vend',
  'gate-unaccounted-creations',
  'gate-stalled',
  'gate-other-organizations',

  'not-looked-at',
  'check-timed-out',
  'check-failed',
] as const;
export type FindingId = (typeof FINDING_IDS)[number];

export interface Finding {
  id: FindingId;
  level: Level;
  /** What was found, in a line. */
  title: string;
  /** What it means. */
  detail: string;
  /** What to do: the very command where there is one, else a sentence. */
  fix?: string;
}

/** One look at one thing. */
export interface Check<P> {
  /** What it looks at, as the page calls it. */
  name: string;
  group: Group;
  /** Whether a vend goes through without it: where it cannot be looked at, that stops one. */
  needed: boolean;
  /** Errors of AWS and Temporal may be thrown: the runner makes findings of them. */
  run(patient: P): Promise<Finding[]>;
}

/** Something before it is missing, and a finding of its own tells that. */
export class NotLookedAt extends Error {
  override readonly name = 'NotLookedAt';
}

/** Goes on with what another check tells the failure of. */
export async function needs<T>(fact: Promise<T>, because: string): Promise<T> {
  try {
    return await fact;
  } catch (error) {
    throw error instanceof NotLookedAt ? error : new NotLookedAt(because, { cause: error });
  }
}

/** Asked once, however many want to know. */
export function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => {
    answer ??= ask();
    return answer;
  };
}
