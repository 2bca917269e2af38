import { inspect } from 'node:util';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createActivities } from '../../src/activities';
import type { Activities } from '../../src/activities';
import { createAwsClients } from '../../src/aws/clients';
import type { AwsClients, AwsSettings } from '../../src/aws/clients';
import { REQUEST_TAG } from '../../src/contract';
import type { AdmittedRequest } from '../../src/domain/policy';
import { ManualClock, startSimulator } from '../../src/simulator';
import type { FaultRule, Simulator, SimulatorOptions } from '../../src/simulator';
import { useNodeErrors } from '../aws/node-errors';
import { configurationOf } from '../support/vending';

useNodeErrors();

/** The activities of one worker, in a mocked activity context, against the simulator. */
export interface Rig {
  simulator: Simulator;
  clock: ManualClock;
  aws: AwsClients;
  /** All that was logged, as one text. */
  logged(): string;
  do: Activities;
  /** The operations that were called since the last `forget`. */
  calls(operation?: string): string[];
  forget(): void;
  close(): Promise<void>;
}

export interface RigOptions {
  simulator?: SimulatorOptions;
  configuration?: Record<string, unknown>;
  /** How the clients reach the simulator. */
  aws?: AwsSettings;
  /** Of the activity's execution. */
  attempt?: number;
  scheduledMsAgo?: number;
  /** Time between two calls of AWS Config in a Region. Default: none. */
  configEveryMs?: number;
  /** What stands in the way of the clients. */
  wrap?: (aws: AwsClients) => AwsClients;
}

async function startRig(options: RigOptions = {}): Promise<Rig> {
  const clock = new ManualClock(Date.now());
  const simulator = await startSimulator({ profile: 'test', clock, ...options.simulator });
  process.env['AWS_ENDPOINT_URL'] = simulator.url;
  const aws = createAwsClients(options.aws);
  const lines: string[] = [];
  const env = new MockActivityEnvironment(
    {
      attempt: options.attempt ?? 1,
      scheduledTimestampMs: Date.now() - (options.scheduledMsAgo ?? 0),
      currentAttemptScheduledTimestampMs: Date.now() - (options.scheduledMsAgo ?? 0),
    },
    { logger: new DefaultLogger('DEBUG', (entry) => lines.push(inspect(entry, { depth: 10 }))) },
  );
  const activities = createActivities({
    aws: options.wrap?.(aws) ?? aws,
    configuration: configurationOf(options.configuration ?? {}),
    configEveryMs: options.configEveryMs ?? 0,
  });
  const inContext = Object.entries(activities).map(([name, activity]) => [
    name,
    (input: unknown) => env.run(activity as (input: unknown) => Promise<unknown>, input),
  ]);
  let forgotten = 0;
  return {
    simulator,
    clock,
    aws,
    logged: () => lines.join('\n'),
    do: Object.fromEntries(inContext) as Activities,
    calls(operation) {
      const all = simulator.journal().slice(forgotten);
      const named = all.map((entry) => entry.operation);
      return operation === undefined ? named : named.filter((name) => name === operation);
    },
    forget() {
      forgotten = simulator.journal().length;
    },
    async close() {
      aws.destroy();
      await simulator.close();
    },
  };
}

/** One rig for each test, closed behind it. */
export function withRig(): (options?: RigOptions) => Promise<Rig> {
  const open: Rig[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((rig) => rig.close()));
  });
  return async (options) => {
    const rig = await startRig(options);
    open.push(rig);
    return rig;
  };
}

export function admitted(
  requestId: string,
  changes: Partial<AdmittedRequest> = {},
): AdmittedRequest {
  return {
    requestId,
    kind: 'standard',
    accountName: `Name of ${requestId}`,
    email: `${requestId}@example.com`,
    tags: { [REQUEST_TAG]: requestId, CostCenter: '4711' },
    ...changes,
  };
}

/** Sends a creation as the vend does; the answer may be lost. */
export function submit(rig: Rig, request: AdmittedRequest) {
  return rig.do.createAccount({
    organizationId: rig.simulator.organizationId,
    request,
    ...FIRST,
    takenWithinMs: 20_000,
    sendWithinMs: 10_000,
  });
}

/** The run of the mocked context. A reset can be told of a real run alone, so nothing is left to prove. */
const RUN = '00000000-0000-0000-0000-000000000000';
export const FIRST = { grantedRunId: RUN, provenRunId: RUN };

/** Creates an account and lets the time pass that it takes. */
export async function created(rig: Rig, request: AdmittedRequest): Promise<string> {
  await submit(rig, request);
  rig.clock.advance(60_000);
  const { accounts } = rig.simulator.snapshot();
  const account = accounts.find(({ email }) => email === request.email);
  if (!account) throw new Error('AWS did not create it');
  return account.id;
}

/** What an activity answered, where it must have an answer. */
export function valueOf<T>(outcome: { ok: true; value: T } | { ok: false; error: unknown }): T {
  if (outcome.ok) return outcome.value;
  throw new Error(`refused: ${JSON.stringify(outcome.error)}`);
}

export function refuse(operation: string, name: string, more: Partial<FaultRule> = {}): FaultRule {
  return { operation, ...more, kind: 'error', error: { name } };
}
