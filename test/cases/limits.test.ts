import { CreateAccountCommand } from '@aws-sdk/client-organizations';
import type { VendRequest } from '../../src/contract';
import type { FaultRule, JournalEntry, SimulatorKnobs } from '../../src/simulator';
import { destroyClients, organizationsClient } from '../simulator/clients';
import type { Vending, VendHandle } from '../support/vending';
import {
  allFollowed,
  asked,
  creates,
  escalationsOf,
  expectAsAsked,
  followed,
  withCases,
} from './support';
import { refuse } from '../support/refuse';
import { signalsTo } from '../support/history';
import { untilTrue } from '../support/until';

const { start } = withCases();
afterEach(() => destroyClients());
const MINUTE = 60_000;

test('case 11 · ConcurrentModificationException five times, then success: no attempt is lost, nobody is asked', async () => {
  const vending = await start();
  const request = asked('busy', 'concurrent-5');
  const handle = await vending.begin(request);
  const result = await followed(vending, handle);
  expect(creates(vending)).toHaveLength(6);
  expect(result.createAccountRequestIds).toHaveLength(1);
  expect(await escalationsOf(handle)).toEqual([]);
  expectAsAsked(vending, [request, result]);
});

/** AWS's own rate and burst of CreateAccount. Fewer looks than by default, for the test's sake. */
const creation = { perSecond: 0.1, burst: 3, poll: { initial: '15s', max: '30s' } };
const PER_MS = 0.1 / 1_000;

/** The calls are not all equally long on their way from the gate to AWS. */
const ON_THEIR_WAY_MS = 2_000;

/** At no time more than the burst and what has been refilled since. */
function expectWithinRate(calls: JournalEntry[]): void {
  for (const [first, { time: from }] of calls.entries()) {
    for (const [n, { time: to }] of calls.slice(first).entries()) {
      expect(n + 1).toBeLessThanOrEqual(3 + (to - from + ON_THEIR_WAY_MS) * PER_MS);
    }
  }
}

function mostAtOnce(vending: Vending): number {
  const { requests } = vending.simulator.snapshot();
  return Math.max(
    ...requests.map(
      ({ requestedAt: at }) =>
        requests.filter((one) => one.requestedAt <= at && (one.completedAt ?? Infinity) > at)
          .length,
    ),
  );
}

/** So many requests at once, in this order: the burst has places, the others wait. */
async function queued(count: number, knobs: Partial<SimulatorKnobs>) {
  const vending = await start({ configuration: { creation }, simulator: { knobs } });
  const requests = Array.from({ length: count }, (_, n) => asked(`team-${n}`));
  const handles: VendHandle[] = [];
  for (const request of requests) handles.push(await joined(vending, request));
  return { vending, requests, handles };
}

/**
 * A vend that the gate has given a place, or told where it stands. Its history says so, and nobody is asked: queries
 * beside signals are what the time-skipping test server loses tasks by, on a busy machine, and then it stands still.
 */
async function joined(vending: Vending, request: VendRequest): Promise<VendHandle> {
  const handle = await vending.begin(request);
  await untilTrue(
    async () => (await signalsTo(handle, 'grant')) + (await signalsTo(handle, 'notice')) > 0,
  );
  return handle;
}

async function fiveOfAnotherTool(vending: Vending): Promise<void> {
  const tool = organizationsClient(vending.simulator.url);
  for (const n of [1, 2, 3, 4, 5]) {
    const Email = `theirs-${n}@example.com`;
    await tool.send(new CreateAccountCommand({ Email, AccountName: `Theirs ${n}` }));
  }
}

describe('case 12 · twenty requests at once', () => {
  test('never more than five in progress nor above the rate, in the order of the queue, none refused', async () => {
    const { vending, requests, handles } = await queued(20, {
      creationMs: { min: 30_000, max: 120_000 },
    });
    vending.simulator.set({ rateFactor: 1 });
    let most = 0;
    const results = await allFollowed(vending, handles, async () => {
      const state = await vending.glanceAtGate();
      most = Math.max(most, state?.inProgress ?? 0);
    });
    const calls = creates(vending);
    expect(calls.map(({ requestTag }) => requestTag)).toEqual(
      requests.map(({ requestId }) => requestId),
    );
    expect(calls.filter(({ error }) => error)).toEqual([]);
    expectWithinRate(calls);
    expect(mostAtOnce(vending)).toBeLessThanOrEqual(5);
    expect(most).toBe(5);
    expectAsAsked(vending, ...requests.map((request, n) => [request, results[n]!] as const));
  });

  // AWS allows one ListRoots a second: a fleet that begins at once must not use it up.
  test('a new worker asks for the root once, for all of them', async () => {
    const vending = await start({ simulator: { knobs: { emptyPageRate: 0 } } });
    const begun = [1, 2, 3, 4, 5].map((n) => vending.begin(asked(`team-${n}`)));
    await allFollowed(vending, await Promise.all(begun));
    expect(vending.calls('DescribeOrganization')).toBe(1);
    expect(vending.calls('ListRoots')).toBe(1);
  });

  test('creations of other tools take places too: waited for visibly, and nobody is asked', async () => {
    const vending = await start({ simulator: { knobs: { creationMs: 10 * MINUTE } } });
    await fiveOfAnotherTool(vending);
    const request = asked('ours');
    const handle = await vending.begin(request);
    await vending.until(handle, () => creates(vending).length > 5);
    await untilTrue(async () => (await vending.gateState()).foreign === 5);
    expect((await vending.gateState()).waitingFor).toContain('5 of them not by vends');
    const result = await followed(vending, handle);
    expect(await escalationsOf(handle)).toEqual([]);
    // Looked at, and not tried again and again.
    expect(creates(vending).filter(({ error }) => error).length).toBeLessThanOrEqual(3);
    expect(result).toMatchObject({ adopted: false, decisions: [] });
    expect(vending.simulator.createdAccounts()).toEqual({ '': 5, ours: 1 });
  });
});

