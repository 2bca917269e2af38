import type { ConformanceScope } from '../../contract';
import type { AwsError } from '../aws-error';
import type { DeploymentStatus, Departure, PackProgress } from '../conformance';
import { isHolder } from '../gate/messages';
import type { Holder } from '../gate/messages';
import type { Interval } from '../policy';
import { areAll, isNumber, isObject, isOptional, isText } from '../shape';

/**
 * What vends and the watch of a region tell each other. `v` is the version of the language: unknown
 * members are ignored, so that vends of an older worker talk to a newer watch.
 */
export const WATCH_PROTOCOL = 1;

/** A pack of the watch's region. */
export interface PackRef {
  pack: string;
  /** The account that owns it, where that is a delegated administrator. */
  owner?: string;
}

/**
 * An account is to be looked after until `unsubscribe`. Sent again with the same ticket it asks for
 * all rows once more; with a higher one it begins anew.
 */
export interface Subscribe {
  v: number;
  holder: Holder;
  ticket: number;
  accountId: string;
  packs: PackRef[];
  scope: ConformanceScope;
  /** ISO 8601, of an account that was brought in: rows from before are another membership's. */
  joinedAt?: string;
}

export interface Unsubscribe {
  v: number;
  /** `firstExecutionRunId` of the vend that had subscribed. */
  of: string;
  workflowId: string;
  ticket: number;
}

/** Name of the watch's signal with what vends say to it. */
export const MAIL = 'mail';

/** What vends say to a watch, as their worker collected it. */
export interface Mail {
  v: number;
  subscribe: Subscribe[];
  unsubscribe: Unsubscribe[];
}

/** AWS has refused the looks since then, so many in a row. */
export interface LookFault {
  error: AwsError;
  sinceMs: number;
  count: number;
}

/** What a look showed of a subscriber's packs: those that changed, or all where it asked again. */
export interface Verdict {
  v: number;
  region: string;
  accountId: string;
  /** `firstExecutionRunId` of the vend that had subscribed, and its ticket. */
  of: string;
  ticket: number;
  rows: PackProgress[];
  /** Epoch milliseconds of the look that showed a change last, by the clock of the watch. */
  seenAtMs?: number;
  /** Some of its packs could not be looked at; absent where all could. */
  fault?: LookFault;
  /** The watch looks after as many accounts as it can: ask again later. */
  isFull?: true;
  /** There are so many that each shall subscribe again only after so long; absent where they are few. */
  silenceMs?: number;
}

/** Which accounts and packs to look at, and how. */
export interface LookPlan {
  packs: PackLookPlan[];
  /** Everybody who waits: of others the lists tell nothing. Empty where no list is read. */
  accounts: string[];
  /** Read the organization-wide status of these packs as well. */
  withAggregate: boolean;
  /** Accounts whose membership is to be checked where they have no row. */
  checkMembership: string[];
}

export interface PackLookPlan extends PackRef {
  /** Read the rows in progress or failed. */
  lists: boolean;
  /** Accounts to confirm, unless a list shows them: new ones, and those that may have left a list. */
  confirm: string[];
  /** The same for accounts that had no row when they were looked at last. */
  again: string[];
  /** How many pages all rows of the pack were when they were read last. */
  pages?: number;
}

export interface LookResult {
  packs: PackLook[];
  /** AWS Config calls, by what they were for. */
  calls: LookCalls;
  /** The poll interval of the configuration. */
  poll: Interval;
}

export interface LookCalls {
  /** Rows in progress or failed, and the organization-wide status: the same however many wait. */
  lists: number;
  /** Single accounts that were new, or had left the lists. */
  confirming: number;
  /** Accounts without a row. */
  rowless: number;
  /** Refused by AWS because there were too many. */
  throttled: number;
}

export interface PackLook extends PackRef {
  /** By account. */
  rows: Record<string, DeploymentStatus>;
  /** Looked at, and AWS shows no row. */
  rowless: Record<string, Rowless>;
  aggregate?: DeploymentStatus;
  gone?: true;
  fault?: AwsError;
  /** How many pages all its rows are; with `more`, so many at least. */
  pages?: number;
  more?: true;
}

/** Why there is no row, where that can be told. */
export interface Rowless {
  excluded?: true;
  departed?: Departure;
  /** Its membership was looked up, and is in order. */
  isMember?: true;
}

// Whether a signal, or the input of an activity, holds such a message. More members than are known are no fault.

/** Its messages are looked at one by one: one that is wrong is no reason to lose the others. */
export function isMail(given: unknown): given is Mail {
  return (
    isObject(given) && Array.isArray(given['subscribe']) && Array.isArray(given['unsubscribe'])
  );
}

export function isSubscribe(given: unknown): given is Subscribe {
  if (!isObject(given)) return false;
  const { holder, ticket, accountId, packs, scope, joinedAt } = given;
  return (
    isHolder(holder) &&
    isNumber(ticket) &&
    isText(accountId) &&
    areAll(packs, isPack) &&
    isText(scope) &&
    isOptional(joinedAt, isText)
  );
}

export function isUnsubscribe(given: unknown): given is Unsubscribe {
  if (!isObject(given)) return false;
  const { of, workflowId, ticket } = given;
  return isText(of) && isText(workflowId) && isNumber(ticket);
}

export function isVerdict(given: unknown): given is Verdict {
  if (!isObject(given)) return false;
  const { region, accountId, of, ticket, rows, fault, silenceMs } = given;
  return (
    [region, accountId, of].every(isText) &&
    isNumber(ticket) &&
    areAll(rows, isRow) &&
    isOptional(fault, isFault) &&
    isOptional(silenceMs, isNumber)
  );
}

function isPack(given: unknown): boolean {
  return isObject(given) && isText(given['pack']) && isOptional(given['owner'], isText);
}

function isRow(given: unknown): boolean {
  if (!isPack(given) || !isObject(given)) return false;
  const { seen, failedLooks, noRecorderSinceMs } = given;
  return (
    isOptional(seen, isObject) && isNumber(failedLooks) && isOptional(noRecorderSinceMs, isNumber)
  );
}

function isFault(given: unknown): boolean {
  if (!isObject(given) || !isObject(given['error'])) return false;
  const { operation, name, message } = given['error'];
  return (
    [operation, name, message].every(isText) &&
    isNumber(given['sinceMs']) &&
    isNumber(given['count'])
  );
}
