import { isThrottling } from '../domain/dispositions';
import { describeAwsError } from './errors';

/** One call as it was sent: each attempt of the SDK is one. */
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

/** A plug-in for a client of the SDK: told of every attempt, also of those that the SDK repeats. */
export function observing(observe: CallObserver): PlugIn {
  const middleware: Middleware = (next, context) => async (args) => {
    const beganMs = performance.now();
    const tell = (what: Pick<ObservedCall, 'outcome' | 'error'>, answer?: Answered) =>
      observe({
        service: (context.clientName ?? '').replace(/Client$/, '').toLowerCase(),
        operation: (context.commandName ?? '').replace(/Command$/, ''),
        seconds: (performance.now() - beganMs) / 1_000,
        ...what,
        ...regionOf(context),
        ...answeredBy(answer),
      });
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
      stack.addRelativeTo(middleware, {
        name: 'accountVendingObserver',
        relation: 'after',
        toMiddleware: 'retryMiddleware',
        override: true,
      });
    },
  };
}

function whatCameOf(error: unknown): Pick<ObservedCall, 'outcome' | 'error'> {
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
