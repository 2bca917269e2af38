import type {
  Decision,
  Escalation,
  HistoryEntry,
  Stage,
  VendRequest,
  VendState,
} from '../contract';
import { conformanceRow } from './conformance';
import type { PackProgress } from './conformance';
import type { Admission } from './policy';

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
  /** AWS has refused for the moment since then, so many times in a row. */
  refused?: { sinceMs: number; count: number };
  /** The creation that is being followed to its end. */
  following?: { id: string; sinceMs: number; looks: number; sibling: boolean };
  /** A CreateAccount was sent and its answer lost; what came of it is being looked for. */
  unproven?: { sinceMs: number; looks: number; complete: number };
  /** When an answer was lost last: an e-mail address may not change soon after. */
  lostAnswerAtMs?: number;
  /** Creations that AWS ended as FAILED. */
  ended: string[];
  /** Addresses and names of earlier runs of this request, which may have made its account. */
  earlier?: { email?: string; accountName?: string }[];
}

export interface ConformanceProgress {
  packs: PackProgress[];
  deadlineAtMs: number;
  looks: number;
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
  decisions: Decision[];
  escalation?: Escalation;
  escalationCount: number;
  waitingFor?: string;
  admission?: Admission;
  creation?: CreationProgress;
  createAccountRequestIds: string[];
  accountId?: string;
  govCloudAccountId?: string;
  adopted: boolean;
  createdAt?: string;
  /** Of an account that was brought in: when it joined the organization. */
  joinedAt?: string;
  organizationalUnitId?: string;
  placed: boolean;
  conformance?: ConformanceProgress;
}

export function newMemory(request: VendRequest, now: string): VendMemory {
  return {
    request,
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

/** What the query `state` answers. */
export function toState(memory: VendMemory): VendState {
  const { accountId, govCloudAccountId, organizationalUnitId, escalation, waitingFor } = memory;
  return {
    requestId: memory.request.requestId,
    stage: memory.stage,
    ...(accountId ? { accountId } : {}),
    ...(govCloudAccountId ? { govCloudAccountId } : {}),
    createAccountRequestIds: [...memory.createAccountRequestIds],
    ...(organizationalUnitId ? { organizationalUnitId } : {}),
    ...(escalation ? { escalation } : {}),
    ...(memory.conformance ? { conformance: memory.conformance.packs.map(conformanceRow) } : {}),
    attempts: memory.creation?.calls ?? 0,
    ...(waitingFor ? { waitingFor } : {}),
    decisions: [...memory.decisions],
    history: [...memory.history],
  };
}

/** A vend may wait for months: its history of notes must not grow without end. */
const MOST_ENTRIES = 200;

/** The history with one more entry; the oldest notes give way, never the stages. */
export function withEntry(history: readonly HistoryEntry[], entry: HistoryEntry): HistoryEntry[] {
  const all = [...history, entry];
  if (all.length <= MOST_ENTRIES) return all;
  const oldest = all.findIndex((candidate) => candidate.note !== undefined);
  return all.filter((_, index) => index !== oldest);
}
