import { type ChildProcess, spawn } from 'node:child_process';
import { createServer, connect as connectSocket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { endWithUs } from './end-with-us';
import { findTemporalCli, type FindOptions } from './temporal-cli';

export interface TemporalServerOptions {
  /** Registered as Keyword before this returns. */
  searchAttributes?: readonly string[];
  /** Made if it is not there. Default: `default`. */
  namespace?: string;
  /** The port to answer on. Default: a free one. */
  port?: number;
  /** Whether to serve the Web UI. Default: only where `uiPort` is given. */
  ui?: boolean;
  /** The Web UI's port. Default: a free one. */
  uiPort?: number;
  /** A file that keeps everything over a restart. Default: in memory. */
  dbFilename?: string;
  /** The Temporal CLI's path. Default: found, or fetched. */
  executable?: string;
  /** How it is found. */
  find?: FindOptions;
  /** More arguments for `temporal server start-dev`. */
  extraArgs?: readonly string[];
  /** How long it may take until it answers. Default: 30 000. */
  startTimeoutMs?: number;
  /** Told each line that the server prints: warnings and errors. */
  log?: (line: string) => void;
}

export interface TemporalServer {
  /** `host:port` for clients and workers. */
  address: string;
  namespace: string;
  uiUrl?: string;
  pid: number;
  /** Fulfilled once the server has ended, by itself or by `close`, with what it said last. */
  ended: Promise<string>;
  /** Ends it, and returns when it is gone. May be called again. */
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
const TRIES = 5;
const STOP_LIMIT_MS = 5_000;

/**
 * Starts Temporal's development server and returns when it answers and knows the namespace and the
 * search attributes.
 *
 * The server does not outlive us. It is ended by `close`, or when this process exits; where this
 * process is killed outright, a shell that waits for our end of a pipe to close ends it (not on
 * Windows: there the server stays). It gets no Ctrl-C of its own, so that a worker can finish first.
 */
export async function startTemporal(options: TemporalServerOptions = {}): Promise<TemporalServer> {
  const executable = options.executable ?? (await findTemporalCli(options.find)).path;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOn(executable, await portsFor(options), options);
    } catch (error) {
      if (attempt === TRIES || !isWorthAnotherTry(error, options)) throw error;
    }
  }
}

/** A port that nobody uses just now: `preferred` if it is free, else any. */
export async function freePort(preferred = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => {
      if (preferred === 0) reject(error);
      else resolve(freePort());
    });
    server.listen(preferred, HOST, () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

interface Ports {
  port: number;
  uiPort?: number;
}

class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
}

/** A program in Go that breaks says so first, with the reason, and then where it was. */
const BROKE = /^ *(panic|fatal error):/m;

class BrokeError extends Error {
  override readonly name = 'BrokeError';
}

/** Other ports may be free. Why the server breaks once in thousands of starts, we do not know. */
function isWorthAnotherTry(error: unknown, { port, uiPort }: TemporalServerOptions): boolean {
  if (error instanceof PortTakenError) return port === undefined && uiPort === undefined;
  return error instanceof BrokeError;
}

async function portsFor({ port, ui, uiPort }: TemporalServerOptions): Promise<Ports> {
  for (const given of [port, uiPort]) {
    if (given !== undefined && (await freePort(given)) !== given) {
      throw new PortTakenError(`Temporal cannot start: port ${given} is taken.`);
    }
  }
  const own = port ?? (await freePort());
  if (ui ?? uiPort !== undefined) return { port: own, uiPort: uiPort ?? (await freePort()) };
  return { port: own };
}

async function startOn(
  executable: string,
  ports: Ports,
  options: TemporalServerOptions,
): Promise<TemporalServer> {
  const namespace = options.namespace ?? 'default';
  const child = spawn(executable, serverArguments(ports, namespace, options), {
    env: withoutTemporalSettings(process.env),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const lastLines = readLines(child, options.log);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => {
      const how = signal ? `signal ${signal}` : `exit status ${code}`;
      resolve([how, ...lastLines].join('\n  '));
    });
  });
  const release = endWithUs(child);
  const close = async () => {
    // Only a file is worth the three seconds that an orderly stop takes.
    await stop(child, ended, options.dbFilename === undefined ? 'SIGKILL' : 'SIGTERM');
    release();
  };
  void ended.then(release);

  const address = `${HOST}:${ports.port}`;
  const tooLate = new AbortController();
  try {
    const fails = ended.then((how) => {
      throw startError(executable, how);
    });
    await Promise.race([answers(address, namespace, options, tooLate.signal), fails]);
    // Whatever answered there, it was not this one.
    if (!isRunning(child)) await fails;
  } catch (error) {
    await close();
    throw error;
  } finally {
    tooLate.abort();
  }
  return {
    address,
    namespace,
    ...(ports.uiPort !== undefined && { uiUrl: `http://${HOST}:${ports.uiPort}` }),
    pid: child.pid ?? 0,
    ended,
    close,
  };
}

