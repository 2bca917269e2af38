/**
 * Contestants that are a workflow: a worker in a process of its own, and workflows that go on when it
 * is started again.
 */
import { createRequire } from 'node:module';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { startProcess } from './process.mjs';

const require = createRequire(import.meta.url);
const { stateQuery, vendWorkflowId } = require('../../lib/contract/index.js');

const HERE = (path) => fileURLToPath(new URL(path, import.meta.url));
const WORKER = HERE('../../lib/worker.js');
const READY = 'worker is ready';
/** For each account: a worker that answers sixty queries at a time has no time for its work. */
const LOOK_MS = 1_000;

/** Ours, with the default policy. There are no conformance packs, since nobody else knows them. */
export async function ours(world) {
  const { folder, temporal, taskQueue, accounts } = world;
  const configuration = join(folder, 'vending.yaml');
  const profile = join(folder, 'temporal.toml');
  writeFileSync(configuration, JSON.stringify({ taskQueue }));
  writeFileSync(profile, `[profile.default]\naddress = "${temporal.address}"\n`);
  const env = {
    ...world.env,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    TEMPORAL_CONFIG_FILE: profile,
    VEND_CONFIG: configuration,
  };
  return workflows(world, {
    startWorker: () => startProcess(WORKER, [], { env, cwd: folder, readyLine: READY }),
    start: (client, { requestId, accountName, email, unit, tags }) =>
      client.workflow.start('vendAccount', {
        taskQueue,
        workflowId: vendWorkflowId(requestId),
        args: [
          { requestId, accountName, email, tags, organizationalUnit: unit, conformance: false },
        ],
      }),
    /** Resolves when a person is asked. */
    async asks(handle, isOver) {
      while (!isOver()) {
        await pause(LOOK_MS * accounts.length);
        // While its worker is away it answers no query.
        const state = await handle.query(stateQuery).catch(() => undefined);
        if (state?.escalation) return state.escalation.reason;
      }
      return undefined;
    },
  });
}

/** The one of `naive/`. */
export async function naive(world) {
  const { temporal, taskQueue, folder, env } = world;
  return workflows(world, {
    startWorker: () =>
      startProcess(HERE('naive-worker.mjs'), [temporal.address, taskQueue], {
        env,
        cwd: folder,
        readyLine: READY,
      }),
    start: (client, account) =>
      client.workflow.start('naiveVend', {
        taskQueue,
        workflowId: `naive-${account.requestId}`,
        args: [account],
      }),
    asks: () => new Promise(() => undefined),
  });
}

/** Its worker is there before the time begins. */
async function workflows({ client, accounts }, { startWorker, start, asks }) {
  let worker = startWorker();
  let tellKilled;
  let isOver = false;
  await Promise.race([worker.ready, hasEnded(worker)]);
  return {
    async run() {
      worker ??= startWorker();
      const died = new Promise((resolve) => {
        tellKilled = () => resolve({ says: 'killed' });
      });
      const all = Promise.all(accounts.map(outcome));
      const outcomes = all.then(
        (each) => each.find(({ says }) => says !== 'success') ?? { says: 'success' },
      );
      return Promise.race([died, outcomes, hasEnded(worker)]);
    },
    kill: () => {
      // First: whoever waits hears that it was we.
      tellKilled();
      worker?.kill();
      worker = undefined;
    },
    close: async () => {
      isOver = true;
      worker?.kill();
      await worker?.ended;
    },
  };

  async function outcome(account) {
    const handle = await begin(account);
    const result = handle.result().then(
      () => ({ says: 'success' }),
      (error) => ({ says: 'failure', why: `${error.cause?.message ?? error.message}` }),
    );
    const asked = asks(handle, () => isOver).then((why) => ({ says: 'asks a person', why }));
    return Promise.race([result, asked]);
  }

  /** One that is under way, after its worker was killed, is gone on with. */
  async function begin(account) {
    try {
      return await start(client, account);
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      return client.workflow.getHandle(error.workflowId);
    }
  }
}

async function hasEnded({ ended }) {
  const { said } = await ended;
  throw new Error(`the worker has ended: ${said}`);
}
