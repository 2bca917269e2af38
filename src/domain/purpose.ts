import type { CallPurpose } from './dispositions';

const READYING = new Set(['AssumeRole', 'DescribeConfigurationRecorders']);
const SETTLING = new Set(['PutAlternateContact', 'EnableRegion', 'GetRegionOptStatus']);
const PLACING = new Set(['MoveAccount', 'ListParents']);

/** What an API operation is called for: the same exception means different things in each. */
export function purposeOf(operation: string): CallPurpose {
  if (operation === 'CreateAccount' || operation === 'CreateGovCloudAccount') return 'creating';
  if (operation === 'TagResource') return 'tagging';
  if (operation.includes('ConformancePack')) return 'conformance';
  if (READYING.has(operation)) return 'readying';
  if (SETTLING.has(operation)) return 'settling';
  return PLACING.has(operation) ? 'placing' : 'reading';
}
