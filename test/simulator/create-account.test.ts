import {
  CreateAccountCommand,
  CreateGovCloudAccountCommand,
  DescribeAccountCommand,
  DescribeCreateAccountStatusCommand,
  ListParentsCommand,
  ListTagsForResourceCommand,
} from '@aws-sdk/client-organizations';
import { create, creation, failure, finish, startRig, status, type Rig } from './clients';

let rig: Rig;
beforeEach(async () => {
  rig = await startRig({ knobs: { emptyPageRate: 0 } });
});
afterEach(() => rig.close());

describe('a creation', () => {
  it('answers IN_PROGRESS and ends SUCCEEDED when its time has come', async () => {
    const { CreateAccountStatus: first } = await rig.organizations.send(creation('a@example.com'));
    expect(first).toEqual({
      Id: expect.stringMatching(/^car-[0-9a-f]{12}1[0-9a-f]{19}$/),
      AccountName: 'Test',
      State: 'IN_PROGRESS',
      RequestedTimestamp: new Date('2026-11-22T00:00:00Z'),
    });
    rig.clock.advance(49);
    expect((await status(rig, first!.Id!)).State).toBe('IN_PROGRESS');
    rig.clock.advance(1);
    expect(await status(rig, first!.Id!)).toEqual({
      ...first,
      State: 'SUCCEEDED',
      CompletedTimestamp: new Date('2026-11-22T00:00:00.050Z'),
      AccountId: expect.stringMatching(/^\d{12}$/),
    });
  });

  it('makes an account at the root, with the tags of the request', async () => {
    const { AccountId } = await finish(rig, 'a@example.com', 'team-a');
    const { Account } = await rig.organizations.send(new DescribeAccountCommand({ AccountId }));
    const { organizationId, rootId, managementAccountId } = rig.simulator;
    expect(Account).toEqual({
      Id: AccountId,
      Arn: `arn:aws:organizations::${managementAccountId}:account/${organizationId}/${AccountId}`,
      Email: 'a@example.com',
      Name: 'Test',
      State: 'ACTIVE',
      Paths: [`${organizationId}/${rootId}/${AccountId}/`],
      JoinedMethod: 'CREATED',
      JoinedTimestamp: new Date('2026-11-22T00:00:00.050Z'),
    });
    const parents = await rig.organizations.send(new ListParentsCommand({ ChildId: AccountId }));
    expect(parents.Parents).toEqual([{ Id: rootId, Type: 'ROOT' }]);
    const tags = await rig.organizations.send(
      new ListTagsForResourceCommand({ ResourceId: AccountId }),
    );
    expect(tags.Tags).toEqual([{ Key: 'account-vending:request-id', Value: 'team-a' }]);
  });

  it('is refused as the sixth in progress, and accepted as soon as one has ended', async () => {
    for (const n of [1, 2, 3, 4, 5]) await create(rig, `a${n}@example.com`);
    expect(await failure(create(rig, 'a6@example.com'))).toMatchObject({
      name: 'ConstraintViolationException',
      reason: 'ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED',
      status: 400,
    });
    rig.clock.advance(50);
    await expect(create(rig, 'a6@example.com')).resolves.toMatch(/^car-/);
  });

  it('can end at the n-th look instead of by time', async () => {
    rig.simulator.set({ creationLooks: 3 });
    const id = await create(rig, 'a@example.com');
    rig.clock.advance(3_600_000);
    const states = [await status(rig, id), await status(rig, id), await status(rig, id)];
    expect(states.map(({ State }) => State)).toEqual(['IN_PROGRESS', 'IN_PROGRESS', 'SUCCEEDED']);
  });

  it('is not known to its readers until it is visible', async () => {
    rig.simulator.set({ statusVisibleMs: 2000, describeVisibleMs: 5000 });
    const id = await create(rig, 'a@example.com');
    expect(await failure(status(rig, id))).toMatchObject({
      name: 'CreateAccountStatusNotFoundException',
    });
    rig.clock.advance(2000);
    const { AccountId } = await status(rig, id);
    const describe = () => rig.organizations.send(new DescribeAccountCommand({ AccountId }));
    expect(await failure(describe())).toMatchObject({ name: 'AccountNotFoundException' });
    rig.clock.advance(3050);
    await expect(describe()).resolves.toMatchObject({ Account: { Id: AccountId } });
  });

  it('may answer at first with Id and State only', async () => {
    rig.simulator.set({ firstAnswer: 'minimal' });
    const { CreateAccountStatus: first } = await rig.organizations.send(creation('a@example.com'));
    expect(Object.keys(first!).sort()).toEqual(['Id', 'State']);
  });
});

