import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from '@temporalio/worker';
import type { NativeConnection, WorkerOptions } from '@temporalio/worker';
import { createActivities } from '../activities';
import type { ActivityDeps } from '../activities';
import { createNexusService } from '../nexus/handler';

/** Made by the build: no bundler runs at start. */
const BUNDLE = join(__dirname, '..', 'workflow-bundle.js');

export interface VendWorkerOptions extends ActivityDeps {
  connection: NativeConnection;
  namespace: string;
  /** Path of the workflow bundle; default: the one that the build made. */
  workflowBundlePath?: string;
  /** What tests change. */
  overrides?: Partial<WorkerOptions>;
}

/** A worker for vends, on the task queue of the configuration. */
export async function createVendWorker(options: VendWorkerOptions): Promise<Worker> {
  const codePath = options.workflowBundlePath ?? BUNDLE;
  if (!existsSync(codePath)) {
    throw new Error(`there is no workflow bundle at ${codePath}: run "npm run build"`);
  }
  return Worker.create({
    connection: options.connection,
    namespace: options.namespace,
    taskQueue: options.configuration.taskQueue,
    workflowBundle: { codePath },
    activities: createActivities(options),
    nexusServices: [createNexusService()],
    // A submit under way is worth waiting for: its answer names the creation.
    shutdownGraceTime: '30s',
    ...options.overrides,
  });
}