describe('a vend that AWS refused goes ahead of those that have not tried', () => {
  const ids = ['first', 'second', 'third'];

  /** One has the only place and its call is on its way; the others wait behind it. */
  async function oneBeforeTwo(fault: FaultRule) {
    const vending = await start({
      configuration: { creation: { maxInProgress: 1 } },
      simulator: { knobs: { creationMs: 10 * MINUTE } },
    });
    vending.simulator.inject(fault);
    const handles: VendHandle[] = [];
    for (const id of ids) handles.push(await joined(vending, asked(id)));
    return { vending, handles };
  }

  const accepted = (vending: Vending) =>
    creates(vending).flatMap(({ requestTag, error }) => (requestTag && !error ? requestTag : []));

  test('for the number in progress', async () => {
    const { vending, handles } = await oneBeforeTwo({
      operation: 'CreateAccount',
      match: { requestTag: 'first' },
      kind: 'delay',
      phase: 'before',
      delayMs: 5 * MINUTE,
    });
    await fiveOfAnotherTool(vending);
    vending.simulator.advance(5 * MINUTE);
    await allFollowed(vending, handles);
    expect(creates(vending).flatMap(({ error }) => error ?? [])).toEqual([
      'ConstraintViolationException',
    ]);
    expect(accepted(vending)).toEqual(ids);
  });

  test('for want of a permission: it is the one that finds out whether it was granted', async () => {
    const denied = refuse('CreateAccount', 'AccessDeniedException', { times: 'always' });
    const { vending, handles } = await oneBeforeTwo(denied);
    await vending.escalated(handles[0]!);
    vending.simulator.clearFaults();
    await vending.resolveOrganization({ action: 'retry' });
    await allFollowed(vending, handles);
    expect(accepted(vending)).toEqual(ids);
  });
});

test('case 13 · another tool eats most of the bucket: all are done, and AWS is not asked in vain all the time', async () => {
  const { vending, requests, handles } = await queued(8, { creationMs: 20_000 });
  vending.simulator.set({ rateFactor: 1, backgroundUse: 0.8 });
  const results = await allFollowed(vending, handles);
  const refused = creates(vending).filter(({ error }) => error);
  expect(refused.length).toBeGreaterThan(0);
  expect(new Set(refused.map(({ error }) => error))).toEqual(new Set(['TooManyRequestsException']));
  // A token comes every 50 s, and whoever is refused tries again after a minute at most.
  expect(refused.length).toBeLessThanOrEqual(5 * 5);
  for (const handle of handles) expect(await escalationsOf(handle)).toEqual([]);
  expectAsAsked(vending, ...requests.map((request, n) => [request, results[n]!] as const));
});

test('case 14 · looks are throttled: followed all the same, and no second CreateAccount', async () => {
  const vending = await start({ simulator: { knobs: { creationMs: 5 * MINUTE } } });
  const throttled = refuse('DescribeCreateAccountStatus', 'TooManyRequestsException', {
    // The SDK itself asks three times a look, with pauses in real time.
    times: 4,
  });
  vending.simulator.inject(throttled);
  const request = asked('polled');
  const handle = await vending.begin(request);
  const result = await followed(vending, handle);
  expect(creates(vending)).toHaveLength(1);
  expect(await escalationsOf(handle)).toEqual([]);
  expectAsAsked(vending, [request, result]);
});

test('case 15 · IN_PROGRESS for 40 minutes: a person is told, nothing times out, it goes on by itself', async () => {
  const vending = await start({
    configuration: { creation: { poll: { initial: '30s', max: '5m' } } },
    simulator: { knobs: { creationMs: 40 * MINUTE } },
  });
  const request = asked('slow');
  const handle = await vending.begin(request);
  const { escalation, createAccountRequestIds } = await vending.escalated(handle);
  expect(escalation).toMatchObject({ reason: 'OVERDUE', scope: 'request' });
  expect(escalation?.message).toContain(createAccountRequestIds[0]);
  const result = await followed(vending, handle);
  expect(result.decisions).toEqual([]);
  expect(creates(vending)).toHaveLength(1);
  expect(await escalationsOf(handle)).toEqual(['OVERDUE']);
  expectAsAsked(vending, [request, result]);
});
