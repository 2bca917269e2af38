import { ApplicationFailure } from '@temporalio/common';
import { HandlerError, OperationError } from 'nexus-rpc';

/** Ends the operation, for good: the caller's workflow sees a failure of this type. */
export function refusal(type: string, message: string, ...details: unknown[]): OperationError {
  const cause = ApplicationFailure.nonRetryable(message, type, ...details);
  return withoutStacks(new OperationError('failed', message, { cause }));
}

/** Temporal calls again, until the caller's own time-out: nothing is decided yet. */
export function later(message: string, cause?: unknown): HandlerError {
  return withoutStacks(
    new HandlerError('UNAVAILABLE', message, { cause, retryableOverride: true }),
  );
}

/** They go to another namespace, where our files are nobody's concern. */
function withoutStacks<T extends Error>(error: T): T {
  for (let at: unknown = error; at instanceof Error; at = at.cause) at.stack = '';
  return error;
}
