import { DiagLogLevel, diag } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { Logger } from '../logger';
import { activitySpans } from './activity-spans';
import type { ActivitySpans } from './activity-spans';
import { ComplainingExporter } from './complaining-exporter';
import { RunIds } from './run-ids';

const SERVICE = 'account-vending';
/** A receiver that is away does not hold up a worker that stops. */
const FLUSH_MS = 3_000;

export interface Tracing extends ActivitySpans {
  /** Sends what is left; after seconds it lets go. */
  close(): Promise<void>;
}

/**
 * Loaded only where traces are on. What is not set here, its packages read from the environment.
 * @param makeExporter what spans are sent by
 */
export function startTracing(
  logger: Pick<Logger, 'warn'>,
  makeExporter: () => SpanExporter = () => new OTLPTraceExporter(),
): Tracing {
  // Of its constructors, what they find wrong in the environment. Later it would repeat itself.
  const warn = (message: string) => logger.warn({}, `OpenTelemetry: ${message}`);
  const silent = () => undefined;
  const told = { error: warn, warn, info: silent, debug: silent, verbose: silent };
  diag.setLogger(told, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  const ids = new RunIds();
  const provider = new BasicTracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': SERVICE }))
      .merge(detectResources({ detectors: [envDetector] })),
    idGenerator: ids,
    spanProcessors: [new BatchSpanProcessor(new ComplainingExporter(makeExporter(), logger))],
  });
  diag.disable();
  return {
    ...activitySpans(provider.getTracer(SERVICE), ids),
    async close() {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, FLUSH_MS);
      });
      // What could not be sent is in the log already.
      const flushed = provider.shutdown().catch(() => undefined);
      await Promise.race([flushed, late]);
      clearTimeout(timer);
    },
  };
}
