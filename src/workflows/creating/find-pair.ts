import { OwnReason } from '../../contract';
import type { CreationProgress } from '../../domain/memory';
import type { Vend } from '../vend';
import { know } from './conclude';
import { lookAt } from './follow';
import { lookForAccount } from './reconcile';

/**
 * The commercial account is there, and no creation that names its GovCloud account. It is looked for as far back as AWS
 * remembers; then a person is told. Retry looks once more, and then goes on without the id.
 */
export async function findPair(vend: Vend, progress: CreationProgress): Promise<undefined> {
  if (!progress.isPairSought) {
    progress.isPairSought = true;
    progress.sinceMs = 0;
    if (!(await knownCreation(vend, progress))) await lookForAccount(vend, progress);
    return;
  }
  const answer = await vend.ask({
    scope: 'request',
    reason: OwnReason.GOVCLOUD_ACCOUNT_UNKNOWN,
    message:
      'The commercial account of this request was found, and AWS names no GovCloud account for it. GetGovCloudAccountInformation of the Account API, or AWS Support, knows it. Retry looks once more, and then goes on without its id.',
    attempts: progress.calls,
    actions: ['retry', 'abandon'],
  });
  if (!answer) return;
  await vend.accept(answer);
  await lookForAccount(vend, progress);
  if (!progress.isPairUnknown) return;
  delete progress.isPairUnknown;
  vend.note('the id of the GovCloud account stays unknown');
}

/** One that was sent for this request, by this run or by one before, and that made this account. */
async function knownCreation(vend: Vend, progress: CreationProgress): Promise<boolean> {
  const { accountId, createAccountRequestIds } = vend.memory;
  for (const id of createAccountRequestIds.toReversed()) {
    const seen = await lookAt(vend, id, `look at ${id}`);
    if (!seen.ok || accountId === undefined || seen.value.accountId !== accountId) continue;
    await know(vend, progress, seen.value, accountId);
    return true;
  }
  return false;
}
