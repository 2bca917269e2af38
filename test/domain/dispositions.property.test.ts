import {
  CreateAccountFailureReason,
  OrganizationsServiceException,
} from '@aws-sdk/client-organizations';
import * as fc from 'fast-check';
import { describeAwsError } from '../../src/aws/errors';
import { reasonOf } from '../../src/domain/aws-error';
import type { AwsError } from '../../src/domain/aws-error';
import {
  isKnownException,
  judgeException,
  judgeFailureReason,
} from '../../src/domain/dispositions';
import type { CallPurpose } from '../../src/domain/dispositions';
import { troubleOf } from '../../src/domain/gate/trouble';
import { REFUSED_PATIENCE_MS, refusedDelay } from '../../src/domain/pacing';

const PURPOSES: readonly CallPurpose[] = [
  'creating',
  'reading',
  'placing',
  'readying',
  'settling',
  'conformance',
];
const purpose = fc.constantFrom(...PURPOSES);

/** What the SDK names, and the spelling of AWS's prose. */
const REASONS = [
  ...Object.values(CreateAccountFailureReason),
  'IDENTITY_INVALID_BUSINESS_VALIDATION',
];
/** Of the organization (design: "breaker"), by the words of AWS's documents and not of the table. */
const BREAKER_REASONS = [
  'ACCOUNT_LIMIT_EXCEEDED',
  'INVALID_ADDRESS',
  ...REASONS.filter((reason) => /BUSINESS_VALIDATION|PAYMENT_INSTRUMENT/.test(reason)),
];
const BREAKER_EXCEPTIONS = [
  'AWSOrganizationsNotInUseException',
  'UnsupportedAPIEndpointException',
  'AccessDeniedForDependencyException',
  'AccessDeniedException',
  'FinalizingOrganizationException',
  'ExpiredTokenException',
  'UnrecognizedClientException',
  'InvalidSignatureException',
];
const BREAKER_CONSTRAINTS = [
  'ACCOUNT_NUMBER_LIMIT_EXCEEDED',
  'MASTER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED',
  'MASTER_ACCOUNT_MISSING_CONTACT_INFO',
  'MASTER_ACCOUNT_ADDRESS_DOES_NOT_MATCH_MARKETPLACE',
  'MASTER_ACCOUNT_MISSING_BUSINESS_LICENSE',
  'UNMET_BILLING_PREREQUISITE',
  'MASTER_ACCOUNT_NOT_GOVCLOUD_ENABLED',
  'ORGANIZATION_NOT_IN_ALL_FEATURES_MODE',
  'ACCOUNT_CREATION_NOT_COMPLETE',
];
/** Of the request, though they come in the same exception. */
const REQUEST_CONSTRAINTS = ['MAX_TAG_LIMIT_EXCEEDED', 'TAG_POLICY_VIOLATION'];
const EXCEPTIONS = [
  ...BREAKER_EXCEPTIONS,
  'TooManyRequestsException',
  'ConcurrentModificationException',
  'ConstraintViolationException',
  'InvalidInputException',
  'ServiceException',
  'AccountNotFoundException',
  'DestinationParentNotFoundException',
  'OrganizationAccessDeniedException',
];

/** What objects inherit, so that a table looked up carelessly finds it. */
const inherited = fc.constantFrom(
  ...Object.getOwnPropertyNames(Object.prototype),
  'prototype',
  'length',
  'name',
);
const misspelt = fc.oneof(
  fc.constantFrom(...REASONS).map((reason) => reason.toLowerCase()),
  fc.constantFrom(...REASONS).map((reason) => ` ${reason}`),
  fc
    .tuple(fc.constantFrom(...REASONS), fc.nat())
    .map(
      ([reason, at]) =>
        reason.slice(0, at % reason.length) + reason.slice((at % reason.length) + 1),
    ),
);
const anyWord = fc.oneof(
  fc.constantFrom(...REASONS, ...BREAKER_CONSTRAINTS, ...REQUEST_CONSTRAINTS, ...EXCEPTIONS),
  misspelt,
  inherited,
  fc.string(),
  fc.string({ unit: 'grapheme', maxLength: 200 }),
);
const strangeWord = fc
  .oneof(misspelt, inherited, fc.string())
  .filter((word) => !REASONS.includes(word));

const anyError: fc.Arbitrary<AwsError> = fc.record(
  {
    operation: fc.constantFrom('CreateAccount', 'ListAccounts', 'MoveAccount'),
    name: anyWord,
    reason: anyWord,
    message: fc.string(),
    outcome: fc.constantFrom('rejected', 'not-sent', 'unknown' as const),
  },
  { requiredKeys: ['operation', 'name', 'message', 'outcome'] },
);
const rejected = (name: string, reason?: string): AwsError => ({
  operation: 'CreateAccount',
  name,
  message: 'no',
  outcome: 'rejected',
  ...(reason === undefined ? {} : { reason }),
});

