import type { VendRequest } from '../contract';

/** An address that belongs to an AWS account elsewhere: AWS will refuse it. */
export const TAKEN_EMAIL = 'aws+team-c@example.com';
/** What a person answers then. */
export const FREE_EMAIL = 'aws+team-c-dev@example.com';

export const DEMO_REQUESTS = [
  {
    requestId: 'team-a-prod',
    accountName: 'Team A production',
    email: 'aws+team-a-prod@example.com',
    organizationalUnit: 'Workloads/Prod',
    tags: { Team: 'A' },
  },
  {
    requestId: 'team-b-gov',
    kind: 'govcloud',
    accountName: 'team-b-gov',
    email: 'aws+team-b-gov@example.com',
    organizationalUnit: 'Sandbox',
    conformance: { packs: ['Security-Baseline'] },
  },
  {
    requestId: 'team-c-dev',
    accountName: 'Team C development',
    email: TAKEN_EMAIL,
    organizationalUnit: 'Workloads/Dev',
    conformance: { packs: ['Security-Baseline'] },
  },
] as const satisfies readonly VendRequest[];
