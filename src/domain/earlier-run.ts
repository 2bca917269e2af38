import type { VendRequest } from '../contract';
import { isText } from './shape';

/** Another run of the same request, as Temporal lists it. */
export interface RunOfRequest {
  workflowId: string;
  runId: string;
  /** `RUNNING`, `COMPLETED`, `FAILED`, `CANCELED`, `TERMINATED` or `TIMED_OUT`. */
  status: string;
  /** Twelve digits, where that run knew its account. */
  accountId?: string;
  /** Under way, and it only waits for a place or an approval: the gate lets one of a request create. */
  queued?: {
    firstExecutionRunId: string;
    /** It was begun before the vend that asks. */
    isBefore: boolean;
  };
}

/** In these a request is another one; in all others it is merely told. */
const IDENTITY = ['email', 'kind', 'accountName', 'organizationId'] as const;
export type IdentityField = (typeof IDENTITY)[number];

/** What of a request says which account it means. */
export type WhichAccount = Pick<VendRequest, IdentityField | 'existingAccountId'>;

export function whichAccount(request: VendRequest): WhichAccount {
  const names = [...IDENTITY, 'existingAccountId'] as const;
  return Object.fromEntries(
    // The entry of a batch may hold anything.
    names.filter((name) => isText(request[name])).map((name) => [name, request[name]]),
  );
}

/** Without case. What earlier runs were told, also by a start that they refused, may be anything. */
export function addressOf({ email }: { email?: unknown }): string | undefined {
  return isText(email) ? email.toLowerCase() : undefined;
}

/** What of a request decides which account it is; the address without case. */
export function identityOf(request: VendRequest): Record<IdentityField, string | undefined> {
  const { kind, accountName, organizationId } = request;
  return { email: addressOf(request), kind: kind ?? 'standard', accountName, organizationId };
}

/** The fields in which a request is another one than each of those that were told before. */
export function identityConflicts(
  request: VendRequest,
  before: readonly VendRequest[],
): IdentityField[] {
  const now = identityOf(request);
  const earlier = before.map(identityOf);
  if (earlier.length === 0) return [];
  return IDENTITY.filter((field) => earlier.every((one) => one[field] !== now[field]));
}

/** What AWS was told of a request that can be found again. */
export interface AskedAs {
  email?: string;
  accountName?: string;
}

export function asSent({ email, accountName }: AskedAs): AskedAs {
  return {
    ...(isText(email) && email ? { email } : {}),
    ...(isText(accountName) && accountName ? { accountName } : {}),
  };
}

/** A caller that amends by itself must not fill what continue-as-new hands over. */
const MOST_ASKED = 50;

/** Each of them once, the newest last. */
export function withAsked(asked: readonly AskedAs[] = [], more: readonly AskedAs[]): AskedAs[] {
  const key = (one: AskedAs) => `${addressOf(one) ?? ''} ${one.accountName ?? ''}`;
  const each = new Map([...asked, ...more].map(asSent).map((one) => [key(one), one]));
  return [...each.values()].slice(-MOST_ASKED);
}
