import { OwnReason } from '../../contract';
import { world } from '../activity-proxies';
import type { Answer } from '../answers';
import type { Setback } from '../creating/setback';
import type { Vend } from '../vend';
import { insistOn } from './insist';

const LAST_LOOKS = 5;
/** AWS may show an account that it has just made for some minutes late. */
const LAST_LOOK_AFTER_MS = 15_000;

/**
 * Carries out an `adopt`. Where the account may not be taken, the sender hears why; where another vend
 * takes it in the same moment, there is no account, and a person is asked once more.
 */
export async function adopt(vend: Vend, answer: Answer): Promise<void> {
  const { resolution } = answer;
  if (resolution.action !== 'adopt') return;
  const { accountId } = resolution;
  const outcome = await inspect(vend, accountId, resolution.allowOtherEmail ?? false);
  if (!outcome.ok) {
    answer.refuse(`${accountId} could not be looked at: AWS said ${outcome.error.name}`);
  } else if (!outcome.value.fits) {
    answer.refuse(`${accountId} cannot be adopted: ${outcome.value.why}`);
  } else {
    await vend.accept(answer);
    vend.memory.emailChanged = true;
    await take(vend, accountId, outcome.value.joinedAt);
  }
}

/** What the run before this one was about to take: a person has said so, or its tag. */
export async function takeOn(vend: Vend): Promise<Setback | undefined> {
  const { taking } = vend.memory;
  if (!taking) return undefined;
  const why = await take(vend, taking.accountId, taking.joinedAt);
  if (why === undefined) return undefined;
  const advice = `Account ${taking.accountId} was to be adopted, and ${why} by now. Adopt another one, or retry.`;
  return {
    reason: OwnReason.ACCOUNT_NOT_OURS,
    disposition: { verb: 'ask', scope: 'request', look: true, advice },
    detail: '',
  };
}

/** The vend is ending: whether the account has got the tag before. Asked a few times, and nobody else. */
export async function learnWhetherTaken(vend: Vend): Promise<void> {
  const { memory } = vend;
  const { taking } = memory;
  if (!taking) return;
  for (let looks = 0; looks < LAST_LOOKS; looks += 1) {
    if (looks > 0)
      await vend.rest(LAST_LOOK_AFTER_MS * 2 ** looks, 'look at the account once more');
    const seen = await inspect(vend, taking.accountId, true);
    if (!seen.ok || (!seen.value.fits && seen.value.isShownLate)) continue;
    delete memory.taking;
    if (!seen.value.fits || !seen.value.tagged) return;
    memory.adopted = true;
    memory.accountId = taking.accountId;
    return;
  }
}

export function inspect(vend: Vend, accountId: string, allowOtherEmail: boolean) {
  return world.inspectAccount.executeWithOptions({ summary: `look at ${accountId}` }, [
    {
      organizationId: vend.organizationId,
      request: vend.admission.request,
      accountId,
      allowOtherEmail,
    },
  ]);
}

/**
 * The account that an earlier run of this request knew: taken where it is still that of the request.
 * False where it is not, as when it was closed since.
 */
export async function adoptEarlier(vend: Vend, accountId: string): Promise<boolean> {
  const found = await lookAtEarlier(vend, accountId);
  return found !== undefined && (await take(vend, accountId, found.joinedAt)) === undefined;
}

/** Undefined where it is no active member with this request's tag (any more), whatever its address. */
export async function lookAtEarlier(
  vend: Vend,
  accountId: string,
): Promise<{ joinedAt?: string } | undefined> {
  const inspected = await insistOn(vend, 'look at the account', () =>
    inspect(vend, accountId, true),
  );
  return inspected.fits && inspected.tagged ? inspected : undefined;
}

/**
 * From here on it is ours, and the tag says so: a later start of this request finds it by that. AWS may refuse
 * the tag for days, over which the vend continues as new.
 * @returns why not, where another vend has taken it meanwhile
 */
export async function take(
  vend: Vend,
  accountId: string,
  joinedAt: string | undefined,
): Promise<string | undefined> {
  const { memory } = vend;
  const { requestId, kind, tags } = vend.admission.request;
  memory.taking = { accountId, ...(joinedAt ? { joinedAt } : {}) };
  const tagged = await insistOn(vend, 'tag the account', () =>
    world.tagAccount.executeWithOptions({ summary: `tag ${accountId}` }, [
      { organizationId: vend.organizationId, requestId, accountId, tags },
    ]),
  );
  delete memory.taking;
  if (tagged?.takenBy !== undefined) {
    const why = `it belongs to the vend ${tagged.takenBy}`;
    vend.note(`account ${accountId} was not taken: ${why}`);
    return why;
  }
  memory.adopted = true;
  memory.accountId = accountId;
  if (joinedAt) memory.joinedAt = joinedAt;
  // Who knew the commercial account alone did not know the other one of the pair.
  const isPairMissing = kind === 'govcloud' && memory.govCloudAccountId === undefined;
  if (memory.creation && isPairMissing) memory.creation.isPairUnknown = true;
  vend.note('an account that exists was taken');
  return undefined;
}
