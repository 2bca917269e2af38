import { CreateAccountFailureReason } from '@aws-sdk/client-organizations';
import {
  FAILURE_REASONS,
  UNKNOWN_FAILURE,
  judgeException,
  judgeFailureReason,
} from '../../src/domain/dispositions';
import type { CallPurpose, Disposition } from '../../src/domain/dispositions';

const MINUTE = 60_000;
const PURPOSES: readonly CallPurpose[] = [
  'creating',
  'reading',
  'placing',
  'readying',
  'settling',
  'conformance',
];

/** What decides the vend's way; the advice is for people. */
interface Way {
  verb: Disposition['verb'];
  scope: Disposition['scope'];
  look?: true;
  recheck?: Disposition['recheck'];
}

/** The requester's to mend; nothing of this request may be there when its address changes. */
const FIX: Way = { verb: 'ask', scope: 'request', look: true };
/** Stops the creations of the whole organization. */
const BREAKER: Way = { verb: 'ask', scope: 'organization' };
const REPEAT: Way = { verb: 'repeat', scope: 'request' };

function way({ verb, scope, look, recheck }: Disposition): Way {
  return { verb, scope, ...(look ? { look } : {}), ...(recheck ? { recheck } : {}) };
}

describe('CreateAccountStatus.FailureReason', () => {
  const EXPECTED: Record<CreateAccountFailureReason, Way> = {
    ACCOUNT_LIMIT_EXCEEDED: BREAKER,
    CONCURRENT_ACCOUNT_MODIFICATION: { verb: 'retry', scope: 'request', look: true },
    EMAIL_ALREADY_EXISTS: FIX,
    FAILED_BUSINESS_VALIDATION: BREAKER,
    GOVCLOUD_ACCOUNT_ALREADY_EXISTS: FIX,
    INTERNAL_FAILURE: { verb: 'retry', scope: 'request', look: true },
    INVALID_ADDRESS: BREAKER,
    INVALID_EMAIL: FIX,
    INVALID_IDENTITY_FOR_BUSINESS_VALIDATION: BREAKER,
    INVALID_PAYMENT_INSTRUMENT: BREAKER,
    MISSING_BUSINESS_VALIDATION: BREAKER,
    MISSING_PAYMENT_INSTRUMENT: BREAKER,
    PENDING_BUSINESS_VALIDATION: { ...BREAKER, recheck: 'slow' },
    UNKNOWN_BUSINESS_VALIDATION: BREAKER,
    UPDATE_EXISTING_RESOURCE_POLICY_WITH_TAGS_NOT_SUPPORTED: FIX,
  };
  const ALL = Object.values(CreateAccountFailureReason);

  test("the SDK's own list is the one that was thought through", () => {
    expect(ALL.toSorted()).toEqual(Object.keys(EXPECTED).toSorted());
    expect(ALL).toHaveLength(15);
  });

  test.each(ALL)('%s has an entry of its own, with the disposition of the design', (reason) => {
    expect(Object.hasOwn(FAILURE_REASONS, reason)).toBe(true);
    const disposition = judgeFailureReason(reason);
    expect(disposition).not.toBe(UNKNOWN_FAILURE);
    expect(way(disposition)).toEqual(EXPECTED[reason]);
  });

  test("AWS's prose spells a reason otherwise than its model: both mean the same", () => {
    expect(judgeFailureReason('IDENTITY_INVALID_BUSINESS_VALIDATION')).toEqual(
      judgeFailureReason('INVALID_IDENTITY_FOR_BUSINESS_VALIDATION'),
    );
  });

  test.each(['NEVER_SEEN', 'invalid_email', '', undefined])(
    '%p: a person is asked, for this request alone, after a look',
    (reason) => {
      expect(judgeFailureReason(reason)).toBe(UNKNOWN_FAILURE);
      expect(way(judgeFailureReason(reason))).toEqual(FIX);
    },
  );

  test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', 'prototype'])(
    'the word %s is no entry',
    (reason) => {
      expect(judgeFailureReason(reason)).toBe(UNKNOWN_FAILURE);
    },
  );

  test('what can pass by itself is retried; what a person must mend never is', () => {
    const retried = ALL.filter((reason) => judgeFailureReason(reason).verb !== 'ask');
    expect(retried.toSorted()).toEqual(['CONCURRENT_ACCOUNT_MODIFICATION', 'INTERNAL_FAILURE']);
  });
});

