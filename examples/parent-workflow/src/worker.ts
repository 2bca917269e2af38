import { NativeConnection, Worker } from '@temporalio/worker';
import * as activities from './activities';
import { ONBOARDING_QUEUE } from './team';

/** The team's own worker; that of account-vending is another one. */
async function main(): Promise<void> {
  const connection = await NativeConnection.connect({
    address: process.env['TEMPORAL_ADDRESS'] ?? 'localhost:7233',
  });
  try {
    const worker = await Worker.create({
      connection,
      namespace: process.env['TEMPORAL_NAMESPACE'] ?? 'default',
      taskQueue: ONBOARDING_QUEUE,
      workflowsPath: require.resolve('./workflows'),
      activities,
    });
    await worker.run();
  } finally {
    await connection.close();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
