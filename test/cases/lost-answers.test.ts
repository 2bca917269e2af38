import { CancelledFailure } from '@temporalio/common';
import { stateQuery } from '../../src/contract';
import type { FaultRule } from '../../src/simulator';
import type { Vending } from '../support/vending';
import { asked, creates, escalationsOf, expectAsAsked, followed, withCases } from './support';
import { refuse } from '../support/refuse';
import { untilTrue } from '../support/until';

const { start } = withCases();

/** CreateAccount was carried out and its answer lost: what came of it is found, by its tag. */
async function foundAgain(vending: Vending, requestId: string, word = ''): Promise<void> {
  const request = asked(requestId, word);
  const result = await followed(vending, await vending.begin(request));
  const { requests } = vending.simulator.snapshot();
  expect(result.adopted).toBe(true);
  expect(result.createAccountRequestIds).toEqual(requests.map(({ id }) => id));
  expectAsAsked(vending, [request, result]);
}

describe('case 1 · an answer lost after the commit: the creation is adopted, CreateAccount was sent once', () => {
  const lost: [string, FaultRule][] = [
    ['the connection is reset', { kind: 'reset', phase: 'after' }],
    ['the body is cut', { kind: 'cut-body' }],
  ];

  test.each(lost)('%s while AWS still creates', async (_what, fault) => {
    const vending = await start({ simulator: { knobs: { creationMs: 45_000 } } });
    vending.simulator.inject({ operation: 'CreateAccount', ...fault });
    await foundAgain(vending, 'lost');
    expect(creates(vending)).toHaveLength(1);
  });

  test('the connection is reset, and the account is long there at the first look', async () => {
    const vending = await start();
    await foundAgain(vending, 'lost', 'drop-after-commit');
    expect(creates(vending)).toHaveLength(1);
  });
});

test('case 2 · a connection lost before the commit: exactly one repeat, and not before four looks', async () => {
  const vending = await start();
  const request = asked('lost', 'drop-before-commit');
  const result = await followed(vending, await vending.begin(request));
  expect(creates(vending).map(({ committed }) => committed)).toEqual([false, true]);
  const [first, second] = creates(vending).map(({ sequence }) => sequence);
  const looks = vending.simulator
    .journal()
    .filter(({ operation }) => operation === 'ListCreateAccountStatus')
    .filter(({ sequence }) => sequence > (first ?? 0) && sequence < (second ?? 0));
  expect(looks.length).toBeGreaterThanOrEqual(4);
  expect(result.adopted).toBe(false);
  expectAsAsked(vending, [request, result]);
});

test('case 3 · an HTTP 500 after the commit: the account is adopted, CreateAccount was sent once', async () => {
  const vending = await start();
  await foundAgain(vending, 'broken', 'http500-after-commit');
  expect(creates(vending)).toHaveLength(1);
});

describe('case 19 · AWS does not know for a while what it has just made', () => {
  const knobs = {
    creationMs: 1_000,
    statusVisibleMs: 2_000,
    describeVisibleMs: 30_000,
    listVisibleMs: 30_000,
  };

  test('request unknown for 2 s, account for 30 s: waited for, and nobody is bothered', async () => {
    const creation = { poll: { initial: '1s' } };
    const vending = await start({ configuration: { creation }, simulator: { knobs } });
    const request = asked('late');
    const handle = await vending.begin(request);
    const result = await followed(vending, handle);
    expect(creates(vending)).toHaveLength(1);
    expect(vending.simulator.journal()).toContainEqual(
      expect.objectContaining({ error: 'CreateAccountStatusNotFoundException' }),
    );
    // It was never lost, so nothing had to be found again.
    expect(result.adopted).toBe(false);
    const answers = vending.simulator
      .journal()
      .filter(({ operation }) => operation === 'MoveAccount')
      .map(({ error }) => error);
    expect(answers[0]).toBe('AccountNotFoundException');
    expect(answers.at(-1)).toBeUndefined();
    expect(await escalationsOf(handle)).toEqual([]);
    expectAsAsked(vending, [request, result]);
  });

  test('and the answer was lost as well: no look without a find leads to a second creation', async () => {
    const vending = await start({ simulator: { knobs } });
    await foundAgain(vending, 'late', 'drop-after-commit');
    expect(creates(vending)).toHaveLength(1);
  });
});

