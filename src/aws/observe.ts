import { isThrottling } from '../domain/dispositions';
import { describeAwsError } from './errors';

/** One call: each attempt of the SDK is one, and so is a call that failed before any. */
export interface ObservedCall {
  /** `organizations`, `account`, `configservice`, `sts` or `sns`. */
  service: string;
  /** The API operation, such as `MoveAccount`. */
  operation: string;
  /** What came of it; `throttled` is what AWS refuses because there were too many. */
  outcome: 'success' | 'throttled' | 'rejected' | 'not-sent' | 'unknown';
  /** AWS's word for it, where it was no success. */
  error?: string;
  seconds: number;
  /** For which it was signed. */
  region?: string;
  /** AWS's own id of it, and the HTTP status, where there was an answer. */
  requestId?: string;
  httpStatus?: number;
}

export type CallObserver = (call: ObservedCall) => void;

/** What the SDK's clients take by `middlewareStack.use`. */
export interface PlugIn {
  // oxlint-disable-next-line typescript/no-explicit-any -- each client of the SDK has a stack of its own type
  applyToStack(stack: any): void;
}

type Came = Pick<ObservedCall, 'outcome' | 'error'>;
type Middleware = (
  next: (args: object) => Promise<object>,
  context: CallContext,
) => (args: object) => Promise<object>;

/** What the SDK says of a call, in so far as we look at it. */
interface CallContext {
  clientName?: string;
  commandName?: string;
  __smithy_context?: {
    selectedHttpAuthScheme?: {
      httpAuthOption?: { signingProperties?: { region?: unknown } };
    };
  };
}

interface Answered {
  $metadata?: { requestId?: string; httpStatusCode?: number };
}

/**
 * A plug-in for a client of the SDK: told of every attempt, also of those that the SDK repeats. Where
 * none was made (no credentials, or a role that is refused), it is told of the call: `not-sent`.
 */
export function observing(observe: CallObserver): PlugIn {
  /** The SDK makes one context for each call. */
  const attempted = new WeakSet<object>();
  const telling = (context: CallContext) => {
    const { clientName = '', commandName = '' } = context;
    const beganMs = performance.now();
    return (what: Came, answer?: Answered) =>
      observe({
        service: clientName.replace(/Client$/, '').toLowerCase(),
        operation: commandName.replace(/Command$/, ''),
        seconds: (performance.now() - beganMs) / 1_000,
        ...what,
        ...regionOf(context),
        ...answeredBy(answer),
      });
  };
  const ofCalls: Middleware = (next, context) => async (args) => {
    const tell = telling(context);
    try {
      return await next(args);
    } catch (error) {
      if (!attempted.has(context)) tell({ ...whatCameOf(error), outcome: 'not-sent' });
      throw error;
    }
  };
  const ofAttempts: Middleware = (next, context) => async (args) => {
    attempted.add(context);
    const tell = telling(context);
    try {
      const answer = await next(args);
      tell({ outcome: 'success' }, (answer as { output?: Answered }).output);
      return answer;
    } catch (error) {
      tell(whatCameOf(error), error as Answered);
      throw error;
    }
  };
  return {
    applyToStack(stack) {
      stack.add(ofCalls, {
        name: 'accountVendingCallObserver',
        step: 'initialize',
        override: true,
      });
      stack.addRelativeTo(ofAttempts, {
        name: 'accountVendingObserver',
        relation: 'after',
        toMiddleware: 'retryMiddleware',
        override: true,
      });
    },
  };
}

function whatCameOf(error: unknown): Came {
  const { name, reason, outcome } = describeAwsError('', error);
  const word = reason ?? name;
  return { outcome: isThrottling(word) || isThrottling(name) ? 'throttled' : outcome, error: word };
}

function regionOf({ __smithy_context: chosen }: CallContext): Pick<ObservedCall, 'region'> {
  const region = chosen?.selectedHttpAuthScheme?.httpAuthOption?.signingProperties?.region;
  return typeof region === 'string' ? { region } : {};
}

function answeredBy(answer?: Answered): Pick<ObservedCall, 'requestId' | 'httpStatus'> {
  const { requestId, httpStatusCode: httpStatus } = answer?.$metadata ?? {};
  return {
    ...(requestId === undefined ? {} : { requestId }),
    ...(httpStatus === undefined ? {} : { httpStatus }),
  };
}
