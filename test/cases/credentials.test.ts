import { stateQuery } from '../../src/contract';
import type { FaultRule } from '../../src/simulator';
import { asked, creates, escalationsOf, expectAsAsked, followed, withCases } from './support';
import { refuse } from '../support/refuse';

const { start } = withCases();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Whatever is called, the credentials have expired. */
const expired: FaultRule = {
  kind: 'error',
  times: 'always',
  error: { name: 'ExpiredTokenException', message: 'The security token has expired.' },
};

/** The organization is told of it; AWS takes hours. */
async function expiredWhileAwsCreates() {
  const vending = await start({
    simulator: { knobs: { creationMs: 4 * HOUR } },
    configuration: { creation: { poll: { initial: '1m', max: '10m' }, overdueAfter: '8h' } },
  });
  const handle = await vending.begin(asked('long'));
  await vending.until(handle, ({ createAccountRequestIds }) => createAccountRequestIds.length > 0);
  vending.simulator.inject(expired);
  await vending.escalated(handle);
  return { vending, handle };
}

test('case 24 · AssumeRole is denied for nine minutes, then fine: waited for, and nobody is asked', async () => {
  const vending = await start({
    simulator: { knobs: { usableMs: 9 * MINUTE } },
    configuration: { readiness: { assumeRole: true } },
  });
  const request = asked('new');
  const handle = await vending.begin(request);
  const result = await followed(vending, handle);
  expect(Date.parse(result.completedAt) - Date.parse(result.createdAt)).toBeGreaterThanOrEqual(
    9 * MINUTE,
  );
  expect(await escalationsOf(handle)).toEqual([]);
  expectAsAsked(vending, [request, result]);
});

test.each(['SubscriptionRequiredException', 'OptInRequired', 'UnrecognizedClientException'])(
  'case 24 · the role works and services answer %s for an hour: not ready before they do',
  async (notUsableError) => {
    const vending = await start({
      simulator: { knobs: { usableMs: MINUTE, serviceUsableMs: HOUR, notUsableError } },
      configuration: { readiness: { assumeRole: true } },
    });
    const request = asked('new');
    const handle = await vending.begin(request);
    const result = await followed(vending, handle);
    expect(Date.parse(result.completedAt) - Date.parse(result.createdAt)).toBeGreaterThanOrEqual(
      HOUR,
    );
    expect(await escalationsOf(handle)).toEqual([]);
    expectAsAsked(vending, [request, result]);
  },
);

test('case 24 · credentials expire while AWS creates: the organization is told, and nothing is sent twice', async () => {
  const vending = await start({
    simulator: { knobs: { creationMs: HOUR } },
    configuration: { creation: { poll: { initial: '1m', max: '10m' } } },
  });
  const request = asked('long');
  const handle = await vending.begin(request);
  await vending.until(handle, ({ createAccountRequestIds }) => createAccountRequestIds.length > 0);
  vending.simulator.inject(expired);
  const { escalation, stage } = await vending.escalated(handle);
  expect(stage).toBe('creating');
  expect(escalation).toMatchObject({ reason: 'ExpiredTokenException', scope: 'organization' });
  await vending.pass(2 * HOUR);
  expect((await handle.query(stateQuery)).stage).toBe('creating');
  // Renewed: nobody has to answer.
  vending.simulator.clearFaults();
  const result = await followed(vending, handle);
  expect(creates(vending)).toHaveLength(1);
  expect(result.decisions).toEqual([]);
  expect((await vending.gateState()).escalations).toEqual([]);
  expectAsAsked(vending, [request, result]);
});

test('case 24 · renewed, and throttled in the same moment: nobody is held back for what is over', async () => {
  const { vending, handle } = await expiredWhileAwsCreates();
  await vending.pass(2 * HOUR);
  vending.simulator.clearFaults();
  vending.simulator.inject({
    operation: 'DescribeCreateAccountStatus',
    kind: 'error',
    times: 4,
    error: { name: 'TooManyRequestsException' },
  });
  await vending.pass(HOUR);
  expect((await vending.gateState()).escalations).toEqual([]);
  expect((await handle.query(stateQuery)).escalation).toBeUndefined();
  expect(await escalationsOf(handle)).toEqual(['ExpiredTokenException']);
  await followed(vending, handle);
});

test('case 24 · renewed, and without a permission now: that is told, and the organization is let go', async () => {
  const { vending, handle } = await expiredWhileAwsCreates();
  vending.simulator.clearFaults();
  vending.simulator.inject({
    operation: 'DescribeCreateAccountStatus',
    kind: 'error',
    times: 'always',
    error: { name: 'AccessDeniedException' },
  });
  await vending.pass(HOUR);
  const reasons = (await vending.gateState()).escalations.map(({ reason }) => reason);
  expect(reasons).toEqual(['AccessDeniedException']);
  expect((await handle.query(stateQuery)).escalation?.reason).toBe('AccessDeniedException');
  vending.simulator.clearFaults();
  await followed(vending, handle);
});

test('case 24 · credentials expire while packs are waited for: told, and it goes on when they are renewed', async () => {
  const vending = await start({
    configuration: { conformance: { poll: { initial: '5m', max: '30m' } } },
  });
  vending.simulator.putConformancePack({
    name: 'Baseline',
    region: 'us-east-1',
    rowDelayMs: 4 * HOUR,
  });
  const request = { ...asked('covered'), conformance: {} };
  const handle = await vending.begin(request);
  await vending.until(handle, ({ conformance }) => conformance?.[0]?.status === 'NO_ROW');
  vending.simulator.inject(expired);
  const { escalation, stage } = await vending.escalated(handle);
  expect(stage).toBe('conforming');
  expect(escalation).toMatchObject({ reason: 'ExpiredTokenException', scope: 'organization' });
  await vending.pass(5 * HOUR);
  vending.simulator.clearFaults();
  const result = await followed(vending, handle);
  expect(result.decisions).toEqual([]);
  expect(await escalationsOf(handle)).toEqual(['ExpiredTokenException']);
  expectAsAsked(vending, [request, result]);
});

test('case 24 · credentials expire after CreateAccount whose answer was lost: no look, so nothing is sent', async () => {
  const vending = await start();
  vending.simulator.inject({ operation: 'CreateAccount', kind: 'reset', phase: 'after' });
  vending.simulator.inject({
    ...refuse('ListCreateAccountStatus', 'ExpiredTokenException'),
    times: 'always',
  });
  const request = asked('lost');
  const handle = await vending.begin(request);
  const { escalation } = await vending.escalated(handle);
  expect(escalation).toMatchObject({ reason: 'ExpiredTokenException', scope: 'organization' });
  await vending.pass(2 * HOUR);
  expect(creates(vending)).toHaveLength(1);
});
