import type { onboardTeam, ParentInput } from '../support/parent-workflow';
import { aRequest } from '../support/skipped';
import { startParents } from '../support/parents';
import type { Parents } from '../support/parents';
import type { DevServer } from '../support/temporal';
import { Vending } from '../support/vending';

let parents: Parents;
let dev: DevServer;
let vending: Vending;

beforeAll(async () => {
  parents = await startParents();
  ({ dev } = parents);
  vending = await Vending.start({ client: dev.client, nativeConnection: dev.nativeConnection });
});
afterAll(async () => {
  await vending?.close();
  await parents?.close();
});

const runParent = (id: string, word: string, answer: ParentInput['answer']) =>
  dev.skipping.execute<typeof onboardTeam>('onboardTeam', {
    taskQueue: parents.taskQueue,
    workflowId: `onboard-${id}`,
    args: [{ request: aRequest(id, word), taskQueue: vending.taskQueue, answer }],
  });

test('a parent vends an account as a child, and is told when it exists and when it is done', async () => {
  const { result, notices } = await runParent('plain', '', 'amend');
  expect(result?.accountId).toMatch(/^\d{12}$/);
  expect(notices.map(({ stage }) => stage)).toEqual(['creating', 'done']);
  expect(notices[0]).toMatchObject({
    requestId: 'plain',
    workflowId: 'onboard-plain-child',
    accountId: result?.accountId,
  });
});

test('a parent hears of an escalation, answers by signal, and hears that it is over', async () => {
  const { result, notices } = await runParent('mended', 'fail-invalid-email', 'amend');
  expect(result?.decisions).toMatchObject([{ action: 'amend', via: 'signal' }]);
  expect(notices.map(({ escalation }) => escalation?.reason)).toEqual([
    'INVALID_EMAIL',
    undefined,
    undefined,
    undefined,
  ]);
});

test('a parent tells an abandoned vend by its type, with the last state', async () => {
  const { failure } = await runParent('given-up', 'fail-invalid-email', 'abandon');
  expect(failure).toMatchObject({
    type: 'VendAbandoned',
    state: { requestId: 'given-up', stage: 'abandoned' },
  });
});

test('a parent that is gone does not hold up its vend', async () => {
  const handle = await dev.skipping.start('vendAccount', {
    taskQueue: vending.taskQueue,
    workflowId: 'no-parent',
    args: [
      { ...aRequest('orphan'), notifyWorkflow: { workflowId: 'nobody-there', signal: 'hello' } },
    ],
  });
  await expect(handle.result()).resolves.toMatchObject({ requestId: 'orphan' });
});

test('whoever listens hears once that there is an account, also where an earlier vend has made it', async () => {
  const vend = async (workflowId: string, more: object) => {
    const args = [{ ...aRequest('twice'), ...more }];
    const { taskQueue } = vending;
    const handle = await dev.skipping.start('vendAccount', { taskQueue, workflowId, args });
    await expect(handle.result()).resolves.toMatchObject({ requestId: 'twice' });
    return handle.fetchHistory();
  };
  await vend('first-of-two', {});
  const notifyWorkflow = { workflowId: 'nobody-there', signal: 'hello' };
  const { events } = await vend('second-of-two', { notifyWorkflow });
  const told = events?.filter(
    (one) => one.signalExternalWorkflowExecutionInitiatedEventAttributes?.signalName === 'hello',
  );
  // That it exists, and the end.
  expect(told).toHaveLength(2);
});
