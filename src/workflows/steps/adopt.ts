import { world } from '../activity-proxies';
import type { Answer } from '../answers';
import type { Vend } from '../vend';
import { insistOn } from './insist';

/** Carries out an `adopt`. Where the account may not be taken, the sender hears why. */
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

/** `existingAccountId`: nothing is created, and the checks of `adopt` apply. */
export async function bringIn(vend: Vend, accountId: string): Promise<void> {
  if (vend.memory.accountId) return;
  const inspected = await insistOn(vend, 'look at the account', () =>
    inspect(vend, accountId, false),
  );
  if (!inspected.fits) {
    throw vend.invalid([
      { field: 'existingAccountId', message: `cannot be brought in: ${inspected.why}` },
    ]);
  }
  await take(vend, accountId, inspected.joinedAt);
  await vend.tellAccountExists();
}

function inspect(vend: Vend, accountId: string, allowOtherEmail: boolean) {
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
 * The account that an earlier run of this request knew: taken where it is an active member with our
 * tag, whatever its address. False where it is not, as when it was closed since.
 */
export async function adoptEarlier(vend: Vend, accountId: string): Promise<boolean> {
  const inspected = await insistOn(vend, 'look at the account', () =>
    inspect(vend, accountId, true),
  );
  if (!inspected.fits || !inspected.tagged) return false;
  await take(vend, accountId, inspected.joinedAt);
  return true;
}

/** From here on it is ours, and the tag says so: a later start of this request finds it by that. */
async function take(vend: Vend, accountId: string, joinedAt: string | undefined): Promise<void> {
  const { memory } = vend;
  const { requestId, tags } = vend.admission.request;
  await insistOn(vend, 'tag the account', () =>
    world.tagAccount.executeWithOptions({ summary: `tag ${accountId}` }, [
      { organizationId: vend.organizationId, requestId, accountId, tags },
    ]),
  );
  memory.adopted = true;
  memory.accountId = accountId;
  if (joinedAt) memory.joinedAt = joinedAt;
  vend.note('an account that exists was taken');
}
