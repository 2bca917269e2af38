import { ApplicationFailure } from '@temporalio/common';
import { HandlerError, OperationError } from 'nexus-rpc';

/** Ends the operation, for good: the caller's workflow sees a failure of this type. */
export function refusal(type: string, message: string, ...details: unknown[]): OperationError {
  const cause = ApplicationFailure.nonRetryable(message, type, ...details);
  const error = new OperationError('failed', message, { cause });
  // They go to another namespace, where our files are nobody's concern.
  cause.stack = '';
  error.stack = '';
  return error;
}

/** Temporal calls again, until the caller's own time-out: nothing is decided yet. */
export function later(message: string, cause?: unknown): HandlerError {
  return new HandlerError('UNAVAILABLE', message, { cause, retryableOverride: true });
}
