/** Temporal's server, set up by the scripts and started with the files that the compose file mounts. */
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { run, step } from '../tools.mjs';
import { DEPLOY } from './compose-file.mjs';
import { POSTGRES_USER } from './postgresql.mjs';

const require = createRequire(import.meta.url);

const FILES = join(DEPLOY, 'temporal');

/** Its ports that nobody but itself uses, by the names that the configuration gives them. */
export const SERVER_PORTS = [
  'FRONTEND_MEMBERSHIP_PORT',
  'FRONTEND_HTTP_PORT',
  'MATCHING_GRPC_PORT',
  'MATCHING_MEMBERSHIP_PORT',
  'HISTORY_GRPC_PORT',
  'HISTORY_MEMBERSHIP_PORT',
  'WORKER_GRPC_PORT',
  'WORKER_MEMBERSHIP_PORT',
];

export async function startTemporal({
  programs,
  postgresql,
  processes,
  folder,
  ports,
  namespace,
  tls,
}) {
  const address = `127.0.0.1:${ports.temporal}`;
  await step('setting up the schema', () =>
    script('set-up-schema.sh', dirname(programs.sqlTool), {
      SQL_PLUGIN: 'postgres12',
      SQL_HOST: '127.0.0.1',
      SQL_PORT: String(postgresql.port),
      SQL_USER: POSTGRES_USER,
      SQL_PASSWORD: postgresql.password,
    }),
  );
  const pidFile = join(folder, 'temporal.pid');
  await processes.start({
    name: 'temporal',
    command: programs.server,
    args: ['start'],
    options: { cwd: folder, env: serverEnv(postgresql, ports, tls) },
    onStart: (pid) => writeFileSync(pidFile, `${pid}\n`),
    isReady: () => listens(ports.temporal),
  });
  const { findTemporalCli } = require('../../lib/local/temporal-cli.js');
  const cli = await findTemporalCli({ log: console.error });
  await step('making the namespace and its search attributes', () =>
    script('set-up-namespace.sh', dirname(cli.path), {
      TEMPORAL_ADDRESS: address,
      TEMPORAL_NAMESPACE: namespace,
      ...clientTlsEnv(tls),
    }),
  );
  return { address, pidFile };
}

/** The variables that deploy/temporal/server.yaml reads. */
function serverEnv({ address, password }, ports, tls) {
  return {
    ...withoutTemporal(process.env),
    TEMPORAL_SERVER_CONFIG_FILE_PATH: join(FILES, 'server.yaml'),
    DYNAMIC_CONFIG_FILE_PATH: join(FILES, 'dynamic-config.yaml'),
    TEMPORAL_ALLOW_NO_AUTH: 'true',
    ...(tls && {
      TEMPORAL_TLS_FRONTEND_CERT: tls.server.cert,
      TEMPORAL_TLS_FRONTEND_KEY: tls.server.key,
      TEMPORAL_TLS_CLIENT1_CA_CERT: tls.server.ca,
    }),
    POSTGRES_ADDRESS: address,
    POSTGRES_USER,
    POSTGRES_PASSWORD: password,
    PROMETHEUS_ENDPOINT: `127.0.0.1:${ports.prometheus}`,
    FRONTEND_GRPC_PORT: String(ports.temporal),
    ...Object.fromEntries(SERVER_PORTS.map((name, index) => [name, String(ports.ofServer[index])])),
  };
}

/** What a client of it is given, as deploy/mtls.yml does; nothing where it speaks in clear. */
export function clientTlsEnv(tls) {
  return (
    tls && {
      TEMPORAL_TLS_SERVER_CA_CERT_PATH: tls.client.ca,
      TEMPORAL_TLS_CLIENT_CERT_PATH: tls.client.cert,
      TEMPORAL_TLS_CLIENT_KEY_PATH: tls.client.key,
    }
  );
}

/** The scripts look for their programs on PATH, as they do in the image. */
function script(name, programs, settings) {
  const PATH = [programs, process.env.PATH].join(delimiter);
  return run('/bin/sh', [join(FILES, name)], {
    env: { ...withoutTemporal(process.env), PATH, ...settings },
  });
}

/** Server and command line read variables that are meant for clients. */
function withoutTemporal(env) {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_')));
}

function listens(port) {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => resolve(socket.destroy()));
    socket.once('error', reject);
  });
}
