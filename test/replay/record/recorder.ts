import { mkdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import type { VendState } from '../../../src/contract';
import { gateWorkflowId, stateQuery, vendWorkflowId, watchWorkflowId } from '../../../src/contract';
import type { vendAccount } from '../../../src/workflows';
import { fastForward } from '../../support/skipping-client';
import type { DevServer } from '../../support/temporal';
import { Vending } from '../../support/vending';
import type { VendHandle, VendingOptions } from '../../support/vending';
import { until } from '../../support/until';

/** Short waits: what takes hours is forwarded, and what is short anyway is waited for. */
const QUICK = {
  poll: { initial: '100ms', max: '200ms' },
  overdueAfter: '5s',
  reconcile: { settle: '50ms', attempts: 2 },
  retry: { initial: '100ms', max: '200ms', attempts: 2 },
  recheck: '2s',
};

/** Starts vends, leads them through a branch, and saves what Temporal remembers of it. */
export class Recorder {
  readonly dev: DevServer;
  readonly vending: Vending;
  readonly #folder: string;
  readonly #saved: Set<string>;

  private constructor(dev: DevServer, vending: Vending, folder: string, saved: Set<string>) {
    this.dev = dev;
    this.vending = vending;
    this.#folder = folder;
    this.#saved = saved;
  }

  /** @param saved names that are taken */
  static async start(
    dev: DevServer,
    folder: string,
    saved: Set<string>,
    { simulator, configuration, ...more }: VendingOptions = {},
    isSkipped = false,
  ): Promise<Recorder> {
    const { client, nativeConnection } = dev;
    const vending = await Vending.start(
      { client, nativeConnection, ...(isSkipped ? { workflows: dev.skipping } : {}) },
      {
        skipped: isSkipped,
        ...more,
        simulator: {
          ...simulator,
          knobs: { creationMs: 200, ...simulator?.knobs },
          organization: { organizationalUnits: ['Sandbox', 'Elsewhere'] },
        },
        configuration: {
          conformance: { poll: { initial: '200ms', max: '300ms' }, recorderGrace: '1s' },
          ...configuration,
          creation: { ...QUICK, ...(configuration?.['creation'] as object | undefined) },
        },
      },
    );
    mkdirSync(folder, { recursive: true });
    return new Recorder(dev, vending, folder, saved);
  }

  /** A vend under the id that the command line gives it. */
  vend(request: Parameters<Vending['begin']>[0], workflowId?: string): Promise<VendHandle> {
    return this.vending.begin(request, workflowId ?? vendWorkflowId(request.requestId));
  }

  escalated(handle: WorkflowHandle, reason?: string): Promise<VendState> {
    return this.vending.escalated(handle, reason);
  }

  /** The same for one that was there before and goes: a vend answers its query then as well. */
  async until(handle: WorkflowHandle, test: (state: VendState) => boolean): Promise<VendState> {
    return until(() => handle.query(stateQuery), test);
  }

  /** Moves its clock ahead; one that has just ended needs it no more. */
  async forward(handle: { workflowId: string }, by: Parameters<typeof fastForward>[2]) {
    try {
      await fastForward(this.dev, handle.workflowId, by);
    } catch (error) {
      if (!/already completed/.test(String(error))) throw error;
    }
  }

  get gate(): WorkflowHandle {
    return this.dev.client.workflow.getHandle(
      gateWorkflowId(this.vending.simulator.organizationId),
    );
  }

  watch(region = 'us-east-1'): WorkflowHandle {
    const { organizationId } = this.vending.simulator;
    return this.dev.client.workflow.getHandle(watchWorkflowId(organizationId, region));
  }

  /** Ends as it may: what is wanted is its history. */
  async end(name: string, handle: WorkflowHandle<typeof vendAccount>): Promise<void> {
    const ended = handle.result().catch(() => undefined);
    if ((await Promise.race([ended.then(() => true), pause(45_000)])) !== true) {
      throw new Error(`${name} does not end`);
    }
    await this.save(name, handle);
  }

  /** As it stands now, ended or not. */
  async save(name: string, { workflowId }: { workflowId: string }, runId?: string): Promise<void> {
    if (this.#saved.has(name)) throw new Error(`two histories are called ${name}`);
    this.#saved.add(name);
    const handle = this.dev.client.workflow.getHandle(workflowId, runId);
    const text = anonymous(historyToJSON(await handle.fetchHistory()));
    writeFileSync(join(this.#folder, `${name}.json`), `${text}\n`);
  }

  /** The first run and the one after it, of a workflow that has continued as new. */
  async saveRuns(name: string, workflowId: string): Promise<void> {
    const runs = await until(
      () => this.runs(workflowId),
      (all) => all.length > 1,
    );
    await this.save(`${name}-first-run`, { workflowId }, runs[0]);
    await this.save(`${name}-second-run`, { workflowId }, runs[1]);
  }

  /** In the order in which they began. */
  async runs(workflowId: string): Promise<string[]> {
    const runs: { runId: string; at: number }[] = [];
    const query = `WorkflowId = '${workflowId}'`;
    for await (const { runId, startTime } of this.dev.client.workflow.list({ query })) {
      runs.push({ runId, at: startTime.getTime() });
    }
    return runs.sort((one, other) => one.at - other.at).map(({ runId }) => runId);
  }

  close(): Promise<void> {
    return this.vending.close();
  }
}

/** Of the machine it was recorded on, or of the server's bookkeeping: replay looks at none of them. */
const LEFT_OUT = new Set([
  'identity',
  'stackTrace',
  'taskId',
  'namespaceId',
  'meteringMetadata',
  'workerVersion',
]);

/** Compact, and without what tells of this machine. */
function anonymous(json: string): string {
  const text = JSON.stringify(JSON.parse(json), (key, value: unknown) => {
    if (LEFT_OUT.has(key)) return undefined;
    if (isStickyQueue(value)) return { ...value, name: 'sticky' };
    return value;
  });
  for (const trace of [`@${hostname()}`, process.cwd()]) {
    if (text.includes(trace)) throw new Error(`the history names this machine: ${trace}`);
  }
  return text;
}

/** It is called after the worker's process. */
function isStickyQueue(value: unknown): value is { name: string } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    value.kind === 'TASK_QUEUE_KIND_STICKY'
  );
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Fails as the simulator is told by a tag: some reasons are too long for an address. */
export function failing(reason: string, times: number): { tags: Record<string, string> } {
  const word = reason.toLowerCase().replaceAll('_', '-');
  return { tags: { 'simulator:behaviour': `fail-${word}-${times}x` } };
}
