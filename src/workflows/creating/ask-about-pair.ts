import { OwnReason } from '../../contract';
import type { CreationProgress } from '../../domain/memory';
import type { Vend } from '../vend';
import { lookForAccount } from './reconcile';

/**
 * The commercial account was found, and no creation that names its GovCloud account. A person is
 * told; retry looks once more, as far back as AWS remembers, and then goes on without the id.
 */
export async function askAboutPair(vend: Vend, progress: CreationProgress): Promise<undefined> {
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
  progress.sinceMs = 0;
  await lookForAccount(vend, progress);
  if (!progress.isPairUnknown) return;
  delete progress.isPairUnknown;
  vend.note('the id of the GovCloud account stays unknown');
}
