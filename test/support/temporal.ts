import { Client, Connection } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, NativeConnection, Runtime, type LogLevel } from '@temporalio/worker';
import { SEARCH_ATTRIBUTE_NAMES } from '../../src/contract/search-attributes';
import {
  startTemporal,
  type TemporalServer,
  type TemporalServerOptions,
} from '../../src/local/temporal-server';
import { givenTemporal, onGivenTemporal } from './given-temporal';
import { registerSearchAttributes } from '../../src/runtime/search-attributes';
import { skippingClient, type SkippingWorkflowClient } from './skipping-client';

/** A development server of one test file, with what its tests need to talk to it. */
export interface DevServer {
  server: TemporalServer;
  address: string;
  namespace: string;
  connection: Connection;
  /** For workers. */
  nativeConnection: NativeConnection;
  /** In real time. */
  client: Client;
  /** Starts workflows that skip their waiting. */
  skipping: SkippingWorkflowClient;
  close(): Promise<void>;
}

let quiet = false;

/** Workers say what they do; tests hear only of errors, or of what TEST_LOG=DEBUG asks for. */
export function quietRuntime(): void {
  if (quiet) return;
  quiet = true;
  const level = (process.env['TEST_LOG'] ?? 'ERROR') as LogLevel;
  try {
    Runtime.install({ logger: new DefaultLogger(level), shutdownSignals: [] });
  } catch {
    // The test file has one of its own already.
  }
}

/**
 * Starts a development server that knows our search attributes; or uses the Temporal that
 * TEST_TEMPORAL_ADDRESS names, in a new namespace. Close it in `afterAll`.
 */
export async function startDevServer(options: TemporalServerOptions = {}): Promise<DevServer> {
  quietRuntime();
  const wanted = { searchAttributes: SEARCH_ATTRIBUTE_NAMES, ...options };
  const given = givenTemporal();
  const server = await (given ? onGivenTemporal(given, wanted) : startTemporal(wanted));
  const { address, namespace } = server;
  const connection = await Connection.connect({ address });
  const nativeConnection = await NativeConnection.connect({ address });
  return {
    server,
    address,
    namespace,
    connection,
    nativeConnection,
    client: new Client({ connection, namespace }),
    skipping: skippingClient(connection, namespace),
    async close() {
      await nativeConnection.close();
      await connection.close();
      await server.close();
    },
  };
}

/** Options of a server that suggests continue-as-new after so many events, and not after 4,096. */
export function continuingAfter(events: number): TemporalServerOptions {
  const setting = `limit.historyCount.suggestContinueAsNew=${events}`;
  return { extraArgs: ['--dynamic-config-value', setting] };
}

/** Runs `use` with a development server, which is gone afterwards. */
export async function withDevServer<T>(
  use: (dev: DevServer) => Promise<T>,
  options: TemporalServerOptions = {},
): Promise<T> {
  const dev = await startDevServer(options);
  try {
    return await use(dev);
  } finally {
    await dev.close();
  }
}

/**
 * A time-skipping environment on Temporal's test server, with our search attributes. It has one
 * clock for all its workflows: one environment for each test file, `teardown()` in `afterAll`, and
 * no assertion on its current time.
 */
export async function timeSkippingEnv(): Promise<TestWorkflowEnvironment> {
  const path = process.env['TEMPORAL_TEST_SERVER'];
  if (!path) throw new Error('TEMPORAL_TEST_SERVER is not set: run the tests by `npm test`');
  quietRuntime();
  const environment = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path } },
  });
  await registerSearchAttributes(
    environment.connection.operatorService,
    environment.namespace ?? 'default',
    SEARCH_ATTRIBUTE_NAMES,
  );
  return environment;
}

/** The workflow bundle that the global set-up made, for `Worker.create({ workflowBundle })`. */
export function testBundle(): { codePath: string } {
  const codePath = process.env['VEND_TEST_BUNDLE'];
  if (!codePath) throw new Error('VEND_TEST_BUNDLE is not set: run the tests by `npm test`');
  return { codePath };
}
