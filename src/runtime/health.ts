import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { NativeConnection, Worker } from '@temporalio/worker';
import { addressText, listenAddress } from './listen-address';
import type { ListenAddress } from './listen-address';
import { StartProblem } from './start-problem';

const VARIABLE = 'VEND_HEALTH_ADDRESS';
/** Shorter than a probe waits. */
const PATIENCE_MS = 2_000;

/** Tells whoever runs the worker how it is: an orchestrator's HTTP probes. */
export interface Health {
  address: string;
  /** From now on it tells of this worker. */
  watch(worker: Pick<Worker, 'getState'>, connection: NativeConnection): void;
  close(): void;
}

/** Why the worker does not do its work; undefined where it does. */
type Check = () => Promise<string | undefined>;

/**
 * `/healthz`: 200 while the worker runs and Temporal answers it. `/livez`: 200 until the worker has
 * stopped, since a restart mends no Temporal that is away. Off unless the environment says where.
 */
export async function startHealth(env: NodeJS.ProcessEnv): Promise<Health | undefined> {
  const listen = listenAddress(env, VARIABLE);
  if (!listen) return undefined;
  let isLive = () => true;
  let check: Check = () => Promise.resolve('starting');
  const server = createServer((request, response) => {
    const answer = (status: number, text: string) =>
      response.writeHead(status, { 'content-type': 'text/plain' }).end(`${text}\n`);
    const tell = (problem?: string) => (problem ? answer(503, problem) : answer(200, 'ok'));
    if (request.method !== 'GET' && request.method !== 'HEAD') answer(405, 'GET only');
    else if (request.url === '/livez') tell(isLive() ? undefined : 'stopped');
    else if (request.url === '/healthz') void check().then(tell);
    else answer(404, 'there is /healthz, and /livez');
  });
  await open(server, listen);
  return {
    address: addressText(listen),
    watch(worker, connection) {
      isLive = () => !ENDED.includes(worker.getState());
      check = () => problemOf(worker, connection);
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

const ENDED: readonly string[] = ['STOPPED', 'FAILED'];

async function problemOf(
  worker: Pick<Worker, 'getState'>,
  connection: NativeConnection,
): Promise<string | undefined> {
  const state = worker.getState();
  if (state !== 'RUNNING') return `the worker is ${state}`;
  return (await answers(connection)) ? undefined : 'Temporal does not answer';
}

/** The SDK tries for seconds longer than any deadline: a probe would not wait for that. */
async function answers(connection: NativeConnection): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), PATIENCE_MS);
  });
  const asked = connection
    .withDeadline(Date.now() + PATIENCE_MS, () => connection.workflowService.getSystemInfo({}))
    .then(
      () => true,
      () => false,
    );
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function open(server: Server, listen: ListenAddress): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(listen.port, listen.host, resolve);
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StartProblem(`${VARIABLE} cannot be listened on: ${why}`, 2, error);
  }
}
