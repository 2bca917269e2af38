import { stateQuery } from '../../src/contract';
import type { vendAccount } from '../../src/workflows';
import { aRequest } from '../support/skipped';
import { continuingAfter, startDevServer } from '../support/temporal';
import type { DevServer } from '../support/temporal';
import { untilTrue } from '../support/until';
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
async function endsAfterOneEscalation({ workflowId }: VendHandle, id: string): Promise<void> {
  const present = vending.client.workflow.getHandle<typeof vendAccount>(workflowId);
  await expect(present.result()).resolves.toMatchObject({ requestId: id });
  const { history } = await present.query(stateQuery);
  const notes = history.map(({ note }) => note).filter((note) => note !== undefined);
  expect(notes).toEqual([`escalated: ${EXPIRED}`, `ended by itself: ${EXPIRED}`]);
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
  await endsAfterOneEscalation(handle, 'held');
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
