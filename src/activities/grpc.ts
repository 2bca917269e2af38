import { isGrpcServiceError } from '@temporalio/client';

/** gRPC's `UNIMPLEMENTED`: Temporal's test server lists no workflows; every other server does. */
const UNIMPLEMENTED = 12;

export function isUnimplemented(error: unknown): boolean {
  if (isGrpcServiceError(error)) {
    const code: number = error.code;
    return code === UNIMPLEMENTED;
  }
  return error instanceof Error && error.cause !== undefined && isUnimplemented(error.cause);
}