describe('an address', () => {
  it('belongs to one account for ever, whatever its case', async () => {
    await finish(rig, 'Some.One@example.com');
    const again = await finish(rig, 'some.one@EXAMPLE.com');
    expect(again).toMatchObject({ State: 'FAILED', FailureReason: 'EMAIL_ALREADY_EXISTS' });
  });

  it('stays taken when its account is closed', async () => {
    rig.simulator.addAccount({ email: 'closed@example.com', state: 'CLOSED' });
    expect((await finish(rig, 'closed@example.com')).FailureReason).toBe('EMAIL_ALREADY_EXISTS');
  });

  it('may belong to an account outside of the organization', async () => {
    rig.simulator.takeEmail('Foreign@example.com');
    expect((await finish(rig, 'foreign@example.com')).FailureReason).toBe('EMAIL_ALREADY_EXISTS');
  });

  it.each(['CONCURRENT_ACCOUNT_MODIFICATION', 'EMAIL_ALREADY_EXISTS'] as const)(
    'in progress twice ends the later one with %s',
    async (reason) => {
      rig.simulator.set({ sameEmailReason: reason });
      const first = await create(rig, 'a@example.com', 'r');
      const second = await create(rig, 'A@example.com', 'r');
      rig.clock.advance(50);
      expect((await status(rig, first)).State).toBe('SUCCEEDED');
      expect(await status(rig, second)).toMatchObject({ State: 'FAILED', FailureReason: reason });
      expect(rig.simulator.committedCreations()).toEqual({ r: 2 });
      expect(rig.simulator.createdAccounts()).toEqual({ r: 1 });
    },
  );

  it('can be judged at the call', async () => {
    rig.simulator.set({ judgeAt: 'call' });
    await finish(rig, 'a@example.com');
    const { CreateAccountStatus: second } = await rig.organizations.send(creation('a@example.com'));
    expect(second).toMatchObject({ State: 'FAILED', FailureReason: 'EMAIL_ALREADY_EXISTS' });
  });

  it('is free again after FAILED, unless the knob keeps it after INTERNAL_FAILURE', async () => {
    const email = 'a+fail-internal-failure-1x@example.com';
    expect((await finish(rig, email)).FailureReason).toBe('INTERNAL_FAILURE');
    rig.simulator.set({ internalFailureKeepsEmail: true });
    expect((await finish(rig, email)).FailureReason).toBe('EMAIL_ALREADY_EXISTS');
    rig.simulator.set({ internalFailureKeepsEmail: false });
    expect((await finish(rig, email)).State).toBe('SUCCEEDED');
  });

  it.each(['.dot@example.com', 'a"b@example.com', 'a@-example.com', 'a(b@example.com'])(
    '%s passes the pattern and ends INVALID_EMAIL',
    async (email) => {
      expect((await finish(rig, email)).FailureReason).toBe('INVALID_EMAIL');
    },
  );
});

describe('the organization', () => {
  it('has a quota of accounts, judged at the end', async () => {
    rig.simulator.set({ accountQuota: 2 });
    expect((await finish(rig, 'a@example.com')).State).toBe('SUCCEEDED');
    expect((await finish(rig, 'b@example.com')).FailureReason).toBe('ACCOUNT_LIMIT_EXCEEDED');
  });

  it.each([
    ['a@example.com', 'b+slow-60@example.com'],
    ['b+slow-60@example.com', 'a@example.com'],
  ])('lets things happen when they are due, not when somebody looks: %s, %s', async (...emails) => {
    rig.simulator.set({ accountQuota: 2 });
    for (const email of emails) await create(rig, email);
    rig.clock.advance(3_600_000);
    const { requests } = rig.simulator.snapshot();
    expect(requests.filter(({ state }) => state === 'SUCCEEDED')).toMatchObject([
      { email: 'a@example.com', completedAt: Date.parse('2026-11-22T00:00:00.050Z') },
    ]);
  });

  it('has a quota of accounts, judged at the call by knob', async () => {
    rig.simulator.set({ accountQuota: 1, judgeAt: 'call' });
    expect(await failure(create(rig, 'a@example.com'))).toMatchObject({
      name: 'ConstraintViolationException',
      reason: 'ACCOUNT_NUMBER_LIMIT_EXCEEDED',
    });
  });

  it('ends every creation with the issue of its management account, until that is cleared', async () => {
    rig.simulator.set({ managementIssue: 'PENDING_BUSINESS_VALIDATION' });
    const id = await create(rig, 'a@example.com');
    rig.clock.advance(50);
    // What was due before the change ends as it would have.
    rig.simulator.set({ managementIssue: null });
    expect((await status(rig, id)).FailureReason).toBe('PENDING_BUSINESS_VALIDATION');
    expect((await finish(rig, 'b@example.com')).State).toBe('SUCCEEDED');
  });

  it('refuses calls for a constraint of its management account', async () => {
    rig.simulator.set({ managementIssue: 'MASTER_ACCOUNT_MISSING_CONTACT_INFO' });
    expect(await failure(create(rig, 'a@example.com'))).toMatchObject({
      name: 'ConstraintViolationException',
      reason: 'MASTER_ACCOUNT_MISSING_CONTACT_INFO',
    });
  });

  it('may still be finalizing, or not exist', async () => {
    rig.simulator.set({ finalizingUntil: rig.clock.now() + 3_600_000 });
    expect(await failure(create(rig, 'a@example.com'))).toMatchObject({
      name: 'FinalizingOrganizationException',
    });
    rig.clock.advance(3_600_000);
    await create(rig, 'a@example.com');
    rig.simulator.set({ organizationExists: false });
    expect(await failure(create(rig, 'b@example.com'))).toMatchObject({
      name: 'AWSOrganizationsNotInUseException',
    });
  });
});

