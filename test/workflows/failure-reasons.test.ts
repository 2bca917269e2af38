import { CreateAccountFailureReason } from '@aws-sdk/client-organizations';
import { aRequest, withSkippedTime } from '../support/skipped';

const { vending: startVending } = withSkippedTime();

const EMAIL_REASONS = new Set([
  'EMAIL_ALREADY_EXISTS',
  'INVALID_EMAIL',
  'GOVCLOUD_ACCOUNT_ALREADY_EXISTS',
]);
const RETRIED = new Set(['INTERNAL_FAILURE', 'CONCURRENT_ACCOUNT_MODIFICATION']);
/** Concerns the requester; every other known reason concerns the organization. */
const REQUESTERS = new Set([
  ...EMAIL_REASONS,
  ...RETRIED,
  'UPDATE_EXISTING_RESOURCE_POLICY_WITH_TAGS_NOT_SUPPORTED',
]);

const ALL = Object.values(CreateAccountFailureReason);
const word = (reason: string) => `fail-${reason.toLowerCase().replaceAll('_', '-')}`;
/** Some reasons are too long for an address, so they go by the tag that the simulator reads. */
const failing = (id: string, behaviour: string) => ({
  ...aRequest(id),
  tags: { 'simulator:behaviour': behaviour },
});

test('the SDK knows fifteen reasons', () => {
  expect(ALL).toHaveLength(15);
});

describe.each(ALL.filter((reason) => !RETRIED.has(reason)))('%s', (reason) => {
  test('asks a person once, and goes on where it stopped', async () => {
    const vending = await startVending({ configuration: { creation: { recheck: '9h' } } });
    const handle = await vending.begin(failing('vend', `${word(reason)}-1x`));
    const { escalation, stage, createAccountRequestIds } = await vending.escalated(handle);
    const isRequesters = REQUESTERS.has(reason);
    // Held back with its organization, it waits for a place again.
    expect(stage).toBe(isRequesters ? 'creating' : 'queued');
    expect(escalation).toMatchObject({
      reason,
      scope: isRequesters ? 'request' : 'organization',
      attempts: 1,
    });
    expect(escalation?.message).not.toContain('@');
    expect(escalation?.actions).toEqual(
      isRequesters ? ['retry', 'amend', 'adopt', 'abandon'] : ['abandon'],
    );
    expect(escalation?.nextCheckAt !== undefined).toBe(reason === 'PENDING_BUSINESS_VALIDATION');
    expect(vending.calls('CreateAccount')).toBe(1);

    const answer = { action: 'retry', by: 'ada' } as const;
    const decision = isRequesters
      ? await vending.resolve(handle, answer)
      : await vending.resolveOrganization(answer);
    expect(decision).toMatchObject({ action: 'retry', by: 'ada', via: 'update' });
    const result = await handle.result();
    expect(result.createAccountRequestIds).toHaveLength(2);
    expect(result.createAccountRequestIds[0]).toBe(createAccountRequestIds[0]);
    expect(result.decisions).toEqual(isRequesters ? [decision] : []);
    expect(vending.simulator.createdAccounts()).toEqual({ vend: 1 });
  });
});

describe.each([
  ['IDENTITY_INVALID_BUSINESS_VALIDATION', 'organization'],
  ['SOMETHING_NEVER_SEEN', 'request'],
])('%s, which the SDK does not know', (reason, scope) => {
  test("keeps AWS's word and asks a person", async () => {
    const vending = await startVending();
    const handle = await vending.begin(failing('vend', `${word(reason)}-1x`));
    const { escalation } = await vending.escalated(handle);
    expect(escalation).toMatchObject({ reason, scope });
    if (scope === 'request') await vending.resolve(handle, { action: 'retry' });
    else await vending.resolveOrganization({ action: 'retry' });
    await expect(handle.result()).resolves.toMatchObject({ requestId: 'vend' });
  });
});

test('FAILED without a reason asks a person', async () => {
  const vending = await startVending();
  const handle = await vending.begin(failing('vend', 'fail-without-reason-1x'));
  const { escalation } = await vending.escalated(handle);
  expect(escalation).toMatchObject({ reason: 'FAILED_WITHOUT_REASON', scope: 'request' });
});

describe.each([...RETRIED])('%s', (reason) => {
  test('passes by itself: retried after a minute, then two, then four', async () => {
    const vending = await startVending();
    const result = await vending.vend(failing('vend', `${word(reason)}-3x`));
    expect(result.createAccountRequestIds).toHaveLength(4);
    expect(result.decisions).toEqual([]);
    expect(vending.simulator.createdAccounts()).toEqual({ vend: 1 });
    const sent = vending.simulator
      .journal()
      .filter(({ operation }) => operation === 'CreateAccount')
      .map(({ time }) => time);
    const pauses = sent.slice(1).map((time, index) => time - (sent[index] ?? 0));
    expect(pauses[0]).toBeGreaterThanOrEqual(60_000);
    expect(pauses[1]).toBeGreaterThanOrEqual(120_000);
    expect(pauses[2]).toBeGreaterThanOrEqual(240_000);
    expect(pauses[2]).toBeLessThan(300_000);
  });

  test('after five attempts in all a person is asked', async () => {
    const vending = await startVending();
    const handle = await vending.begin(failing('vend', word(reason)));
    const { escalation } = await vending.escalated(handle);
    expect(escalation).toMatchObject({ reason, scope: 'request', attempts: 5 });
    expect(vending.calls('CreateAccount')).toBe(5);
  });
});

test('PENDING_BUSINESS_VALIDATION for a day: looked at hourly, one escalation, goes on by itself', async () => {
  const vending = await startVending({
    simulator: { knobs: { managementIssue: 'PENDING_BUSINESS_VALIDATION' } },
  });
  const handle = await vending.begin(aRequest('vend'));
  const first = await vending.escalated(handle);
  for (let hour = 0; hour < 24; hour += 1) await vending.pass(3_600_000);
  const later = await vending.until(handle, (state) => state.attempts >= 23);
  expect(later.escalation?.id).toBe(first.escalation?.id);
  expect(later.escalation?.reason).toBe('PENDING_BUSINESS_VALIDATION');
  expect(later.attempts).toBeLessThanOrEqual(26);
  vending.simulator.set({ managementIssue: null });
  const result = await handle.result();
  expect(result.decisions).toEqual([]);
  expect(vending.simulator.createdAccounts()).toEqual({ vend: 1 });
});

test('no more CreateAccount calls than creation.perVend before a person is asked', async () => {
  const vending = await startVending({
    configuration: { creation: { perVend: 3, retry: { attempts: 50 } } },
  });
  const handle = await vending.begin(failing('vend', 'fail-internal-failure-3x'));
  const { escalation } = await vending.escalated(handle);
  expect(escalation).toMatchObject({ reason: 'CREATION_BUDGET_SPENT', attempts: 3 });
  expect(vending.calls('CreateAccount')).toBe(3);
  await vending.resolve(handle, { action: 'retry' });
  await handle.result();
  expect(vending.calls('CreateAccount')).toBe(4);
});
