import type { FaultRule } from '../../src/simulator';

/** AWS refuses an operation. */
export function refuse(
  operation: string,
  name: string,
  more: { reason?: string; times?: number | 'always'; nth?: number } = {},
): FaultRule {
  const { reason, times = 1, nth = 1 } = more;
  const error = { name, message: 'the simulator was told to', ...(reason ? { reason } : {}) };
  return { operation, kind: 'error', times, nth, error };
}