const USABLE = {
  verb: expect.stringMatching(/^(?:retry|repeat|ask)$/),
  scope: expect.stringMatching(/^(?:request|organization)$/),
  advice: expect.stringMatching(/^(?!.*\S@\S).{20,}$/s),
};

test('whatever AWS says, there is a disposition, with advice that names no address', () => {
  fc.assert(
    fc.property(fc.option(anyWord, { nil: undefined }), anyError, purpose, (reason, error, why) => {
      expect(judgeFailureReason(reason)).toMatchObject(USABLE);
      expect(judgeException(error, why)).toMatchObject(USABLE);
    }),
    { numRuns: 500 },
  );
});

test('a FailureReason that nobody knows: a person, for this request alone, after a look', () => {
  fc.assert(
    fc.property(fc.option(strangeWord, { nil: undefined }), (reason) => {
      const disposition = judgeFailureReason(reason);
      expect(disposition).toMatchObject({ verb: 'ask', scope: 'request', look: true });
      expect(disposition.recheck).toBeUndefined();
    }),
    { numRuns: 300 },
  );
});

test("what concerns the organization is never the requester's, whatever comes with it", () => {
  fc.assert(
    fc.property(fc.constantFrom(...BREAKER_REASONS), (reason) => {
      expect(judgeFailureReason(reason)).toMatchObject({ scope: 'organization', verb: 'ask' });
    }),
  );
  const ofAll = fc.oneof(
    fc.constantFrom(...BREAKER_EXCEPTIONS).map((name) => rejected(name)),
    fc
      .oneof(fc.constantFrom(...BREAKER_CONSTRAINTS), strangeWord)
      .filter((reason) => !REQUEST_CONSTRAINTS.includes(reason))
      .map((reason) => rejected('ConstraintViolationException', reason)),
  );
  const count = fc.option(fc.nat({ max: 9 }), { nil: undefined });
  fc.assert(
    fc.property(ofAll, count, fc.string(), (error, inProgress, message) => {
      const worded = { ...error, message };
      expect(judgeException(worded, 'creating', inProgress).scope).toBe('organization');
    }),
    { numRuns: 300 },
  );
});

test('what the requester can mend never holds back the organization', () => {
  const own = fc.oneof(
    fc.constantFrom(...REQUEST_CONSTRAINTS).map((r) => rejected('ConstraintViolationException', r)),
    strangeWord
      .filter((reason) => !BREAKER_CONSTRAINTS.includes(reason) && !REASONS.includes(reason))
      .map((reason) => rejected('InvalidInputException', reason)),
  );
  fc.assert(
    fc.property(own, purpose, (error, why) => {
      expect(judgeException(error, why).scope).toBe('request');
    }),
    { numRuns: 300 },
  );
});

test('an exception that nobody knows: a person, for this request alone', () => {
  const name = fc
    .oneof(
      inherited,
      fc.string(),
      fc.string().map((text) => `${text}Exception`),
    )
    .filter((text) => !isKnownException({ name: text }));
  fc.assert(
    fc.property(name, purpose, (text, why) => {
      const judged = judgeException(rejected(text), why);
      expect(judged).toMatchObject({ verb: 'ask', scope: 'request', look: true });
    }),
    { numRuns: 300 },
  );
  // The words of Object.prototype are nobody's exceptions.
  fc.assert(
    fc.property(inherited, inherited, (one, reason) => {
      expect(isKnownException({ name: one, reason })).toBe(false);
    }),
  );
});

test('denied access where an account is moved or looked at never closes creation', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('placing', 'readying', 'settling', 'conformance' as const),
      fc.string(),
      (why, message) => {
        const error = { ...rejected('AccessDeniedException'), message };
        expect(judgeException(error, why).scope).toBe('request');
      },
    ),
  );
});

