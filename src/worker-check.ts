#!/usr/bin/env node
/**
 * Whether a worker of this machine takes its work from Temporal: `node lib/worker-check.js`, the health
 * check of the image. Reads the same environment and configuration as the worker. Exit status 0: it does.
 * @module
 */
import { hostname } from 'node:os';
import { Connection } from '@temporalio/client';
import { optionalTsToMs } from '@temporalio/common/lib/time';
import { ConfigurationError, loadConfiguration, temporalSettings } from './config';
import { connectionOptionsOf, tlsFault } from './connection';

/** Shorter than the time that the image gives to a check. */
const PATIENCE_MS = 10_000;

/** `temporal.api.enums.v1.TaskQueueType`. */
const WORKFLOW_TASKS = 1;

/** A worker asks for at most a minute at a time; Temporal remembers it for five. */
const GONE_AFTER_MS = 90_000;

async function main(): Promise<number> {
  const { taskQueue } = loadConfiguration({ env: process.env });
  const host = hostname();
  // The SDK's own identity of a worker is `pid@host`.
  const polls = (await readPollers(taskQueue)).some(
    ({ identity, lastAccessTime }) =>
      identity?.endsWith(`@${host}`) &&
      Date.now() - (optionalTsToMs(lastAccessTime) ?? 0) < GONE_AFTER_MS,
  );
  if (polls) process.stdout.write(`a worker of ${host} takes its work from ${taskQueue}\n`);
  else process.stdout.write(`no worker of ${host} takes its work from ${taskQueue}\n`);
  return polls ? 0 : 1;
}

async function readPollers(taskQueue: string) {
  const { connectionOptions, namespace = 'default' } = temporalSettings(process.env);
  const { address } = connectionOptions;
  const connection = await Connection.connect({
    connectTimeout: PATIENCE_MS,
    ...(address === undefined ? {} : { address }),
    ...connectionOptionsOf(connectionOptions),
  }).catch(async (error: unknown) => {
    throw (await tlsFault(connectionOptions)) ?? error;
  });
  const { pollers } = await connection.withDeadline(Date.now() + PATIENCE_MS, () =>
    connection.workflowService.describeTaskQueue({
      namespace,
      taskQueue: { name: taskQueue },
      // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- the enum itself is in no package of ours
      taskQueueType: WORKFLOW_TASKS,
    }),
  );
  return pollers ?? [];
}

main().then(
  (status) => process.exit(status),
  (error: unknown) => {
    const problems = error instanceof ConfigurationError ? error.problems : [];
    const faults = problems.map(({ field, message }) => `${field} ${message}`).join('; ');
    const why = error instanceof Error ? error.message : String(error);
    process.stdout.write(`cannot be checked: ${faults || why}\n`);
    process.exit(1);
  },
);
