import { isGrpcServiceError } from '@temporalio/client';

/** `UNIMPLEMENTED`: Temporal's test server lists no workflows; every other server does. */
const UNIMPLEMENTED = 12;

export function isUnimplemented(error: unknown): boolean {
  if (isGrpcServiceError(error)) return error.code === UNIMPLEMENTED;
  return error instanceof Error && error.cause !== undefined && isUnimplemented(error.cause);
}
