import type { PayloadCodec } from '@temporalio/common';
import type { NativeConnection, Worker } from '@temporalio/worker';
import { createAwsClients } from '../aws/clients';
import type { AwsClients } from '../aws/clients';
import { parseConfiguration } from '../config';
import type { Configuration } from '../config';
import { TASK_QUEUE } from '../contract';
import { createVendWorker } from '../runtime/create-worker';
import { startSimulator } from '../simulator';
import type { OrganizationSetup, Simulator, SimulatorOptions } from '../simulator';
import { bundleAt } from './bundles';
import { connect } from './connect';
import type { ServerOptions } from './connect';
import { hasSearchAttributes } from './search-attributes';

export interface SimulatedVendingOptions extends ServerOptions {
  /** Where the parent starts its vends. Default: {@link TASK_QUEUE}. */
  taskQueue?: string;
  /** As in the configuration file; what is left out is made quick. */
  configuration?: Record<string, unknown>;
  /**
   * Of the simulated AWS. Default: the profile `test`, in which nothing takes time or fails by chance,
   * with organizational units such as `Workloads/Prod` and one conformance pack.
   */
  simulator?: SimulatorOptions;
  /** Where payloads are encrypted: those of the parent's worker. */
  payloadCodecs?: PayloadCodec[];
}

/** The real thing, in this process. */
export interface SimulatedVending {
  /** AWS: its knobs, faults, accounts and journal. */
  simulator: Simulator;
  taskQueue: string;
  configuration: Configuration;
  /** Ends worker and simulator. */
  close(): Promise<void>;
}

/**
 * The real worker of account-vending and a simulated AWS in this process, for an integration test of a
 * parent workflow on Temporal's dev server (`TestWorkflowEnvironment.createLocal`). Registers the search
 * attributes. Nothing leaves this machine, and nothing of the environment's AWS settings is used.
 *
 * ```ts
 * const env = await TestWorkflowEnvironment.createLocal();
 * const vending = await startSimulatedVending({ address: env.address });
 * vending.simulator.takeEmail('aws+team-a@example.com');
 * // … run the parent
 * expect(vending.simulator.createdAccounts()).toEqual({ 'team-a-dev': 1 });
 * await vending.close();
 * ```
 */
export async function startSimulatedVending(
  options: SimulatedVendingOptions,
): Promise<SimulatedVending> {
  const { namespace = 'default', taskQueue = TASK_QUEUE } = options;
  const configuration = configurationOf({ taskQueue, ...options.configuration });
  const connection = await connect(options);
  try {
    await registered(connection, namespace);
    return await startOn(connection, configuration, { ...options, namespace });
  } catch (error) {
    await connection.close();
    throw error;
  }
}

async function startOn(
  connection: NativeConnection,
  configuration: Configuration,
  options: SimulatedVendingOptions & { namespace: string },
): Promise<SimulatedVending> {
  const simulator = await startSimulator({
    profile: 'test',
    // An organization of its own: gate and watches are found by its id.
    seed: nextSeed(),
    organization: LANDING_ZONE,
    ...options.simulator,
  });
  const aws = createAwsClients({ ...configuration.aws, endpoint: simulator.url });
  try {
    const worker = await createVendWorker({
      connection,
      namespace: options.namespace,
      aws,
      configuration,
      // AWS's own pace is a second; here nobody else calls.
      configEveryMs: 0,
      workflowBundlePath: bundleAt('workflow-bundle.js'),
      overrides: {
        shutdownGraceTime: '5s',
        dataConverter: { payloadCodecs: options.payloadCodecs ?? [] },
      },
    });
    return running({ connection, worker, aws, simulator, configuration });
  } catch (error) {
    aws.destroy();
    await simulator.close();
    throw error;
  }
}

function running(parts: {
  connection: NativeConnection;
  worker: Worker;
  aws: AwsClients;
  simulator: Simulator;
  configuration: Configuration;
}): SimulatedVending {
  const { connection, worker, aws, simulator, configuration } = parts;
  const ended = worker.run();
  // Told by close().
  ended.catch(() => undefined);
  return {
    simulator,
    taskQueue: configuration.taskQueue,
    configuration,
    async close() {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      try {
        await ended;
      } finally {
        aws.destroy();
        await simulator.close();
        await connection.close();
      }
    },
  };
}

async function registered(connection: NativeConnection, namespace: string): Promise<void> {
  if (await hasSearchAttributes(connection, namespace)) return;
  throw new Error(
    `The namespace ${namespace} does not have the search attributes of account-vending, and they cannot be registered here: see "vend doctor".`,
  );
}

/** A request that names no place and no pack finds both, as at the fake. */
const LANDING_ZONE: OrganizationSetup = {
  organizationalUnits: ['Workloads/Dev', 'Workloads/Stage', 'Workloads/Prod', 'Sandbox'],
  packs: [{ name: 'Security-Baseline', region: 'us-east-1' }],
};

/** Short waits, as long as the caller says nothing else. */
const QUICK = {
  creation: {
    perSecond: 1_000,
    burst: 1_000,
    poll: { initial: '100ms', max: '300ms' },
    reconcile: { settle: '200ms', attempts: 4 },
    retry: { initial: '200ms', max: '1s', attempts: 5 },
  },
  conformance: { poll: { initial: '200ms', max: '500ms' } },
};

function configurationOf(given: Record<string, unknown>): Configuration {
  const section = (name: keyof typeof QUICK) => ({
    ...QUICK[name],
    ...(given[name] as object | undefined),
  });
  const parsed = parseConfiguration({
    ...given,
    creation: section('creation'),
    conformance: section('conformance'),
  });
  if (parsed.ok) return parsed.value;
  const faults = parsed.problems.map(({ field, message }) => `${field} ${message}`);
  throw new Error(`The configuration cannot be used: ${faults.join('; ')}`);
}

let started = 0;

/** Also in several processes that share a server, as jest has them. */
function nextSeed(): number {
  started += 1;
  return process.pid * 1_000 + started;
}
