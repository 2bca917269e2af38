import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { timeSkippingEnv } from './temporal';
import { Vending } from './vending';
import type { VendingOptions } from './vending';

/** What the server does in some milliseconds, unless its time stands. */
const SKIPPING_MS = 1_000;

/**
 * Whether time is still skipped. The test server stops its clock for each activity and workflow task, and never
 * lets it go again where the workflow is terminated before they are answered, as the end of a test may do.
 */
async function skips(env: TestWorkflowEnvironment): Promise<boolean> {
  const minute = () => env.sleep(60_000);
  return env.connection.withDeadline(Date.now() + SKIPPING_MS, minute).then(
    () => true,
    () => false,
  );
}

/**
 * For a test file whose workflows wait for hours: the time-skipping test server, and a `Vending` of
 * each test's own, closed behind it.
 */
export function withSkippedTime(): { vending: (options?: VendingOptions) => Promise<Vending> } {
  let env: TestWorkflowEnvironment | undefined;
  const open: Vending[] = [];
  beforeAll(async () => {
    env = await timeSkippingEnv();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((vending) => vending.close()));
  });
  afterAll(async () => env?.teardown());
  return {
    async vending(options) {
      if (!env) throw new Error('only inside a test');
      // A test may have several, and the time of those that are open is not to be moved.
      if (open.length === 0 && !(await skips(env))) {
        await env.teardown();
        env = await timeSkippingEnv();
      }
      const { client, nativeConnection, namespace } = env;
      const sleep = (ms: number) => env?.sleep(ms) ?? Promise.resolve();
      const now = async () => env?.currentTimeMs() ?? Date.now();
      const vending = await Vending.start(
        { client, nativeConnection, namespace, sleep, now },
        options,
      );
      open.push(vending);
      return vending;
    },
  };
}

/** A request that is fine; the address names nobody. */
export function aRequest(requestId: string, word = '') {
  return {
    requestId,
    accountName: `Account ${requestId}`,
    email: `${requestId}${word ? `+${word}` : ''}@example.com`,
    conformance: false as const,
  };
}
