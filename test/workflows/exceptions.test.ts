import { stateQuery } from '../../src/contract';
import { refuse } from '../support/refuse';
import { aRequest, withSkippedTime } from '../support/skipped';

const { vending: startVending } = withSkippedTime();

test.each(['TooManyRequestsException', 'ConcurrentModificationException'])(
  '%s on CreateAccount is no attempt: repeated until AWS accepts',
  async (name) => {
    const vending = await startVending();
    vending.simulator.inject(refuse('CreateAccount', name, { times: 6 }));
    const result = await vending.vend(aRequest('vend'));
    expect(result.createAccountRequestIds).toHaveLength(1);
    expect(result.decisions).toEqual([]);
    expect(vending.calls('CreateAccount')).toBe(7);
    expect(vending.simulator.createdAccounts()).toEqual({ vend: 1 });
  },
);

test('as many in progress as AWS allows: waits for a place, and takes it', async () => {
  const vending = await startVending({ simulator: { knobs: { creationMs: 10 * 60_000 } } });
  const five = ['a', 'b', 'c', 'd', 'e'].map((id) => vending.begin(aRequest(id)));
  for (const handle of await Promise.all(five)) {
    await vending.until(handle, ({ attempts }) => attempts === 1);
  }
  const sixth = await vending.begin(aRequest('sixth'));
  const result = await sixth.result();
  expect(result.createAccountRequestIds).toHaveLength(1);
  expect(result.decisions).toEqual([]);
  expect(vending.calls('CreateAccount')).toBe(6);
  expect(vending.simulator.createdAccounts()).toMatchObject({ sixth: 1 });
});

test('throttled for an hour, a person is asked', async () => {
  const vending = await startVending();
  vending.simulator.inject(
    refuse('CreateAccount', 'TooManyRequestsException', { times: 'always' }),
  );
  const handle = await vending.begin(aRequest('vend'));
  const { escalation, attempts } = await vending.escalated(handle);
  expect(escalation).toMatchObject({ reason: 'TooManyRequestsException', scope: 'request' });
  expect(attempts).toBe(0);
  vending.simulator.clearFaults();
  await vending.resolve(handle, { action: 'retry' });
  await expect(handle.result()).resolves.toMatchObject({ adopted: false });
});

test.each([
  ['AWSOrganizationsNotInUseException', undefined],
  ['UnsupportedAPIEndpointException', undefined],
  ['AccessDeniedForDependencyException', 'ACCESS_DENIED_DURING_CREATE_SERVICE_LINKED_ROLE'],
  ['AccessDeniedException', undefined],
  ['ExpiredTokenException', undefined],
  ['ConstraintViolationException', 'ACCOUNT_NUMBER_LIMIT_EXCEEDED'],
  ['ConstraintViolationException', 'MASTER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED'],
  ['ConstraintViolationException', 'MASTER_ACCOUNT_NOT_GOVCLOUD_ENABLED'],
  ['ConstraintViolationException', 'ORGANIZATION_NOT_IN_ALL_FEATURES_MODE'],
  ['ConstraintViolationException', 'NEVER_SEEN'],
])('%s %s on CreateAccount concerns the organization', async (name, reason) => {
  const vending = await startVending();
  vending.simulator.inject(
    refuse('CreateAccount', name, { times: 'always', ...(reason ? { reason } : {}) }),
  );
  const handle = await vending.begin(aRequest('vend'));
  const { escalation } = await vending.escalated(handle);
  expect(escalation).toMatchObject({ reason: reason ?? name, scope: 'organization' });
  expect(escalation?.actions).toEqual(['abandon']);
  vending.simulator.clearFaults();
  await vending.resolveOrganization({ action: 'retry' });
  await handle.result();
  expect(vending.simulator.createdAccounts()).toEqual({ vend: 1 });
});

test('credentials that a machine renews at night: it goes on by itself, within the hour', async () => {
  const vending = await startVending();
  vending.simulator.inject(refuse('CreateAccount', 'ExpiredTokenException', { times: 'always' }));
  const handle = await vending.begin(aRequest('vend'));
  const { escalation } = await vending.escalated(handle);
  expect(escalation).toMatchObject({ scope: 'organization', nextCheckAt: expect.any(String) });
  vending.simulator.clearFaults();
  await expect(handle.result()).resolves.toMatchObject({ decisions: [] });
  expect((await vending.gateState()).escalations).toEqual([]);
});

test('fewer than five in progress and still refused: the daily limit, looked at hourly', async () => {
  const vending = await startVending();
  vending.simulator.inject(
    refuse('CreateAccount', 'ConstraintViolationException', {
      reason: 'ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED',
      times: 3,
    }),
  );
  const handle = await vending.begin(aRequest('vend'));
  const { escalation } = await vending.escalated(handle);
  expect(escalation).toMatchObject({
    reason: 'ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED',
    scope: 'organization',
  });
  expect(escalation?.nextCheckAt).toBeDefined();
  await expect(handle.result()).resolves.toMatchObject({ decisions: [] });
});

test('refused for their number, and one ended before they were counted: no daily limit', async () => {
  const vending = await startVending();
  vending.simulator.inject(
    refuse('CreateAccount', 'ConstraintViolationException', {
      reason: 'ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED',
    }),
  );
  const handle = await vending.begin(aRequest('vend'));
  await handle.result();
  const { history } = await handle.query(stateQuery);
  expect(history.some(({ note }) => note?.startsWith('escalated'))).toBe(false);
});