interface Thrown {
  name: string;
  reason?: string;
}
const rejected = (thrown: Thrown) => ({ ...thrown, outcome: 'rejected' as const });
const constraint = (reason: string): Thrown => ({ name: 'ConstraintViolationException', reason });
const invalidInput = (reason: string): Thrown => ({ name: 'InvalidInputException', reason });
const called = ({ name, reason }: Thrown) => (reason ? `${name} ${reason}` : name);

const inEveryPurpose = (thrown: Thrown) =>
  PURPOSES.map((purpose) => way(judgeException(rejected(thrown), purpose)));
const alike = (expected: Way) => PURPOSES.map(() => expected);

describe('exceptions that mean the same wherever they come from', () => {
  test.each([
    'TooManyRequestsException',
    'ThrottlingException',
    'Throttling',
    'ConcurrentModificationException',
  ])('%s: AWS refused for the moment, so it is no attempt and concerns this vend alone', (name) => {
    expect(inEveryPurpose({ name })).toEqual(alike(REPEAT));
  });

  test('FinalizingOrganizationException is looked at again by itself', () => {
    expect(
      judgeException(rejected({ name: 'FinalizingOrganizationException' }), 'creating'),
    ).toEqual(expect.objectContaining({ recheck: 'finalizing' }));
  });

  test.each([
    'AWSOrganizationsNotInUseException',
    'UnsupportedAPIEndpointException',
    'AccessDeniedForDependencyException',
  ])('%s concerns the organization', (name) => {
    expect(inEveryPurpose({ name })).toEqual(alike(BREAKER));
  });

  test('a missing permission for the service-linked role concerns the organization', () => {
    expect(
      inEveryPurpose({
        name: 'AccessDeniedForDependencyException',
        reason: 'ACCESS_DENIED_DURING_CREATE_SERVICE_LINKED_ROLE',
      }),
    ).toEqual(alike(BREAKER));
  });

  test.each([
    'ExpiredTokenException',
    'ExpiredToken',
    'InvalidSignatureException',
    'UnrecognizedClientException',
    'InvalidClientTokenId',
    'CredentialsProviderError',
  ])('%s: credentials are the concern of the organization, never the end of a vend', (name) => {
    expect(inEveryPurpose({ name })).toEqual(alike({ ...BREAKER, recheck: 'hourly' }));
  });

  test('credentials of another organization concern the organization', () => {
    expect(inEveryPurpose({ name: 'WRONG_ORGANIZATION' })).toEqual(alike(BREAKER));
  });

  test.each([
    'INVALID_PATTERN',
    'MIN_LENGTH_EXCEEDED',
    'MAX_LENGTH_EXCEEDED',
    'INPUT_REQUIRED',
    'INVALID_ROLE_NAME',
    'INVALID_ENUM',
    'INVALID_LIST_MEMBER',
    'DUPLICATE_TAG_KEY',
    'INVALID_SYSTEM_TAGS_PARAMETER',
    'MOVING_ACCOUNT_BETWEEN_DIFFERENT_ROOTS',
    'TARGET_NOT_SUPPORTED',
    'NEVER_SEEN',
  ])('InvalidInputException %s goes back to the requester', (reason) => {
    expect(inEveryPurpose(invalidInput(reason))).toEqual(alike(FIX));
  });

  test.each<[string, Thrown]>([
    ['INVALID_NEXT_TOKEN', invalidInput('INVALID_NEXT_TOKEN')],
    ['INVALID_PAGINATION_TOKEN', invalidInput('INVALID_PAGINATION_TOKEN')],
    ['InvalidNextTokenException', { name: 'InvalidNextTokenException' }],
  ])('%s: the list is begun again, and the requester is not bothered', (_, thrown) => {
    expect(inEveryPurpose(thrown)).toEqual(alike(REPEAT));
  });

  test.each<[string, Way]>([
    ['SourceParentNotFoundException', REPEAT],
    ['AccountNotFoundException', REPEAT],
    ['ChildNotFoundException', REPEAT],
    ['TargetNotFoundException', REPEAT],
    ['DestinationParentNotFoundException', FIX],
    ['NoSuchOrganizationConformancePackException', FIX],
    ['RegionDisabledException', FIX],
    ['OrganizationAccessDeniedException', REPEAT],
    ['CONFORMANCE_REGION_NOT_ENABLED', REPEAT],
  ])('%s', (name, expected) => {
    expect(inEveryPurpose({ name })).toEqual(alike(expected));
  });

  test('trusted access that was just enabled is waited for shortly, not for an hour', () => {
    const { patienceMs } = judgeException(
      rejected({ name: 'OrganizationAccessDeniedException' }),
      'conformance',
    );
    expect(patienceMs).toBeGreaterThanOrEqual(15_000);
    expect(patienceMs).toBeLessThanOrEqual(5 * MINUTE);
  });
});

