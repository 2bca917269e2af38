import type { PlugIn } from './observe';

/** It was too late to send a call: nothing went out. */
class TooLateError extends Error {
  override name = 'TooLate';

  constructor() {
    super('it could not be sent in time: the worker was held up, or its credentials came too late');
  }
}

/** What a command of the SDK has. */
interface Command {
  middlewareStack: { use(plugIn: PlugIn): void };
}

type Middleware = (next: (args: object) => Promise<object>) => (args: object) => Promise<object>;

/**
 * One call that goes out before the given moment, or never. The SDK may wait for credentials first, and the process
 * may be paused, so it is asked last of all: signed, and right before the connection is made. What has gone out is
 * waited for, however late its answer comes.
 * @param untilMs epoch milliseconds
 * @param send sends a command that was handed through `inTime`, by a client that makes one attempt
 */
export async function sendInTime<T>(
  untilMs: number,
  send: (inTime: <C extends Command>(command: C) => C) => Promise<T>,
): Promise<T> {
  let hasGoneOut = false;
  let isTooLate = false;
  const goOut: Middleware = (next) => async (args) => {
    isTooLate ||= Date.now() >= untilMs;
    if (isTooLate) throw new TooLateError();
    hasGoneOut = true;
    return next(args);
  };
  const plugIn: PlugIn = {
    applyToStack(stack) {
      stack.add(goOut, { name: 'accountVendingInTime', step: 'deserialize', priority: 'low' });
    },
  };
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      if (hasGoneOut) return;
      isTooLate = true;
      reject(new TooLateError());
    }, untilMs - Date.now());
  });
  try {
    const sent = send((command) => {
      command.middlewareStack.use(plugIn);
      return command;
    });
    return await Promise.race([sent, tooLate]);
  } catch (error) {
    // `describeAwsError` heeds it.
    if (error instanceof Error && !hasGoneOut) Object.assign(error, { hasGoneOut });
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