function serverArguments(
  { port, uiPort }: Ports,
  namespace: string,
  options: TemporalServerOptions,
): string[] {
  const valued: [string, string][] = [
    ['--ip', HOST],
    ['--port', String(port)],
    ['--log-level', 'warn'],
    ['--namespace', namespace],
    // Otherwise the development server adds almost a second to every timer.
    ['--dynamic-config-value', 'history.timerProcessorMaxTimeShift="1ms"'],
    // Lets a workflow that asks for it skip its waiting.
    ['--dynamic-config-value', 'frontend.WorkflowTimeSkippingEnabled=true'],
  ];
  if (uiPort !== undefined) valued.push(['--ui-port', String(uiPort)]);
  if (options.dbFilename !== undefined) valued.push(['--db-filename', options.dbFilename]);
  for (const name of options.searchAttributes ?? []) {
    valued.push(['--search-attribute', `${name}=Keyword`]);
  }
  const headless = uiPort === undefined ? ['--headless'] : [];
  return ['server', 'start-dev', ...valued.flat(), ...headless, ...(options.extraArgs ?? [])];
}

/** The CLI reads the same variables as clients do; a server of our own must not heed them. */
function withoutTemporalSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_')));
}

const LINES_KEPT = 20;

/** The last lines; of what broke, the first ones. */
function readLines(child: ChildProcess, log?: (line: string) => void): string[] {
  const lines: string[] = [];
  let hasBroken = false;
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      const complete = (rest + chunk).split('\n');
      rest = complete.pop() ?? '';
      for (const line of complete.filter(Boolean)) {
        log?.(line);
        if (!hasBroken && BROKE.test(line)) {
          hasBroken = true;
          lines.length = 0;
        }
        if (hasBroken && lines.length === LINES_KEPT) continue;
        lines.push(line.slice(0, 500));
        if (lines.length > LINES_KEPT) lines.shift();
      }
    });
  }
  return lines;
}

function startError(executable: string, how: string): Error {
  if (/address already in use/i.test(how)) {
    return new PortTakenError(`Temporal could not start: a port is taken.\n  ${how}`);
  }
  const why = `Temporal (${executable}) ended before it answered: ${how}`;
  return BROKE.test(how) ? new BrokeError(why) : new Error(why);
}

/** Returns when clients can work: the namespace is there, and its search attributes can be used. */
async function answers(
  address: string,
  namespace: string,
  { searchAttributes = [], startTimeoutMs = 30_000 }: TemporalServerOptions,
  over: AbortSignal,
): Promise<void> {
  const deadline = Date.now() + startTimeoutMs;
  const within = async <T>(what: string, attempt: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        if (over.aborted) throw error;
        if (Date.now() > deadline) {
          const waited = `within ${startTimeoutMs / 1000} s`;
          throw new Error(`Temporal at ${address} did not ${what} ${waited}`, { cause: error });
        }
        await pause(25);
      }
    }
  };
  await within('listen', () => canConnect(address));
  const connection = await within('answer', () => Connection.connect(localConnection(address)));
  try {
    const client = new Client({ connection, namespace });
    await within(`make the namespace ${namespace}`, () =>
      connection.workflowService.describeNamespace({ namespace }),
    );
    for (const name of searchAttributes) {
      await within(`register ${name}`, () => client.workflow.count(`${name} = 'none'`));
    }
  } finally {
    await connection.close();
  }
}

/** A proxy from the environment must not stand between us and a server on this machine. */
function localConnection(address: string) {
  return { address, connectTimeout: 2_000, channelArgs: { 'grpc.enable_http_proxy': 0 } };
}

function canConnect(address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const [host = HOST, port] = address.split(':');
    const socket = connectSocket({ host, port: Number(port) });
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });
}

async function stop(child: ChildProcess, ended: Promise<string>, signal: NodeJS.Signals) {
  if (isRunning(child)) child.kill(signal);
  const limit = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  await ended;
  clearTimeout(limit);
}

function isRunning(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}
