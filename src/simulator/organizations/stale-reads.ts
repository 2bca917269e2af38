import { count, type AccountState, type AccountVersion, type World } from '../world';

/** "Organizations is eventually consistent": now and then a read comes from a copy that is behind. */
export function isStaleRead(world: World): boolean {
  const { staleReadRate } = world.data.knobs;
  return world.random.chance(staleReadRate, 'stale-read', count(world, 'stale-read'));
}

/** Reads of the state that a flapping account answers ACTIVE again while it closes. */
const FLAP_LOOKS = 4;

/** The account as this read sees it. */
export function readAccount(world: World, account: AccountState, stale: boolean): AccountVersion {
  const { previous } = account;
  const flaps = account.flapLooks !== undefined && account.flapLooks < FLAP_LOOKS;
  if (flaps && account.closingAt !== undefined) {
    account.flapLooks = (account.flapLooks ?? 0) + 1;
    if (account.flapLooks % 2 === 0) return { ...account, state: 'ACTIVE' };
  }
  return stale && previous && previous.until > world.now() ? previous : account;
}