describe('case 20 · pages', () => {
  /** Only ListAccounts can find the account: AWS tracks no creation for longer than a moment. */
  const knobs = { requestRetentionMs: 1, creationMs: 1_000, pageSize: 2, emptyPageRate: 0.5 };

  test('empty ones, an expired token in the middle, the account on the last: found', async () => {
    const vending = await start({ simulator: { knobs } });
    for (let n = 0; n < 9; n += 1) vending.simulator.addAccount({ email: `old-${n}@example.com` });
    vending.simulator.inject(
      refuse('ListAccounts', 'InvalidInputException', { reason: 'INVALID_NEXT_TOKEN', nth: 4 }),
    );
    const request = asked('last', 'drop-after-commit');
    const handle = await vending.begin(request);
    const result = await followed(vending, handle);
    expect(creates(vending)).toHaveLength(1);
    // Eleven accounts, two a page, begun anew once, and empty pages in between.
    expect(vending.calls('ListAccounts')).toBeGreaterThan(9);
    expect(await escalationsOf(handle)).toEqual([]);
    expectAsAsked(vending, [request, result]);
  });

  test('accounts join between the pages of each listing: the end of the list is still reached', async () => {
    let join = (): unknown => undefined;
    const vending = await start({
      simulator: {
        knobs,
        log: (line) => {
          if (line.includes(' ListAccounts ')) join();
        },
      },
    });
    let joined = 0;
    join = () => {
      joined += 1;
      // Not for ever: a list that grows faster than it is read has no end.
      if (joined % 3 !== 0) vending.simulator.addAccount({ email: `new-${joined}@example.com` });
    };
    const request = asked('moving', 'drop-after-commit');
    const result = await followed(vending, await vending.begin(request));
    expect(joined).toBeGreaterThan(3);
    expect(creates(vending)).toHaveLength(1);
    expectAsAsked(vending, [request, result]);
  });

  test('an account that slips through the pages of one look is found by the next', async () => {
    const vending = await start({ simulator: { knobs: { ...knobs, listVisibleMs: 60_000 } } });
    const request = asked('slipped', 'drop-after-commit');
    const result = await followed(vending, await vending.begin(request));
    expect(creates(vending)).toHaveLength(1);
    expectAsAsked(vending, [request, result]);
  });
});

describe('cancelled while CreateAccount is in flight: it ends in an account that is known', () => {
  /** The answer of CreateAccount is on its way, and comes when the simulator's clock is moved. */
  async function inFlight(fault: FaultRule) {
    const vending = await start({ simulator: { knobs: { creationMs: 20_000 } } });
    vending.simulator.inject({ operation: 'CreateAccount', ...fault });
    const handle = await vending.begin(asked('cancelled'));
    await untilTrue(() => creates(vending).length === 1);
    await handle.cancel();
    vending.simulator.advance(1_000);
    const error: unknown = await handle.result().catch(({ cause }: { cause: unknown }) => cause);
    expect(error).toBeInstanceOf(CancelledFailure);
    return { vending, state: await handle.query(stateQuery) };
  }

  test.each<[string, FaultRule]>([
    ['AWS had already carried it out', { kind: 'delay', delayMs: 1_000 }],
    ['AWS carries it out only then', { kind: 'delay', delayMs: 1_000, phase: 'before' }],
  ])('%s', async (_what, fault) => {
    const { vending, state } = await inFlight(fault);
    const made = vending.simulator.snapshot().accounts.filter((one) => one.createAccountRequestId);
    expect(made).toHaveLength(1);
    expect(state).toMatchObject({ stage: 'cancelled', accountId: made[0]?.id });
    expect(creates(vending)).toHaveLength(1);
  });

  test('and the answer is lost on top: looked for, and known', async () => {
    const vending = await start({ simulator: { knobs: { creationMs: 20_000 } } });
    vending.simulator.inject({ operation: 'CreateAccount', kind: 'reset', phase: 'after' });
    const handle = await vending.begin(asked('cancelled'));
    await untilTrue(() => creates(vending).length === 1);
    await handle.cancel();
    await handle.result().catch(() => undefined);
    const made = vending.simulator.snapshot().accounts.filter((one) => one.createAccountRequestId);
    const state = await handle.query(stateQuery);
    expect(state).toMatchObject({ stage: 'cancelled', accountId: made[0]?.id });
    expect(creates(vending)).toHaveLength(1);
  });
});
