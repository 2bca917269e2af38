/**
 * The fault plan. `word` goes into the account's address (docs/simulator.md, "Addresses that
 * misbehave"), `inject` is a rule, `before` prepares the simulator.
 */
export const FAULTS = [
  { name: 'none', what: 'nothing goes wrong' },
  {
    name: 'answer lost',
    what: 'the connection is reset after CreateAccount has been carried out, once',
    word: 'drop-after-commit',
  },
  {
    name: 'three HTTP 500',
    what: 'CreateAccount is carried out and answered with HTTP 500, as often as it is sent, up to three times',
    word: 'http500-after-commit-3x',
  },
  {
    name: 'looks throttled',
    what: 'the first ten DescribeCreateAccountStatus are TooManyRequestsException',
    inject: {
      operation: 'DescribeCreateAccountStatus',
      times: 10,
      kind: 'error',
      error: { name: 'TooManyRequestsException' },
    },
  },
  {
    name: 'creation throttled',
    what: 'the first five CreateAccount are TooManyRequestsException',
    word: 'throttle-5',
  },
  {
    name: 'concurrent modification',
    what: 'the first creation ends FAILED with CONCURRENT_ACCOUNT_MODIFICATION',
    word: 'fail-concurrent-account-modification-1x',
  },
  {
    name: 'internal failure',
    what: 'the first creation ends FAILED with INTERNAL_FAILURE, and there is no account',
    word: 'fail-internal-failure-1x',
  },
  {
    name: 'address taken',
    what: 'the address belongs to an account outside the organization: EMAIL_ALREADY_EXISTS',
    before: (simulator, { email }) => simulator.takeEmail(email),
    // The same address would be refused for ever.
    isHopeless: true,
  },
  {
    name: 'killed',
    what: 'its process is killed when CreateAccount has been carried out and before the answer, and started again 3 s later',
    inject: { operation: 'CreateAccount', phase: 'after', kind: 'delay', delayMs: 5_000 },
    kills: true,
  },
];
