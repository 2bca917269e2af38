import { randomUUID } from 'node:crypto';
import { defaultPayloadConverter } from '@temporalio/common';
import type { QueryDefinition } from '@temporalio/common';
import type {
  Client,
  WorkflowClient,
  WorkflowHandle,
  WorkflowHandleWithFirstExecutionRunId,
} from '@temporalio/client';
import type {
  ActivityInterceptorsFactory,
  NativeConnection,
  Worker,
  WorkerOptions,
} from '@temporalio/worker';
import { globalHandlers } from '@temporalio/worker/lib/workflow/vm-shared';
import { createAwsClients } from '../../src/aws/clients';
import { parseConfiguration } from '../../src/config';
import type { Configuration } from '../../src/config';
import {
  MEMO_REQUESTED_BY,
  WorkflowType,
  gateResolveUpdate,
  gateStateQuery,
  gateWorkflowId,
  resolveUpdate,
  stateQuery,
  vendWorkflowId,
  watchStateQuery,
  watchWorkflowId,
} from '../../src/contract';
import type { GateState, Resolution, VendRequest, VendState, WatchState } from '../../src/contract';
import { createVendWorker } from '../../src/runtime/create-worker';
import { ManualClock, startSimulator } from '../../src/simulator';
import type { Simulator, SimulatorOptions } from '../../src/simulator';
import type { vendAccount } from '../../src/workflows';
import { testBundle } from './temporal';
import { KEEPS_TIMERS, TIME_HEADER } from './workflow-time';
import { PATIENCE_MS, until } from './until';

/**
 * The same sandbox without a thread of its own. Starting that costs more than most vends, and these tests
 * start a worker each; those that run in real time, and the worker's own process, have it.
 */
const IN_THIS_THREAD = { debugMode: true };

/**
 * For the query `__stack_trace` Temporal takes the stack of every promise, by a hook on the whole thread that it
 * never removes. A process of jest would have one more of them with each test file, each taking the stacks again.
 */
Object.assign(globalHandlers, { setPromiseHook: () => {} });

const UNPACED = { perSecond: 1_000, burst: 1_000 };

let organizations = 0;

/** A vend that tests start, ask and answer: the real client, workflow, activities, SDK and wire. */
export type VendHandle = WorkflowHandleWithFirstExecutionRunId<typeof vendAccount>;

export interface VendingTemporal {
  client: Client;
  nativeConnection: NativeConnection;
  namespace?: string | undefined;
  /** Starts the workflows, where that is not the client's own. */
  workflows?: WorkflowClient;
  /** Workflow time, where it is skipped. */
  now?: () => Promise<number>;
  /** Lets so much workflow time pass, where it is skipped: on the time-skipping test server. */
  sleep?: (ms: number) => Promise<void>;
}

export interface VendingOptions {
  simulator?: SimulatorOptions;
  /** As in the configuration file. */
  configuration?: Record<string, unknown>;
  /**
   * Workflow time is skipped: the simulator's clock follows the time at which activities are
   * scheduled, so that hours of AWS pass with hours of workflow. Default: true.
   */
  skipped?: boolean;
  /** Of the worker. */
  worker?: Partial<WorkerOptions>;
}

/** The whole system of one test: simulator, AWS clients and a worker on a task queue of its own. */
export class Vending {
  readonly simulator: Simulator;
  readonly client: Client;
  readonly #workflows: WorkflowClient;
  readonly taskQueue: string;
  readonly configuration: Configuration;
  readonly #worker: Worker;
  readonly #running: Promise<void>;
  readonly #destroy: () => void;
  readonly #begun: VendHandle[] = [];
  readonly #sleep: ((ms: number) => Promise<void>) | undefined;

