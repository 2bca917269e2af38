import { createRequire } from 'node:module';
import { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { VendResult } from 'account-vending/contract';
import { startFakeVending, startSimulatedVending } from 'account-vending/testing';

/** A test of somebody whose worker is another copy of the SDK than that of account-vending, as npm gives it. */
const [address = ''] = process.argv.slice(2);

const require = createRequire(import.meta.url);
const ours = require.resolve('@temporalio/core-bridge');
const paths = [require.resolve('account-vending/testing')];
const theirs = require.resolve('@temporalio/core-bridge', { paths });

const connection = await NativeConnection.connect({ address });
const worker = await Worker.create({
  connection,
  taskQueue: 'team',
  activities: { hello: async () => 'hello' },
});
const client = new Client({ connection });
const vend = async (taskQueue: string): Promise<boolean> => {
  const { accountId }: VendResult = await client.workflow.execute('vendAccount', {
    taskQueue,
    workflowId: taskQueue,
    args: [{ requestId: taskQueue, accountName: 'A', email: `${taskQueue}@example.com` }],
    workflowExecutionTimeout: '30s',
  });
  return /^\d{12}$/.test(accountId);
};
const vended = await worker.runUntil(async () => {
  const fake = await startFakeVending({ address, taskQueue: 'faked' });
  const real = await startSimulatedVending({ address, taskQueue: 'simulated' });
  const both = [await vend(fake.taskQueue), await vend(real.taskQueue)];
  await fake.close();
  await real.close();
  return both;
});
await connection.close();
console.log(JSON.stringify({ copies: new Set([ours, theirs]).size, vended }));
