import { ExitStatus } from '../errors';
import type { Found } from './run-checks';

/** What `--json` prints of findings. */
export function asDocument(found: readonly Found[]) {
  return {
    ok: !found.some(({ level }) => level === 'stop'),
    findings: found.map(({ id, level, title, detail, fix }) => ({
      id,
      level,
      title,
      detail,
      ...(fix === undefined ? {} : { fix }),
    })),
  };
}

/** What does not answer at all is told apart: scripts try that again. */
export function statusOf(found: readonly Found[]): ExitStatus {
  const isOutOfReach = found.some(
    ({ id }) => id === 'temporal-unreachable' || id === 'aws-unreachable',
  );
  if (isOutOfReach) return ExitStatus.unreachable;
  const isStopped = found.some(({ level }) => level === 'stop');
  return isStopped ? ExitStatus.endedOtherwise : ExitStatus.done;
}
