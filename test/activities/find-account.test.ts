import { REQUEST_TAG } from '../../src/contract';
import type { AdmittedRequest } from '../../src/domain/policy';
import { admitted, created, refuse, submit, valueOf, withRig } from './rig';
import type { Rig } from './rig';

const startRig = withRig();
const REQUEST = admitted('vend');
const NOTHING = { is: 'nothing', complete: true };
const TAGS = { [REQUEST_TAG]: 'vend' };

interface Looking {
  request?: AdmittedRequest;
  sinceMs?: number;
  ended?: string[];
}

function look(rig: Rig, { request = REQUEST, sinceMs, ended = [] }: Looking = {}) {
  return rig.do.findAccount({
    organizationId: rig.simulator.organizationId,
    request,
    since: new Date(sinceMs ?? rig.clock.now() - 60_000).toISOString(),
    ended,
  });
}
const find = async (rig: Rig, looking?: Looking) => withoutRun(valueOf(await look(rig, looking)));

function withoutRun<T extends object>(finding: T): Omit<T, 'runId'> {
  const { runId: _, ...rest }: T & { runId?: string } = finding;
  return rest;
}

/** Enough accounts and creations that the wanted one is far behind the first page. */
async function crowded(rig: Rig): Promise<void> {
  for (let n = 0; n < 7; n += 1) {
    rig.simulator.addAccount({ email: `member-${n}@example.com` });
    await created(rig, admitted(`other-${n}`));
  }
  rig.forget();
}

describe('an account of this request', () => {
  test('is found by the creation that made it, and proven by the tag', async () => {
    const rig = await startRig();
    const accountId = await created(rig, REQUEST);
    const [request] = rig.simulator.snapshot().requests;
    expect(await find(rig)).toMatchObject({
      is: 'ours',
      accountId,
      creation: { id: request?.id, state: 'SUCCEEDED' },
      joinedAt: expect.stringMatching(/Z$/),
    });
  });

  test('is found among the accounts where AWS has forgotten the creation', async () => {
    const rig = await startRig();
    const accountId = await created(rig, REQUEST);
    rig.simulator.set({ requestRetentionMs: 0 });
    expect(await find(rig)).toEqual({ is: 'ours', accountId, joinedAt: expect.any(String) });
  });

  test('is found with an address that differs in case alone', async () => {
    const rig = await startRig();
    const accountId = rig.simulator.addAccount({ email: 'VEND@Example.COM', tags: TAGS });
    expect(await find(rig)).toMatchObject({ is: 'ours', accountId });
    const other = { ...REQUEST, email: 'Vend@EXAMPLE.com' };
    expect(await find(rig, { request: other })).toMatchObject({ is: 'ours', accountId });
  });

  test('is found on the last page, behind empty ones', async () => {
    const rig = await startRig({ simulator: { knobs: { emptyPageRate: 0.6 } } });
    await crowded(rig);
    const accountId = rig.simulator.addAccount({ email: 'vend@example.com', tags: TAGS });
    expect(await find(rig)).toMatchObject({ is: 'ours', accountId });
    expect(rig.calls('ListAccounts').length).toBeGreaterThan(8);
    expect(rig.calls('ListCreateAccountStatus').length).toBeGreaterThan(4);
  });

  test.each(['INVALID_NEXT_TOKEN', 'INVALID_PAGINATION_TOKEN'])(
    'is found although the token expires in the middle (%s)',
    async (reason) => {
      const rig = await startRig();
      await crowded(rig);
      const accountId = rig.simulator.addAccount({ email: 'vend@example.com', tags: TAGS });
      for (const operation of ['ListAccounts', 'ListCreateAccountStatus']) {
        const error = { name: 'InvalidInputException', reason };
        rig.simulator.inject({ operation, kind: 'error', nth: 3, error });
      }
      expect(await find(rig)).toMatchObject({ is: 'ours', accountId });
    },
  );

  test.each(['state', 'both', 'status'] as const)(
    'is found whichever of State and Status AWS shows: %s',
    async (accountStateFields) => {
      const rig = await startRig({ simulator: { knobs: { accountStateFields } } });
      const accountId = await created(rig, REQUEST);
      expect(await find(rig)).toMatchObject({ is: 'ours', accountId });
    },
  );

  test('a sibling of the same name does not hide it', async () => {
    const rig = await startRig();
    await created(rig, admitted('sibling', { accountName: 'Same' }));
    const request = { ...REQUEST, accountName: 'Same' };
    const accountId = await created(rig, request);
    await submit(rig, admitted('third', { accountName: 'Same' }));
    expect(await find(rig, { request, sinceMs: rig.clock.now() - 300_000 })).toMatchObject({
      is: 'ours',
      accountId,
    });
  });

  test('is looked for without changing anything', async () => {
    const rig = await startRig();
    await created(rig, REQUEST);
    rig.forget();
    await find(rig);
    expect(rig.calls().filter((operation) => !/^(?:List|Describe)/.test(operation))).toEqual([]);
  });
});

