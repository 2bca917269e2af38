/**
 * The Temporal of `npm run stack -- test`: TEST_TEMPORAL_ADDRESS says where it is, and
 * TEST_TEMPORAL_PID_FILE which process to end. Who runs it starts it again.
 */
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\]):\d+$/;
const LOOK_MS = 200;
const BACK_WITHIN_MS = 120_000;
const DAY_S = 86_400;

/** What starts it, as `startTemporal` does with a server of our own; undefined where none is given. */
export function givenTemporal(namespace, env = process.env) {
  const { TEST_TEMPORAL_ADDRESS: address, TEST_TEMPORAL_PID_FILE: pidFile } = env;
  if (!address) return undefined;
  if (!LOOPBACK.test(address)) {
    throw new Error(`TEST_TEMPORAL_ADDRESS is ${address}; chaos is for this machine only`);
  }
  if (!pidFile) throw new Error('TEST_TEMPORAL_PID_FILE is not set: which process is Temporal?');
  return async () => {
    await until(() => answers(address, namespace));
    const pid = Number(await readFile(pidFile, 'utf8'));
    return { address, namespace, pid, untilEnded: () => untilGone(pid), close: async () => {} };
  };
}

/** The namespace is made where it is not there. */
async function answers(address, namespace) {
  const connection = await Connection.connect({
    address,
    channelArgs: { 'grpc.enable_http_proxy': 0 },
  });
  try {
    const { workflowService } = connection;
    const workflowExecutionRetentionPeriod = { seconds: DAY_S };
    await workflowService
      .registerNamespace({ namespace, workflowExecutionRetentionPeriod })
      .catch((error) => {
        if (!/already exists/i.test(String(error))) throw error;
      });
    // Only that it answers: the workers register what can be asked for.
    await new Client({ connection, namespace }).workflow.count();
  } finally {
    await connection.close();
  }
}

/** It is nobody's child here, so it is looked for. */
async function untilGone(pid) {
  while (isThere(pid)) await pause(LOOK_MS);
}

function isThere(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function until(attempt) {
  for (const deadline = Date.now() + BACK_WITHIN_MS; ; await pause(LOOK_MS)) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > deadline) throw error;
    }
  }
}
