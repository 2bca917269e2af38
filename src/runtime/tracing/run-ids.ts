import { RandomIdGenerator } from '@opentelemetry/sdk-trace-base';
import type { IdGenerator } from '@opentelemetry/sdk-trace-base';

interface Ids {
  traceId: string;
  spanId: string;
}

/**
 * Ids of traces are those of runs: whoever has the one in Temporal finds the other, and every worker
 * that works for a run joins its trace without having been told of it.
 */
export class RunIds implements IdGenerator {
  readonly #random = new RandomIdGenerator();
  #given: Ids | undefined;

  /** What is begun by this has the ids of the run. */
  with<T>(runId: string, begin: () => T): T {
    this.#given = idsOf(runId);
    try {
      return begin();
    } finally {
      this.#given = undefined;
    }
  }

  readonly generateTraceId = (): string => this.#given?.traceId ?? this.#random.generateTraceId();
  readonly generateSpanId = (): string => this.#given?.spanId ?? this.#random.generateSpanId();
}

/** A UUID has the 128 bits of a trace id; its second half is never zero (two bits in it are fixed). */
function idsOf(runId: string): Ids | undefined {
  const traceId = runId.replaceAll('-', '').toLowerCase();
  return /^[0-9a-f]{32}$/.test(traceId) ? { traceId, spanId: traceId.slice(16) } : undefined;
}
