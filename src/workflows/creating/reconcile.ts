import { workflowInfo } from '@temporalio/workflow';
import { OwnReason } from '../../contract';
import type { Finding, Outcome } from '../../activities';
import { LOST_ANSWER_SETTLES_MS } from '../../domain/amendment';
import { addressOf } from '../../domain/earlier-run';
import type { CreationProgress } from '../../domain/memory';
import { iso } from '../iso';
import type { Vend } from '../vend';
import { scan } from '../activity-proxies';
import { know } from './conclude';
import type { Setback } from './setback';
import { insistOn } from '../steps/insist';
import { timeMs } from '../time';

/** Looks beyond the usual number, while AWS does not show everything. */
const UNCLEAR_LOOKS = 6;

type Unproven = NonNullable<CreationProgress['unproven']>;

/**
 * What a look for the account came to. `settled`: it is ours, or a creation is under way that is
 * followed now. `unclear`: not everything could be seen.
 */
export type Search = 'settled' | 'foreign' | 'nothing' | 'unclear';

/** One look for what earlier calls of this request may have made. */
export async function lookForAccount(vend: Vend, progress: CreationProgress): Promise<Search> {
  const finding = await search(vend, progress);
  return finding ? goBy(vend, progress, finding) : 'unclear';
}

/**
 * Whether the account that has the address may be what a lost call made, with its tag changed since.
 * Where the end of every call is known, or where it was there before, it is another's.
 */
export function foreignMayBeOurs(progress: CreationProgress): boolean {
  const { isForeignOlder, lostAnswerAtMs, unproven } = progress;
  if (!unproven || isForeignOlder) return false;
  return lostAnswerAtMs !== undefined || unproven.accepted === true;
}

/** Goes by what a look has found: what is of this request is taken, or followed. */
export async function goBy(
  vend: Vend,
  progress: CreationProgress,
  finding: Finding,
): Promise<Search> {
  delete progress.inactive;
  delete progress.isForeignOlder;
  delete progress.goneAccountIds;
  const found = await conclusionOf(vend, progress, finding);
  // AWS guards an address, and not a request: see `advance`.
  const isHidden = found === 'unclear' || progress.following?.sibling;
  if (isHidden && isUnderAnotherAddress(vend, progress)) progress.isHidden = true;
  else if (found !== 'settled') delete progress.isHidden;
  return found;
}

async function conclusionOf(
  vend: Vend,
  progress: CreationProgress,
  finding: Finding,
): Promise<Search> {
  switch (finding.is) {
    case 'ours':
      await adoptOwn(vend, progress, finding);
      return 'settled';
    case 'in-progress':
      progress.following = {
        id: finding.creation.id,
        sinceMs: timeMs(),
        looks: 0,
        sibling: !wasSentHere(vend, progress, finding.creation.id),
      };
      // A stranger's end would prove nothing: what is unproven stays so.
      if (!progress.following.sibling) delete progress.unproven;
      vend.note(`${finding.creation.id} is in progress under this name: waiting for its end`);
      return 'settled';
    case 'foreign':
      if (finding.accountId !== 'unknown') progress.foreignAccountId = finding.accountId;
      if (finding.isOlder) progress.isForeignOlder = true;
      if (finding.inactive) progress.inactive = finding.inactive;
      // Another address may be the one that has our account.
      return isComplete(progress, finding) ? 'foreign' : 'unclear';
    case 'nothing':
      if (finding.inactive) progress.inactive = finding.inactive;
      return isComplete(progress, finding) ? 'nothing' : 'unclear';
  }
}

type Seen = Extract<Finding, { is: 'foreign' | 'nothing' }>;

/**
 * Names are not unique, and the account of a stranger's creation may leave the organization. Ours may have done so as
 * well, or be shown late: a person who is told of it says that it is in nobody's way.
 */
function isComplete(progress: CreationProgress, { complete = true, gone }: Seen): boolean {
  if (!gone) return complete;
  progress.goneAccountIds = gone.map(({ accountId }) => accountId);
  return gone.every(
    ({ accountId, completedAt }) =>
      progress.passedOver?.includes(accountId) &&
      timeMs() - Date.parse(completedAt) >= LOST_ANSWER_SETTLES_MS,
  );
}

/** What an earlier run sent is proven by its tag when it ends, as what is found by its name alone. */
export function wasSentHere(
  { memory }: Vend,
  { earlierIds = [] }: CreationProgress,
  id: string,
): boolean {
  return memory.createAccountRequestIds.includes(id) && !earlierIds.includes(id);
}

type Sought = Pick<CreationProgress, 'sinceMs' | 'ended' | 'earlier' | 'lostAccounts'>;

/** What AWS refuses is for the caller to judge. */
export function lookOnce(
  vend: Vend,
  { sinceMs, ended, earlier = [], lostAccounts }: Sought,
): Promise<Outcome<Finding>> {
  return scan.findAccount.executeWithOptions({ summary: 'look for the account' }, [
    {
      organizationId: vend.organizationId,
      request: vend.admission.request,
      since: iso(sinceMs),
      ended,
      earlier,
      ...(lostAccounts ? { lost: lostAccounts } : {}),
    },
  ]);
}

/** Undefined where AWS refuses and the vend is ending: then nobody is asked. */
export async function search(vend: Vend, progress: Sought): Promise<Finding | undefined> {
  const look = () => lookOnce(vend, progress);
  if (vend.isEnding) {
    const outcome = await look();
    return outcome.ok ? outcome.value : undefined;
  }
  return insistOn(vend, 'look for the account', look);
}

