import type { ConformanceRow, ConformanceScope } from '../contract';
import { OwnReason } from '../contract';
import { formatDuration } from './duration';
import type { RequiredPack } from './policy';

/** Status of a row or a pack as AWS Config gives it. */
export interface DeploymentStatus {
  status: string;
  errorCode?: string;
  errorMessage?: string;
  /** ISO 8601. */
  lastUpdateTime?: string;
}

/** What one look at AWS Config showed of one pack, for one account. */
export interface PackObservation {
  /** The account's own row; absent while there is none. */
  row?: DeploymentStatus;
  /** The organization-wide status; only where it was asked for. */
  aggregate?: DeploymentStatus;
  /** The pack leaves this account out. */
  excluded?: true;
  /** AWS knows no such pack (any more). */
  gone?: true;
  /** There is no row, and the account is no ACTIVE member of the organization (any more). */
  departed?: Departure;
}

/** What AWS Organizations says of an account that is no ACTIVE member. */
export interface Departure {
  /** `AccountNotFoundException`, or a reason of our own. */
  reason: string;
  /** For a person. */
  what: string;
}

export type PackVerdict =
  | { is: 'done' }
  | { is: 'waiting'; for: string }
  /** `own`: in this account; else another account holds the organization-wide status back. */
  | { is: 'no-recorder'; own: boolean; reason: string }
  | { is: 'failed'; reason: string; what: string; advice?: string };

/** What was seen so long ago counts only once it is seen again: AWS may have deployed anew. */
export const SEEN_LASTS_MS = 15 * 60_000;

const SUCCESSFUL = /^(?:CREATE|UPDATE)_SUCCESSFUL$/;
const IN_PROGRESS = /^(?:CREATE|UPDATE)_IN_PROGRESS$/;
const LISTED = /^(?:CREATE|UPDATE)_(?:IN_PROGRESS|FAILED)$/;
const HERE = 'in this account';
const NO_RECORDER = /NoAvailableConfigurationRecorder/i;

/**
 * What a look means for this account.
 * @param joinedAt of an account that was brought in: a row from before belongs to an earlier
 *   membership. An account that this vend created has none.
 * @see https://docs.aws.amazon.com/config/latest/APIReference/API_GetOrganizationConformancePackDetailedStatus.html
 */
export function judgePack(
  seen: PackObservation,
  scope: ConformanceScope,
  joinedAt?: string,
): PackVerdict {
  if (seen.gone) {
    return {
      is: 'failed',
      reason: 'NoSuchOrganizationConformancePackException',
      what: 'AWS Config knows no such organization conformance pack any more: deleted, renamed, or owned by another account',
      advice: 'Deploy it again under this name (the vend goes on by itself), or waive it.',
    };
  }
  if (seen.excluded) return { is: 'done' };
  if (seen.departed) {
    return {
      is: 'failed',
      ...seen.departed,
      advice:
        'AWS Config deploys nothing to it. Bring it back into the organization (the vend goes on by itself), waive the pack, or abandon.',
    };
  }
  if (!seen.row) return { is: 'waiting', for: 'AWS Config to begin with this account' };
  const row = judgeStatus(seen.row, HERE);
  if (row.is !== 'done') return row;
  if (isBefore(seen.row.lastUpdateTime, joinedAt)) {
    return { is: 'waiting', for: 'a row from after the account joined the organization' };
  }
  if (scope === 'account') return row;
  if (!seen.aggregate) return { is: 'waiting', for: 'the organization-wide status' };
  return judgeStatus(seen.aggregate, 'in the organization');
}

function judgeStatus(seen: DeploymentStatus, where: string): PackVerdict {
  if (SUCCESSFUL.test(seen.status)) return { is: 'done' };
  if (IN_PROGRESS.test(seen.status)) return { is: 'waiting', for: `${seen.status} ${where}` };
  if (NO_RECORDER.test(`${seen.errorCode ?? ''} ${seen.errorMessage ?? ''}`)) {
    return {
      is: 'no-recorder',
      own: where === HERE,
      reason: seen.errorCode ?? 'NoAvailableConfigurationRecorder',
    };
  }
  return {
    is: 'failed',
    reason: seen.errorCode ?? seen.status,
    what: `${seen.status} ${where}${seen.errorMessage ? `: ${seen.errorMessage}` : ''}`,
  };
}

/** A list of the rows in progress, or of those that failed, shows it. */
export function isListed(row: DeploymentStatus | undefined): boolean {
  return row !== undefined && LISTED.test(row.status);
}

/** Nothing more has to be seen of the row, as long as no list shows it. */
export function settlesRow(row: DeploymentStatus | undefined, joinedAt?: string): boolean {
  return (
    row !== undefined && SUCCESSFUL.test(row.status) && !isBefore(row.lastUpdateTime, joinedAt)
  );
}

