import type { ConformanceScope } from '../contract';
import { SEEN_LASTS_MS, isCovered, judgePack } from './conformance';
import type { PackProgress } from './conformance';
import type { ConformanceProgress } from './memory';
import type { Verdict } from './watch/messages';
import { packKey } from './watch/subscriber';

/** How a vend keeps what the watches tell it. */

export function isWaived(pack: PackProgress): boolean {
  return pack.waived !== undefined;
}

/** Takes in what the watch of a region has told. */
export function afterVerdict(
  progress: ConformanceProgress,
  verdict: Verdict,
  vend: {
    admission: { conformance: { scope: ConformanceScope } };
    memory: { joinedAt?: string };
  },
  nowMs: number,
): void {
  const { region, rows, fault, isFull } = verdict;
  progress.full = (progress.full ?? []).filter((other) => other !== region);
  if (isFull) {
    progress.full.push(region);
    return;
  }
  progress.looks += 1;
  progress.seenAtMs[region] = nowMs;
  progress.faults = { ...progress.faults };
  if (fault) progress.faults[region] = fault;
  else delete progress.faults[region];
  const told = new Map(rows.map((row) => [packKey(row), row]));
  progress.packs = progress.packs.map((pack) => {
    const row = pack.region === region ? told.get(packKey(pack)) : undefined;
    if (!row) return pack;
    // AWS has refused the looks at it for so long that what was seen before counts no more.
    if (!row.seen) return unseen(pack);
    const { noRecorderSinceMs: since, ...rest } = pack;
    const { scope } = vend.admission.conformance;
    const judged = judgePack(row.seen, scope, vend.memory.joinedAt);
    // A watch that begins anew counts anew; what was seen before is not forgotten for that.
    const sinceMs = judged.is === 'no-recorder' ? (since ?? row.noRecorderSinceMs) : undefined;
    return {
      ...rest,
      seen: row.seen,
      verdict: judged,
      failedLooks: judged.is === 'failed' ? Math.max(pack.failedLooks, row.failedLooks) : 0,
      ...(sinceMs === undefined ? {} : { noRecorderSinceMs: sinceMs }),
    };
  });
  // Seen once more, and not ready any more: by the time that it is, the others have been seen long before.
  const isUndone = ({ verdict: judged, ...pack }: PackProgress) =>
    pack.region === region && told.has(packKey(pack)) && judged && judged.is !== 'done';
  if (progress.packs.some(isUndone)) delete progress.reopenedAtMs;
}

/**
 * The packs, those to be seen once more before the account counts as ready without their verdict: one
 * region may be ready hours before another.
 */
export function reopened(progress: ConformanceProgress, nowMs: number): PackProgress[] {
  // Once: regions that take long to look at would open each other again and again.
  const limit = (progress.reopenedAtMs ?? nowMs) - SEEN_LASTS_MS;
  return progress.packs.map((pack) => {
    const seenAtMs = progress.seenAtMs[pack.region] ?? nowMs;
    if (isWaived(pack) || seenAtMs >= limit) return pack;
    return unseen(pack);
  });
}

/** What was seen of it counts no more; what AWS said is shown until it says something else. */
export function unseen(pack: PackProgress): PackProgress {
  const { verdict: _, ...rest } = pack;
  return rest;
}

/** When time alone makes somebody be told; Infinity where only a look can. */
export function nextComplaintAtMs(
  progress: ConformanceProgress,
  recorderGraceMs: number,
  nowMs: number,
  faultsAtMs: readonly number[],
): number {
  const times = [progress.deadlineAtMs, ...faultsAtMs];
  for (const pack of progress.packs) {
    if (isCovered(pack) || pack.noRecorderSinceMs === undefined) continue;
    times.push(pack.noRecorderSinceMs + recorderGraceMs);
  }
  return Math.min(Infinity, ...times.filter((time) => time > nowMs));
}
