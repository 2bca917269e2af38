import { WorkflowFailedError } from '@temporalio/client';
import { resolveSignal, stateQuery } from '../../src/contract';
import type { Resolution, VendRequest } from '../../src/contract';
import { newMemory } from '../../src/domain/memory';
import { aRequest } from '../support/skipped';
import { startDevServer, type DevServer } from '../support/temporal';
import { untilListed } from '../support/until';
import { Vending } from '../support/vending';

/** What Temporal takes as one message, and would not take as the input of an activity. */
const LARGEST_MESSAGE = 2 * 1024 * 1024;

let dev: DevServer;
let vending: Vending;

beforeAll(async () => {
  dev = await startDevServer({ ui: false });
  vending = await Vending.start(dev, {
    skipped: false,
    configuration: {
      creation: { poll: { initial: '100ms', max: '200ms' } },
      conformance: { allowNone: true },
    },
  });
});
afterAll(async () => {
  await vending?.close();
  await dev?.close();
});

test('a request as large as a message: it fails, and does not stand still', async () => {
  const request = { ...aRequest('large'), filler: '' } as VendRequest & { filler: string };
  request.filler = 'x'.repeat(LARGEST_MESSAGE - JSON.stringify(request).length - 45);
  const error = await vending.vend(request).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(WorkflowFailedError);
  expect((error as WorkflowFailedError).cause).toMatchObject({
    type: 'InvalidVendRequest',
    message: expect.stringContaining('larger than any request'),
  });
});

test('a second argument counts for nothing, also where Temporal begins the run again', async () => {
  const forged = newMemory(aRequest('forged'), new Date().toISOString());
  const workflowId = 'begun-again';
  const handle = await vending.client.workflow.start('vendAccount', {
    workflowId,
    taskQueue: vending.taskQueue,
    args: [{}, forged],
    cronSchedule: '@every 1s',
  });
  await untilListed(
    vending.client,
    `WorkflowId = '${workflowId}' AND ExecutionStatus = 'Failed'`,
    2,
  );
  await handle.terminate('has shown what it was to show');
  expect(vending.simulator.createdAccounts()).toEqual({});
});

test('a signal with changes as large as a message, and twenty bad ones: the vend goes on', async () => {
  const handle = await vending.begin(aRequest('asks', 'fail-email-already-exists'));
  await vending.escalated(handle);
  const tags = { a: 'x'.repeat(LARGEST_MESSAGE - 1_000) };
  await handle.signal(resolveSignal, { action: 'amend', changes: { tags } });
  const names = Object.fromEntries(Array.from({ length: 60 }, (_, n) => [`aws:${n}`, 'x']));
  const bad: Resolution = { action: 'amend', changes: { tags: names } };
  for (let n = 0; n < 20; n += 1) await handle.signal(resolveSignal, bad);
  const good: Resolution = { action: 'amend', changes: { email: 'fresh@example.com' } };
  // One of the bad ones may just be looked at.
  const isBusy = (error: unknown) => /another answer/.test(String((error as Error).cause));
  for (let tries = 0, isTaken = false; !isTaken; tries += 1) {
    isTaken = await vending.resolve(handle, good).then(
      () => true,
      (error: unknown) => {
        if (!isBusy(error) || tries > 50) throw error;
        return false;
      },
    );
  }
  await expect(handle.result()).resolves.toMatchObject({ adopted: false });
  const { history } = await handle.query(stateQuery);
  const notes = history.flatMap(({ note }) => note ?? []);
  expect(notes).toContainEqual(expect.stringContaining('changes are larger than any request'));
  expect(Math.max(...notes.map(({ length }) => length))).toBeLessThanOrEqual(1_000);
});