function isBefore(time: string | undefined, limit: string | undefined): boolean {
  return time !== undefined && limit !== undefined && time < limit;
}

/** One required pack over the whole wait: what the last look showed, and for how long already. */
export interface PackProgress extends RequiredPack {
  seen?: PackObservation;
  verdict?: PackVerdict;
  /** Looks in a row that showed a failure: it is believed at the second. */
  failedLooks: number;
  /** Epoch milliseconds of the first look in a row that showed no configuration recorder. */
  noRecorderSinceMs?: number;
  waived?: { reason: string; by: string };
}

/** The progress after one more look. */
export function afterLook(
  progress: PackProgress,
  seen: PackObservation,
  verdict: PackVerdict,
  nowMs: number,
): PackProgress {
  const { noRecorderSinceMs: since, ...rest } = progress;
  return {
    ...rest,
    seen,
    verdict,
    failedLooks: verdict.is === 'failed' ? progress.failedLooks + 1 : 0,
    ...(verdict.is === 'no-recorder' ? { noRecorderSinceMs: since ?? nowMs } : {}),
  };
}

export function isCovered(progress: PackProgress): boolean {
  return progress.waived !== undefined || progress.verdict?.is === 'done';
}

/** What a person has to hear of, worst first; undefined while all goes as it should. */
export interface Complaint {
  reason: string;
  message: string;
}

const LOOKS_UNTIL_BELIEVED = 2;
const MEND = 'Mend the cause and deploy the pack again (the vend goes on by itself), or waive it.';

export function conformanceComplaint(
  packs: readonly PackProgress[],
  clock: { nowMs: number; deadlineAtMs: number; recorderGraceMs: number },
): Complaint | undefined {
  const open = packs.filter((pack) => !isCovered(pack));
  for (const pack of open) {
    if (pack.verdict?.is === 'failed' && pack.failedLooks >= LOOKS_UNTIL_BELIEVED) {
      return {
        reason: pack.verdict.reason,
        message: `Conformance pack ${packLabel(pack)}: ${pack.verdict.what}. ${pack.verdict.advice ?? MEND}`,
      };
    }
  }
  for (const pack of open) {
    const since = pack.noRecorderSinceMs;
    if (pack.verdict?.is !== 'no-recorder' || since === undefined) continue;
    if (clock.nowMs - since < clock.recorderGraceMs) continue;
    const lacking = pack.verdict.own
      ? 'the account has had no running configuration recorder'
      : 'accounts of the organization have had no running configuration recorder';
    return {
      reason: pack.verdict.reason,
      message: `Conformance pack ${packLabel(pack)}: ${lacking} for ${formatDuration(clock.nowMs - since)}. Start AWS Config's recorder there. AWS tries again for seven hours after the account joined; after that the pack must be deployed again.`,
    };
  }
  if (open.length > 0 && clock.nowMs >= clock.deadlineAtMs) {
    return {
      reason: OwnReason.CONFORMANCE_DEADLINE,
      message: `The deadline has passed, and ${open.length} of ${packs.length} conformance packs are not successful in this account: ${open.map(missing).join(', ')}. Retry waits as long again; waive goes on without a pack.`,
    };
  }
  return undefined;
}

/** A row can be successful, and the organization-wide status still be waited for. */
function missing(pack: PackProgress): string {
  const status = statusOf(pack);
  const more =
    pack.verdict?.is === 'waiting' && SUCCESSFUL.test(status)
      ? `, waits for ${pack.verdict.for}`
      : '';
  return `${packLabel(pack)} (${status}${more})`;
}

/** `us-east-1/Security-Baseline`; with its owner where that is a delegated administrator. */
export function packLabel({ region, pack, owner }: RequiredPack): string {
  return `${region}/${pack}${owner ? ` of ${owner}` : ''}`;
}

function statusOf(pack: PackProgress): string {
  if (pack.waived) return 'WAIVED';
  if (pack.seen?.excluded) return 'EXCLUDED';
  return pack.seen?.row?.status ?? 'NO_ROW';
}

/** The row as state and result show it. */
export function conformanceRow(pack: PackProgress): ConformanceRow {
  const { errorCode, errorMessage, lastUpdateTime } = pack.seen?.row ?? {};
  return {
    region: pack.region,
    pack: pack.pack,
    ...(pack.owner ? { owner: pack.owner } : {}),
    status: statusOf(pack),
    ...(errorCode ? { errorCode } : {}),
    ...(errorMessage ? { errorMessage } : {}),
    ...(lastUpdateTime ? { lastUpdateTime } : {}),
    ...pack.waived,
  };
}
