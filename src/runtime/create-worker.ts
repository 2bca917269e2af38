import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from '@temporalio/worker';
import type { DataConverter, WorkerDeploymentVersion } from '@temporalio/common';
import type {
  ActivityInterceptorsFactory,
  NativeConnection,
  WorkerDeploymentOptions,
  WorkerOptions,
} from '@temporalio/worker';
import { createActivities } from '../activities';
import type { ActivityDeps } from '../activities';
import { createNexusService } from '../nexus/handler';

/** Made by the build, one of each kind: no bundler runs at start. */
function bundlePath({ version, dataConverter }: VendWorkerOptions): string {
  const versioned = version ? '-versioned' : '';
  const encrypting = dataConverter?.failureConverterPath ? '-encrypting' : '';
  return join(__dirname, '..', `workflow-bundle${versioned}${encrypting}.js`);
}

export interface VendWorkerOptions extends ActivityDeps {
  connection: NativeConnection;
  namespace: string;
  /** How payloads are encrypted; default: not at all. */
  dataConverter?: DataConverter;
  /** Where worker versioning is on: which version this worker is. */
  version?: WorkerDeploymentVersion | undefined;
  /** Around each attempt of an activity: where traces are on. */
  activityInterceptor?: ActivityInterceptorsFactory | undefined;
  /** Path of the workflow bundle; default: the one that the build made. */
  workflowBundlePath?: string;
  /** What tests change. */
  overrides?: Partial<WorkerOptions>;
}

/** A worker for vends, on the task queue of the configuration. */
export async function createVendWorker(options: VendWorkerOptions): Promise<Worker> {
  const { dataConverter, version, activityInterceptor } = options;
  const { taskQueue, worker } = options.configuration;
  const { maxCachedWorkflows } = worker;
  const codePath = options.workflowBundlePath ?? bundlePath(options);
  if (!existsSync(codePath)) {
    throw new Error(`there is no workflow bundle at ${codePath}: run "npm run build"`);
  }
  return Worker.create({
    connection: options.connection,
    namespace: options.namespace,
    taskQueue,
    ...(maxCachedWorkflows === undefined ? {} : { maxCachedWorkflows }),
    workflowBundle: { codePath },
    ...(dataConverter ? { dataConverter } : {}),
    activities: createActivities(options),
    nexusServices: [createNexusService()],
    ...(version ? { workerDeploymentOptions: deploymentOf(version) } : {}),
    ...(activityInterceptor ? { interceptors: { activity: [activityInterceptor] } } : {}),
    // A submit under way is worth waiting for: its answer names the creation.
    shutdownGraceTime: '30s',
    ...options.overrides,
  });
}

function deploymentOf(version: WorkerDeploymentVersion): WorkerDeploymentOptions {
  // Each workflow says its own: see workflows/versioned.
  return { version, useWorkerVersioning: true, defaultVersioningBehavior: 'PINNED' };
}
