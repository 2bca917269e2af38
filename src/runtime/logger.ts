import type { LogLevel, Logger as TemporalLogger } from '@temporalio/worker';
import { pino, stdSerializers } from 'pino';
import type { Logger } from 'pino';

export type { Logger };

/** One JSON object a line on stderr; VEND_LOG_LEVEL sets the level. */
export function createLogger(): Logger {
  const level = process.env['VEND_LOG_LEVEL'] ?? 'info';
  const known = level in pino.levels.values || level === 'silent';
  return pino(
    {
      level: known ? level : 'info',
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      // The SDK names it so; as a plain object an error has nothing in it.
      serializers: { error: stdSerializers.errWithCause },
    },
    pino.destination({ dest: 2, sync: true }),
  );
}

/** Node's own warnings, and those of packages, as lines like all others: Node would print them as text. */
export function logWarnings(logger: Logger): void {
  process.removeAllListeners('warning');
  process.on('warning', ({ name, message }) => logger.warn({ warning: name }, message));
}

const LEVELS = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
} as const satisfies Record<LogLevel, string>;

/** The same for the SDK: what workflows, activities and its core log. */
export function temporalLogger(logger: Logger): TemporalLogger {
  return {
    log: (level, message, meta) => logger[LEVELS[level]](meta ?? {}, message),
    trace: (message, meta) => logger.trace(meta ?? {}, message),
    debug: (message, meta) => logger.debug(meta ?? {}, message),
    info: (message, meta) => logger.info(meta ?? {}, message),
    warn: (message, meta) => logger.warn(meta ?? {}, message),
    error: (message, meta) => logger.error(meta ?? {}, message),
  };
}
