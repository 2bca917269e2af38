import type { CallPurpose } from './dispositions';

const PLACING = new Set(['MoveAccount', 'ListParents', 'TagResource']);

/** What an API operation is called for: the same exception means different things in each. */
export function purposeOf(operation: string): CallPurpose {
  if (operation === 'CreateAccount' || operation === 'CreateGovCloudAccount') return 'creating';
  if (operation.includes('ConformancePack')) return 'conformance';
  return PLACING.has(operation) ? 'placing' : 'reading';
}
