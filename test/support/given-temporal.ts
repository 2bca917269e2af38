import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import type { TemporalServer, TemporalServerOptions } from '../../src/local/temporal-server';

/** Set by `npm run stack -- test`: a Temporal that is there already, on this machine. */
const VARIABLE = 'TEST_TEMPORAL_ADDRESS';

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\]):\d+$/;
const KNOWN_WITHIN_MS = 60_000;

/** Set by it, too: one that asks for client certificates, and the folder of the authority that it trusts. */
const MTLS_VARIABLE = 'TEST_TEMPORAL_MTLS_ADDRESS';
const MTLS_FOLDER = 'TEST_TEMPORAL_MTLS_FOLDER';

/** Its address, where tests shall use one that is there instead of a server of their own. */
export function givenTemporal(env: NodeJS.ProcessEnv = process.env): string | undefined {
  return addressIn(env, VARIABLE);
}

/** The one that asks for certificates, with its namespace; undefined where none is given. */
export function givenMutualTls(env: NodeJS.ProcessEnv = process.env) {
  const address = addressIn(env, MTLS_VARIABLE);
  if (address === undefined) return undefined;
  const folder = env[MTLS_FOLDER];
  if (!folder) throw new Error(`${MTLS_FOLDER} is not set: whom does ${address} trust?`);
  return { address, folder, namespace: 'default', close: async () => {} };
}

function addressIn(env: NodeJS.ProcessEnv, variable: string): string | undefined {
  const address = env[variable];
  if (!address) return undefined;
  if (LOOPBACK.test(address)) return address;
  throw new Error(`${variable} is ${address}; tests run against this machine only: 127.0.0.1:PORT`);
}

/** A namespace of its own there: other tests, and earlier runs, are not seen in it. */
export async function onGivenTemporal(
  address: string,
  options: TemporalServerOptions,
): Promise<TemporalServer> {
  const needsItsOwn = (['ui', 'extraArgs', 'dbFilename', 'port', 'executable'] as const).filter(
    (option) => options[option],
  );
  if (needsItsOwn.length > 0) {
    throw new Error(`this test needs the development server (${needsItsOwn.join(', ')})`);
  }
  const namespace = `test-${randomUUID()}`;
  const connection = await Connection.connect({ address });
  try {
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: { seconds: DAY_S } as never,
    });
    await prepare(connection, namespace, options.searchAttributes ?? []);
  } finally {
    await connection.close();
  }
  return { address, namespace, pid: 0, ended: new Promise(() => {}), close: async () => {} };
}

const DAY_S = 86_400;

/** `INDEXED_VALUE_TYPE_KEYWORD` of Temporal's API. */
const KEYWORD = 2;

/** What was registered is known to all of the server a few seconds later. */
async function prepare(
  connection: Connection,
  namespace: string,
  names: readonly string[],
): Promise<void> {
  const client = new Client({ connection, namespace });
  const deadline = Date.now() + KNOWN_WITHIN_MS;
  const searchAttributes = Object.fromEntries(names.map((name) => [name, KEYWORD]));
  const steps = [
    () => client.workflow.count(),
    ...(names.length > 0
      ? [() => connection.operatorService.addSearchAttributes({ namespace, searchAttributes })]
      : []),
    ...names.map((name) => () => client.workflow.count(`${name} = 'none'`)),
  ];
  for (const step of steps) {
    for (;;) {
      try {
        await step();
        break;
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await pause(250);
      }
    }
  }
}
