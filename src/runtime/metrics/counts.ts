import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client, WorkflowHandle } from '@temporalio/client';
import type { MetricMeter } from '@temporalio/common';
import { SearchAttribute, Stage, WorkflowType, gateStateQuery } from '../../contract';
import type { GateState } from '../../contract';
import { Counted, wordFor } from '../../domain/metrics';
import { hasEnded } from '../../domain/stages';
import type { MetricDefinition } from '../../domain/metrics';
import type { Logger } from '../logger';

const UNDER_WAY = Object.values(Stage).filter((stage) => !hasEnded(stage));

/** So many reasons are told apart at a time. */
const MOST_REASONS = 20;
/** An organization has one gate, and a task queue serves one organization. */
const MOST_GATES = 10;
const PATIENCE_MS = 10_000;

type GateCounts = Pick<
  GateState,
  'inProgress' | 'foreign' | 'maxInProgress' | 'waiting' | 'callsToday' | 'callsAllowedToday'
>;
/** It was terminated, and no vend has started it anew. */
const NO_GATE: GateCounts = {
  inProgress: 0,
  foreign: 0,
  maxInProgress: 0,
  waiting: 0,
  callsToday: 0,
  callsAllowedToday: 0,
};

export interface CountsOptions {
  client: Client;
  taskQueue: string;
  meter: MetricMeter;
  everyMs: number;
  logger: Pick<Logger, 'warn'>;
}

/**
 * Reads from Temporal, again and again, what is under way. A gauge that workflows set themselves would
 * be gone after a restart, and stand still on a worker that a workflow has left.
 */
export class Counts {
  readonly #options: CountsOptions;
  /** The label values that were told last: what is gone must become 0. */
  readonly #told = new Map<string, Set<string>>();
  /** The gates that were told last, each with its organization. */
  readonly #gates = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(options: CountsOptions) {
    this.#options = options;
  }

  start(): void {
    // Where nothing can ever be read, its age must show too.
    for (const what of ['vends', 'gate']) this.#setTime(what);
    void this.#round();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  async #round(): Promise<void> {
    await this.#attempt('vends', () => this.#readVends());
    await this.#attempt('gate', () => this.#readGates());
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => void this.#round(), this.#options.everyMs);
  }

  /** What could not be read keeps its value, and the time at which it was read tells its age. */
  async #attempt(what: string, read: () => Promise<void>): Promise<void> {
    const { client, logger } = this.#options;
    try {
      await client.withDeadline(Date.now() + PATIENCE_MS, read);
      this.#setTime(what);
    } catch (error) {
      if (!this.#isStopped)
        logger.warn({ err: error, what }, 'what is under way cannot be counted');
    }
  }

  #setTime(what: string): void {
    this.#set(Counted.countedAt, Math.floor(Date.now() / 1_000), { what });
  }

  async #readVends(): Promise<void> {
    for (const stage of UNDER_WAY) {
      const running = `${this.#running(WorkflowType.vendAccount)} AND VendStage = ${quoted(stage)}`;
      this.#set(Counted.vendsRunning, await this.#count(running), { stage });
    }
    await this.#readReasons(Counted.vendsEscalated, WorkflowType.vendAccount);
    await this.#readReasons(Counted.organizationsHeldBack, WorkflowType.organizationGate);
  }

  /** Temporal groups by no attribute of ours: one of each reason is looked for, then they are counted. */
  async #readReasons(gauge: MetricDefinition, type: string): Promise<void> {
    const escalated = `${this.#running(type)} AND VendEscalation IS NOT NULL`;
    const counts = new Map<string, number>();
    const add = (word: string, count: number) => counts.set(word, (counts.get(word) ?? 0) + count);
    const seen: string[] = [];
    for (;;) {
      const others = seen.length > 0 ? ` AND VendEscalation NOT IN (${seen.join(', ')})` : '';
      const reason = await this.#oneReason(escalated + others);
      if (reason === undefined) break;
      if (seen.length === MOST_REASONS) {
        add('other', await this.#count(escalated + others));
        break;
      }
      const found = quoted(reason);
      seen.push(found);
      add(wordFor(reason), await this.#count(`${escalated} AND VendEscalation = ${found}`));
    }
    this.#setAll(gauge, 'reason', counts);
  }

  async #oneReason(query: string): Promise<string | undefined> {
    for await (const run of this.#options.client.workflow.list({ query, pageSize: 1 })) {
      const reason = run.typedSearchAttributes.get(SearchAttribute.escalation);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }

  async #readGates(): Promise<void> {
    const { workflow } = this.#options.client;
    const query = this.#running(WorkflowType.organizationGate);
    const listed = new Set<string>();
    for await (const { workflowId } of workflow.list({ query, pageSize: MOST_GATES })) {
      if (listed.add(workflowId).size === MOST_GATES) break;
    }
    for (const workflowId of new Set([...listed, ...this.#gates.keys()])) {
      const gate = workflow.getHandle(workflowId);
      // Lists lag: between two of its runs a gate may be in none, and those who wait there wait on.
      if (listed.has(workflowId) || (await isRunning(gate))) {
        const state = await gate.query(gateStateQuery);
        this.#gates.set(workflowId, state.organizationId);
        this.#setGate(state.organizationId, state);
      } else {
        this.#setGate(this.#gates.get(workflowId) ?? '', NO_GATE);
        this.#gates.delete(workflowId);
      }
    }
  }

  #setGate(organizationId: string, state: GateCounts): void {
    const organization = { organization: wordFor(organizationId) };
    this.#set(Counted.placesUsed, state.inProgress, organization);
    this.#set(Counted.placesForeign, state.foreign, organization);
    this.#set(Counted.placesAllowed, state.maxInProgress, organization);
    this.#set(Counted.waiting, state.waiting, organization);
    this.#set(Counted.callsInDay, state.callsToday, organization);
    this.#set(Counted.callsAllowed, state.callsAllowedToday, organization);
  }

  #running(type: string): string {
    const { taskQueue } = this.#options;
    return `WorkflowType = '${type}' AND TaskQueue = ${quoted(taskQueue)} AND ExecutionStatus = 'Running'`;
  }

  async #count(query: string): Promise<number> {
    return (await this.#options.client.workflow.count(query)).count;
  }

  #setAll(gauge: MetricDefinition, label: string, counts: ReadonlyMap<string, number>): void {
    const before = this.#told.get(gauge.name) ?? new Set<string>();
    for (const value of new Set([...before, ...counts.keys()])) {
      this.#set(gauge, counts.get(value) ?? 0, { [label]: value });
      before.add(value);
    }
    this.#told.set(gauge.name, before);
  }

  #set({ name, help }: MetricDefinition, value: number, labels: Record<string, string>): void {
    this.#options.meter.createGauge(name, 'int', undefined, help).set(value, labels);
  }
}

async function isRunning(gate: WorkflowHandle): Promise<boolean> {
  try {
    return (await gate.describe()).status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

/** As Temporal's queries write a text. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