describe('ConstraintViolationException', () => {
  test.each([
    'ACCOUNT_NUMBER_LIMIT_EXCEEDED',
    'MASTER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED',
    'MASTER_ACCOUNT_MISSING_CONTACT_INFO',
    'MASTER_ACCOUNT_ADDRESS_DOES_NOT_MATCH_MARKETPLACE',
    'MASTER_ACCOUNT_MISSING_BUSINESS_LICENSE',
    'UNMET_BILLING_PREREQUISITE',
    'MASTER_ACCOUNT_NOT_GOVCLOUD_ENABLED',
    'ORGANIZATION_NOT_IN_ALL_FEATURES_MODE',
    'ACCOUNT_CREATION_NOT_COMPLETE',
    'INVALID_PAYMENT_INSTRUMENT',
    'NEVER_SEEN',
    'toString',
  ])('%s on creating concerns the organization', (reason) => {
    expect(way(judgeException(rejected(constraint(reason)), 'creating'))).toEqual(BREAKER);
  });

  test('without a reason on creating: the organization', () => {
    const error = rejected({ name: 'ConstraintViolationException' });
    expect(way(judgeException(error, 'creating'))).toEqual(BREAKER);
  });

  test.each(['reading', 'placing', 'readying', 'settling', 'conformance'] as const)(
    'an unknown reason on %s never closes creation',
    (purpose) => {
      const { verb, scope } = judgeException(rejected(constraint('NEVER_SEEN')), purpose);
      expect({ verb, scope }).toEqual({ verb: 'ask', scope: 'request' });
    },
  );

  test.each(['MAX_TAG_LIMIT_EXCEEDED', 'TAG_POLICY_VIOLATION'])(
    '%s goes back to the requester',
    (reason) => {
      expect(inEveryPurpose(constraint(reason))).toEqual(alike(FIX));
    },
  );

  const limit = rejected(constraint('ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED'));

  test.each([5, 6, undefined])('%p creations in progress: wait for a place', (inProgress) => {
    expect(way(judgeException(limit, 'creating', inProgress))).toEqual(REPEAT);
  });

  test.each([0, 1, 4])(
    'refused with %p in progress: the daily limit, looked at again hourly',
    (inProgress) => {
      expect(way(judgeException(limit, 'creating', inProgress))).toEqual({
        ...BREAKER,
        recheck: 'hourly',
      });
    },
  );
});

describe('AccessDenied', () => {
  test.each(['AccessDeniedException', 'AccessDenied'])('%s depends on the purpose', (name) => {
    const scopeOn = (purpose: CallPurpose) => judgeException(rejected({ name }), purpose).scope;
    expect(scopeOn('creating')).toBe('organization');
    expect(scopeOn('placing')).toBe('request');
    expect(scopeOn('readying')).toBe('request');
    expect(scopeOn('settling')).toBe('request');
    expect(scopeOn('conformance')).toBe('request');
  });

  test.each(PURPOSES)(
    'on %s new permissions are given about two minutes before a person is asked',
    (purpose) => {
      const disposition = judgeException(rejected({ name: 'AccessDeniedException' }), purpose);
      expect(disposition.verb).toBe('repeat');
      expect(disposition.patienceMs).toBe(2 * MINUTE);
    },
  );
});

