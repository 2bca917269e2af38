import { OwnReason } from '../../contract';
import type { CreationStatus } from '../../activities';
import type { CreationProgress } from '../../domain/memory';
import { learnWhetherTaken } from '../steps/adopt';
import type { Vend } from '../vend';
import { untilNextLookMs } from './next-look';
import { followEarlier, openOfEarlier } from './open-creation';
import { setbackOf } from './setback';
import type { Setback } from './setback';
import { timeMs } from '../time';

type Following = NonNullable<CreationProgress['following']>;

/** Looks at a SUCCEEDED creation that names no GovCloud account, before a person is told. */
const GOVCLOUD_LOOKS = 10;

/** Draws the conclusion from one status of the creation that is followed. */
export async function conclude(
  vend: Vend,
  progress: CreationProgress,
  following: Following,
  status: CreationStatus,
): Promise<Setback | undefined> {
  if (status.state === 'FAILED') {
    progress.ended.push(status.id);
    delete progress.following;
    if (!following.sibling) return setbackOf(status.failureReason, status.id);
    if (progress.unproven) {
      // A stranger's says nothing about this request; a lost answer is looked for from the beginning.
      progress.unproven = { ...progress.unproven, looks: 0, complete: 0 };
      if (progress.unproven.acceptedId === status.id) followNextOpen(progress, progress.unproven);
    }
    return undefined;
  }
  if (status.state !== 'SUCCEEDED' || !status.accountId) {
    await tellIfOverdue(vend, following);
    return undefined;
  }
  if (following.sibling) {
    // Whose it is only the tag tells: the account is looked for, and this one proven or not.
    delete progress.following;
    progress.unproven ??= { sinceMs: timeMs(), looks: 0, complete: 0 };
    // Nobody is there to answer AWS's refusal of a list, and this one is known by its id.
    if (vend.isEnding && progress.unproven.acceptedId === status.id) {
      vend.memory.taking = { accountId: status.accountId };
      await learnWhetherTaken(vend);
      // It may have been asked for under another address: the gate remembers it then.
      if (vend.memory.accountId) vend.memory.emailChanged = true;
    }
    return undefined;
  }
  await know(vend, progress, status, status.accountId);
  return undefined;
}

/** Of several that earlier runs left, the one before. */
function followNextOpen(
  progress: CreationProgress,
  unproven: NonNullable<CreationProgress['unproven']>,
): void {
  const id = openOfEarlier(progress);
  if (id) {
    unproven.acceptedId = id;
    followEarlier(progress, id);
    return;
  }
  delete unproven.accepted;
  delete unproven.acceptedId;
}

/** The account is there. A GovCloud vend goes on looking for the other one's id. */
export async function know(
  vend: Vend,
  progress: CreationProgress,
  status: Partial<CreationStatus>,
  accountId: string,
): Promise<void> {
  const { memory } = vend;
  delete progress.unproven;
  memory.accountId = accountId;
  // AWS has ended it: the place is handed on at once.
  const ledger = vend.accountForLedger;
  await vend.gate.releasePlace('succeeded', ledger ? { accountId: ledger } : {});
  if (status.completedAt) memory.createdAt = status.completedAt;
  if (status.govCloudAccountId && !memory.govCloudAccountId) {
    memory.govCloudAccountId = status.govCloudAccountId;
    vend.jot('the GovCloud account stays standalone, untagged and unchecked');
  }
  const isPairMissing = vend.admission.request.kind === 'govcloud' && !memory.govCloudAccountId;
  if (!isPairMissing || !status.id || vend.isEnding) {
    delete progress.following;
    if (isPairMissing) progress.isPairUnknown = true;
    else delete progress.isPairUnknown;
    return;
  }
  delete progress.isPairUnknown;
  progress.following ??= { id: status.id, sinceMs: timeMs(), looks: 0, sibling: false };
  if (progress.following.looks < GOVCLOUD_LOOKS) return;
  await vend.raise({
    scope: 'request',
    reason: OwnReason.GOVCLOUD_ACCOUNT_UNKNOWN,
    message: `AWS says SUCCEEDED and does not name the GovCloud account. The commercial account is there. The vend goes on looking; GetGovCloudAccountInformation of the Account API, or AWS Support, knows more.`,
    attempts: progress.following.looks,
    actions: ['retry', 'abandon'],
    nextCheckAtMs: timeMs() + untilNextLookMs(vend, progress.following),
  });
}

async function tellIfOverdue(vend: Vend, following: Following): Promise<void> {
  const { overdueAfterMs } = vend.admission.policy.creation;
  const tellAtMs = following.quietUntilMs ?? following.sinceMs + overdueAfterMs;
  if (timeMs() < tellAtMs) return;
  await vend.raise({
    scope: 'request',
    reason: OwnReason.OVERDUE,
    message: overdueAdvice(following.id),
    attempts: following.looks,
    actions: ['retry', 'abandon'],
    nextCheckAtMs: timeMs() + untilNextLookMs(vend, following),
  });
}

/** For a person. @param creation `car-…` */
export function overdueAdvice(creation: string): string {
  return `AWS has had the creation ${creation} in progress for longer than usual. Nothing is lost: the vend goes on looking. If it lasts, open a case with AWS Support, giving this id.`;
}
