import type {
  Decision,
  Escalation,
  HistoryEntry,
  Stage,
  VendRequest,
  VendState,
} from '../contract';
import { isRequestId } from '../contract';
import { conformanceRow } from './conformance';
import type { PackProgress } from './conformance';
import type { Grant, Holder, Notice } from './gate/messages';
import type { Asked } from './asking';
import type { AskedAs } from './earlier-run';
import type { Admission } from './policy';
import { runbookEntry } from './runbook';
import type { LookFault, Verdict } from './watch/messages';
import type { Withdrawn } from './withdrawal';
import { isObject } from './shape';

/** The creation as far as it has come. Times are epoch milliseconds. */
export interface CreationProgress {
  /** Before this no CreateAccount of this request was sent. */
  sinceMs: number;
  /** CreateAccount calls sent; those that AWS refused for the moment are none. */
  calls: number;
  /** How many of them are allowed before a person is asked. */
  callsAllowed: number;
  /** Failed attempts in a row since a person decided last. */
  failures: number;
  /** It had a place before: it goes ahead of those that never had one. */
  hadPlace?: true;
  /** AWS has refused for the moment since then, so many times in a row. */
  refused?: { sinceMs: number; count: number };
  /** The creation that is being followed to its end. */
  following?: {
    id: string;
    sinceMs: number;
    looks: number;
    /** Found by its name: whose it is can be told only when it ends. */
    sibling: boolean;
    /** AWS has not known it since then, look after look. */
    unknownSinceMs?: number;
    /** Looks have been refused since then, so many in a row; `raised` names the escalation of it. */
    /** `of`: what AWS said last; `raised`: what somebody was told. */
    fault?: { sinceMs: number; count: number; of?: string; raised?: string };
    /** A person was told that it takes long, and wants to hear of it again only then. */
    quietUntilMs?: number;
  };
  /** A CreateAccount was sent and its answer lost; what came of it is being looked for. */
  unproven?: {
    sinceMs: number;
    looks: number;
    complete: number;
    /** AWS had returned a `car-` id: only a person permits to send again. */
    accepted?: true;
    /** That id, where an earlier run of this request had it: its end tells what came of it. */
    acceptedId?: string;
    /** A person has: after another complete look that found nothing. */
    permitted?: true;
    /** The run that made the first of the complete looks: one that was reset only remembers them. */
    provenRunId?: string;
  };
  /** When an answer was lost last: an e-mail address may not change soon after. */
  lostAnswerAtMs?: number;
  /** What other runs of this request left was met; until then only that was done. */
  metEarlierRuns?: true;
  /** What other runs of this request may have sent is being found out: nothing may be sent before that is known. */
  meeting?: true;
  /** Another vend of this request that may have gone before it, and has not been heard of since. */
  behind?: Holder;
  /** First run of another vend of this request that has the same content. */
  comparedWith?: string;
  /** The run in which a full reconcile began that proved that nothing of this request was made before. */
  provenRunId?: string;
  /** Creations that AWS ended as FAILED. */
  ended: string[];
  /** The account was found without the creation that names its GovCloud account. */
  isPairUnknown?: true;
  /** It was looked for as far back as AWS remembers. */
  isPairSought?: true;
  /** The account of this organization that has the address, and not our tag. */
  foreignAccountId?: string;
  /** It was there before anything of this request was sent: nobody has changed the tag of ours. */
  isForeignOlder?: true;
  /** The last look did not see everything, or met a stranger's creation, and the address is another one than before. */
  isHidden?: true;
  /** The account of this request, which the last look has found suspended, closed or being closed. */
  inactive?: { accountId: string; state: string };
  /** Addresses and names that it was asked for under before, in earlier runs too: one may have made its account. */
  earlier?: AskedAs[];
  /** `car-…` of earlier runs of this request. */
  earlierIds?: string[];
  /** `car-…` that are in nobody's way: their end was known, or a person permitted to send again. */
  overIds?: string[];
  /**
   * Accounts that an earlier run, or the gate, knew as this request's, and that could not be taken: closed, gone, or
   * without its tag. `completedAt`: when this was met.
   */
  lostAccounts?: { accountId: string; completedAt: string }[];
  /** Accounts made under this name, or lost, that the organization does not show as this request's: one may be. */
  goneAccountIds?: string[];
  /** Those of them that a person was told of, and permitted to send all the same. */
  passedOver?: string[];
}

