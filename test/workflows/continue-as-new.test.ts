import { startVend } from '../../src/cli/vends/start-vend';
import { stateQuery } from '../../src/contract';
import type { vendAccount } from '../../src/workflows';
import { reset, resetPoints } from '../support/reset';
import { aRequest } from '../support/skipped';
import { continuingAfter, startDevServer } from '../support/temporal';
import type { DevServer } from '../support/temporal';
import { until, untilTrue } from '../support/until';
import { Vending } from '../support/vending';
import type { VendHandle } from '../support/vending';

let dev: DevServer;
let vending: Vending;

beforeAll(async () => {
  dev = await startDevServer({ ui: false, ...continuingAfter(60) });
});
afterAll(async () => dev?.close());
afterEach(async () => vending?.close());

test('a vend that waits for long continues as new, and carries everything over', async () => {
  vending = await Vending.start(
    { client: dev.client, nativeConnection: dev.nativeConnection, workflows: dev.skipping },
    // The vend's time is skipped, and the watch's is not: it looks soon, and no deadline comes before.
    {
      simulator: { knobs: { creationMs: 8 * 60_000 } },
      configuration: {
        conformance: { deadline: '300d', poll: { initial: '100ms', max: '200ms' } },
      },
    },
  );
  vending.simulator.putConformancePack({
    name: 'Broken',
    region: 'us-east-1',
    failWith: { errorCode: 'Broken', errorMessage: 'broken' },
  });
  const handle = await vending.begin({
    ...aRequest('long', 'fail-internal-failure-1x'),
    conformance: {},
  });
  const runs = new Set([handle.firstExecutionRunId]);
  const state = await vending.until(handle, ({ escalation }) => escalation !== undefined);
  runs.add((await vending.client.workflow.getHandle(handle.workflowId).describe()).runId);
  expect(state.escalation?.reason).toBe('Broken');
  expect(state.createAccountRequestIds).toHaveLength(2);
  expect(state.history.map(({ stage, note }) => note ?? stage)).toEqual(
    expect.arrayContaining(['queued', 'creating', 'placing', 'conforming']),
  );
  await vending.resolve(vending.client.workflow.getHandle(handle.workflowId), {
    action: 'waive',
    pack: 'Broken',
    reason: 'known',
  });
  const result = await handle.result();
  expect(runs.size).toBe(2);
  expect(result).toMatchObject({
    createAccountRequestIds: state.createAccountRequestIds,
    decisions: [{ action: 'waive' }],
    conformance: [{ status: 'WAIVED' }],
  });
  expect(vending.simulator.createdAccounts()).toEqual({ long: 1 });
});

test('one that waits for readiness and regions for long carries what it has done', async () => {
  const HOUR = 3_600_000;
  vending = await Vending.start(
    { client: dev.client, nativeConnection: dev.nativeConnection, workflows: dev.skipping },
    {
      simulator: { knobs: { serviceUsableMs: HOUR, regionOptMs: HOUR } },
      configuration: { readiness: { assumeRole: true } },
    },
  );
  const contact = { name: 'Ada', title: 'CTO', email: 'ada@example.org', phone: '030 123' };
  const handle = await vending.begin({
    ...aRequest('patient'),
    alternateContacts: { security: contact },
    regions: ['af-south-1'],
  });
  const { accountId } = await handle.result();
  const { runId } = await vending.client.workflow.getHandle(handle.workflowId).describe();
  expect(runId).not.toBe(handle.firstExecutionRunId);
  const account = vending.simulator.snapshot().accounts.find(({ id }) => id === accountId);
  expect(account).toMatchObject({
    alternateContacts: { SECURITY: contact },
    regions: { 'af-south-1': 'ENABLED' },
  });
  expect(vending.calls('PutAlternateContact')).toBe(1);
  expect(vending.calls('EnableRegion')).toBe(1);
  const { history } = await vending.client.workflow.getHandle(handle.workflowId).query(stateQuery);
  const stages = history.filter(({ note }) => note === undefined).map(({ stage }) => stage);
  expect(stages).toEqual([
    'queued',
    'creating',
    'placing',
    'readying',
    'settling',
    'conforming',
    'done',
  ]);
});

