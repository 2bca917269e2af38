import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { getHeapStatistics } from 'node:v8';
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
  const { maxCachedWorkflows = cachedByDefault() } = worker;
  const codePath = options.workflowBundlePath ?? bundlePath(options);
  if (!existsSync(codePath)) {
    throw new Error(`there is no workflow bundle at ${codePath}: run "npm run build"`);
  }
  return Worker.create({
    connection: options.connection,
    namespace: options.namespace,
    taskQueue,
    maxCachedWorkflows,
    workflowBundle: { codePath },
    ...(dataConverter ? { dataConverter } : {}),
    activities: createActivities(options),
    nexusServices: [createNexusService()],
    ...(version ? { workerDeploymentOptions: deploymentOf(version) } : {}),
    ...(activityInterceptor ? { interceptors: { activity: [activityInterceptor] } } : {}),
    ...workflowTasks(options.overrides),
    // A submit under way is worth waiting for: its answer names the creation.
    shutdownGraceTime: '30s',
    ...options.overrides,
  });
}

function deploymentOf(version: WorkerDeploymentVersion): WorkerDeploymentOptions {
  // Each workflow says its own: see workflows/versioned.
  return { version, useWorkerVersioning: true, defaultVersioningBehavior: 'PINNED' };
}

/**
 * One thread runs the workflows, so tasks that were taken wait in line for it, and time out there. The server lets
 * those go first that are urgent (activities/priority); four times as many taken at once, as is the SDK's default,
 * would all be before them.
 */
const MOST_WORKFLOW_TASKS = 10;

/**
 * The SDK ends a workflow's step after five seconds, and does so in a way that ends the whole process
 * (https://github.com/nodejs/node/issues/38503), which the next worker then repeats. No step computes that long, but
 * one that takes in thousands of signals on a machine with much else to do can. The SDK has this option, and does not show it.
 */
const NOT_CUT_SHORT = { isolateExecutionTimeout: '1m' };

function workflowTasks({ tuner, debugMode }: Partial<WorkerOptions> = {}): Partial<WorkerOptions> {
  return {
    ...(tuner ? {} : { maxConcurrentWorkflowTaskExecutions: MOST_WORKFLOW_TASKS }),
    // At a breakpoint a step takes as long as it takes: the SDK has no limit then.
    ...(debugMode || process.env['TEMPORAL_DEBUG'] ? {} : NOT_CUT_SHORT),
  };
}

/** Meant to stay below 2 GiB, however many wait: with 1,500 it was a little more. docs/production.md */
const MOST_CACHED = 1_200;

/** As many as the SDK would keep where Node's heap is small, and no more than that. */
function cachedByDefault(): number {
  const heapMiB = getHeapStatistics().heap_size_limit / 1024 ** 2;
  return Math.min(MOST_CACHED, Math.max(10, Math.floor(((heapMiB - 200) * 600) / 1024)));
}