describe('an account that is not proven ours is never adopted', () => {
  test.each<[string, Record<string, string>]>([
    ['without a tag', {}],
    ["with another vend's tag", { [REQUEST_TAG]: 'another' }],
    ["with another installation's tag", { [REQUEST_TAG]: 'east/vend' }],
    ['with our value in another tag', { Name: 'vend' }],
  ])('%s', async (_, tags) => {
    const rig = await startRig();
    const accountId = rig.simulator.addAccount({ email: 'vend@example.com', tags });
    expect(await find(rig)).toEqual({ is: 'foreign', accountId, complete: true });
  });

  test('older than anything that was sent for this request, and told so: it is no account of ours whose tag was changed', async () => {
    const rig = await startRig();
    const accountId = rig.simulator.addAccount({ email: 'vend@example.com' });
    const isOlder = true;
    const sinceMs = rig.clock.now() + 180_000;
    expect(await find(rig, { sinceMs })).toEqual({
      is: 'foreign',
      accountId,
      isOlder,
      complete: true,
    });
    // Clocks differ by minutes.
    expect(await find(rig, { sinceMs: sinceMs - 120_000 })).not.toHaveProperty('isOlder');
  });

  test('with our tag and another address: copied, not made by us', async () => {
    const rig = await startRig();
    rig.simulator.addAccount({ email: 'else@example.com', tags: TAGS });
    expect(await find(rig)).toEqual(NOTHING);
  });

  test('the management account, even with our tag', async () => {
    const rig = await startRig();
    const { organizationId, managementAccountId: accountId } = rig.simulator;
    const { accounts } = rig.simulator.snapshot();
    const email = accounts.find(({ id }) => id === accountId)?.email ?? '';
    expect(email).toContain('@');
    const request = { ...REQUEST, email };
    expect(await find(rig, { request })).toEqual({ is: 'foreign', accountId, complete: true });
    valueOf(await rig.do.tagAccount({ organizationId, accountId, tags: TAGS }));
    expect(await find(rig, { request })).toEqual({ is: 'foreign', accountId, complete: true });
  });

  test.each(['SUSPENDED', 'PENDING_CLOSURE', 'CLOSED'])(
    'one that is ours and %s: not taken, and no proof that there is none',
    async (state) => {
      const rig = await startRig();
      const accountId = rig.simulator.addAccount({ email: 'vend@example.com', tags: TAGS, state });
      const inactive = { accountId, state };
      expect(await find(rig)).toEqual({ is: 'nothing', complete: false, inactive });
    },
  );
});

test('an account whose sign-up is not finished is not taken yet', async () => {
  const rig = await startRig({ simulator: { knobs: { activationMs: 3_600_000 } } });
  const accountId = await created(rig, REQUEST);
  expect(await find(rig)).toEqual({ is: 'nothing', complete: false });
  rig.clock.advance(3_600_000);
  const sinceMs = rig.clock.now() - 4_000_000;
  expect(await find(rig, { sinceMs })).toMatchObject({ is: 'ours', accountId });
});

describe('a creation under way', () => {
  test('of this name is waited for', async () => {
    const rig = await startRig();
    const { id } = valueOf(await submit(rig, REQUEST));
    expect(await find(rig)).toMatchObject({ is: 'in-progress', creation: { id } });
  });

  test('of another name is none of ours', async () => {
    const rig = await startRig();
    await submit(rig, admitted('other'));
    expect(await find(rig)).toEqual(NOTHING);
  });

  test('whose first answer showed another time is still the one: clocks differ', async () => {
    const rig = await startRig();
    await submit(rig, REQUEST);
    const sinceMs = rig.clock.now() + 90_000;
    expect(await find(rig, { sinceMs })).toMatchObject({ is: 'in-progress' });
  });

  test('from long before this request is none of ours', async () => {
    const rig = await startRig({ simulator: { knobs: { creationMs: 7_200_000 } } });
    await submit(rig, admitted('other', { accountName: REQUEST.accountName! }));
    rig.clock.advance(3_600_000);
    expect(await find(rig)).toEqual(NOTHING);
  });
});

