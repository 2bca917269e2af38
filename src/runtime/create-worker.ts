import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from '@temporalio/worker';
import type { WorkerDeploymentVersion } from '@temporalio/common';
import type { NativeConnection, WorkerDeploymentOptions, WorkerOptions } from '@temporalio/worker';
import { createActivities } from '../activities';
import type { ActivityDeps } from '../activities';

/** Made by the build: no bundler runs at start. */
const BUNDLE = join(__dirname, '..', 'workflow-bundle.js');
const VERSIONED_BUNDLE = join(__dirname, '..', 'workflow-bundle-versioned.js');

export interface VendWorkerOptions extends ActivityDeps {
  connection: NativeConnection;
  namespace: string;
  /** Where worker versioning is on: which version this worker is. */
  version?: WorkerDeploymentVersion | undefined;
  /** Path of the workflow bundle; default: the one that the build made. */
  workflowBundlePath?: string;
  /** What tests change. */
  overrides?: Partial<WorkerOptions>;
}

/** A worker for vends, on the task queue of the configuration. */
export async function createVendWorker(options: VendWorkerOptions): Promise<Worker> {
  const { version } = options;
  const codePath = options.workflowBundlePath ?? (version ? VERSIONED_BUNDLE : BUNDLE);
  if (!existsSync(codePath)) {
    throw new Error(`there is no workflow bundle at ${codePath}: run "npm run build"`);
  }
  return Worker.create({
    connection: options.connection,
    namespace: options.namespace,
    taskQueue: options.configuration.taskQueue,
    workflowBundle: { codePath },
    activities: createActivities(options),
    ...(version ? { workerDeploymentOptions: deploymentOf(version) } : {}),
    // A submit under way is worth waiting for: its answer names the creation.
    shutdownGraceTime: '30s',
    ...options.overrides,
  });
}

function deploymentOf(version: WorkerDeploymentVersion): WorkerDeploymentOptions {
  // Each workflow says its own: see workflows/versioned.
  return { version, useWorkerVersioning: true, defaultVersioningBehavior: 'PINNED' };
}
