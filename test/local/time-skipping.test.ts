import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { approveUpdate } from '../../src/contract';
import { aRequest, withSkippedTime } from '../support/skipped';
import { fastForward } from '../support/skipping-client';
import {
  startDevServer,
  timeSkippingEnv,
  withDevServer,
  type DevServer,
} from '../support/temporal';
import { waitsForAnAnswer, waitsThreeDays } from './waiting-workflow';

const taskQueue = 'waiting';
let workflowBundle: WorkflowBundleWithSourceMap;

beforeAll(async () => {
  const quiet = () => {};
  const logger = { log: quiet, trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet };
  const workflowsPath = require.resolve('./waiting-workflow');
  workflowBundle = await bundleWorkflowCode({ workflowsPath, logger });
});

describe('on the development server', () => {
  let dev: DevServer;

  beforeAll(async () => {
    dev = await startDevServer();
  });

  afterAll(() => dev?.close());

  async function withWorker<T>(use: () => Promise<T>): Promise<T> {
    const { nativeConnection: connection, namespace } = dev;
    const worker = await Worker.create({ connection, namespace, taskQueue, workflowBundle });
    return worker.runUntil(use());
  }

  test('the skipping client waits three days in no time', async () => {
    const result = withWorker(() =>
      dev.skipping.execute(waitsThreeDays, { taskQueue, workflowId: 'three-days' }),
    );
    await expect(result).resolves.toBe('waited');
    const { startTime, closeTime } = await dev.client.workflow.getHandle('three-days').describe();
    const days = (Number(closeTime) - Number(startTime)) / 86_400_000;
    expect(days).toBeCloseTo(3, 2);
  });

  test('a workflow that was started in real time can be moved ahead', async () => {
    const answered = await withWorker(async () => {
      const handle = await dev.client.workflow.start(waitsForAnAnswer, {
        taskQueue,
        workflowId: 'moved-ahead',
      });
      await fastForward(dev, 'moved-ahead', '8 days');
      return handle.result();
    });
    expect(answered).toBe(false);
  });
});

test('withDevServer leaves no server behind', async () => {
  const { pid, address } = await withDevServer(async ({ server }) => server);
  expect(address).toMatch(/:\d+$/);
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

describe('on the test server', () => {
  let environment: TestWorkflowEnvironment;

  beforeAll(async () => {
    environment = await timeSkippingEnv();
  });

  afterAll(() => environment?.teardown());

  test('three days pass in no time, and our search attributes are known', async () => {
    const worker = await Worker.create({
      connection: environment.nativeConnection,
      taskQueue,
      workflowBundle,
    });
    const result = worker.runUntil(() =>
      environment.client.workflow.execute(waitsThreeDays, {
        taskQueue,
        workflowId: 'three-days',
        searchAttributes: { VendStage: ['queued'] },
      }),
    );
    await expect(result).resolves.toBe('waited');
  });
});

describe('a test that ends in the midst of a vend', () => {
  const { vending } = withSkippedTime();

  test.each(['leaves the server', 'and the next finds time skipped'])('%s', async () => {
    const started = await vending();
    await expect(started.pass(3 * 86_400_000)).resolves.toBeUndefined();
    await started.begin(aRequest('vend'));
  });
});

describe('a timer that nobody waits for any more', () => {
  const { vending } = withSkippedTime();

  test('is not cancelled on the test server, which would strand the run', async () => {
    const started = await vending({ configuration: { approval: { required: true } } });
    const handle = await started.begin(aRequest('approved'));
    await started.until(handle, ({ stage }) => stage === 'approving');
    await handle.executeUpdate(approveUpdate, { args: [{ by: 'ada' }] });
    await handle.result();
    const { events = [] } = await handle.fetchHistory();
    const count = (name: 'timerStarted' | 'timerCanceled') =>
      (events ?? []).filter((event) => event[`${name}EventAttributes`]).length;
    expect(count('timerStarted')).toBeGreaterThan(0);
    expect(count('timerCanceled')).toBe(0);
  });
});
