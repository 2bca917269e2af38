import { PUBLISHED_RATES, type BucketRate, type PublishedRate } from '../limits';
import { AwsError } from '../wire/errors';
import type { World } from '../world';

/** Sums of fractions end a hair below the whole. */
const ONE_TOKEN = 1 - 1e-9;

interface Bucket {
  tokens: number;
  at: number;
}

/**
 * AWS's token buckets, refilled in simulated time. They are not part of the durable state: a
 * simulator that starts again starts with full buckets.
 */
export class TokenBuckets {
  readonly #buckets = new Map<string, Bucket>();

  /** Takes one token for the call, or answers as AWS does when there is none. */
  take(world: World, operation: string, accountId: string): void {
    const rate = PUBLISHED_RATES.find(({ operations }) => operations.includes(operation));
    if (!rate || world.data.knobs.rateFactor <= 0) return;
    const wanted = this.#bucketsOf(world, rate, accountId);
    // Both or neither: a call that the organization's bucket refuses costs the account nothing.
    if (wanted.some((bucket) => bucket.tokens < ONE_TOKEN)) throw tooManyRequests();
    for (const bucket of wanted) bucket.tokens -= 1;
  }

  clear(): void {
    this.#buckets.clear();
  }

  #bucketsOf(world: World, rate: PublishedRate, accountId: string): Bucket[] {
    const name = rate.operations.join('+');
    const found = [this.#refilled(world, `${name}/${accountId}`, rate.account)];
    if (rate.organization) {
      found.push(this.#refilled(world, `${name}/organization`, rate.organization));
    }
    return found;
  }

  #refilled(world: World, key: string, rate: BucketRate): Bucket {
    const { rateFactor, backgroundUse } = world.data.knobs;
    const now = world.now();
    const burst = rate.burst * rateFactor;
    const bucket = this.#buckets.get(key) ?? { tokens: burst, at: now };
    const perMs = (rate.perSecond * rateFactor * Math.max(0, 1 - backgroundUse)) / 1000;
    bucket.tokens = Math.min(burst, bucket.tokens + (now - bucket.at) * perMs);
    bucket.at = now;
    this.#buckets.set(key, bucket);
    return bucket;
  }
}

export function tooManyRequests(): AwsError {
  return new AwsError(
    'TooManyRequestsException',
    'You have sent too many requests in too short a period of time. The quota helps protect ' +
      'against denial-of-service attacks. Try again later.',
  );
}
