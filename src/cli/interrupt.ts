import { once } from 'node:events';

/** Aborted at the first Ctrl-C or SIGTERM, so that what was started can be ended in order. */
export interface Interrupt {
  signal: AbortSignal;
  release(): void;
}

/** Also where the terminal is closed. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export function onInterrupt(): Interrupt {
  const controller = new AbortController();
  const stop = () => {
    // A second Ctrl-C ends at once: hooks on `exit` still take the children with them.
    if (controller.signal.aborted) process.exit(130);
    controller.abort(new Error('interrupted'));
  };
  for (const name of SIGNALS) process.on(name, stop);
  return {
    signal: controller.signal,
    release: () => {
      for (const name of SIGNALS) process.off(name, stop);
    },
  };
}

export async function interrupted({ signal }: Interrupt): Promise<void> {
  if (signal.aborted) return;
  // An AbortSignal alone does not keep the process alive.
  const alive = setInterval(() => undefined, 60_000);
  await once(signal, 'abort');
  clearInterval(alive);
}
