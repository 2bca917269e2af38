import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { createAwsClients } from '../../src/aws/clients';
import { resolveUpdate, stateQuery, vendWorkflowId } from '../../src/contract';
import type { Resolution, VendRequest, VendState } from '../../src/contract';
import { createVendWorker } from '../../src/runtime/create-worker';
import { startSimulator } from '../../src/simulator';
import type { Simulator } from '../../src/simulator';
import type { vendAccount } from '../../src/workflows';
import type { DevServer } from '../support/temporal';
import { configurationOf } from '../support/vending';
import { oldBundle } from './corpus';
import { until } from '../support/until';

const LIB = resolve(__dirname, '../../lib');
export const DEPLOYMENT = 'account-vending';

/** Which workflows a worker runs: those of a release, or those that the build has just made. */
export interface WorkerKind {
  release?: string | undefined;
  /** With worker versioning: the build id. */
  buildId?: string;
}

/** Workers of several versions that serve one organization. */
export class Fleet {
  readonly simulator: Simulator;
  readonly taskQueue = `fleet-${randomUUID()}`;
  readonly #dev: DevServer;
  readonly #folder: string;
  readonly #stops = new Set<() => Promise<void>>();

  private constructor(dev: DevServer, simulator: Simulator, folder: string) {
    this.#dev = dev;
    this.simulator = simulator;
    this.#folder = folder;
  }

  static async start(dev: DevServer, folder: string, seed: number): Promise<Fleet> {
    const simulator = await startSimulator({ profile: 'test', seed, knobs: { creationMs: 1_500 } });
    process.env['AWS_ENDPOINT_URL'] = simulator.url;
    return new Fleet(dev, simulator, folder);
  }

  /** Returns what stops it. */
  async worker({ release, buildId }: WorkerKind): Promise<() => Promise<void>> {
    const bundle = buildId ? 'workflow-bundle-versioned.js' : 'workflow-bundle.js';
    const aws = createAwsClients();
    const worker = await createVendWorker({
      connection: this.#dev.nativeConnection,
      namespace: this.#dev.namespace,
      aws,
      configuration: this.#configuration,
      configEveryMs: 0,
      version: buildId ? { deploymentName: DEPLOYMENT, buildId } : undefined,
      workflowBundlePath: release
        ? oldBundle(release, this.#folder, buildId !== undefined)
        : resolve(LIB, bundle),
      overrides: { shutdownGraceTime: '5s' },
    });
    const running = worker.run();
    const stop = async () => {
      this.#stops.delete(stop);
      worker.shutdown();
      await running;
      aws.destroy();
    };
    this.#stops.add(stop);
    return stop;
  }

  get #configuration() {
    return configurationOf({
      taskQueue: this.taskQueue,
      creation: { perSecond: 1_000, burst: 1_000, poll: { initial: '100ms', max: '300ms' } },
      conformance: { poll: { initial: '200ms', max: '300ms' } },
      readiness: { assumeRole: true },
    });
  }

  begin(request: VendRequest): Promise<WorkflowHandle<typeof vendAccount>> {
    return this.#dev.client.workflow.start<typeof vendAccount>('vendAccount', {
      taskQueue: this.taskQueue,
      workflowId: vendWorkflowId(request.requestId),
      args: [request],
    });
  }

  async until(handle: WorkflowHandle, test: (state: VendState) => boolean): Promise<VendState> {
    return until(() => handle.query(stateQuery), test);
  }

  resolve(handle: WorkflowHandle, resolution: Resolution): Promise<unknown> {
    return handle.executeUpdate(resolveUpdate, { args: [resolution] });
  }

  /** Workflow tasks of this organization that a worker could not do: how a run hangs. */
  async failedTasks(): Promise<string[]> {
    const failed: string[] = [];
    const { workflow } = this.#dev.client;
    for await (const run of workflow.list({ query: `TaskQueue = '${this.taskQueue}'` })) {
      const { events } = await workflow.getHandle(run.workflowId, run.runId).fetchHistory();
      for (const { workflowTaskFailedEventAttributes: task } of events ?? []) {
        const why = task?.failure?.message;
        // What came in while a task was done makes it be done again.
        if (task && why !== 'UnhandledCommand') failed.push(`${run.workflowId}: ${why}`);
      }
    }
    return failed;
  }

  async close(): Promise<void> {
    for (const stop of this.#stops) await stop();
    const { workflow } = this.#dev.client;
    const query = `TaskQueue = '${this.taskQueue}' AND ExecutionStatus = 'Running'`;
    for await (const { workflowId } of workflow.list({ query })) {
      await workflow
        .getHandle(workflowId)
        .terminate()
        .catch(() => undefined);
    }
    await this.simulator.close();
  }
}
