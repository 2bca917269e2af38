import type { AwsError } from '../../src/domain/aws-error';
import { meansNotYet } from '../../src/domain/readiness';
import { isEnabled, regionsToEnable } from '../../src/domain/regions';

const error = (operation: string, name: string, outcome: AwsError['outcome'] = 'rejected') => ({
  operation,
  name,
  message: '',
  outcome,
});

const BOTH = ['AssumeRole', 'DescribeConfigurationRecorders'];

describe.each(BOTH)('%s', (operation) => {
  test.each([
    'AccessDenied',
    'AccessDeniedException',
    'SubscriptionRequiredException',
    'OptInRequired',
    'OptInRequiredException',
    'InvalidClientTokenId',
    'UnrecognizedClientException',
    'ThrottlingException',
    'Throttling',
  ])('%s: not yet', (name) => {
    expect(meansNotYet(error(operation, name))).toBe(true);
  });

  test('no answer: not yet', () => {
    expect(meansNotYet(error(operation, 'TimeoutError', 'unknown'))).toBe(true);
    expect(meansNotYet(error(operation, 'Error', 'not-sent'))).toBe(true);
  });

  test('a word that nobody knows is for a person', () => {
    expect(meansNotYet(error(operation, 'NeverSeenException'))).toBe(false);
  });
});

test.each(['ExpiredToken', 'ExpiredTokenException', 'CredentialsProviderError'])(
  "%s: the worker's own in AssumeRole, the session's in the account",
  (name) => {
    expect(meansNotYet(error('AssumeRole', name))).toBe(false);
    expect(meansNotYet(error('DescribeConfigurationRecorders', name))).toBe(true);
  },
);

test.each(['GetCallerIdentity', 'DescribeOrganization', 'MoveAccount'])(
  '%s says nothing about the account',
  (operation) => {
    expect(meansNotYet(error(operation, 'AccessDeniedException'))).toBe(false);
    expect(meansNotYet(error(operation, 'InvalidClientTokenId'))).toBe(false);
  },
);

test('a region is there when AWS says so, and a status that nobody knows is waited for', () => {
  const is = (status: string) => isEnabled({ region: 'af-south-1', status });
  expect(['ENABLED', 'ENABLED_BY_DEFAULT'].every(is)).toBe(true);
  expect(['ENABLING', 'DISABLED', 'DISABLING', 'NEVER_SEEN'].some(is)).toBe(false);
});

test('at most six regions change at a time; one on its way out is not asked for', () => {
  const seen = (...statuses: string[]) =>
    statuses.map((status, index) => ({ region: `r${index}`, status }));
  const off = Array.from({ length: 8 }, () => 'DISABLED');
  expect(regionsToEnable(seen(...off))).toHaveLength(6);
  expect(regionsToEnable(seen('ENABLING', 'DISABLING', 'ENABLED', ...off))).toHaveLength(4);
  expect(regionsToEnable(seen('ENABLING', 'NEVER_SEEN', 'ENABLED_BY_DEFAULT'))).toEqual([]);
  expect(regionsToEnable(seen(...Array.from({ length: 7 }, () => 'ENABLING'), 'DISABLED'))).toEqual(
    [],
  );
});
