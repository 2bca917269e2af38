import { join } from 'node:path';
import { Client } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import type { NativeConnection } from '@temporalio/worker';
import { TASK_QUEUE, resolveUpdate, stateQuery } from '../contract';
import type { Decision, Resolution, VendRequest, VendState } from '../contract';
import type { vendAccount } from '../workflows';
import { createNexusService } from '../nexus/handler';
import { bundleAt } from './bundles';
import { connect } from './connect';
import type { ServerOptions } from './connect';
import { createFakeActivities } from './fake-activities';
import { FakeVends } from './fake-vends';
import type { FakeVend } from './fake-vends';
import type { Outcomes } from './outcome';
import { hasSearchAttributes } from './search-attributes';

export interface FakeVendingOptions extends ServerOptions {
  /** Where the parent starts its vends. Default: {@link TASK_QUEUE}. */
  taskQueue?: string;
  /** What becomes of each request. Default: `done`. */
  outcome?: Outcomes;
  /**
   * Whether vends publish our search attributes, which are registered first. Default: where the
   * namespace lets us.
   */
  searchAttributes?: boolean;
  /** Where payloads are encrypted: those of the parent's worker. */
  payloadCodecs?: PayloadCodec[];
}

/**
 * Answers the workflow type `vendAccount` in a test's own environment, with outcomes that the test
 * chooses. No AWS, no simulator, no worker of account-vending is needed.
 *
 * ```ts
 * const env = await TestWorkflowEnvironment.createLocal();
 * const vending = await startFakeVending({
 *   address: env.address,
 *   outcome: ({ requestId }) =>
 *     requestId.endsWith('-prod') ? { escalated: 'EMAIL_ALREADY_EXISTS' } : 'done',
 * });
 * // … start the parent; then, as a person would:
 * await vending.escalated('team-a-prod');
 * await vending.resolve('team-a-prod', { action: 'abandon', reason: 'not needed any more' });
 * // … the parent goes on without it
 * await vending.close();
 * ```
 */
export async function startFakeVending(options: FakeVendingOptions): Promise<FakeVending> {
  const connection = await connect(options);
  try {
    return await startOn(connection, options);
  } catch (error) {
    await connection.close();
    throw error;
  }
}

async function startOn(
  connection: NativeConnection,
  options: FakeVendingOptions,
): Promise<FakeVending> {
  const { namespace = 'default', taskQueue = TASK_QUEUE, outcome = 'done' } = options;
  const vends = new FakeVends(outcome);
  const areKnown =
    options.searchAttributes !== false && (await hasSearchAttributes(connection, namespace));
  const dataConverter = { payloadCodecs: options.payloadCodecs ?? [] };
  const worker = await Worker.create({
    connection,
    namespace,
    dataConverter,
    taskQueue,
    workflowBundle: { codePath: bundleAt(join('testing', 'fake-bundle.js')) },
    activities: createFakeActivities(vends, areKnown),
    nexusServices: [createNexusService()],
    shutdownGraceTime: '1s',
  });
  const client = new Client({ connection, namespace, dataConverter });
  return new FakeVending({ connection, client, worker, vends, taskQueue });
}

interface Parts {
  connection: NativeConnection;
  client: Client;
  worker: Worker;
  vends: FakeVends;
  taskQueue: string;
}

/** A running fake. */
export class FakeVending {
  readonly taskQueue: string;
  readonly #connection: NativeConnection;
  readonly #client: Client;
  readonly #vends: FakeVends;
  readonly #worker: Worker;
  readonly #running: Promise<void>;

  /** @internal {@link startFakeVending} makes it */
  constructor({ connection, client, worker, vends, taskQueue }: Parts) {
    this.taskQueue = taskQueue;
    this.#connection = connection;
    this.#client = client;
    this.#vends = vends;
    this.#worker = worker;
    this.#running = worker.run();
    // Told by close().
    this.#running.catch(() => undefined);
  }

  /** The vends that came, oldest first. */
  get vends(): FakeVend[] {
    return this.#vends.all.map(({ requestId, request, workflowId, runId, startedAt }) => ({
      requestId,
      request,
      workflowId,
      runId,
      startedAt,
    }));
  }

  /** The requests that came, oldest first. */
  get requests(): VendRequest[] {
    return this.#vends.all.map(({ request }) => request);
  }

  /** The same, by id alone. */
  get requestIds(): string[] {
    return this.#vends.all.map(({ requestId }) => requestId);
  }

  /** What becomes of requests that come from now on. */
  script(outcome: Outcomes): void {
    this.#vends.outcomes = outcome;
  }

  /**
   * The last vend of a request, for what else a test wants of it.
   * @throws where none has come
   */
  handle(requestId: string): WorkflowHandle<typeof vendAccount> {
    const vend = this.#vends.latest(requestId);
    if (!vend) {
      const came = this.requestIds.join(', ') || 'none';
      throw new Error(`no vend of ${requestId} has come; came: ${came}`);
    }
    return this.#client.workflow.getHandle(vend.workflowId);
  }

  /** Where the vend is, as the query `state` answers. */
  state(requestId: string): Promise<VendState> {
    return this.handle(requestId).query(stateQuery);
  }

  /** Answers as a person would, by `vend resolve`. Rejected where the answer does not fit. */
  resolve(requestId: string, resolution: Resolution): Promise<Decision> {
    return this.handle(requestId).executeUpdate(resolveUpdate, { args: [resolution] });
  }

  /** Waits until a person is asked; for this reason, where one is given. */
  escalated(requestId: string, reason?: string): Promise<VendState> {
    return this.until(
      requestId,
      ({ escalation }) =>
        escalation !== undefined && (reason ?? escalation.reason) === escalation.reason,
    );
  }

  /** Waits until a vend of the request has come, and its state is as wanted. */
  async until(
    requestId: string,
    test: (state: VendState) => boolean,
    withinMs = 10_000,
  ): Promise<VendState> {
    const deadline = Date.now() + withinMs;
    let last: VendState | undefined;
    while (Date.now() < deadline) {
      if (this.#vends.latest(requestId)) {
        last = await this.state(requestId).catch(() => undefined);
        if (last && test(last)) return last;
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
    const came = this.requestIds.join(', ') || 'none';
    const where = last
      ? `it is ${last.stage}${last.escalation ? `, escalated (${last.escalation.reason})` : ''}`
      : `it has not come; came: ${came}`;
    throw new Error(`the vend of ${requestId} did not get there within ${withinMs} ms: ${where}`);
  }

  /**
   * Forgets what came: a request that came before is a new one again. Ends what still runs.
   * Between two tests that use the same request ids.
   */
  async reset(): Promise<void> {
    const ended = this.vends.map(({ workflowId, runId }) =>
      this.#client.workflow
        .getHandle(workflowId, runId)
        .terminate('the test is over')
        .catch(() => undefined),
    );
    await Promise.all(ended);
    this.#vends.forget();
  }

  /** Ends the worker, and the vends that still run. Before the test's environment is torn down. */
  async close(): Promise<void> {
    await this.reset();
    if (this.#worker.getState() === 'RUNNING') this.#worker.shutdown();
    try {
      await this.#running;
    } finally {
      await this.#connection.close();
    }
  }
}

const LOOK_EVERY_MS = 20;
