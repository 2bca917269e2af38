import { refuse } from '../support/refuse';
import { aRequest, withSkippedTime } from '../support/skipped';

const { vending: startVending } = withSkippedTime();

const parentOf = (vending: Awaited<ReturnType<typeof startVending>>, id: string) =>
  vending.simulator.snapshot().accounts.find((account) => account.id === id)?.parentId;

test('an answer of MoveAccount that is lost: where the account stands decides', async () => {
  const vending = await startVending();
  const unit = vending.simulator.addOrganizationalUnit('Sandbox');
  vending.simulator.inject({ operation: 'MoveAccount', kind: 'reset', phase: 'after' });
  const result = await vending.vend({ ...aRequest('vend'), organizationalUnit: 'Sandbox' });
  expect(parentOf(vending, result.accountId)).toBe(unit);
  expect(vending.calls('MoveAccount')).toBe(1);
});

test('ConcurrentModification and lag after the creation are waited out', async () => {
  const vending = await startVending({ simulator: { knobs: { describeVisibleMs: 20_000 } } });
  const unit = vending.simulator.addOrganizationalUnit('Sandbox');
  vending.simulator.inject(refuse('MoveAccount', 'ConcurrentModificationException', { times: 4 }));
  const result = await vending.vend({ ...aRequest('vend'), organizationalUnit: 'Sandbox' });
  expect(parentOf(vending, result.accountId)).toBe(unit);
});

test('the organizational unit was deleted meanwhile: asks, and an amended one goes on', async () => {
  const vending = await startVending({ simulator: { knobs: { creationMs: 60_000 } } });
  const gone = vending.simulator.addOrganizationalUnit('Gone');
  const other = vending.simulator.addOrganizationalUnit('Other');
  const handle = await vending.begin({ ...aRequest('vend'), organizationalUnit: gone });
  await vending.until(handle, ({ attempts }) => attempts === 1);
  vending.simulator.removeOrganizationalUnit(gone);
  const { escalation, stage } = await vending.escalated(handle);
  expect(stage).toBe('placing');
  expect(escalation).toMatchObject({
    reason: 'DestinationParentNotFoundException',
    scope: 'request',
    actions: ['retry', 'amend', 'waive', 'abandon'],
  });
  await expect(
    vending.resolve(handle, { action: 'amend', changes: { email: 'late@example.com' } }),
  ).rejects.toMatchObject({ cause: { message: expect.stringContaining('changes.email') } });
  await vending.resolve(handle, { action: 'amend', changes: { organizationalUnit: 'Other' } });
  const result = await handle.result();
  expect(result.organizationalUnitId).toBe(other);
  expect(parentOf(vending, result.accountId)).toBe(other);
});

test('an account that was brought in from elsewhere is moved only when a person says so', async () => {
  const vending = await startVending();
  const target = vending.simulator.addOrganizationalUnit('Target');
  const elsewhere = vending.simulator.addOrganizationalUnit('Elsewhere');
  const id = vending.simulator.addAccount({ email: 'old@example.com', parentId: elsewhere });
  const request = {
    requestId: 'old',
    existingAccountId: id,
    organizationalUnit: 'Target',
    conformance: false as const,
  };
  const moved = await vending.begin(request);
  expect((await vending.escalated(moved)).escalation?.reason).toBe('ALREADY_PLACED');
  expect(parentOf(vending, id)).toBe(elsewhere);
  await vending.resolve(moved, { action: 'retry' });
  await moved.result();
  expect(parentOf(vending, id)).toBe(target);
});

test('waived: the account stays where it is, and the result says where', async () => {
  const vending = await startVending();
  vending.simulator.addOrganizationalUnit('Target');
  const elsewhere = vending.simulator.addOrganizationalUnit('Elsewhere');
  const id = vending.simulator.addAccount({ email: 'old@example.com', parentId: elsewhere });
  const handle = await vending.begin({
    requestId: 'old',
    existingAccountId: id,
    organizationalUnit: 'Target',
    conformance: false,
  });
  await vending.escalated(handle);
  await vending.resolve(handle, { action: 'waive', stage: 'placing', reason: 'on purpose' });
  const result = await handle.result();
  expect(result.organizationalUnitId).toBe(elsewhere);
  expect(result.decisions).toMatchObject([{ action: 'waive', reason: 'on purpose' }]);
});

test('waived, and something else amended later: the result still says where it stands', async () => {
  const vending = await startVending();
  vending.simulator.addOrganizationalUnit('Target');
  const elsewhere = vending.simulator.addOrganizationalUnit('Elsewhere');
  const id = vending.simulator.addAccount({ email: 'old@example.com', parentId: elsewhere });
  const contact = { name: 'Ada', title: 'CTO', email: 'ada@example.org', phone: '030 123' };
  vending.simulator.inject({
    operation: 'PutAlternateContact',
    kind: 'error',
    error: { name: 'ValidationException', message: 'no' },
  });
  const handle = await vending.begin({
    requestId: 'old',
    existingAccountId: id,
    organizationalUnit: 'Target',
    alternateContacts: { security: contact },
    conformance: false,
  });
  await vending.escalated(handle, 'ALREADY_PLACED');
  await vending.resolve(handle, { action: 'waive', stage: 'placing', reason: 'on purpose' });
  await vending.escalated(handle, 'ValidationException');
  const alternateContacts = { security: { ...contact, phone: '030 124' } };
  await vending.resolve(handle, { action: 'amend', changes: { alternateContacts } });
  expect((await handle.result()).organizationalUnitId).toBe(elsewhere);
});

test('denied access concerns the request, and is asked about after two minutes', async () => {
  const vending = await startVending();
  vending.simulator.addOrganizationalUnit('Target');
  vending.simulator.inject({
    operation: 'MoveAccount',
    kind: 'error',
    times: 'always',
    error: { name: 'AccessDeniedException', message: 'not for Account vend of vend@example.com' },
  });
  const handle = await vending.begin({ ...aRequest('vend'), organizationalUnit: 'Target' });
  const { escalation, stage } = await vending.escalated(handle);
  expect(stage).toBe('placing');
  expect(escalation).toMatchObject({ reason: 'AccessDeniedException', scope: 'request' });
  // AWS's words, without what is personal.
  expect(escalation?.message).toContain('AWS said to MoveAccount: not for [hidden] of [hidden]');
  vending.simulator.clearFaults();
  await vending.resolve(handle, { action: 'retry' });
  await handle.result();
});