test('FinalizingOrganizationException for 50 minutes passes by itself', async () => {
  const vending = await startVending();
  vending.simulator.set({ finalizingUntil: vending.simulator.clock.now() + 50 * 60_000 });
  const handle = await vending.begin(aRequest('vend'));
  const { escalation } = await vending.escalated(handle);
  expect(escalation).toMatchObject({
    reason: 'FinalizingOrganizationException',
    scope: 'organization',
  });
  await expect(handle.result()).resolves.toMatchObject({ decisions: [] });
  expect(vending.calls('CreateAccount')).toBeLessThanOrEqual(13);
});

test.each(['INVALID_PATTERN', 'INVALID_ROLE_NAME', 'MAX_LENGTH_EXCEEDED'])(
  'InvalidInputException %s goes back to the requester, who mends it',
  async (reason) => {
    const vending = await startVending();
    vending.simulator.inject(refuse('CreateAccount', 'InvalidInputException', { reason }));
    const handle = await vending.begin({ ...aRequest('vend'), roleName: 'Admin' });
    const { escalation } = await vending.escalated(handle);
    expect(escalation).toMatchObject({ reason, scope: 'request' });
    await vending.resolve(handle, { action: 'amend', changes: { roleName: 'Admin2' } });
    await handle.result();
    expect(vending.simulator.createdAccounts()).toEqual({ vend: 1 });
  },
);

test('a throttled look never leads to a second CreateAccount', async () => {
  const vending = await startVending({ simulator: { knobs: { creationMs: 120_000 } } });
  vending.simulator.inject(
    refuse('DescribeCreateAccountStatus', 'TooManyRequestsException', { times: 12 }),
  );
  const result = await vending.vend(aRequest('vend'));
  expect(result.createAccountRequestIds).toHaveLength(1);
  expect(vending.calls('CreateAccount')).toBe(1);
});

test('AWS does not know its own request for two seconds: no second CreateAccount', async () => {
  const vending = await startVending({ simulator: { knobs: { statusVisibleMs: 10_000 } } });
  await vending.vend(aRequest('vend'));
  expect(vending.calls('CreateAccount')).toBe(1);
});

test('a request id that AWS has forgotten: the account is found by its tag', async () => {
  const vending = await startVending();
  vending.simulator.inject(
    refuse('DescribeCreateAccountStatus', 'CreateAccountStatusNotFoundException', {
      times: 'always',
    }),
  );
  const result = await vending.vend(aRequest('vend'));
  expect(result.adopted).toBe(true);
  expect(vending.calls('CreateAccount')).toBe(1);
});

test('in progress for 40 minutes: a person is told, and it goes on by itself', async () => {
  const vending = await startVending({ simulator: { knobs: { creationMs: 40 * 60_000 } } });
  const handle = await vending.begin(aRequest('vend'));
  const { escalation } = await vending.escalated(handle);
  expect(escalation).toMatchObject({ reason: 'OVERDUE', scope: 'request' });
  expect(escalation?.actions).toEqual(['retry', 'abandon']);
  // It looks again by itself, and says when.
  const inMs = Date.parse(escalation?.nextCheckAt ?? '') - Date.parse(escalation?.since ?? '');
  expect(inMs).toBeGreaterThan(0);
  expect(inMs).toBeLessThanOrEqual(11 * 60_000);
  const result = await handle.result();
  expect(result.createAccountRequestIds).toHaveLength(1);
  expect(result.decisions).toEqual([]);
});

test('a step that is to find out for all, and meets what is its own alone: the next one finds out', async () => {
  const vending = await startVending();
  vending.simulator.addOrganizationalUnit('Sandbox');
  const refused = (name: string) =>
    vending.simulator.inject(refuse('MoveAccount', name, { times: 'always' }));
  refused('ExpiredTokenException');
  const first = await vending.begin({ ...aRequest('first'), organizationalUnit: 'Sandbox' });
  await vending.escalated(first, 'ExpiredTokenException');
  const second = await vending.begin(aRequest('second'));
  await vending.escalated(second, 'ExpiredTokenException');
  vending.simulator.clearFaults();
  // For an hour AWS may say so, of an account that it does not show yet.
  refused('AccountNotFoundException');
  const mendedAt = vending.simulator.clock.now();
  await vending.resolveOrganization({ action: 'retry' });
  await second.result();
  const sent = vending.simulator
    .journal()
    .filter(({ operation }) => operation === 'CreateAccount')
    .map(({ time }) => time - mendedAt);
  expect(sent.at(-1)).toBeLessThan(10 * 60_000);
  vending.simulator.clearFaults();
  await first.result();
});

test('SUCCEEDED without the GovCloud id for long: a person is told, the looks go on', async () => {
  const vending = await startVending({ simulator: { knobs: { govCloudIdLagLooks: 20 } } });
  const handle = await vending.begin({ ...aRequest('gov'), kind: 'govcloud', accountName: 'gov' });
  const { escalation, accountId } = await vending.escalated(handle);
  expect(escalation?.reason).toBe('GOVCLOUD_ACCOUNT_UNKNOWN');
  expect(escalation?.nextCheckAt).toBeDefined();
  expect(accountId).toMatch(/^\d{12}$/);
  await expect(handle.result()).resolves.toMatchObject({ accountId });
});