  private constructor(parts: {
    simulator: Simulator;
    client: Client;
    workflows: WorkflowClient;
    configuration: Configuration;
    worker: Worker;
    destroy: () => void;
    sleep: ((ms: number) => Promise<void>) | undefined;
  }) {
    this.#sleep = parts.sleep;
    this.simulator = parts.simulator;
    this.client = parts.client;
    this.#workflows = parts.workflows;
    this.configuration = parts.configuration;
    this.taskQueue = parts.configuration.taskQueue;
    this.#worker = parts.worker;
    this.#destroy = parts.destroy;
    this.#running = parts.worker.run();
  }

  static async start(temporal: VendingTemporal, options: VendingOptions = {}): Promise<Vending> {
    const clock = new ManualClock((await temporal.now?.()) ?? Date.now());
    const isSkipped = options.skipped ?? true;
    const simulator = await startSimulator({
      profile: 'test',
      // An organization of its own: gate and watches are found by its id.
      seed: (organizations += 1),
      ...(isSkipped ? { clock } : {}),
      ...options.simulator,
    });
    process.env['AWS_ENDPOINT_URL'] = simulator.url;
    const configuration = configurationOf({
      taskQueue: `${temporal.sleep ? KEEPS_TIMERS : ''}vending-${randomUUID()}`,
      ...options.configuration,
      // AWS's rate is the concern of the tests that set it.
      creation: { ...UNPACED, ...(options.configuration?.['creation'] as object | undefined) },
    });
    const aws = createAwsClients(configuration.aws);
    const worker = await createVendWorker({
      connection: temporal.nativeConnection,
      namespace: temporal.namespace ?? 'default',
      aws,
      configuration,
      configEveryMs: 0,
      workflowBundlePath: testBundle().codePath,
      overrides: {
        shutdownGraceTime: '5s',
        ...(isSkipped
          ? { ...IN_THIS_THREAD, interceptors: { activity: [followWorkflowTime(clock)] } }
          : {}),
        ...options.worker,
      },
    });
    return new Vending({
      simulator,
      client: temporal.client,
      workflows: temporal.workflows ?? temporal.client.workflow,
      configuration,
      worker,
      destroy: () => aws.destroy(),
      sleep: isSkipped ? temporal.sleep : undefined,
    });
  }

