import { gateWorkflowId } from '../../src/contract';
import { aRequest } from '../support/skipped';
import { continuingAfter, startDevServer } from '../support/temporal';
import type { DevServer } from '../support/temporal';
import { until } from '../support/until';
import { Vending } from '../support/vending';

let dev: DevServer;
let vending: Vending;

beforeAll(async () => {
  dev = await startDevServer({
    ui: false,
    ...continuingAfter(60),
  });
  vending = await Vending.start(
    { client: dev.client, nativeConnection: dev.nativeConnection },
    {
      skipped: false,
      configuration: { creation: { poll: { initial: '100ms', max: '200ms' } } },
      simulator: { knobs: { creationMs: 300 } },
    },
  );
});
afterAll(async () => {
  await vending?.close();
  await dev?.close();
});

test('a gate that continues as new again and again: everybody gets one turn, in order of arrival', async () => {
  const ids = Array.from({ length: 40 }, (_, n) => `n${String(n).padStart(2, '0')}`);
  const handles = await Promise.all(ids.map((id) => vending.begin(aRequest(id))));
  await Promise.all(handles.map((handle) => handle.result()));

  const gateId = gateWorkflowId(vending.simulator.organizationId);
  await expect(vending.gate.describe()).resolves.toMatchObject({ priority: { priorityKey: 1 } });
  const runs: string[] = [];
  for await (const run of dev.client.workflow.list({ query: `WorkflowId = '${gateId}'` })) {
    runs.push(run.runId);
  }
  expect(runs.length).toBeGreaterThan(3);
  expect(vending.simulator.committedCreations()).toEqual(
    Object.fromEntries(ids.map((id) => [id, 1])),
  );
  // Nobody was refused: no place was ever given twice.
  expect(vending.calls('CreateAccount')).toBe(ids.length);
  await expect(vending.gateState()).resolves.toMatchObject({ inProgress: 0, waiting: 0 });
});

test('a gate to which vends speak one at a time continues as new as well', async () => {
  const gateId = gateWorkflowId(vending.simulator.organizationId);
  const runOf = async () => (await dev.client.workflow.getHandle(gateId).describe()).runId;
  const before = await runOf();
  // Nothing comes of these, so nothing is ever under way when one arrives.
  const holder = { workflowId: 'gone', firstExecutionRunId: 'gone', requestId: 'gone' };
  await until(
    async () => {
      await vending.gate.signal('withdraw', { v: 1, holder, ticket: 1 });
      return runOf();
    },
    (run) => run !== before,
  );
  await expect(vending.vend(aRequest('after-that'))).resolves.toMatchObject({ adopted: false });
});
