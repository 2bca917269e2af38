import { isGrpcServiceError } from '@temporalio/client';

/** gRPC's `UNIMPLEMENTED`: Temporal's test server lists no workflows; every other server does. */
const UNIMPLEMENTED = 12;

/** `INVALID_ARGUMENT`: an id that is too long, for one. */
const INVALID_ARGUMENT = 3;

export function isUnimplemented(error: unknown): boolean {
  return codeOf(error) === UNIMPLEMENTED;
}

export function isInvalidArgument(error: unknown): boolean {
  return codeOf(error) === INVALID_ARGUMENT;
}

function codeOf(error: unknown): number | undefined {
  if (isGrpcServiceError(error)) return error.code;
  return error instanceof Error && error.cause !== undefined ? codeOf(error.cause) : undefined;
}
