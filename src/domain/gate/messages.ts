import type { Escalation } from '../../contract';
import type { Recheck } from '../dispositions';
import type { NotifyPolicy } from '../policy';
import { LONGEST_REASON } from '../aws-error';
import { areAll, isAmong, isNumber, isObject, isOptional, isTemporalId, isText } from '../shape';

/**
 * What vends and the gate tell each other. `v` is the version of the language: unknown members are
 * ignored, so that vends of an older worker talk to a newer gate. No message holds an e-mail address
 * or an account name.
 */
export const GATE_PROTOCOL = 1;

/** A vend as the gate knows it. A reset keeps the first execution's run id, and so is the same. */
export interface Holder {
  workflowId: string;
  firstExecutionRunId: string;
  requestId: string;
}

interface FromVend {
  v: number;
  holder: Holder;
  /** A vend raises it for each turn that it wants; what comes twice or late is told by it. */
  ticket: number;
}

/**
 * What a turn is for. `standard`, `govcloud`: a place to create. `step`: another step that the
 * organization held back; it takes no place.
 */
export type TurnKind = 'standard' | 'govcloud' | 'step';

/** Which turns a trouble holds back: all of them, those to create, or those to create in GovCloud. */
export type Lane = 'everything' | 'creating' | 'govcloud';

/** The lanes that have to be open for a turn. */
export const LANES_OF: Readonly<Record<TurnKind, readonly Lane[]>> = {
  step: ['everything'],
  standard: ['everything', 'creating'],
  govcloud: ['everything', 'creating', 'govcloud'],
};

/** Something that concerns the whole organization. */
export interface Trouble {
  lane: Lane;
  /** AWS's word. */
  reason: string;
  /** For a person; cleaned of addresses. */
  message: string;
  recheck?: Recheck;
}

/** Asks for a turn. Sent again with the same ticket it only asks whether the gate still knows. */
export interface Ask extends FromVend {
  /** The run that asks: handed back with the grant, so that a reset vend knows that it was reset. */
  runId: string;
  kind: TurnKind;
  /** The e-mail address, lower-cased and hashed with the organization id. */
  emailKey?: string;
  /** It had a place before, whatever came of it: ahead of those that have not tried. */
  retried?: true;
  /** The account that the ledger names was looked at and is not to be taken. */
  ignoreLedger?: true;
}

/**
 * The turn is over. `succeeded`, `failed`: AWS said so. `held-back`: by what `trouble` says, which
 * concerns everybody. `full`: AWS has as many in progress as it allows. `unwanted`: not used.
 */
export interface Release extends FromVend {
  outcome: 'succeeded' | 'failed' | 'held-back' | 'full' | 'unwanted';
  trouble?: Trouble;
  /** For the ledger: the account, where its address is not the one that the request began with. */
  accountId?: string;
}

/** The vend wants nothing more of the gate; its e-mail address is free again. */
export interface Withdraw extends FromVend {
  accountId?: string;
}

/**
 * News of a turn that goes on. `again`: the call is sent once more, since AWS refused it for the
 * moment, or nothing came of it and the answer was lost. `throttled`: the same, because the rate is
 * used up. `trouble`, `recovered`: what holds the organization back was met, or is over, in a step
 * that needs no turn.
 */
export interface Report extends FromVend {
  is: 'again' | 'throttled' | 'trouble' | 'recovered';
  /** Counts the reports of a vend. */
  n: number;
  trouble?: Trouble;
  /** Of `recovered`. */
  reason?: string;
}

/** The turn is the vend's. */
export interface Grant {
  v: number;
  ticket: number;
  /** The run that asked for it. */
  runId: string;
  /** Creations in progress, with this one. */
  inProgress: number;
  /** It is to find out whether the organization may go on. */
  probe?: true;
}

/** Everything else that the gate tells a vend about its ticket. */
export type Notice = { v: number; ticket: number } & (
  | { is: 'queued'; ahead: number; inProgress: number; maxInProgress: number; etaMs: number }
  /** The organization is held back. */
  | { is: 'held'; escalation: Escalation }
  | { is: 'opened' }
  /** The ticket is an old one: that of a run that was reset, perhaps. */
  | { is: 'stale'; lastTicket: number }
  /** Another vend of this request is before it; `twin-gone` when that has ended or is done. */
  | { is: 'twin'; of: Holder }
  | { is: 'twin-gone'; of: Holder; accountId?: string }
  | { is: 'email-in-flight'; requestId: string }
  /** The ledger knows the account of this request. */
  | { is: 'known'; accountId: string }
  | { is: 'ask-again'; afterMs: number; why: string }
);

