import {
  CreateAccountCommand,
  DescribeAccountCommand,
  ListAccountsCommand,
} from '@aws-sdk/client-organizations';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { untilTrue } from '../support/until';
import {
  create,
  creation,
  failure,
  finish,
  organizationsClient,
  startRig,
  status,
  type Rig,
} from './clients';

let rig: Rig;
beforeEach(async () => {
  rig = await startRig({ knobs: { emptyPageRate: 0 } });
});
afterEach(() => rig.close());

const requests = () => rig.simulator.snapshot().requests.length;
const describe1 = () =>
  rig.organizations.send(
    new DescribeAccountCommand({ AccountId: rig.simulator.managementAccountId }),
  );

function impatient(ms: number) {
  const client = organizationsClient(rig.simulator.url);
  client.config.requestHandler = new NodeHttpHandler({
    requestTimeout: ms,
    throwOnRequestTimeout: true,
  }) as typeof client.config.requestHandler;
  return client;
}

describe('a fault rule', () => {
  it('answers an error of any name, and nothing has happened', async () => {
    rig.simulator.inject({
      operation: 'CreateAccount',
      kind: 'error',
      error: { name: 'com.x#ConstraintViolationException', reason: 'NEW_REASON', message: 'No.' },
    });
    expect(await failure(create(rig, 'a@example.com'))).toEqual({
      name: 'ConstraintViolationException',
      reason: 'NEW_REASON',
      message: 'No.',
      status: 400,
    });
    expect(requests()).toBe(0);
    await create(rig, 'a@example.com');
    rig.simulator.inject({ kind: 'error', error: { name: 'NeverSeenException', status: 418 } });
    expect(await failure(describe1())).toMatchObject({ name: 'NeverSeenException', status: 418 });
  });

  it('can hit after AWS has done it', async () => {
    rig.simulator.inject({
      operation: 'CreateAccount',
      phase: 'after',
      kind: 'error',
      error: { name: 'ServiceException' },
    });
    expect(await failure(create(rig, 'a@example.com', 'r'))).toMatchObject({
      name: 'ServiceException',
      status: 500,
    });
    expect(rig.simulator.committedCreations()).toEqual({ r: 1 });
  });

  it.each(['before', 'after'] as const)('resets the connection %s the commit', async (phase) => {
    rig.simulator.inject({ operation: 'CreateAccount', phase, kind: 'reset' });
    expect(await failure(create(rig, 'a@example.com'))).toMatchObject({ code: 'ECONNRESET' });
    expect(requests()).toBe(phase === 'after' ? 1 : 0);
    expect(rig.simulator.journal()).toMatchObject([
      { operation: 'CreateAccount', status: 0, committed: phase === 'after', fault: 'reset-1' },
    ]);
  });

  it('cuts the body of an answer', async () => {
    rig.simulator.inject({ operation: 'CreateAccount', kind: 'cut-body' });
    expect(await failure(create(rig, 'a@example.com'))).toMatchObject({ code: 'ECONNRESET' });
    expect(requests()).toBe(1);
  });

  it("answers a load balancer's page", async () => {
    rig.simulator.inject({ kind: 'html' });
    expect(await failure(describe1())).toMatchObject({ name: 'SyntaxError', status: 503 });
  });

  it.each(['before', 'after'] as const)('never answers, %s the commit', async (phase) => {
    rig.simulator.inject({ operation: 'CreateAccount', phase, kind: 'hang' });
    const call = impatient(100).send(creation('a@example.com'));
    expect(await failure(call)).toMatchObject({ name: 'TimeoutError' });
    expect(requests()).toBe(phase === 'after' ? 1 : 0);
  });

  it('sends a wrong Date, by which the SDK moves its clock', async () => {
    rig.simulator.inject({ kind: 'wrong-date', shiftMs: 7_200_000 });
    await describe1();
    const offset = rig.organizations.config.systemClockOffset;
    expect(Math.round(offset / 600_000)).toBe(12);
  });

  it('shows enum values and members that no model knows', async () => {
    rig.simulator.inject({ kind: 'unknown-enum', value: 'RETIRED' });
    expect((await describe1()).Account?.State).toBe('RETIRED');
    rig.simulator.inject({ kind: 'extra-fields' });
    expect((await describe1()).Account).toMatchObject({ State: 'ACTIVE' });
    expect(rig.simulator.journal().map(({ fault }) => fault)).toEqual([
      'unknown-enum-1',
      'extra-fields-2',
    ]);
  });

  it('delays an answer by simulated time', async () => {
    rig.simulator.inject({ kind: 'delay', delayMs: 1000 });
    let done = false;
    const call = describe1().then(() => (done = true));
    await untilTrue(() => rig.simulator.journal().length === 1);
    expect(done).toBe(false);
    rig.clock.advance(1000);
    await call;
  });

  it('lets AWS act late, when the client has long gone', async () => {
    rig.simulator.inject({
      operation: 'CreateAccount',
      phase: 'before',
      kind: 'delay',
      delayMs: 5000,
    });
    expect(await failure(impatient(100).send(creation('a@example.com')))).toMatchObject({
      name: 'TimeoutError',
    });
    expect(requests()).toBe(0);
    rig.clock.advance(5000);
    await untilTrue(() => requests() === 1);
  });

  it('begins at the n-th matching call and hits so many', async () => {
    rig.simulator.inject({
      operation: 'CreateAccount',
      match: { email: 'HIT*@example.com' },
      nth: 2,
      times: 2,
      kind: 'error',
      error: { name: 'TooManyRequestsException' },
    });
    rig.simulator.set({ creationsInProgress: 100 });
    const outcomes: string[] = [];
    for (const email of ['miss@example.com', ...[1, 2, 3, 4].map((n) => `hit${n}@example.com`)]) {
      outcomes.push(
        await create(rig, email).then(
          () => 'ok',
          () => 'refused',
        ),
      );
    }
    expect(outcomes).toEqual(['ok', 'ok', 'refused', 'refused', 'ok']);
  });

  it('spares a call that AWS refuses anyway, where it is to hit after the commit', async () => {
    rig.simulator.inject({ operation: 'CreateAccount', phase: 'after', kind: 'reset' });
    const bad = rig.organizations.send(new CreateAccountCommand({ Email: 'x', AccountName: 'x' }));
    expect(await failure(bad)).toMatchObject({ name: 'InvalidInputException' });
    expect(await failure(create(rig, 'a@example.com'))).toMatchObject({ code: 'ECONNRESET' });
  });

  it('hits with its probability, the same calls for the same seed', async () => {
    const pattern = async (seed: number) => {
      const other = await startRig({ seed });
      other.simulator.inject({
        probability: 0.5,
        kind: 'error',
        error: { name: 'TooManyRequestsException' },
      });
      let text = '';
      for (let n = 0; n < 24; n += 1) {
        text += await other.organizations.send(new ListAccountsCommand({})).then(
          () => '.',
          () => 'x',
        );
      }
      await other.simulator.close();
      return text;
    };
    const [first, again, other] = [await pattern(1), await pattern(1), await pattern(2)];
    expect(first).toBe(again);
    expect(first).not.toBe(other);
    expect(first).toMatch(/\.x|x\./);
  });

  it('is taken back by clearFaults', async () => {
    rig.simulator.inject({ times: 'always', kind: 'html' });
    await failure(describe1());
    rig.simulator.clearFaults();
    await expect(describe1()).resolves.toBeDefined();
  });
});

