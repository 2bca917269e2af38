import { ExportResultCode } from '@opentelemetry/core';
import type { ExportResult } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';
import { clean } from '../../aws/errors';
import type { Logger } from '../logger';

const COMPLAINS_EVERY_MS = 10 * 60_000;

/** Says in the log that spans cannot be sent: now and then, since they are many, and nobody waits for them. */
export class ComplainingExporter implements SpanExporter {
  readonly #exporter: SpanExporter;
  readonly #logger: Pick<Logger, 'warn'>;
  #quietUntilMs = 0;
  #lost = 0;

  constructor(exporter: SpanExporter, logger: Pick<Logger, 'warn'>) {
    this.#exporter = exporter;
    this.#logger = logger;
  }

  export(spans: ReadableSpan[], tell: (result: ExportResult) => void): void {
    this.#exporter.export(spans, (result) => {
      if (result.code !== ExportResultCode.SUCCESS) this.#complain(spans.length, result.error);
      tell(result);
    });
  }

  shutdown(): Promise<void> {
    return this.#exporter.shutdown();
  }

  #complain(count: number, error: Error | undefined): void {
    this.#lost += count;
    if (Date.now() < this.#quietUntilMs) return;
    this.#quietUntilMs = Date.now() + COMPLAINS_EVERY_MS;
    const { code } = (error ?? {}) as { code?: string | number };
    const why = { lost: this.#lost, code, reason: clean(error?.message ?? '') };
    this.#logger.warn(why, 'traces cannot be sent; vends go on without them');
    this.#lost = 0;
  }
}