/** What the gate follows, read from the worker's configuration. */
export interface GatePolicy {
  maxInProgress: number;
  perSecond: number;
  burst: number;
  perDay: number;
  recheckMs: number;
  notify?: NotifyPolicy;
  /** As in the policy of a vend. */
  runbookUrl?: string;
}

// Whether a signal holds such a message. More members than are known are no fault.

export function isAsk(given: unknown): given is Ask {
  if (!isFromVend(given)) return false;
  const { runId, kind, emailKey } = given;
  return isText(runId) && isText(kind) && isKind(kind) && isOptional(emailKey, isText);
}

const OUTCOMES: readonly Release['outcome'][] = [
  'succeeded',
  'failed',
  'held-back',
  'full',
  'unwanted',
];

export function isRelease(given: unknown): given is Release {
  if (!isFromVend(given)) return false;
  const { outcome, trouble, accountId } = given;
  return (
    isAmong(outcome, OUTCOMES) && isOptional(trouble, isTrouble) && isOptional(accountId, isText)
  );
}

export function isWithdraw(given: unknown): given is Withdraw {
  return isFromVend(given) && isOptional(given['accountId'], isText);
}

const REPORTS: readonly Report['is'][] = ['again', 'throttled', 'trouble', 'recovered'];

export function isReport(given: unknown): given is Report {
  if (!isFromVend(given)) return false;
  const { is, n, trouble, reason } = given;
  return (
    isAmong(is, REPORTS) &&
    isNumber(n) &&
    isOptional(trouble, isTrouble) &&
    isOptional(reason, isText)
  );
}

export function isGrant(given: unknown): given is Grant {
  if (!isObject(given)) return false;
  const { ticket, runId, inProgress } = given;
  return isNumber(ticket) && isText(runId) && isNumber(inProgress);
}

export function isNotice(given: unknown): given is Notice {
  return isObject(given) && isNumber(given['ticket']) && saysWhat(given);
}

function saysWhat(given: Record<string, unknown>): boolean {
  const { is, of, accountId } = given;
  switch (is as Notice['is']) {
    case 'queued':
      return ['ahead', 'inProgress', 'maxInProgress', 'etaMs'].every((name) =>
        isNumber(given[name]),
      );
    case 'held':
      return isEscalation(given['escalation']);
    case 'opened':
      return true;
    case 'stale':
      return isNumber(given['lastTicket']);
    case 'twin':
      return isHolder(of);
    case 'twin-gone':
      return isHolder(of) && isOptional(accountId, isText);
    case 'email-in-flight':
      return isText(given['requestId']);
    case 'known':
      return isText(accountId);
    case 'ask-again':
      return isNumber(given['afterMs']) && isText(given['why']);
    default:
      return false;
  }
}

export function isHolder(given: unknown): given is Holder {
  if (!isObject(given)) return false;
  const { workflowId, firstExecutionRunId, requestId } = given;
  return isTemporalId(workflowId) && isText(firstExecutionRunId) && isText(requestId);
}

function isFromVend(given: unknown): given is Record<string, unknown> {
  return isObject(given) && isHolder(given['holder']) && isNumber(given['ticket']);
}

function isKind(word: string): word is TurnKind {
  return Object.hasOwn(LANES_OF, word);
}

function isTrouble(given: unknown): boolean {
  if (!isObject(given)) return false;
  const { lane, reason, message } = given;
  return isAmong(lane, LANES_OF.govcloud) && isReason(reason) && isText(message);
}

/** As far as a vend shows it. */
function isEscalation(given: unknown): boolean {
  if (!isObject(given)) return false;
  const { id, scope, reason, message, since, attempts, actions, nextCheckAt } = given;
  return (
    [id, scope, message, since].every(isText) &&
    isReason(reason) &&
    isNumber(attempts) &&
    areAll(actions, isText) &&
    isOptional(nextCheckAt, isText)
  );
}

/** It becomes a search attribute, which has a limit of its own. */
function isReason(given: unknown): boolean {
  return isText(given) && given.length <= LONGEST_REASON;
}
