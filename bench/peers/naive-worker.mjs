/** `node naive-worker.mjs <address> <task queue>`: the worker of the naive workflow. */
import { fileURLToPath } from 'node:url';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { naiveActivities } from '../naive/activities.mjs';

const [, , address, taskQueue] = process.argv;
Runtime.install({ logger: new DefaultLogger('ERROR') });
const connection = await NativeConnection.connect({ address });
const worker = await Worker.create({
  connection,
  taskQueue,
  workflowsPath: fileURLToPath(new URL('../naive/workflow.mjs', import.meta.url)),
  activities: naiveActivities(),
});
const running = worker.run();
console.log('worker is ready');
await running;
