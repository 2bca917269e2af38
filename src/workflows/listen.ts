import { log, setHandler } from '@temporalio/workflow';
import type { SignalDefinition } from '@temporalio/workflow';

/**
 * Hears a signal that only workflows of ours send to each other. Somebody may send one by hand, or name a gate as the
 * `notifyWorkflow` of a request: a message that cannot be read would fail every task of this workflow from then on,
 * so it is ignored.
 */
export function listen<Message>(
  signal: SignalDefinition<[Message]>,
  isMessage: (given: unknown) => given is Message,
  take: (message: Message) => void,
): void {
  setHandler(signal, (given: unknown) => {
    if (isMessage(given)) take(given);
    else warnOfMessage(signal.name);
  });
}

/** Not what it holds: that may be anything. */
export function warnOfMessage(signal: string): void {
  log.warn('a signal was ignored: it does not hold what it should', { signal });
}
