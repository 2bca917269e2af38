#!/usr/bin/env node
/**
 * The worker's entry: `node lib/worker.js`. Reads the configuration (VEND_CONFIG, --config), the
 * Temporal environment and the AWS SDK's own settings; stops in order on SIGTERM and SIGINT.
 * @module
 */
import { parseArgs } from 'node:util';
import { ConfigurationError, loadConfiguration } from './config';
import { createLogger } from './runtime/logger';
import { runWorker } from './runtime/run-worker';
import { StartProblem } from './runtime/start-problem';

async function main(): Promise<number> {
  const logger = createLogger();
  try {
    const { values } = parseArgs({ options: { config: { type: 'string' } } });
    const configuration = loadConfiguration({
      ...(values.config ? { path: values.config } : {}),
      env: process.env,
    });
    await runWorker(configuration, logger);
    return 0;
  } catch (error) {
    if (error instanceof ConfigurationError) {
      for (const { field, message } of error.problems)
        logger.fatal({ field }, `${field} ${message}`);
      return 2;
    }
    if (error instanceof StartProblem) {
      logger.fatal(error.message);
      return error.exitStatus;
    }
    if (error instanceof TypeError && 'code' in error) {
      logger.fatal(`${error.message}. Usage: node lib/worker.js [--config vending.yaml]`);
      return 2;
    }
    logger.fatal({ err: error }, 'the worker has stopped');
    return 1;
  }
}

// The SDK's runtime keeps the process alive, also where nothing was started.
void main().then((status) => process.exit(status));
