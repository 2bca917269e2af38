/** All parts in their order, as the compose file has them. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { root, run } from '../tools.mjs';
import { CannotStart } from './cannot-start.mjs';
import { DEPLOY } from './compose-file.mjs';
import { goPrograms } from './go-programs.mjs';
import { startPostgresql } from './postgresql.mjs';
import { Processes } from './processes.mjs';
import { SERVER_PORTS, clientTlsEnv, startTemporal } from './temporal.mjs';
import { startWebUi } from './web-ui.mjs';

const require = createRequire(import.meta.url);

const NAMESPACE = 'default';
const LOWEST_PORT = 20_000;
const PORTS = 9_000;

/** Returns where everything is, and what ends it. */
export async function startStack(given, signal) {
  // First, since it is quick to fail.
  const ports = await choosePorts(given);
  const configuration = configurationFile(given.config);
  const tls = certificates(given.tls);
  const folder = dataFolder(given.data);
  const logs = join(folder, 'logs');
  mkdirSync(logs, { recursive: true });
  const programs = await goPrograms();
  const processes = new Processes(logs, signal);
  const stack = {
    folder,
    logs,
    ports,
    configuration,
    tls,
    namespace: NAMESPACE,
    close: () => processes.close(),
  };
  try {
    const postgresql = await startPostgresql({ folder, port: ports.postgresql, processes });
    Object.assign(stack, await startTemporal({ programs, postgresql, processes, ...stack }));
    if (given.ui !== false) {
      stack.ui = await startWebUi({ programs, processes, ...stack });
    }
    if (given.worker !== false) await startOurs(stack, given, processes);
    return { ...stack, page: pageOf(stack) };
  } catch (error) {
    await processes.close();
    throw error;
  }
}

async function startOurs(stack, given, processes) {
  const simulator = given.simulator ? await startSimulator(stack, processes) : undefined;
  stack.simulator = simulator?.url;
  await processes.start({
    name: 'worker',
    command: process.execPath,
    args: [join(root, 'lib', 'worker.js')],
    options: { cwd: root, env: workerEnv(stack, simulator) },
    isReady: () => polls(stack, simulator),
  });
}

async function startSimulator({ folder, ports }, processes) {
  const url = `http://127.0.0.1:${ports.simulator}`;
  const flags = ['--port', String(ports.simulator), '--state-file', join(folder, 'simulator.json')];
  await processes.start({
    name: 'simulator',
    command: process.execPath,
    args: [join(root, 'lib', 'starter.js'), 'simulator', ...flags],
    options: { cwd: root },
    isReady: () => fetch(`${url}/_sim/knobs`),
  });
  return { url };
}

/** With the simulator, nothing that could lead to a real account; else what the environment says. */
function workerEnv(stack, simulator) {
  return { ...environmentOf(stack, simulator), ...clientTlsEnv(stack.tls) };
}

function environmentOf({ address, namespace, configuration: file, folder }, simulator) {
  if (simulator) {
    const { demoWorkerEnv } = require('../../lib/local/demo-settings.js');
    const temporalFile = join(folder, 'temporal.toml');
    writeFileSync(temporalFile, '[profile.default]\n');
    return demoWorkerEnv(process.env, {
      address,
      namespace,
      simulator,
      configurationFile: file,
      temporalFile,
    });
  }
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('TEMPORAL_'));
  return {
    ...Object.fromEntries(kept),
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    VEND_CONFIG: file,
  };
}

async function polls(stack, simulator) {
  const env = workerEnv(stack, simulator);
  await run(process.execPath, [join(root, 'lib', 'worker-check.js')], { env });
}

function configurationFile(given) {
  const file = given
    ? resolve(given)
    : [join(root, 'vending.yaml'), join(DEPLOY, 'vending.yaml')].find((path) => existsSync(path));
  if (!existsSync(file)) throw new CannotStart(`--config names ${file}, which is not there.`);
  return file;
}

/** The files of a folder as make-certificates.sh leaves it; undefined where Temporal is spoken to in clear. */
function certificates(given) {
  if (given === undefined) return undefined;
  const folder = resolve(given);
  const of = (side, name) => ({
    ca: join(folder, side, 'ca.pem'),
    cert: join(folder, side, `${name}.pem`),
    key: join(folder, side, `${name}.key`),
  });
  const files = { server: of('server', 'temporal'), client: of('client', 'client') };
  const missing = Object.values(files)
    .flatMap((side) => Object.values(side))
    .find((path) => !existsSync(path));
  if (missing === undefined) return files;
  throw new CannotStart(
    `--tls names ${folder}, and ${missing} is not there. For trying it out: sh deploy/temporal/make-certificates.sh ${given}`,
  );
}

/** Root's own home is closed to the user that PostgreSQL runs as. */
function dataFolder(given) {
  if (given) return resolve(given);
  if (process.getuid?.() === 0) return '/var/lib/account-vending/stack';
  const states = process.env.XDG_STATE_HOME ?? join(homedir(), '.local', 'state');
  return join(states, 'account-vending', 'stack');
}

/** What people use is where they look for it; the rest is below the ports of outgoing connections. */
async function choosePorts(given) {
  const { freePort } = require('../../lib/local/temporal-server.js');
  const wanted = async (option) => {
    const port = given[option];
    const free = await freePort(port);
    if (port !== 0 && free !== port) {
      throw new CannotStart(
        `Port ${port} is taken; end what listens there, or give another one: --${option} NUMBER (0: a free one).`,
      );
    }
    return free;
  };
  const own = [];
  const count = 2 + SERVER_PORTS.length;
  for (let port = LOWEST_PORT + (process.pid % PORTS); own.length < count; port += 1) {
    if ((await freePort(port)) === port) own.push(port);
  }
  const [postgresql, prometheus, ...ofServer] = own;
  return {
    temporal: await wanted('temporal-port'),
    ui: given.ui === false ? undefined : await wanted('ui-port'),
    simulator: given.simulator ? await wanted('simulator-port') : undefined,
    postgresql,
    prometheus,
    ofServer,
  };
}

function pageOf({ address, ui, simulator, logs, folder, configuration: file, tls }) {
  const lines = [
    ['Temporal', `${address} (namespace ${NAMESPACE}, on PostgreSQL${tls ? ', mTLS' : ''})`],
    ['Web UI', ui],
    ['AWS', simulator ? `${simulator} (simulator)` : 'as your environment says; see "vend doctor"'],
    ['worker', `node lib/worker.js, with ${file}`],
    ['data', folder],
    ['logs', logs],
  ];
  const exported = { TEMPORAL_ADDRESS: address, VEND_CONFIG: file, ...clientTlsEnv(tls) };
  if (simulator) {
    Object.assign(exported, {
      AWS_ENDPOINT_URL: simulator,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: 'us-east-1',
    });
  }
  const assignments = Object.entries(exported).map(([name, value]) => `${name}=${value}`);
  return [
    '',
    ...lines.map(([name, what]) => `${name.padEnd(10)}${what}`),
    '',
    'In another terminal:',
    `  export ${assignments.join(' ')}`,
    '  node lib/starter.js doctor',
    '  node lib/starter.js start -f examples/requests/standard.yaml --wait',
    '',
    'Ctrl-C ends all of it; what is in the database stays.',
  ].join('\n');
}