describe('an address', () => {
  it.each([
    'ACCOUNT_LIMIT_EXCEEDED',
    'EMAIL_ALREADY_EXISTS',
    'INVALID_ADDRESS',
    'INVALID_EMAIL',
    'CONCURRENT_ACCOUNT_MODIFICATION',
    'INTERNAL_FAILURE',
    'GOVCLOUD_ACCOUNT_ALREADY_EXISTS',
    'MISSING_BUSINESS_VALIDATION',
    'FAILED_BUSINESS_VALIDATION',
    'PENDING_BUSINESS_VALIDATION',
    'INVALID_IDENTITY_FOR_BUSINESS_VALIDATION',
    'UNKNOWN_BUSINESS_VALIDATION',
    'MISSING_PAYMENT_INSTRUMENT',
    'INVALID_PAYMENT_INSTRUMENT',
    'A_REASON_THAT_NOBODY_KNOWS',
  ])('+fail-… ends FAILED with %s', async (reason) => {
    const word = reason.toLowerCase().replaceAll('_', '-');
    const ended = await finish(rig, `a+fail-${word}@example.com`);
    expect(ended).toMatchObject({ State: 'FAILED', FailureReason: reason });
    expect(ended.AccountId).toBeUndefined();
  });

  it('that would be too long says it in a tag', async () => {
    const word = 'fail-update-existing-resource-policy-with-tags-not-supported';
    const { CreateAccountStatus: first } = await rig.organizations.send(
      new CreateAccountCommand({
        Email: 'a@example.com',
        AccountName: 'Test',
        Tags: [{ Key: 'simulator:behaviour', Value: `${word} slow-10` }],
      }),
    );
    rig.clock.advance(9_999);
    expect((await status(rig, first!.Id!)).State).toBe('IN_PROGRESS');
    rig.clock.advance(1);
    expect((await status(rig, first!.Id!)).FailureReason).toBe(
      'UPDATE_EXISTING_RESOURCE_POLICY_WITH_TAGS_NOT_SUPPORTED',
    );
  });

  it.each(['a+fail-EMAIL_ALREADY_EXISTS@example.com', 'a+fail-Email-Already-Exists@example.com'])(
    "%s: a reason is taken in AWS's own spelling, too",
    async (email) => {
      const ended = await finish(rig, email);
      expect(ended).toMatchObject({ State: 'FAILED', FailureReason: 'EMAIL_ALREADY_EXISTS' });
    },
  );

  it('+fail-without-reason fails without one', async () => {
    const ended = await finish(rig, 'a+fail-without-reason@example.com');
    expect(ended.State).toBe('FAILED');
    expect(ended).not.toHaveProperty('FailureReason');
  });

  it('+fail-…-2x fails twice and then works', async () => {
    const states = [];
    for (let n = 0; n < 3; n += 1) {
      states.push((await finish(rig, 'a+fail-internal-failure-2x@example.com')).State);
    }
    expect(states).toEqual(['FAILED', 'FAILED', 'SUCCEEDED']);
  });

  it('+slow-<s> takes so many seconds', async () => {
    const id = await create(rig, 'a+slow-2400@example.com');
    rig.clock.advance(2_399_999);
    expect((await status(rig, id)).State).toBe('IN_PROGRESS');
    rig.clock.advance(1);
    expect((await status(rig, id)).State).toBe('SUCCEEDED');
  });

  it.each([
    ['drop-after-commit', 1, { code: 'ECONNRESET' }],
    ['drop-before-commit', 0, { code: 'ECONNRESET' }],
    ['http500-after-commit', 1, { name: 'ServiceException', status: 500 }],
    ['hang', 1, { name: 'TimeoutError' }],
    ['hang-before-commit', 0, { name: 'TimeoutError' }],
  ])('+%s does so once', async (word, committed, expected) => {
    const email = `a+${word}@example.com`;
    const client = impatient(word.startsWith('hang') ? 200 : 30_000);
    expect(await failure(client.send(creation(email, 'r')))).toMatchObject(expected);
    expect(rig.simulator.committedCreations()).toEqual(committed ? { r: 1 } : {});
    await create(rig, email, 'r');
    expect(rig.simulator.committedCreations()).toEqual({ r: committed + 1 });
    expect(rig.simulator.journal().map(({ fault }) => fault)).toEqual([word, undefined]);
  });

  it.each([
    ['throttle', 'TooManyRequestsException'],
    ['concurrent', 'ConcurrentModificationException'],
  ])('+%s-<n> is refused so many times', async (word, name) => {
    const email = `a+${word}-2@example.com`;
    expect(await failure(create(rig, email))).toMatchObject({ name });
    expect(await failure(create(rig, email))).toMatchObject({ name });
    await expect(create(rig, email)).resolves.toMatch(/^car-/);
    expect(requests()).toBe(1);
  });

  it('+flap goes back to IN_PROGRESS once', async () => {
    const id = await create(rig, 'a+flap@example.com');
    rig.clock.advance(50);
    const states = [];
    for (let n = 0; n < 4; n += 1) states.push((await status(rig, id)).State);
    expect(states).toEqual(['SUCCEEDED', 'IN_PROGRESS', 'SUCCEEDED', 'SUCCEEDED']);
  });
});

describe("the SDK's own retries", () => {
  it('make three creations of one lost answer each, under one invocation id', async () => {
    rig.simulator.inject({ operation: 'CreateAccount', phase: 'after', times: 2, kind: 'reset' });
    const client = organizationsClient(rig.simulator.url, { maxAttempts: 3 });
    await client.send(creation('a@example.com', 'r'));
    expect(rig.simulator.committedCreations()).toEqual({ r: 3 });
    const ids = rig.simulator.journal().map(({ invocationId }) => invocationId);
    expect(new Set(ids).size).toBe(1);
    rig.clock.advance(50);
    expect(rig.simulator.createdAccounts()).toEqual({ r: 1 });
  });
});