test('one that is answered again and again, as by a parent, continues as new in its stage', async () => {
  vending = await Vending.start(
    { client: dev.client, nativeConnection: dev.nativeConnection },
    { skipped: false, simulator: { organization: { organizationalUnits: ['Workloads'] } } },
  );
  vending.simulator.inject({
    operation: 'MoveAccount',
    times: 'always',
    kind: 'error',
    error: { name: 'DestinationParentNotFoundException' },
  });
  const handle = await vending.begin({ ...aRequest('insists'), organizationalUnit: 'Workloads' });
  const present = vending.client.workflow.getHandle(handle.workflowId);
  await vending.escalated(handle);
  await until(
    async () => {
      await vending.resolve(present, { action: 'retry' }).catch(() => undefined);
      return (await present.describe()).runId;
    },
    (runId) => runId !== handle.firstExecutionRunId,
  );
  await vending.escalated(present);
  vending.simulator.clearFaults();
  await vending.resolve(present, { action: 'retry' });
  await expect(handle.result()).resolves.toMatchObject({ adopted: false });
  expect(vending.simulator.createdAccounts()).toEqual({ insists: 1 });
});

/** Until another run has followed the present one. */
async function continuesAsNew({ workflowId }: VendHandle): Promise<void> {
  const present = vending.client.workflow.getHandle(workflowId);
  const { runId } = await present.describe();
  await untilTrue(async () => (await present.describe()).runId !== runId);
}

const EXPIRED = 'ExpiredTokenException';

async function startVending(): Promise<void> {
  vending = await Vending.start(
    { client: dev.client, nativeConnection: dev.nativeConnection, workflows: dev.skipping },
    { simulator: { organization: { organizationalUnits: ['Sandbox'] } } },
  );
}

function refuse(operation: string, times: number | 'always'): void {
  const error = { name: EXPIRED, message: 'The security token has expired.' };
  vending.simulator.inject({ operation, kind: 'error', times, error });
}

/** Its end, and what was noted on the way: told once, however many runs it took, and its end as well. */
async function endsAfterOneEscalation(
  { workflowId }: VendHandle,
  id: string,
  how = 'ended by itself',
): Promise<void> {
  const present = vending.client.workflow.getHandle<typeof vendAccount>(workflowId);
  await expect(present.result()).resolves.toMatchObject({ requestId: id });
  const { history } = await present.query(stateQuery);
  const notes = history.map(({ note }) => note).filter((note) => note !== undefined);
  expect(notes).toEqual([`escalated: ${EXPIRED}`, `${how}: ${EXPIRED}`]);
  expect(vending.simulator.createdAccounts()).toEqual({ [id]: 1 });
}

test('a step that the organization holds back for weeks: it continues as new, and waits on', async () => {
  await startVending();
  refuse('MoveAccount', 'always');
  const handle = await vending.begin({ ...aRequest('held'), organizationalUnit: 'Sandbox' });
  const present = vending.client.workflow.getHandle<typeof vendAccount>(handle.workflowId);
  const { escalation } = await vending.escalated(present, EXPIRED);
  expect(escalation).toMatchObject({ scope: 'organization' });
  // Whether that is mended is for one of all to try, and not for each as it continues as new.
  vending.simulator.clearFaults();
  await continuesAsNew(handle);
  await vending.resolveOrganization({ action: 'retry' });
  // Over as soon as its own try has shown so, and not only at the end of the stage.
  await endsAfterOneEscalation(handle, 'held', 'over for the organization');
});

