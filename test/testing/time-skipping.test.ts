import { resolve } from 'node:path';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { startFakeVending } from '../../src/testing';
import type { FakeVending } from '../../src/testing';
import { aRequest } from '../support/skipped';
import { quietRuntime } from '../support/temporal';
import type { observer } from './observer-workflow';

let env: TestWorkflowEnvironment;
let vending: FakeVending;

beforeAll(async () => {
  quietRuntime();
  const path = process.env['TEMPORAL_TEST_SERVER'] ?? '';
  env = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path } },
  });
  vending = await startFakeVending({ address: env.address });
});
afterAll(async () => {
  await vending?.close();
  await env?.teardown();
});

test("the fake runs on the SDK's time-skipping server as well: days pass in a moment", async () => {
  vending.script([
    { takes: '3h' },
    { escalated: 'INVALID_EMAIL', answer: { action: 'retry' }, answerAfter: '2d' },
    { escalated: 'CONFORMANCE_DEADLINE', endsAfter: '5h' },
  ]);
  const worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue: 'parents',
    workflowsPath: resolve(__dirname, 'observer-workflow.ts'),
  });
  const began = Date.now();
  const { result, notices } = await worker.runUntil(
    env.client.workflow.execute<typeof observer>('observer', {
      taskQueue: 'parents',
      workflowId: 'parent',
      args: [{ request: aRequest('skipped'), taskQueue: vending.taskQueue }],
    }),
  );
  expect(Date.now() - began).toBeLessThan(60_000);
  const took = Date.parse(result?.completedAt ?? '') - Date.parse(result?.requestedAt ?? '');
  expect(took / 3_600_000).toBeCloseTo(56, 1);
  expect(notices.map(({ stage, escalation }) => escalation?.reason ?? stage)).toEqual([
    'INVALID_EMAIL',
    'creating',
    'creating',
    'CONFORMANCE_DEADLINE',
    'conforming',
    'done',
  ]);
});
