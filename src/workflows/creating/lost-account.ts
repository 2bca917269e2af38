import type { CreationProgress } from '../../domain/memory';
import { iso } from '../iso';
import { timeMs } from '../time';

/**
 * A request means one account for ever: where that cannot be taken any more, another one is sent for only after a person
 * was told of it.
 * @returns whether it was not known before
 */
export function rememberLost(progress: CreationProgress, accountId: string): boolean {
  const before = (progress.lostAccounts ??= []);
  if (before.some((lost) => lost.accountId === accountId)) return false;
  before.push({ accountId, completedAt: iso(timeMs()) });
  return true;
}
