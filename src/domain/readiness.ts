import type { AwsError } from './aws-error';
import { judgeException } from './dispositions';
import { purposeOf } from './purpose';

/** What AWS says of an account that exists and cannot be used yet: for minutes, at times for hours. */
const OF_A_NEW_ACCOUNT = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'SubscriptionRequiredException',
  'OptInRequired',
  'OptInRequiredException',
  'InvalidClientTokenId',
  'UnrecognizedClientException',
]);

/**
 * Whether an error says no more than "not yet": the account's own, or one that passes by itself. What
 * AWS Config says was signed with the account's credentials, so it never concerns the worker's.
 */
export function meansNotYet(error: AwsError): boolean {
  if (purposeOf(error.operation) !== 'readying') return false;
  if (OF_A_NEW_ACCOUNT.has(error.name)) return true;
  const { verb, scope } = judgeException(error, 'readying');
  if (scope === 'organization') return error.operation !== 'AssumeRole';
  return verb === 'repeat';
}

/** Of AssumeRole it can be the worker's own credentials that are refused. */
export function mayBeTheWorkers(error: AwsError): boolean {
  return error.name === 'InvalidClientTokenId' || error.name === 'UnrecognizedClientException';
}
