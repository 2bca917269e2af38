import { WorkflowFailedError } from '@temporalio/client';
import type { WorkflowHandle } from '@temporalio/client';
import { startDevServer } from './temporal';
import type { DevServer } from './temporal';
import { untilListed } from './until';
import { Vending } from './vending';

/**
 * For a test file that begins the same request again: Temporal's dev server, whose list of workflows tells of runs
 * that have ended, and a `Vending` of each test's own. A vend's time is skipped, and the gate's is not.
 */
export function startingAgain(serverOptions: Partial<Parameters<typeof startDevServer>[0]> = {}) {
  let dev: DevServer;
  let vending: Vending;
  beforeAll(async () => {
    dev = await startDevServer({ ui: false, ...serverOptions });
  });
  afterAll(async () => dev?.close());
  const startVending = () => {
    const { client, nativeConnection, skipping: workflows } = dev;
    return Vending.start(
      { client, nativeConnection, workflows },
      { simulator: { knobs: { creationMs: 60_000 } } },
    );
  };
  beforeEach(async () => {
    vending = await startVending();
  });
  afterEach(async () => vending?.close());

  const untilIs = (requestId: string, status: string, count = 1) =>
    untilListed(
      dev.client,
      `VendRequestId = '${requestId}' AND ExecutionStatus = '${status}'`,
      count,
    );
  return {
    present: () => ({ dev, vending }),
    /** A worker and a simulator that know nothing of those before. */
    renew: async () => (vending = await startVending()),
    ended: (handle: WorkflowHandle) =>
      handle.result().then(
        () => undefined,
        (error: unknown) => {
          if (!(error instanceof WorkflowFailedError)) throw error;
        },
      ),
    untilIs,
    /** The gate keeps the place of a dead vend for a minute of its own time, which is not skipped with the vend's. */
    forgetPlace: () => vending.gate.terminate(),
  };
}
