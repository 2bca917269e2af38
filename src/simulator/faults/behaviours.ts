import { REQUEST_TAG, type World } from '../world';

/** The other door for behaviours: AWS allows 64 characters in an address, and some reasons are long. */
const BEHAVIOUR_TAG = 'simulator:behaviour';

export type DeliveryBehaviour =
  | 'drop-after-commit'
  | 'drop-before-commit'
  | 'hang'
  | 'hang-before-commit'
  | 'http500-after-commit';

/** What an address asks for: `name+slow-30+fail-internal-failure-2x@example.com`. */
export interface Behaviours {
  /** `reason` '' is FAILED without a reason. `times`: the first so many creations, or all. */
  fail?: { reason: string; times: number };
  slowMs?: number;
  throttle?: number;
  concurrent?: number;
  delivery?: { kind: DeliveryBehaviour; times: number };
  flaps: boolean;
  /** Config never finds a recorder in the account. */
  noRecorder: boolean;
}

const WITHOUT_REASON = 'without-reason';
const FAIL = /^fail-([a-z0-9_-]+?)(?:-(\d+)x)?$/i;
const SLOW = /^slow-(\d+(?:\.\d+)?)$/;
const COUNTED = /^(throttle|concurrent)-(\d+)$/;
const DELIVERY =
  /^(drop-after-commit|drop-before-commit|hang-before-commit|hang|http500-after-commit)(?:-(\d+)x)?$/;

function isDelivery(text: string): text is DeliveryBehaviour {
  return DELIVERY.test(text);
}

export function readBehaviours(email: string, tags: Record<string, string> = {}): Behaviours {
  const local = email.slice(0, email.lastIndexOf('@')).toLowerCase();
  const words = [...local.split('+').slice(1), ...(tags[BEHAVIOUR_TAG] ?? '').split(' ')];
  const behaviours: Behaviours = { flaps: false, noRecorder: false };
  for (const word of words) read(word, behaviours);
  return behaviours;
}

function read(word: string, into: Behaviours): void {
  const fail = FAIL.exec(word);
  if (fail) {
    const reason = fail[1] ?? '';
    into.fail = {
      reason:
        reason.toLowerCase() === WITHOUT_REASON ? '' : reason.toUpperCase().replaceAll('-', '_'),
      times: fail[2] ? Number(fail[2]) : Number.POSITIVE_INFINITY,
    };
    return;
  }
  const slow = SLOW.exec(word);
  if (slow) into.slowMs = Number(slow[1]) * 1000;
  const counted = COUNTED.exec(word);
  if (counted?.[1] === 'throttle') into.throttle = Number(counted[2]);
  if (counted?.[1] === 'concurrent') into.concurrent = Number(counted[2]);
  const delivery = DELIVERY.exec(word);
  const kind = delivery?.[1];
  if (kind && isDelivery(kind)) {
    // Once, unless told otherwise: an address whose every answer is lost could never be finished.
    into.delivery = { kind, times: delivery?.[2] ? Number(delivery[2]) : 1 };
  }
  if (word === 'flap') into.flaps = true;
  if (word === 'no-recorder') into.noRecorder = true;
}

/** Counts one use; false when the behaviour has been used up. */
export function useBehaviour(world: World, name: string, email: string, times: number): boolean {
  const key = `${name}/${email.toLowerCase()}`;
  const used = world.data.patternUses[key] ?? 0;
  if (used >= times) return false;
  world.data.patternUses[key] = used + 1;
  world.touch();
  return true;
}

/** Address and tags of a creation that has not been checked yet: anything may be missing. */
export function peekCreation(input: Record<string, unknown>): {
  email: string;
  tags: Record<string, string>;
} {
  const { Email: email, Tags: list } = input;
  const tags: Record<string, string> = {};
  for (const tag of Array.isArray(list) ? (list as unknown[]) : []) {
    if (typeof tag !== 'object' || tag === null) continue;
    const [key, value]: unknown[] = [Reflect.get(tag, 'Key'), Reflect.get(tag, 'Value')];
    if (typeof key === 'string' && typeof value === 'string') tags[key] = value;
  }
  return { email: typeof email === 'string' ? email : '', tags };
}

export function requestTagOf(tags: Record<string, string>): string {
  return tags[REQUEST_TAG] ?? '';
}