describe('input', () => {
  const good = { Email: 'a@example.com', AccountName: 'Test' };
  it.each([
    [{ ...good, Email: undefined }, 'INPUT_REQUIRED'],
    [{ ...good, Email: 'a@b.c' }, 'MIN_LENGTH_EXCEEDED'],
    [{ ...good, Email: `${'a'.repeat(64)}@example.com` }, 'MAX_LENGTH_EXCEEDED'],
    [{ ...good, Email: 'nobody.example.com' }, 'INVALID_PATTERN'],
    [{ ...good, AccountName: 'x'.repeat(51) }, 'MAX_LENGTH_EXCEEDED'],
    [{ ...good, AccountName: 'Grüße' }, 'INVALID_PATTERN'],
    [{ ...good, AccountName: '<script>alert(1)' }, 'INVALID_PATTERN'],
    [{ ...good, RoleName: 'AWSServiceRoleForX' }, 'INVALID_ROLE_NAME'],
    [{ ...good, IamUserAccessToBilling: 'MAYBE' as 'ALLOW' }, 'INVALID_ENUM'],
    [{ ...good, Tags: [{ Key: 'aws:x', Value: '' }] }, 'INVALID_SYSTEM_TAGS_PARAMETER'],
    [{ ...good, Tags: [{ Key: 'a', Value: '#' }] }, 'INVALID_PATTERN'],
    [
      {
        ...good,
        Tags: [
          { Key: 'a', Value: '1' },
          { Key: 'a', Value: '2' },
        ],
      },
      'DUPLICATE_TAG_KEY',
    ],
  ])('%j is refused with %s, and nothing is created', async (input, reason) => {
    const call = rig.organizations.send(new CreateAccountCommand(input as typeof good));
    expect(await failure(call)).toMatchObject({ name: 'InvalidInputException', reason });
    expect(rig.simulator.snapshot().requests).toEqual([]);
  });

  it('takes 50 tags and not 51', async () => {
    const tags = (n: number) =>
      Array.from({ length: n }, (_, index) => ({ Key: `k${index}`, Value: '' }));
    const send = (n: number) =>
      rig.organizations.send(new CreateAccountCommand({ ...good, Tags: tags(n) }));
    expect(await failure(send(51))).toMatchObject({ reason: 'MAX_TAG_LIMIT_EXCEEDED' });
    await expect(send(50)).resolves.toBeDefined();
  });

  it('asks for an id of the right form', async () => {
    const call = rig.organizations.send(
      new DescribeCreateAccountStatusCommand({ CreateAccountRequestId: 'nonsense' }),
    );
    expect(await failure(call)).toMatchObject({ reason: 'INVALID_PATTERN' });
  });
});

describe('a GovCloud creation', () => {
  const govCloud = (name = 'Test') =>
    rig.organizations.send(
      new CreateGovCloudAccountCommand({ Email: 'gov@example.com', AccountName: name }),
    );

  it('makes a pair; the id of the second may come later', async () => {
    rig.simulator.set({ govCloudIdLagLooks: 1 });
    const { CreateAccountStatus: first } = await govCloud();
    rig.clock.advance(50);
    const early = await status(rig, first!.Id!);
    expect(early).toMatchObject({ State: 'SUCCEEDED', AccountId: expect.any(String) });
    expect(early.GovCloudAccountId).toBeUndefined();
    const late = await status(rig, first!.Id!);
    expect(late.GovCloudAccountId).toMatch(/^\d{12}$/);
    expect(late.GovCloudAccountId).not.toBe(late.AccountId);
  });

  it('needs a paired management account, and a plainer name', async () => {
    expect(await failure(govCloud('A name'))).toMatchObject({ reason: 'INVALID_PATTERN' });
    rig.simulator.set({ govCloudEnabled: false });
    expect(await failure(govCloud())).toMatchObject({
      reason: 'MASTER_ACCOUNT_NOT_GOVCLOUD_ENABLED',
    });
  });
});
