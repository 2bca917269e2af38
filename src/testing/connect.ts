import {
  DefaultLogger,
  NativeConnection,
  Runtime,
  makeTelemetryFilterString,
} from '@temporalio/worker';

/** Which Temporal a test runs on. */
export interface ServerOptions {
  /** Of the test's environment: `env.address`. */
  address: string;
  /** Default: `default`, as test environments have it. */
  namespace?: string;
}

/**
 * A connection of our own. One of the test's would be of the test's SDK, which may be another copy than
 * ours; and a native object must not go from one to the other.
 */
export async function connect({ address }: ServerOptions): Promise<NativeConnection> {
  if (!address) {
    throw new Error(
      'address is missing: the host:port of the Temporal that the test runs on, as env.address of a TestWorkflowEnvironment',
    );
  }
  beQuiet();
  return NativeConnection.connect({ address });
}

/** Where the copy is the test's own as well, its Runtime may be there already: then it stays as it is. */
function beQuiet(): void {
  try {
    Runtime.install({
      logger: new DefaultLogger('ERROR'),
      telemetryOptions: {
        logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) },
      },
    });
  } catch {
    // There is one.
  }
}