test('an account that a person has named, and that cannot be tagged for weeks: taken by the next run', async () => {
  await startVending();
  const id = vending.simulator.addAccount({ email: 'bought@example.com' });
  const handle = await vending.begin(aRequest('named', 'fail-invalid-email'));
  const present = vending.client.workflow.getHandle<typeof vendAccount>(handle.workflowId);
  await vending.escalated(present, 'INVALID_EMAIL');
  refuse('TagResource', 'always');
  await vending.resolve(present, { action: 'adopt', accountId: id, allowOtherEmail: true });
  await vending.escalated(present, EXPIRED);
  await continuesAsNew(handle);
  vending.simulator.clearFaults();
  await vending.resolveOrganization({ action: 'retry' });
  await expect(present.result()).resolves.toMatchObject({ accountId: id, adopted: true });
  expect(vending.calls('CreateAccount')).toBe(1);
});

test('reset to where it had its place, and refused the look at what it had made: the next run looks on', async () => {
  await startVending();
  const handle = await vending.begin(aRequest('forgot', 'fail-invalid-email'));
  const { workflowId, firstExecutionRunId: runId } = handle;
  await vending.escalated(handle, 'INVALID_EMAIL');
  await vending.resolve(handle, { action: 'amend', changes: { email: 'mended@example.com' } });
  const { accountId } = await handle.result();
  const { events } = await vending.client.workflow.getHandle(workflowId, runId).fetchHistory();
  const sent = (events ?? []).find(
    ({ activityTaskScheduledEventAttributes: it }) => it?.activityType?.name === 'createAccount',
  );
  const points = await resetPoints(dev, workflowId, runId);
  const point = points.findLast((one) => Number(one) < Number(sent?.eventId));
  if (point === undefined) throw new Error('it was sent in a workflow task');
  refuse('DescribeAccount', 'always');
  // The request is the one before the amendment again: by its address the account is not found.
  await reset(dev, workflowId, runId, point, { signals: false });
  const present = vending.client.workflow.getHandle<typeof vendAccount>(workflowId);
  await vending.escalated(present, EXPIRED);
  await continuesAsNew(handle);
  vending.simulator.clearFaults();
  await vending.resolveOrganization({ action: 'retry' });
  await expect(present.result()).resolves.toMatchObject({ accountId, adopted: true });
  expect(vending.simulator.createdAccounts()).toEqual({ forgot: 1 });
});

test('started again as it began, after it was amended and has continued as new: the vend that is there', async () => {
  await startVending();
  const request = { ...aRequest('there', 'fail-invalid-email'), organizationalUnit: 'Sandbox' };
  const handle = await vending.begin(request, 'vend-there');
  const present = vending.client.workflow.getHandle<typeof vendAccount>(handle.workflowId);
  await vending.escalated(present, 'INVALID_EMAIL');
  const email = 'mended@example.com';
  await vending.resolve(present, { action: 'amend', changes: { email } });
  refuse('MoveAccount', 'always');
  await continuesAsNew(handle);
  vending.simulator.clearFaults();
  const as = { taskQueue: vending.taskQueue, requestedBy: 'test' };
  for (const again of [request, { ...request, email }]) {
    const found = await startVend(vending.client, again, as);
    expect(found).toMatchObject({ started: false, changed: [] });
  }
  const other = { ...request, email: 'third@example.com' };
  await expect(startVend(vending.client, other, as)).rejects.toThrow('RequestConflict');
  await vending.resolveOrganization({ action: 'retry' });
  await present.result();
});

test('a request that cannot be checked for weeks: however often it was refused, it goes on at once', async () => {
  let isContinued = false;
  for (let times = 3; times < 9; times += 1) {
    const id = `unchecked-${times}`;
    // Whom its credentials belong to, a worker asks once.
    if (times > 3) await vending.close();
    await startVending();
    refuse('DescribeOrganization', times);
    const handle = await vending.begin({ ...aRequest(id), organizationalUnit: 'Sandbox' });
    await endsAfterOneEscalation(handle, id);
    const { runId } = await vending.client.workflow.getHandle(handle.workflowId).describe();
    isContinued ||= runId !== handle.firstExecutionRunId;
  }
  expect(isContinued).toBe(true);
});
