import { resolve } from 'node:path';
import { Worker } from '@temporalio/worker';
import { startDevServer } from './temporal';
import type { DevServer } from './temporal';

/** A development server with a worker for the workflows of `parent-workflow.ts`. */
export interface Parents {
  dev: DevServer;
  taskQueue: string;
  close(): Promise<void>;
}

export async function startParents(): Promise<Parents> {
  const taskQueue = 'parents';
  const dev = await startDevServer({ ui: false });
  const worker = await Worker.create({
    connection: dev.nativeConnection,
    taskQueue,
    workflowsPath: resolve(__dirname, 'parent-workflow.ts'),
  });
  const running = worker.run();
  return {
    dev,
    taskQueue,
    async close() {
      worker.shutdown();
      await running;
      await dev.close();
    },
  };
}
