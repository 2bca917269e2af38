import { DescribeOrganizationCommand, OrganizationsClient } from '@aws-sdk/client-organizations';
import { REQUEST_TAG } from '../../src/contract';
import type { AdmittedRequest } from '../../src/domain/policy';
import type { FaultRule } from '../../src/simulator';
import { until, untilTrue } from '../support/until';
import { FIRST, admitted, refuse, submit, valueOf, withRig } from './rig';
import type { Rig } from './rig';

const startRig = withRig();
const REQUEST = admitted('vend');

describe('one CreateAccount', () => {
  test('is sent with all that the request says, the proof tag among it', async () => {
    const rig = await startRig();
    const status = valueOf(await submit(rig, REQUEST));
    expect(status).toMatchObject({
      id: expect.stringMatching(/^car-[a-z0-9]{8,32}$/),
      state: 'IN_PROGRESS',
      requestedAt: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect(rig.calls('CreateAccount')).toHaveLength(1);
    expect(rig.simulator.snapshot().requests).toEqual([
      expect.objectContaining({
        id: status.id,
        kind: 'standard',
        email: REQUEST.email,
        accountName: REQUEST.accountName,
        tags: REQUEST.tags,
      }),
    ]);
  });

  test('a govcloud request goes to CreateGovCloudAccount, with the same proof', async () => {
    const rig = await startRig();
    valueOf(await submit(rig, admitted('vend', { kind: 'govcloud', accountName: 'Gov.Cloud-1' })));
    expect(rig.calls('CreateAccount')).toEqual([]);
    expect(rig.calls('CreateGovCloudAccount')).toHaveLength(1);
    expect(rig.simulator.snapshot().requests[0]).toMatchObject({
      kind: 'govcloud',
      tags: { [REQUEST_TAG]: 'vend' },
    });
  });

  test('an answer with Id and State alone is an answer', async () => {
    const rig = await startRig({ simulator: { knobs: { firstAnswer: 'minimal' } } });
    expect(valueOf(await submit(rig, REQUEST))).toEqual({
      id: expect.stringMatching(/^car-/),
      state: 'IN_PROGRESS',
    });
  });

  test('members and times that no model knows do no harm', async () => {
    const rig = await startRig();
    rig.simulator.inject({ operation: 'CreateAccount', kind: 'extra-fields' });
    expect(valueOf(await submit(rig, REQUEST))).toMatchObject({ state: 'IN_PROGRESS' });
  });
});

const LOST: FaultRule[] = [
  { kind: 'reset', phase: 'after' },
  { kind: 'reset', phase: 'before' },
  { kind: 'cut-body' },
  { kind: 'html' },
  { kind: 'html', status: 200 },
  { kind: 'error', error: { name: 'ServiceException' }, phase: 'after' },
];

describe('a lost answer', () => {
  test.each(LOST)('%j: the outcome is unknown, and nothing is sent again', async (fault) => {
    const rig = await startRig();
    rig.simulator.inject({ ...fault, operation: 'CreateAccount', times: 'always' });
    const outcome = await submit(rig, REQUEST);
    expect(outcome).toMatchObject({
      ok: false,
      error: { operation: 'CreateAccount', outcome: 'unknown' },
    });
    expect(rig.calls('CreateAccount')).toHaveLength(1);
  });

  test('an answer without a request id leaves it unknown what came of it', async () => {
    const rig = await startRig({
      wrap: (aws) => ({
        ...aws,
        writersFor: () => ({
          ...aws.writersFor(),
          organizationsWrite: Object.assign(Object.create(aws.organizationsWrite), {
            send: () => Promise.resolve({}),
          }) as typeof aws.organizationsWrite,
        }),
      }),
    });
    expect(await submit(rig, REQUEST)).toMatchObject({ ok: false, error: { outcome: 'unknown' } });
  });
});

describe('a refusal', () => {
  test.each([
    ['TooManyRequestsException', undefined],
    ['ConcurrentModificationException', undefined],
    ['FinalizingOrganizationException', undefined],
    ['AccessDeniedException', undefined],
    ['ConstraintViolationException', 'ACCOUNT_NUMBER_LIMIT_EXCEEDED'],
    ['InvalidInputException', 'INVALID_ROLE_NAME'],
    ['NeverSeenException', undefined],
  ])('%s %s: nothing happened, and it was sent once', async (name, reason) => {
    const rig = await startRig();
    rig.simulator.inject({
      operation: 'CreateAccount',
      kind: 'error',
      error: { name, ...(reason ? { reason } : {}) },
      times: 'always',
    });
    const outcome = await submit(rig, REQUEST);
    expect(outcome).toMatchObject({
      ok: false,
      error: { name, ...(reason ? { reason } : {}), outcome: 'rejected' },
    });
    expect(rig.calls('CreateAccount')).toHaveLength(1);
    expect(rig.simulator.committedCreations()).toEqual({});
  });

  test("says AWS's text without the address and the name", async () => {
    const rig = await startRig();
    const message = `${REQUEST.email} and ${REQUEST.accountName} do not go together`;
    rig.simulator.inject({
      operation: 'CreateAccount',
      kind: 'error',
      error: { name: 'InvalidInputException', message },
    });
    const text = JSON.stringify(await submit(rig, REQUEST));
    expect(text).toContain('do not go together');
    expect(text).not.toContain('@');
    expect(text).not.toContain(REQUEST.accountName);
  });

  test.each([5, 1])('for the number in progress: says that there are %p', async (inProgress) => {
    const rig = await startRig({ simulator: { knobs: { creationsInProgress: inProgress } } });
    for (let n = 0; n < inProgress; n += 1) valueOf(await submit(rig, admitted(`other-${n}`)));
    expect(await submit(rig, REQUEST)).toMatchObject({
      ok: false,
      error: { reason: 'ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED' },
      inProgress,
    });
  });

  test('how many are in progress cannot always be told; the refusal stays the same', async () => {
    const rig = await startRig();
    const reason = 'ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED';
    const error = { name: 'ConstraintViolationException', reason };
    rig.simulator.inject({ operation: 'CreateAccount', kind: 'error', error });
    rig.simulator.inject(refuse('ListCreateAccountStatus', 'AccessDeniedException'));
    const outcome = await submit(rig, REQUEST);
    expect(outcome).toMatchObject({ ok: false, error: { reason } });
    expect(outcome).not.toHaveProperty('inProgress');
  });
});

describe('what may not be the first is not sent', () => {
  test('nor by a worker that was paused until the workflow counts it as lost', async () => {
    const rig = await startRig();
    const outcome = await rig.do.createAccount({
      organizationId: rig.simulator.organizationId,
      request: REQUEST,
      ...FIRST,
      takenWithinMs: 20_000,
      sendWithinMs: 0,
    });
    expect(outcome).toMatchObject({ ok: false, error: { outcome: 'not-sent' } });
    expect(rig.calls('CreateAccount')).toEqual([]);
  });

  test('nor where the pause began before the first line of the activity', async () => {
    const rig = await startRig({ scheduledMsAgo: 31_000 });
    expect(await submit(rig, REQUEST)).toMatchObject({ ok: false, error: { outcome: 'not-sent' } });
    expect(rig.calls('CreateAccount')).toEqual([]);
  });

  test('in an attempt after the first: what came of the first is unknown', async () => {
    const rig = await startRig({ attempt: 2 });
    expect(await submit(rig, REQUEST)).toMatchObject({
      ok: false,
      error: { name: 'MayNotBeTheFirst', outcome: 'unknown' },
    });
    expect(rig.calls('CreateAccount')).toEqual([]);
  });

  test('in another run than the one that was granted the place, unless it has proven it', async () => {
    const rig = await startRig();
    const input = {
      organizationId: rig.simulator.organizationId,
      request: REQUEST,
      grantedRunId: 'the run before the reset',
      takenWithinMs: 20_000,
      sendWithinMs: 10_000,
    };
    expect(await rig.do.createAccount(input)).toMatchObject({
      ok: false,
      error: { name: 'MayNotBeTheFirst', outcome: 'unknown' },
    });
    expect(rig.calls('CreateAccount')).toEqual([]);
    const { provenRunId } = FIRST;
    expect(await rig.do.createAccount({ ...input, provenRunId })).toMatchObject({ ok: true });
  });
});

describe('the time in which it may be sent passes', () => {
  const ROLE = 'arn:aws:iam::111122223333:role/Vending';
  const GOVCLOUD = admitted('vend', { kind: 'govcloud', accountName: 'gov' });
  /** Time for the look at the organization, also on a busy machine. */
  const sendWithinMs = 2_500;

  const submitWithin = (rig: Rig, request: AdmittedRequest) =>
    rig.do.createAccount({
      organizationId: rig.simulator.organizationId,
      request,
      ...FIRST,
      takenWithinMs: 20_000,
      sendWithinMs,
    });

  /** The role of the vend's own session is assumed only when the clock is moved on. */
  async function withSlowRole(): Promise<Rig> {
    const rig = await startRig({
      aws: { managementRoleArn: ROLE },
      simulator: { organization: { managementAccountId: '111122223333' } },
    });
    rig.simulator.inject({
      operation: 'AssumeRole',
      match: { contains: 'RoleSessionName=vend-' },
      kind: 'delay',
      delayMs: 1,
    });
    return rig;
  }

  test.each([
    ['CreateAccount', REQUEST],
    ['CreateGovCloudAccount', GOVCLOUD],
  ])(
    'before the credentials come: %s is not sent, and they come in vain',
    async (name, request) => {
      const rig = await withSlowRole();
      expect(await submitWithin(rig, request)).toMatchObject({
        ok: false,
        error: { operation: name, name: 'TooLate', outcome: 'not-sent' },
      });
      await until(
        async () => rig.calls('AssumeRole').length,
        (asked) => asked === 2,
      );
      rig.clock.advance(1);
      // It waits for the same credentials, and goes out behind all that had waited for them.
      const { organizationsWrite } = rig.aws.writersFor('vend');
      await organizationsWrite.send(new DescribeOrganizationCommand({}));
      expect(rig.calls(name)).toEqual([]);
    },
  );

  test.each([
    ['CreateAccount', REQUEST],
    ['CreateGovCloudAccount', GOVCLOUD],
  ])('while the process is paused before it sends: %s is not sent', async (name, request) => {
    const paused = () =>
      new OrganizationsClient({
        region: 'us-east-1',
        maxAttempts: 1,
        credentials: () => {
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, sendWithinMs + 100);
          return Promise.resolve({ accessKeyId: 'test', secretAccessKey: 'test' });
        },
      });
    const rig = await startRig({
      wrap: (aws) => ({
        ...aws,
        writersFor: () => ({ ...aws.writersFor(), organizationsWrite: paused() }),
      }),
    });
    expect(await submitWithin(rig, request)).toMatchObject({
      ok: false,
      error: { operation: name, name: 'TooLate', outcome: 'not-sent' },
    });
    expect(rig.calls(name)).toEqual([]);
  });

  test('after it was sent: its answer is waited for', async () => {
    const rig = await startRig();
    rig.simulator.inject({ operation: 'CreateAccount', kind: 'delay', delayMs: 1 });
    const outcome = submitWithin(rig, REQUEST);
    await untilTrue(() => rig.calls('CreateAccount').length === 1);
    await new Promise((resolve) => setTimeout(resolve, sendWithinMs + 200));
    rig.clock.advance(1);
    expect(valueOf(await outcome)).toMatchObject({ state: 'IN_PROGRESS' });
    expect(rig.calls('CreateAccount')).toHaveLength(1);
  });
});

test('where the organization could not be looked up, nothing was sent', async () => {
  const rig = await startRig();
  rig.simulator.inject({
    operation: 'DescribeOrganization',
    kind: 'reset',
    phase: 'before',
    times: 'always',
  });
  expect(await submit(rig, REQUEST)).toMatchObject({ ok: false, error: { outcome: 'not-sent' } });
  expect(rig.calls('CreateAccount')).toEqual([]);
});

test('neither address nor name is logged, whether AWS accepts or refuses', async () => {
  const rig = await startRig();
  valueOf(await submit(rig, REQUEST));
  rig.simulator.inject({
    operation: 'CreateAccount',
    kind: 'error',
    error: { name: 'InvalidInputException', message: `${REQUEST.email} is bad` },
  });
  await submit(rig, REQUEST);
  expect(rig.logged()).toContain('vend');
  expect(rig.logged()).not.toContain('@');
  expect(rig.logged()).not.toContain(REQUEST.accountName);
});

describe('one look at a creation', () => {
  const look = (rig: Awaited<ReturnType<typeof startRig>>, createAccountRequestId: string) =>
    rig.do.describeCreateAccountStatus({
      organizationId: rig.simulator.organizationId,
      createAccountRequestId,
    });

  test('in progress, then succeeded with the account and its times', async () => {
    const rig = await startRig();
    const { id } = valueOf(await submit(rig, REQUEST));
    expect(valueOf(await look(rig, id))).toMatchObject({ id, state: 'IN_PROGRESS' });
    rig.clock.advance(60_000);
    expect(valueOf(await look(rig, id))).toEqual({
      id,
      state: 'SUCCEEDED',
      accountId: expect.stringMatching(/^\d{12}$/),
      requestedAt: expect.stringMatching(/Z$/),
      completedAt: expect.stringMatching(/Z$/),
    });
  });

  test('both accounts of a GovCloud pair', async () => {
    const rig = await startRig();
    const request = admitted('gov', { kind: 'govcloud', accountName: 'gov' });
    const { id } = valueOf(await submit(rig, request));
    rig.clock.advance(60_000);
    expect(valueOf(await look(rig, id))).toMatchObject({
      accountId: expect.stringMatching(/^\d{12}$/),
      govCloudAccountId: expect.stringMatching(/^\d{12}$/),
    });
  });

  test.each([
    ['fail-invalid-address', { failureReason: 'INVALID_ADDRESS' }],
    ['fail-never-seen', { failureReason: 'NEVER_SEEN' }],
    ['fail-without-reason', {}],
  ])("%s: FAILED with AWS's word, unchanged", async (word, expected) => {
    const rig = await startRig();
    const request = admitted('vend', { email: `vend+${word}@example.com` });
    const { id } = valueOf(await submit(rig, request));
    rig.clock.advance(60_000);
    const status = valueOf(await look(rig, id));
    expect(status).toMatchObject({ state: 'FAILED', ...expected });
    expect('failureReason' in status).toBe('failureReason' in expected);
  });

  test('a state that no model knows passes through', async () => {
    const rig = await startRig();
    const { id } = valueOf(await submit(rig, REQUEST));
    rig.simulator.inject({ operation: 'DescribeCreateAccountStatus', kind: 'unknown-enum' });
    expect(valueOf(await look(rig, id))).toMatchObject({ id, state: 'NEVER_SEEN' });
  });

  test('an id that AWS does not know is an answer and no failure', async () => {
    const rig = await startRig();
    expect(await look(rig, 'car-0123456789abcdef0123456789abcdef')).toMatchObject({
      ok: false,
      error: { name: 'CreateAccountStatusNotFoundException', outcome: 'rejected' },
    });
  });

  test('a hiccup is overcome by the SDK', async () => {
    const rig = await startRig();
    const { id } = valueOf(await submit(rig, REQUEST));
    rig.simulator.inject({ operation: 'DescribeCreateAccountStatus', kind: 'html', times: 2 });
    expect(valueOf(await look(rig, id))).toMatchObject({ id });
  });
});
