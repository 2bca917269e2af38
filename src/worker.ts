#!/usr/bin/env node
/**
 * The worker's entry: `node lib/worker.js`. Reads the configuration (VEND_CONFIG, --config), the
 * Temporal environment and the AWS SDK's own settings; stops in order on SIGTERM and SIGINT.
 * @module
 */
import { parseArgs } from 'node:util';
import { ConfigurationError, loadConfiguration } from './config';
import { createLogger, logWarnings } from './runtime/logger';
import { runWorker } from './runtime/run-worker';
import { StartProblem } from './runtime/start-problem';

const USAGE = `Usage: node lib/worker.js [--config vending.yaml]

Runs until SIGTERM or SIGINT. Reads the configuration (--config, VEND_CONFIG, vending.yaml if it is
there), Temporal's environment or profile, and the AWS SDK's own settings. VEND_LOG_LEVEL sets the
level of its log; VEND_ENCRYPTION_KEYS (or VEND_ENCRYPTION_KEYS_FILE) has payloads encrypted.
VEND_METRICS_ADDRESS (9464, or 0.0.0.0:9464) has metrics shown to Prometheus at /metrics, and
VEND_HEALTH_ADDRESS its health at /healthz: docs/metrics.md. OTEL_EXPORTER_OTLP_ENDPOINT
(http://collector:4318) has it send traces: docs/traces.md.
`;

async function main(): Promise<number> {
  const logger = createLogger();
  logWarnings(logger);
  try {
    const { values } = parseArgs({
      options: { config: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    });
    if (values.help) {
      process.stdout.write(USAGE);
      return 0;
    }
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
