import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SEARCH_ATTRIBUTE_NAMES } from '../contract';
import { startSimulator, type Simulator } from '../simulator';
import { DEMO_CONFIGURATION, DEMO_KNOBS, demoWorkerEnv } from './demo-settings';
import { startDemoWorker } from './demo-worker';
import { freePort, startTemporal } from './temporal-server';

/** Everything of the demo, running. */
export interface Demo {
  address: string;
  namespace: string;
  uiUrl: string;
  simulator: Simulator;
  /** The worker's configuration. */
  configurationFile: string;
  /** Rejected when a part of it ends by itself. */
  broken: Promise<never>;
  /** Ends all of it, the last first. */
  close(): Promise<void>;
}

export interface DemoOptions {
  /** Temporal's port. Default: its usual one where that is free. */
  port?: number;
  /** The Web UI's port. Default: its usual one where that is free. */
  uiPort?: number;
  env: NodeJS.ProcessEnv;
  /** Told what is being started. */
  log: (line: string) => void;
  /** Told each line of the worker's log. */
  workerLog: (line: string) => void;
  /** Added to the worker's configuration. */
  configuration?: Record<string, unknown>;
  /** Gives up between two steps. */
  signal: AbortSignal;
}

const USUAL_PORT = 7233;
const USUAL_UI_PORT = 8233;

/** Starts Temporal with its Web UI, the AWS simulator and a worker, all on this machine. */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const closers: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (let closer = closers.pop(); closer; closer = closers.pop()) {
      await closer().catch(() => undefined);
    }
  };
  try {
    return { ...(await startParts(options, closers)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startParts(
  { port, uiPort, env, log, workerLog, configuration, signal }: DemoOptions,
  closers: (() => Promise<unknown>)[],
): Promise<Omit<Demo, 'close'>> {
  const simulator = await startSimulator({ profile: 'demo', knobs: DEMO_KNOBS });
  closers.push(() => simulator.close());
  log(`AWS simulator     ${simulator.url}`);
  signal.throwIfAborted();

  const temporal = await startTemporal({
    searchAttributes: SEARCH_ATTRIBUTE_NAMES,
    port: port ?? (await freePort(USUAL_PORT)),
    uiPort: uiPort ?? (await freePort(USUAL_UI_PORT)),
    find: { env, log },
  });
  closers.push(() => temporal.close());
  log(`Temporal          ${temporal.address}`);
  signal.throwIfAborted();

  const folder = await mkdtemp(join(tmpdir(), 'vend-demo-'));
  closers.push(() => rm(folder, { recursive: true, force: true }));
  const configurationFile = join(folder, 'vending.yaml');
  const settings = { ...DEMO_CONFIGURATION, ...configuration };
  await writeFile(configurationFile, JSON.stringify(settings, undefined, 2));
  const temporalFile = join(folder, 'temporal.toml');
  await writeFile(temporalFile, '[profile.default]\n');
  const { address, namespace, uiUrl = '' } = temporal;
  const worker = await startDemoWorker({
    env: demoWorkerEnv(env, { address, namespace, simulator, configurationFile, temporalFile }),
    log: workerLog,
  });
  closers.push(() => worker.close());
  log(`Worker            process ${worker.pid}`);
  signal.throwIfAborted();

  const broken = Promise.race([worker.ended, temporal.ended]).then((how): never => {
    throw new Error(`The demo cannot go on: ${how}`);
  });
  // It also ends at the end, when nobody waits for it any more.
  broken.catch(() => undefined);
  return { address, namespace, uiUrl, simulator, configurationFile, broken };
}
