import { OwnReason } from '../../contract';
import { judgeFailureReason } from '../../domain/dispositions';
import type { Disposition } from '../../domain/dispositions';

/** Why there is no account yet. */
export interface Setback {
  reason: string;
  disposition: Disposition;
  /** What AWS said, for a person. */
  detail: string;
  /** An account of this organization has the address and not our tag. */
  isForeign?: boolean;
  /** It never reached AWS: no call was spent. */
  isNotSent?: boolean;
}

/** What a FAILED creation means. */
export function setbackOf(failureReason: string | undefined, id: string): Setback {
  return {
    reason: failureReason ?? OwnReason.FAILED_WITHOUT_REASON,
    disposition: judgeFailureReason(failureReason),
    detail: `AWS ended ${id} as FAILED.`,
  };
}