test('what is retried as another attempt is looked for first', () => {
  fc.assert(
    fc.property(anyWord, anyError, purpose, (reason, error, why) => {
      const retried = [judgeFailureReason(reason), judgeException(error, why)].filter(
        ({ verb }) => verb === 'retry',
      );
      expect(retried.every(({ look }) => look === true)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

describe('judging is a function of what AWS says', () => {
  test('the same twice is judged the same, and nothing is changed', () => {
    fc.assert(
      fc.property(anyError, purpose, fc.nat({ max: 9 }), (error, why, inProgress) => {
        const before = structuredClone(error);
        const first = structuredClone(judgeException(error, why, inProgress));
        expect(judgeException(structuredClone(before), why, inProgress)).toEqual(first);
        expect(error).toEqual(before);
      }),
      { numRuns: 300 },
    );
  });

  test('members that nobody knows change nothing', () => {
    const known = ['operation', 'name', 'reason', 'message', 'outcome', '__proto__'];
    const more = fc.dictionary(
      fc.string().filter((key) => !known.includes(key)),
      fc.anything(),
    );
    fc.assert(
      fc.property(anyError, more, purpose, (error, extra, why) => {
        expect(judgeException({ ...extra, ...error }, why)).toEqual(judgeException(error, why));
      }),
      { numRuns: 200 },
    );
  });

  test("the HTTP code is none of it: AWS's documents and the SDK's model give different ones", () => {
    const thrown = (name: string, httpStatusCode: number, reason?: string) => {
      const error = new OrganizationsServiceException({
        name,
        $fault: 'client',
        message: 'no',
        $metadata: { httpStatusCode },
      });
      return describeAwsError(
        'CreateAccount',
        Object.assign(error, reason ? { Reason: reason } : {}),
      );
    };
    const refusal = fc.integer({ min: 400, max: 499 });
    const name = fc.constantFrom(...EXCEPTIONS.filter((one) => one !== 'ServiceException'));
    const reason = fc.option(fc.constantFrom(...BREAKER_CONSTRAINTS, ...REQUEST_CONSTRAINTS));
    fc.assert(
      fc.property(name, reason, refusal, refusal, purpose, (what, detail, one, other, why) => {
        const [first, second] = [
          thrown(what, one, detail ?? undefined),
          thrown(what, other, detail ?? undefined),
        ];
        expect(first.outcome).toBe('rejected');
        expect(judgeException(second, why)).toEqual(judgeException(first, why));
      }),
      { numRuns: 300 },
    );
  });

  test("AWS's own word is kept as it is", () => {
    fc.assert(
      fc.property(anyError, (error) => {
        expect(reasonOf(error)).toBe(error.reason ?? error.name);
      }),
    );
  });
});

test('what a standard vend meets never holds back GovCloud alone, and always creation', () => {
  fc.assert(
    fc.property(anyError, purpose, (error, why) => {
      const disposition = judgeException(error, why);
      fc.pre(disposition.scope === 'organization');
      const met = { reason: reasonOf(error), message: 'why', disposition };
      const standard = troubleOf(met, why, 'standard');
      expect(['creating', 'everything']).toContain(standard.lane);
      expect(standard.reason).toBe(reasonOf(error));
    }),
    { numRuns: 300 },
  );
});

/** What became of one CreateAccount call. */
type Fate =
  | { is: 'refused'; error: AwsError; inProgress: number | undefined }
  | { is: 'lost' }
  | { is: 'failed'; reason: string | undefined };

const fate: fc.Arbitrary<Fate> = fc.oneof(
  fc.record({
    is: fc.constant('refused' as const),
    error: anyError.filter(({ outcome }) => outcome !== 'unknown'),
    inProgress: fc.option(fc.nat({ max: 9 }), { nil: undefined }),
  }),
  fc.constant({ is: 'lost' } as const),
  fc.record({
    is: fc.constant('failed' as const),
    reason: fc.option(anyWord, { nil: undefined }),
  }),
);

/** As the configuration has them by default. */
const ATTEMPTS = 5;
const FIRST_RETRY_MS = 60_000;
/** The shortest pauses there are, and so the most calls. */
const SHORTEST = 0;

/**
 * A vend at an AWS that never makes an account, by the rules of the protocol: what was lost is looked
 * for in full (150 s) and counts as an attempt, what AWS refuses for the moment is repeated for its
 * patience. Returns the CreateAccount calls until a person is asked.
 */
function callsUntilAsked(fates: readonly Fate[], most: number): { calls: number; ms: number } {
  let [calls, failures, now] = [0, 0, 0];
  let refused: { since: number; count: number } | undefined;
  while (calls < most) {
    const met = fates[calls % fates.length]!;
    calls += 1;
    if (met.is === 'lost') {
      refused = undefined;
      now += 150_000;
      failures += 1;
      if (failures >= ATTEMPTS) return { calls, ms: now };
      continue;
    }
    const judged =
      met.is === 'failed'
        ? judgeFailureReason(met.reason)
        : judgeException(met.error, 'creating', met.inProgress);
    if (met.is === 'failed') refused = undefined;
    if (judged.verb === 'ask') return { calls, ms: now };
    if (judged.verb === 'repeat') {
      refused ??= { since: now, count: 0 };
      refused.count += 1;
      if (now - refused.since >= (judged.patienceMs ?? REFUSED_PATIENCE_MS))
        return { calls, ms: now };
      now += refusedDelay(refused.count - 1, SHORTEST);
      continue;
    }
    failures += 1;
    if (failures >= ATTEMPTS) return { calls, ms: now };
    now += FIRST_RETRY_MS * 2 ** (failures - 1);
  }
  return { calls, ms: Infinity };
}

test('whatever AWS answers, and for ever: a person is asked after a bounded number of calls, within hours', () => {
  // An hour of repeats at the shortest pause, before each of the attempts.
  const bound = ATTEMPTS * (REFUSED_PATIENCE_MS / refusedDelay(0, SHORTEST) + 2);
  fc.assert(
    fc.property(fc.array(fate, { minLength: 1, maxLength: 30 }), (fates) => {
      const { calls, ms } = callsUntilAsked(fates, 10 * bound);
      expect(calls).toBeLessThanOrEqual(bound);
      expect(ms).toBeLessThanOrEqual(ATTEMPTS * 2 * REFUSED_PATIENCE_MS);
    }),
    { numRuns: 1_000 },
  );
});