  /** @param requestedBy who asks for it, as the command line says so */
  async begin(
    request: VendRequest,
    workflowId?: string,
    requestedBy?: string,
  ): Promise<VendHandle> {
    const handle = await this.#workflows.start<typeof vendAccount>(WorkflowType.vendAccount, {
      taskQueue: this.taskQueue,
      // Tests share a server, and some leave a vend waiting.
      workflowId: workflowId ?? `${vendWorkflowId(request.requestId)}-${randomUUID()}`,
      args: [request],
      ...(requestedBy === undefined ? {} : { memo: { [MEMO_REQUESTED_BY]: requestedBy } }),
    });
    this.#begun.push(handle);
    return handle;
  }

  async vend(request: VendRequest) {
    return (await this.begin(request)).result();
  }

  /** Waits for an escalation; of the given reason, where one is given. */
  async escalated(handle: WorkflowHandle, reason?: string): Promise<VendState> {
    return this.until(
      handle,
      (state) => state.escalation !== undefined && (!reason || state.escalation.reason === reason),
    );
  }

  /** Lets time pass in small steps, then in larger ones, until the state is as wanted. */
  async until(handle: WorkflowHandle, test: (state: VendState) => boolean): Promise<VendState> {
    const deadline = Date.now() + PATIENCE_MS;
    let state: VendState | undefined;
    for (let step = 1_000; Date.now() < deadline; step = Math.min(step * 1.3, 600_000)) {
      // Between two runs (continue-as-new) the server answers no query for a moment.
      state = await handle.query(stateQuery).catch(() => undefined);
      if (state && test(state)) return state;
      await this.pass(step);
    }
    throw new Error(`the vend did not get there: ${JSON.stringify(state, null, 1)}`);
  }

  /** Lets so much time pass, and what was due in it be done. */
  async pass(ms: number): Promise<void> {
    if (this.#sleep) await this.#sleep(ms);
    await new Promise((resolve) => setTimeout(resolve, 15));
  }

  async resolve(handle: WorkflowHandle, resolution: Resolution) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await handle.executeUpdate(resolveUpdate, { args: [resolution] });
      } catch (error) {
        // The server lets go of an update that meets a run in the moment it continues as new; where time is
        // skipped, that may be again and again.
        const cause = String((error as Error).cause);
        if (attempt >= 5 || !/unexpected workflow task failure/.test(cause)) throw error;
      }
    }
  }

  /** Workflows that the worker keeps in memory. */
  get cachedWorkflows(): number {
    return this.#worker.getStatus().numCachedWorkflows;
  }

  /** The organization's gate. */
  get gate(): WorkflowHandle {
    return this.client.workflow.getHandle(gateWorkflowId(this.simulator.organizationId));
  }

  /** The watch of a region. */
  watch(region = 'us-east-1'): WorkflowHandle {
    const { organizationId } = this.simulator;
    return this.client.workflow.getHandle(watchWorkflowId(organizationId, region));
  }

  watchState(region?: string): Promise<WatchState> {
    return this.#insist(this.watch(region), watchStateQuery);
  }

  gateState(): Promise<GateState> {
    return this.#insist(this.gate, gateStateQuery);
  }

  #insist<T>(handle: WorkflowHandle, query: QueryDefinition<T>): Promise<T> {
    return until(
      () => this.#ask(handle, query),
      () => true,
    );
  }

  /** One try: where a test lets time pass meanwhile, and asks again. */
  glanceAtGate(): Promise<GateState | undefined> {
    return this.#ask(this.gate, gateStateQuery).catch(() => undefined);
  }

  /** The gate of the test before this one answers no query, and takes long to say so; nor does a busy machine. */
  #ask<T>(handle: WorkflowHandle, query: QueryDefinition<T>): Promise<T> {
    return this.client.withDeadline(Date.now() + 2_000, () => handle.query(query));
  }

  /** Answers what holds the organization back. */
  resolveOrganization(resolution: Resolution) {
    return this.gate.executeUpdate(gateResolveUpdate, { args: [resolution] });
  }

  /** How often an operation was called; of one vend alone where the tag tells. */
  calls(operation: string): number {
    return this.simulator.journal().filter((entry) => entry.operation === operation).length;
  }

  async close(): Promise<void> {
    // A vend that is left waiting would hold up the time of the tests behind it.
    await Promise.all(this.#begun.map((handle) => handle.terminate().catch(() => undefined)));
    await this.#endWatches();
    this.#worker.shutdown();
    await this.#running;
    // Last: an activity of a vend may have started it just now.
    await this.gate.terminate().catch(() => undefined);
    this.#destroy();
    await this.simulator.close();
  }

  /** Between two looks: Temporal's test server stops its clock for an activity that nobody ends. */
  async #endWatches(): Promise<void> {
    const calls = this.simulator.journal().filter(({ service }) => service === 'config');
    for (const region of new Set(calls.map((call) => call.region))) {
      for (let tries = 0; tries < 100; tries += 1) {
        const state = await this.#ask(this.watch(region), watchStateQuery).catch(() => undefined);
        if (state?.waitingFor !== 'AWS Config to answer') break;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      await this.watch(region)
        .terminate()
        .catch(() => undefined);
    }
  }
}

export function configurationOf(input: Record<string, unknown>): Configuration {
  const parsed = parseConfiguration(input);
  if (parsed.ok) return parsed.value;
  throw new Error(JSON.stringify(parsed.problems));
}

/** Where workflow time is skipped, the simulator's clock follows it and never the wall clock. */
function followWorkflowTime(clock: ManualClock): ActivityInterceptorsFactory {
  return () => ({
    inbound: {
      execute(input, next) {
        const header = input.headers[TIME_HEADER];
        const now = header ? defaultPayloadConverter.fromPayload<number>(header) : 0;
        if (now > clock.now()) clock.set(now);
        return next(input);
      },
    },
  });
}
