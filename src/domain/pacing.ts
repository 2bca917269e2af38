import type { Interval } from './policy';

/** The n-th pause (from 0) of a growing interval. */
export function growingDelay(interval: Interval, n: number): number {
  const delay = interval.initialMs * interval.factor ** Math.min(n, 64);
  return Math.round(Math.min(interval.maxMs, delay));
}

/** Calls that AWS refused for the moment: a bucket of CreateAccount refills a token in ten seconds. */
const REFUSED: Interval = { initialMs: 10_000, factor: 1.5, maxMs: 60_000 };

/**
 * The pause before a refused call is repeated. Vends that were refused together must not come back
 * together, so it is spread by a quarter to either side.
 * @param random from 0 to 1
 */
export function refusedDelay(n: number, random: number): number {
  return Math.round(growingDelay(REFUSED, n) * (0.75 + random / 2));
}

/** How long a refused call is repeated before a person is asked, unless its disposition says less. */
export const REFUSED_PATIENCE_MS = 3_600_000;

/** A new account can be used after minutes, now and then after an hour. */
export const READINESS_LOOKS: Interval = { initialMs: 15_000, factor: 1.5, maxMs: 300_000 };

/** A Region is enabled within minutes for most accounts; AWS says that it can take hours. */
export const REGION_LOOKS: Interval = { initialMs: 30_000, factor: 1.5, maxMs: 300_000 };
export const REGIONS_DEADLINE_MS = 7_200_000;

const MINUTE_MS = 60_000;

/** FinalizingOrganization: AWS says up to an hour; look every five minutes for ninety. */
export const FINALIZING: { everyMs: number; forMs: number } = {
  everyMs: 5 * MINUTE_MS,
  forMs: 90 * MINUTE_MS,
};

/** AWS's daily limit of creations: look again hourly. */
export const HOURLY_MS = 60 * MINUTE_MS;

/** AWS allows twenty times as many DescribeCreateAccountStatus as CreateAccount calls: 2 a second. */
const LOOKS_PER_CREATION = 20;
const SHARE_OF_LOOKS = 0.75;

/**
 * How soon a creation may be looked at again, so that all that are in progress stay within the rate
 * of the organization.
 * @param perSecond CreateAccount calls a second
 */
export function soonestLookMs(inProgress: number, perSecond: number): number {
  return Math.round((inProgress / (perSecond * LOOKS_PER_CREATION * SHARE_OF_LOOKS)) * 1_000);
}
