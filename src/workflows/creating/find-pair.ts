import { OwnReason } from '../../contract';
import type { CreationStatus, Outcome } from '../../activities';
import type { CreationProgress } from '../../domain/memory';
import { insistOn } from '../steps/insist';
import type { Vend } from '../vend';
import { know } from './conclude';
import { lookAt } from './follow';
import { search } from './reconcile';

/**
 * The commercial account is there, and no creation that names its GovCloud account. It is looked for as far back as AWS
 * remembers; then a person is told. Retry looks once more, and then goes on without the id.
 */
export async function findPair(vend: Vend, progress: CreationProgress): Promise<undefined> {
  // The run before may have waited for its turn to look.
  if (!progress.isPairSought || vend.gate.isWaitingForStep) {
    await seek(vend, progress);
    progress.isPairSought = true;
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
  // For a run that follows this one in the midst of it.
  delete progress.isPairSought;
  await seek(vend, progress);
  progress.isPairSought = true;
  if (!progress.isPairUnknown) return;
  delete progress.isPairUnknown;
  vend.note('the id of the GovCloud account stays unknown');
}

/** The creation that made this account, and no other: which account it is, is settled. */
async function seek(vend: Vend, progress: CreationProgress): Promise<void> {
  const { accountId, createAccountRequestIds: ids } = vend.memory;
  if (accountId === undefined) return;
  for (const id of ids.toReversed()) {
    const seen = await insistOn(vend, 'look at the creation', () =>
      lookAtOneThatMayBeGone(vend, id),
    );
    if (seen?.accountId !== accountId) continue;
    await know(vend, progress, seen, accountId);
    return;
  }
  const found = await search(vend, { ...progress, sinceMs: 0 });
  if (found?.is !== 'ours' || found.accountId !== accountId || !found.creation) return;
  if (!ids.includes(found.creation.id)) ids.push(found.creation.id);
  await know(vend, progress, found.creation, accountId);
}

async function lookAtOneThatMayBeGone(
  vend: Vend,
  id: string,
): Promise<Outcome<CreationStatus | undefined>> {
  const seen = await lookAt(vend, id, `look at ${id}`);
  const isGone = !seen.ok && seen.error.name === 'CreateAccountStatusNotFoundException';
  return isGone ? { ok: true, value: undefined } : seen;
}