async function adoptOwn(
  vend: Vend,
  progress: CreationProgress,
  {
    accountId,
    creation,
    joinedAt,
  }: { accountId: string; creation?: { id: string }; joinedAt?: string },
): Promise<void> {
  const { memory } = vend;
  memory.adopted = true;
  if (isUnderAnotherAddress(vend, progress)) memory.emailChanged = true;
  if (joinedAt) memory.joinedAt = joinedAt;
  if (creation && !memory.createAccountRequestIds.includes(creation.id)) {
    memory.createAccountRequestIds.push(creation.id);
  }
  vend.note('found the account of this request: its tag proves it');
  await know(vend, progress, creation ?? {}, accountId);
}

/**
 * After a lost answer: look several times, ever later, before anything is sent again. Only complete
 * looks count as evidence that there is nothing; where it stays unclear a person is asked.
 */
export async function reconcile(
  vend: Vend,
  progress: CreationProgress,
  unproven: Unproven,
): Promise<Setback | undefined> {
  const { settleMs, attempts } = vend.admission.policy.creation.reconcile;
  const usual = settleMs * 2 ** Math.min(unproven.looks, attempts - 1);
  // AWS guards an address, and not a request: the look that clears another one has to come late enough to be believed.
  const isLast = unproven.complete + 1 >= attempts && isUnderAnotherAddress(vend, progress);
  const believedAtMs = (progress.lostAnswerAtMs ?? 0) + LOST_ANSWER_SETTLES_MS;
  const delay = Math.max(usual, isLast ? believedAtMs - timeMs() : 0);
  vend.waitFor(
    `AWS to show what came of the last call, whose answer was lost; look ${unproven.looks + 1} at ${iso(timeMs() + delay)}, ${attempts} in a row must find nothing`,
  );
  await vend.rest(delay, `look for the lost request #${unproven.looks + 1}`);
  unproven.looks += 1;
  const finding = await search(vend, progress);
  const found = finding ? await goBy(vend, progress, finding) : 'unclear';
  if (found === 'settled') return undefined;
  const isForeign = found === 'foreign';
  const isNothing = found === 'nothing' || (isForeign && !foreignMayBeOurs(progress));
  unproven.complete = isNothing ? unproven.complete + 1 : 0;
  if (unproven.complete === 1) unproven.provenRunId = lookedIn(finding);
  const isClear = unproven.complete >= attempts;
  // A closed account stays as it is; but what was lost since, AWS may still show under another address.
  if (progress.inactive && !vend.isEnding && timeMs() >= believedAtMs) {
    unproven.looks = 0;
    return unclear(progress, { isForeign: false });
  }
  // What AWS does not show in full yet, such as an account that was just made, it shows soon.
  const mayClear = found === 'unclear' || isNothing;
  const most = mayClear ? attempts + UNCLEAR_LOOKS : attempts;
  if (!isClear && unproven.looks < most) return undefined;

  const isAccepted = unproven.accepted === true && !unproven.permitted;
  if (isClear && isForeign && !isAccepted) {
    // Nothing was made, and AWS would refuse the address again: only another one leads on.
    prove(progress, unproven);
    return unclear(progress, { isForeign, look: true });
  }
  // Everything was seen, several times over, and there is nothing: it was never carried out.
  if (isClear && mayBeSentAgain(vend, progress, unproven)) {
    prove(progress, unproven);
    // The place came with the token of one call, which may have been sent.
    const { place } = vend.gate;
    if (place && !vend.isEnding) await vend.gate.report({ is: 'again' }, place.ticket);
    return undefined;
  }
  unproven.looks = 0;
  unproven.complete = 0;
  // Whose account has the address is another question than what came of the creation that AWS had accepted.
  return unclear(progress, { isForeign: isForeign && !(isClear && isAccepted) });
}

/** @param finding what versions before have found does not say it */
function lookedIn(finding: Finding | undefined): string {
  const { runId } = workflowInfo();
  return finding && 'runId' in finding ? (finding.runId ?? runId) : runId;
}

/** Nothing was made of what was sent before the first of these looks. */
function prove(progress: CreationProgress, { provenRunId }: Unproven): void {
  delete progress.unproven;
  progress.provenRunId = provenRunId ?? workflowInfo().runId;
}

/** Whether this account was asked for before under another address than it would be sent with now. */
export function isUnderAnotherAddress(vend: Vend, { earlier = [] }: CreationProgress): boolean {
  return isAnotherAddress(vend, earlier);
}

export function isAnotherAddress(vend: Vend, asked: readonly { email?: string }[]): boolean {
  const email = addressOf(vend.admission.request);
  return asked.some((one) => addressOf(one) !== email);
}

function mayBeSentAgain(vend: Vend, progress: CreationProgress, unproven: Unproven): boolean {
  if (unproven.permitted) return true;
  if (unproven.accepted) return false;
  progress.failures += 1;
  return progress.failures < vend.admission.policy.creation.retry.attempts;
}

/** @param what.look whether it is looked for again while a person is asked */
function unclear(
  { lostAnswerAtMs }: CreationProgress,
  { isForeign, look }: { isForeign: boolean; look?: true },
): Setback {
  const what =
    lostAnswerAtMs === undefined
      ? 'What was made for this request before cannot be told.'
      : 'The answer to CreateAccount was lost, and what came of it cannot be told.';
  return {
    reason: OwnReason.OUTCOME_UNCLEAR,
    disposition: {
      verb: 'ask',
      scope: 'request',
      ...(look ? { look } : {}),
      advice: `${what} Look into CloudTrail (CreateAccount, CreateAccountResult) and the list of accounts: adopt the account if it is there. Retry looks again, and then sends the same request.`,
    },
    detail: '',
    isForeign,
  };
}