describe('what no table knows', () => {
  test.each(['NeverSeenException', 'constructor', '__proto__', 'toString', 'Unknown'])(
    'an exception named %s asks a person, for this request alone',
    (name) => {
      for (const purpose of PURPOSES) {
        const { verb, scope } = judgeException(rejected({ name }), purpose);
        expect({ verb, scope }).toEqual({ verb: 'ask', scope: 'request' });
      }
    },
  );

  test.each([
    { name: 'ServiceException', outcome: 'unknown' as const },
    { name: 'TimeoutError', outcome: 'unknown' as const },
    { name: 'SyntaxError', outcome: 'unknown' as const },
    { name: 'Unknown', outcome: 'unknown' as const },
    { name: 'Error', outcome: 'not-sent' as const },
  ])('$name, $outcome, on a read is repeated before anybody is asked', (error) => {
    for (const purpose of ['reading', 'placing', 'conformance'] as const) {
      expect(way(judgeException(error, purpose))).toEqual(REPEAT);
    }
  });

  test('a creation that never reached AWS is simply sent again', () => {
    const error = { name: 'Error', outcome: 'not-sent' as const };
    expect(way(judgeException(error, 'creating'))).toEqual(REPEAT);
  });
});

describe('advice', () => {
  const THROWN: readonly Thrown[] = [
    ...[
      'TooManyRequestsException',
      'ConcurrentModificationException',
      'FinalizingOrganizationException',
      'AccessDeniedForDependencyException',
      'AWSOrganizationsNotInUseException',
      'UnsupportedAPIEndpointException',
      'ExpiredTokenException',
      'InvalidInputException',
      'SourceParentNotFoundException',
      'DestinationParentNotFoundException',
      'AccountNotFoundException',
      'NoSuchOrganizationConformancePackException',
      'OrganizationAccessDeniedException',
      'InvalidLimitException',
      'NeverSeenException',
    ].map((name) => ({ name })),
    ...[
      'ACCOUNT_NUMBER_LIMIT_EXCEEDED',
      'ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED',
      'ACCOUNT_CREATION_NOT_COMPLETE',
      'MASTER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED',
      'MASTER_ACCOUNT_MISSING_CONTACT_INFO',
      'MASTER_ACCOUNT_NOT_GOVCLOUD_ENABLED',
      'ORGANIZATION_NOT_IN_ALL_FEATURES_MODE',
      'UNMET_BILLING_PREREQUISITE',
      'MAX_TAG_LIMIT_EXCEEDED',
      'TAG_POLICY_VIOLATION',
      'NEVER_SEEN',
    ].map(constraint),
    ...[
      'INVALID_PATTERN',
      'INVALID_ROLE_NAME',
      'DUPLICATE_TAG_KEY',
      'INVALID_SYSTEM_TAGS_PARAMETER',
      'MOVING_ACCOUNT_BETWEEN_DIFFERENT_ROOTS',
    ].map(invalidInput),
  ];
  const denied = rejected({ name: 'AccessDeniedException' });
  const EVERY: [string, Disposition][] = [
    ...Object.entries(FAILURE_REASONS),
    ['a reason never seen', UNKNOWN_FAILURE],
    ...THROWN.map((thrown): [string, Disposition] => [
      called(thrown),
      judgeException(rejected(thrown), 'creating'),
    ]),
    ...PURPOSES.map((purpose): [string, Disposition] => [
      `AccessDeniedException on ${purpose}`,
      judgeException(denied, purpose),
    ]),
    [
      'the daily limit',
      judgeException(rejected(constraint('ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED')), 'creating', 0),
    ],
    ['an answer that cannot be used', judgeException({ name: 'E', outcome: 'unknown' }, 'reading')],
  ];
  /** A person has to do something: the sentence says what. */
  const DEED =
    /\b(?:retry|give|adopt|raise|correct|complete|set|change|take|mend|enable|grant|allow|renew|open a case|ask|look|find|deploy|check|report|wait|sign up|waive|use|remove|rename|must not)\b/i;

  test.each(EVERY)('%s: sentences for a person, which end and hold no address', (_, { advice }) => {
    expect(advice).toMatch(/^[A-Z].{20,}\.$/s);
    expect(advice).not.toMatch(/\S@\S/);
  });

  test.each(EVERY)('%s: says what to do', (_, { advice }) => {
    expect(advice).toMatch(DEED);
  });
});