/** What a vend and the organization's gate have agreed on. */
export interface GateTies {
  /** The last ticket. */
  ticket: number;
  /** It has asked with this ticket and has no answer yet. */
  waiting?: number;
  /** What it has asked for is the turn of a step, and no place. */
  waitsForStep?: true;
  /** Its place to create. */
  place?: Grant;
  /** The turn of a step that the organization had held back. */
  step?: Grant;
  /** The gate knows it: it has to be told when nothing more is wanted. */
  isKnown?: true;
  /** The account that the gate's ledger was told. */
  ledger?: string;
  /** Grants that came when they were not wanted any more, to be given back. */
  unwanted: number[];
  /** Reports sent. */
  reports: number;
  /** What the gate has said and nobody has read yet. */
  news: Notice[];
}

/** What a vend and the watches have agreed on. */
export interface WatchTies {
  /** The last ticket. */
  ticket: number;
  /** By region: what it is subscribed with. */
  regions: Record<
    string,
    { ticket: number; askedAtMs: number; silenceMs: number; unanswered: number }
  >;
  /** What the watches have told and nobody has read yet. */
  news: Verdict[];
  /** Told to a subscription that is not wanted any more, to be answered so. */
  unwanted: { region: string; of: string; ticket: number }[];
}

/** A wait for something that AWS does by itself. Times are epoch milliseconds. */
export interface WaitProgress {
  sinceMs: number;
  deadlineAtMs: number;
  looks: number;
  /** What the last look showed, for a person. */
  seen?: string;
  /** AWS has refused the looks since then, so many in a row. */
  fault?: { sinceMs: number; count: number; of?: string };
}

/** Contacts and regions, as far as they have come. */
export interface SettlingProgress {
  contactsPut?: true;
  /** A region was asked for: which ones can no longer be amended. */
  regionsBegun?: true;
  regions?: WaitProgress;
  /** Done, or waived. */
  isOver?: true;
}

export interface ConformanceProgress {
  packs: PackProgress[];
  deadlineAtMs: number;
  /** Times that a watch has told something. */
  looks: number;
  /** By region: when its watch told something last. */
  seenAtMs: Record<string, number>;
  /** By region: AWS refuses the looks. */
  faults?: Record<string, LookFault>;
  /** Reason of the refusal that people were told of last. */
  toldFault?: string;
  /** All packs were successful then, some of them seen too long before: those are seen once more. */
  reopenedAtMs?: number;
  /** Regions whose watch has no room. */
  full?: string[];
}

export interface Answered {
  updateId: string;
  decision: Decision;
}

/**
 * All that a vend remembers: plain data, since it is carried over when the workflow continues as
 * new. Whatever is not here is derived.
 */
export interface VendMemory {
  request: VendRequest;
  requestedAt: string;
  stage: Stage;
  history: HistoryEntry[];
  /** The last ones: see {@link withDecision}. */
  decisions: Decision[];
  /** Answers by update, the newest last: Temporal forgets their ids where a vend continues as new. */
  answered?: Answered[];
  escalation?: Escalation;
  escalationCount: number;
  /** The trouble of the organization that the gate was told of last, which this vend meets again and again. */
  troubleTold?: { reason: string; atMs: number };
  waitingFor?: string;
  admission?: Admission;
  /** Who asked for it, where that is known. */
  requestedBy?: string;
  /** Callers by Nexus that have cancelled. */
  withdrawn?: Withdrawn;
  approval?: { deadlineAtMs: number; expiresAt: string; verdict?: 'approved' | 'rejected' };
  /** What people were told of and is not over. */
  asked?: Asked[];
  creation?: CreationProgress;
  gate?: GateTies;
  watch?: WatchTies;
  /**
   * The account may stand under another address than the request begins with: the gate's ledger remembers it, for when
   * Temporal has forgotten this vend and those before it.
   */
  emailChanged?: true;
  createAccountRequestIds: string[];
  accountId?: string;
  /** An account that fits and is about to be tagged as this request's. */
  taking?: { accountId: string; joinedAt?: string };
  govCloudAccountId?: string;
  adopted: boolean;
  createdAt?: string;
  /** Of an account that was brought in: when it joined the organization. */
  joinedAt?: string;
  organizationalUnitId?: string;
  placed: boolean;
  /** One that was brought in may be moved from wherever it stands: a person has said so. */
  mayLeaveItsUnit?: true;
  readying?: WaitProgress;
  /** The account can be used, or somebody has waived it. */
  readied?: true;
  settling?: SettlingProgress;
  conformance?: ConformanceProgress;
  /** Build id of the worker that it has left for a newer one. */
  leftVersion?: string;
}

