import { refuseAnotherAccount } from '../creating/earlier-runs';
import { inspect, take } from '../steps/adopt';
import { insistOn } from '../steps/insist';
import type { Vend } from '../vend';

/** `existingAccountId`: nothing is created, and the checks of `adopt` apply. */
export async function bringIn(vend: Vend, accountId: string): Promise<void> {
  if (vend.memory.accountId) return;
  await refuseAnotherAccount(vend, accountId);
  const inspected = await insistOn(vend, 'look at the account', () =>
    inspect(vend, accountId, false),
  );
  const why = inspected.fits ? await take(vend, accountId, inspected.joinedAt) : inspected.why;
  if (why !== undefined) {
    throw vend.invalid([{ field: 'existingAccountId', message: `cannot be brought in: ${why}` }]);
  }
  await vend.tellAccountExists();
}