describe('nothing is only said to be complete when all could be told', () => {
  test('nothing was ever sent', async () => {
    const rig = await startRig();
    await crowded(rig);
    expect(await find(rig)).toEqual(NOTHING);
  });

  test('a creation that failed made nothing, whether it is known or not', async () => {
    const rig = await startRig();
    const request = { ...REQUEST, email: 'vend+fail-internal-failure@example.com' };
    const { id } = valueOf(await submit(rig, request));
    rig.clock.advance(60_000);
    expect(await find(rig, { request })).toEqual(NOTHING);
    expect(await find(rig, { request, ended: [id] })).toEqual(NOTHING);
  });

  test('an account that AWS does not show yet', async () => {
    const lag = { describeVisibleMs: 30_000, listVisibleMs: 30_000 };
    const rig = await startRig({ simulator: { knobs: lag } });
    await submit(rig, REQUEST);
    rig.clock.advance(1_000);
    expect(await find(rig)).toEqual({
      is: 'nothing',
      complete: false,
      gone: [{ accountId: expect.stringMatching(/^\d{12}$/), completedAt: expect.any(String) }],
    });
    expect(valueOf(await look(rig))).toHaveProperty('runId', expect.any(String));
    rig.clock.advance(60_000);
    expect(await find(rig, { sinceMs: rig.clock.now() - 120_000 })).toMatchObject({ is: 'ours' });
  });

  test('a creation in a state that nobody knows', async () => {
    const rig = await startRig();
    await submit(rig, REQUEST);
    rig.simulator.inject({
      operation: 'ListCreateAccountStatus',
      kind: 'unknown-enum',
      times: 'always',
    });
    expect(await find(rig)).not.toEqual(NOTHING);
  });

  test.each(['ListCreateAccountStatus', 'ListAccounts', 'DescribeAccount', 'ListTagsForResource'])(
    'where %s is refused there is no finding at all',
    async (operation) => {
      const rig = await startRig();
      await created(rig, REQUEST);
      rig.simulator.set({ requestRetentionMs: operation === 'DescribeAccount' ? null : 0 });
      rig.simulator.inject(refuse(operation, 'AccessDeniedException', { times: 'always' }));
      expect(await look(rig)).toMatchObject({ ok: false, error: { operation } });
    },
  );

  test('where the token expires again and again the look ends without a finding', async () => {
    const rig = await startRig();
    await crowded(rig);
    rig.simulator.inject({
      operation: 'ListAccounts',
      kind: 'error',
      error: { name: 'InvalidInputException', reason: 'INVALID_NEXT_TOKEN' },
      match: { contains: 'NextToken' },
      times: 'always',
    });
    expect(await look(rig)).toMatchObject({ ok: false, error: { reason: 'INVALID_NEXT_TOKEN' } });
  });
});

describe('looks at the same time', () => {
  const LIST = 'ListAccounts';

  test('read the accounts of the organization together', async () => {
    const rig = await startRig({ simulator: { knobs: { emptyPageRate: 0 } } });
    await crowded(rig);
    await find(rig);
    const once = rig.calls(LIST).length;
    rig.forget();
    const all = await Promise.all(
      Array.from({ length: 10 }, (_, n) => find(rig, { request: admitted(`lost-${n}`) })),
    );
    expect(all).toEqual(all.map(() => ({ is: 'nothing', complete: true })));
    expect(rig.calls(LIST).length).toBeLessThanOrEqual(2 * once);
  });

  test('are not answered with what was read before they began', async () => {
    // All on one page, so that the first look has read them when it is held up.
    const rig = await startRig({ simulator: { knobs: { pageSize: 20, emptyPageRate: 0 } } });
    rig.simulator.inject({ operation: LIST, kind: 'delay', phase: 'after', delayMs: 1_000 });
    const before = find(rig);
    while (rig.calls(LIST).length === 0) await new Promise((resolve) => setImmediate(resolve));
    const accountId = rig.simulator.addAccount({ email: 'vend@example.com', tags: TAGS });
    const after = find(rig);
    await new Promise((resolve) => setTimeout(resolve, 50));
    rig.clock.advance(1_000);
    expect(await before).toMatchObject({ is: 'nothing' });
    expect(await after).toMatchObject({ is: 'ours', accountId });
  });
});
