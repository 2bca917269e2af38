import { Client } from '@temporalio/client';
import { NativeConnection, Runtime, makeTelemetryFilterString } from '@temporalio/worker';
import { createAwsClients } from '../aws/clients';
import type { CallObserver } from '../aws/observe';
import { missingSecrets, temporalSettings } from '../config';
import type { Configuration, TemporalSettings } from '../config';
import { describeSecurity, tlsFault } from '../connection';
import { encryptionFromEnvironment, EncryptionKeyError } from '../encryption';
import type { EncryptingDataConverter } from '../encryption';
import { createVendWorker } from './create-worker';
import { startHealth } from './health';
import type { Logger } from './logger';
import { temporalLogger } from './logger';
import { awsCallMetrics } from './metrics/aws-calls';
import { Counts } from './metrics/counts';
import { metricsSettings } from './metrics/settings';
import type { MetricsSettings } from './metrics/settings';
import { showZeros } from './metrics/zeros';
import { ensureSearchAttributes } from './search-attributes';
import { simulatorPaceMs } from './simulator-pace';
import { StartProblem } from './start-problem';
import { tracingSettings } from './tracing/settings';
import type { Tracing } from './tracing/start-tracing';
import { workerVersion } from './worker-version';

/** Runs until SIGTERM or SIGINT; then takes nothing new, and waits for what is under way. */
export async function runWorker(configuration: Configuration, logger: Logger): Promise<void> {
  const metrics = metricsSettings(process.env);
  const traces = tracingSettings(process.env);
  const runtime = installRuntime(logger, metrics);
  checkSecrets(configuration);
  const version = workerVersion(process.env);
  const { connectionOptions, namespace = 'default' } = readSettings();
  const address = connectionOptions.address ?? 'localhost:7233';
  const dataConverter = readEncryption();
  const health = await startHealth(process.env);
  const connection = await connect(connectionOptions, address);
  const configEveryMs = simulatorPaceMs(process.env);
  const { taskQueue } = configuration;
  const meter = runtime.metricMeter.withTags({ namespace, task_queue: taskQueue });
  const tracing = traces ? await loadTracing(logger) : undefined;
  const observers = [metrics ? awsCallMetrics(meter) : undefined, tracing?.observe];
  const aws = createAwsClients(configuration.aws, undefined, all(observers));
  const counts = metrics
    ? new Counts({
        client: new Client({ connection, namespace, dataConverter }),
        taskQueue,
        meter,
        everyMs: metrics.everyMs,
        logger,
      })
    : undefined;
  try {
    await checkServer(connection, address, namespace, logger);
    const worker = await createVendWorker({
      connection,
      namespace,
      dataConverter,
      aws,
      configuration,
      configEveryMs,
      version,
      activityInterceptor: tracing?.interceptor,
    });
    const [{ keyIds }] = dataConverter.payloadCodecs;
    const encryption = keyIds.length > 0 ? { encryptionKeys: keyIds } : {};
    const shown = {
      ...(metrics ? { metrics: metrics.address } : {}),
      ...(health ? { health: health.address } : {}),
      ...(traces ? { traces: traces.shown } : {}),
    };
    const running = worker.run();
    health?.watch(worker, connection);
    counts?.start();
    if (metrics) showZeros(meter, taskQueue);
    const security = describeSecurity(connectionOptions);
    const at = { address, security, namespace, taskQueue };
    logger.info({ ...at, ...version, ...encryption, ...shown }, 'worker is ready');
    await running;
    logger.info('worker has stopped');
  } finally {
    counts?.stop();
    health?.close();
    aws.destroy();
    await connection.close();
    await tracing?.close();
  }
}

/** OpenTelemetry's packages are loaded where they are used: they cost memory, and time at the start. */
async function loadTracing(logger: Logger): Promise<Tracing> {
  const { startTracing } = await import('./tracing/start-tracing.js');
  return startTracing(logger);
}

/** One that tells all; none where there are none, so that nothing is observed for nobody. */
function all(observers: readonly (CallObserver | undefined)[]): CallObserver | undefined {
  const there = observers.filter((observer) => observer !== undefined);
  if (there.length === 0) return undefined;
  return (call) => {
    for (const observer of there) observer(call);
  };
}

function installRuntime(logger: Logger, metrics: MetricsSettings | undefined): Runtime {
  try {
    return Runtime.install({
      logger: temporalLogger(logger),
      telemetryOptions: {
        logging: {
          forward: {},
          filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }),
        },
        ...(metrics ? { metrics: metrics.exporter } : {}),
      },
    });
  } catch (error) {
    if (!metrics) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new StartProblem(`VEND_METRICS_ADDRESS cannot be listened on: ${why}`, 2, error);
  }
}

/** Found at the start, and not when the first escalation cannot be told. */
function checkSecrets(configuration: Configuration): void {
  const problems = missingSecrets(configuration, process.env);
  if (problems.length === 0) return;
  const faults = problems.map(({ field, message }) => `${field} ${message}`).join('; ');
  throw new StartProblem(`Notifications cannot be sent: ${faults}. Set it for the worker.`, 2);
}

/** The standard environment and profile; the SDK throws whatever its TOML reader throws. */
function readSettings(): TemporalSettings {
  try {
    return temporalSettings(process.env);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StartProblem(
      `Temporal's settings cannot be read: ${why}. Mend that, or TEMPORAL_PROFILE and TEMPORAL_CONFIG_FILE.`,
      2,
      error,
    );
  }
}

function readEncryption(): EncryptingDataConverter {
  try {
    return encryptionFromEnvironment(process.env);
  } catch (error) {
    if (!(error instanceof EncryptionKeyError)) throw error;
    throw new StartProblem(`Encryption cannot be switched on: ${error.message}.`, 2, error);
  }
}

async function connect(
  options: TemporalSettings['connectionOptions'],
  address: string,
): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect(options);
  } catch (error) {
    const fault = isRefusal(error) ? undefined : await tlsFault({ ...options, address });
    if (!fault) throw unreachable(address, error);
    throw new StartProblem(
      `There is no connection to Temporal at ${address}: ${fault.message}. ${fault.fix}`,
      4,
      error,
    );
  }
}

async function checkServer(
  connection: NativeConnection,
  address: string,
  namespace: string,
  logger: Logger,
): Promise<void> {
  try {
    await connection.workflowService.describeNamespace({ namespace });
  } catch (error) {
    if (/not found/i.test(String(error))) {
      throw new StartProblem(
        `Temporal at ${address} has no namespace ${namespace}. Create it (temporal operator namespace create --namespace ${namespace} --retention 30d), or set TEMPORAL_NAMESPACE.`,
        2,
        error,
      );
    }
    throw unreachable(address, error);
  }
  await ensureSearchAttributes(connection, namespace, logger);
}

/** The native client gives no status, but gRPC's sentences for UNAUTHENTICATED and PERMISSION_DENIED. */
function isRefusal(error: unknown): boolean {
  return /valid authentication credentials|permission to execute/i.test(String(error));
}

function unreachable(address: string, error: unknown): StartProblem {
  if (isRefusal(error)) {
    const message = `Temporal at ${address} refuses us. Check TEMPORAL_API_KEY or the TLS settings, TEMPORAL_NAMESPACE, and what we may do there.`;
    return new StartProblem(message, 4, error);
  }
  const why = error instanceof Error ? error.message : String(error);
  return new StartProblem(
    `Temporal does not answer at ${address} (${why}). Start it, or set TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and TEMPORAL_API_KEY or TEMPORAL_TLS…`,
    4,
    error,
  );
}
