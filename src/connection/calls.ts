import { defaultGrpcRetryOptions, makeGrpcRetryInterceptor } from '@temporalio/client';
import type { ConnectionOptions } from '@temporalio/client';

type Interceptor = NonNullable<ConnectionOptions['interceptors']>[number];
type Call = ReturnType<Interceptor>;
type Start = Call['start'];

/** gRPC's status of a call that nobody waits for any more; it is not tried again. */
const CANCELLED = 1;

/** Fails as any call does, to whoever started it, in place of one that cannot be made. */
class FailedCall {
  readonly #details: string;

  constructor(error: unknown) {
    this.#details = error instanceof Error ? error.message : String(error);
  }

  start(...[metadata, listener]: Parameters<Start>): void {
    const status = { code: CANCELLED, details: this.#details, metadata };
    // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- the enum itself is in no package of ours
    setImmediate(() => listener?.onReceiveStatus?.(status));
  }

  sendMessage(): void {}
  halfClose(): void {}
  startRead(): void {}
  cancelWithStatus(): void {}

  getPeer(): string {
    return 'none';
  }

  getAuthContext(): null {
    return null;
  }
}

/** A channel that was closed throws where it is called. */
const failing: Interceptor = (options, nextCall) => {
  try {
    return nextCall(options) as Call;
  } catch (error) {
    return new FailedCall(error) as unknown as Call;
  }
};

/**
 * Calls of a client are tried again as the SDK does it by default. Where its connection is closed before that is due,
 * SDK 1.24 throws out of a timer, which ends the process; so the call fails.
 */
export function callInterceptors(): Interceptor[] {
  return [makeGrpcRetryInterceptor(defaultGrpcRetryOptions()), failing];
}