/** @param given whatever the workflow was started with: it is checked by the first activity. */
export function newMemory(given: VendRequest, now: string): VendMemory {
  return {
    request: isObject(given) ? given : ({} as VendRequest),
    requestedAt: now,
    stage: 'queued',
    history: [{ at: now, stage: 'queued' }],
    decisions: [],
    escalationCount: 0,
    createAccountRequestIds: [],
    adopted: false,
    placed: false,
  };
}

/** What a vend waits for while its stage says nothing more exact: between two waits, a call may take long. */
const WAITS: Partial<Record<Stage, string>> = {
  queued: 'its turn',
  approving: 'an approval',
  creating: 'AWS to create the account',
  placing: 'AWS to move the account',
  readying: 'the account to be usable',
  settling: 'AWS to set up the account',
  conforming: 'the conformance packs',
  cancelling: 'AWS to show what became of the creation',
};

/** What the query `state` answers. */
export function toState(memory: VendMemory): VendState {
  const { accountId, govCloudAccountId, organizationalUnitId, escalation } = memory;
  const { waitingFor = WAITS[memory.stage] } = memory;
  return {
    requestId: shownId(memory),
    stage: memory.stage,
    ...(accountId ? { accountId } : {}),
    ...(govCloudAccountId ? { govCloudAccountId } : {}),
    createAccountRequestIds: [...memory.createAccountRequestIds],
    ...(organizationalUnitId ? { organizationalUnitId } : {}),
    ...(escalation ? { escalation: withRunbook(escalation, memory) } : {}),
    ...(memory.conformance ? { conformance: memory.conformance.packs.map(conformanceRow) } : {}),
    attempts: memory.creation?.calls ?? 0,
    ...(waitingFor ? { waitingFor } : {}),
    decisions: [...memory.decisions],
    history: [...memory.history],
  };
}

function withRunbook(escalation: Escalation, { admission }: VendMemory): Escalation {
  return { ...escalation, runbook: runbookEntry(escalation.reason, admission?.policy.runbookUrl) };
}

/** What is no id may be anything, and this is shown to more people than the request. */
export function shownId({ request }: VendMemory): string {
  return isRequestId(request.requestId) ? request.requestId : '';
}

/** Sent once more, an answer comes within minutes of the first time. */
const MOST_ANSWERED = 20;

export function withAnswered(answered: readonly Answered[] = [], one: Answered): Answered[] {
  return [...answered, one].slice(-MOST_ANSWERED);
}

/** A caller that answers every escalation by itself must not fill what continue-as-new hands over. */
const MOST_DECISIONS = 200;

export function withDecision(decisions: readonly Decision[], one: Decision): Decision[] {
  return [...decisions, one].slice(-MOST_DECISIONS);
}

/** A vend may wait for months: its history of notes must not grow without end. */
const MOST_ENTRIES = 200;
/** What a note repeats may come from outside. */
const LONGEST_NOTE = 1_000;

/** The history with one more entry; the oldest notes give way, never the stages. */
export function withEntry(history: readonly HistoryEntry[], entry: HistoryEntry): HistoryEntry[] {
  const { note } = entry;
  const short = note === undefined ? entry : { ...entry, note: note.slice(0, LONGEST_NOTE) };
  const all = [...history, short];
  if (all.length <= MOST_ENTRIES) return all;
  const oldest = all.findIndex((candidate) => candidate.note !== undefined);
  return all.filter((_, index) => index !== oldest);
}
