import type { AccountKind } from '../../contract';
import type { CallPurpose, Disposition } from '../dispositions';
import type { Trouble } from './messages';

/**
 * A disposition with scope `organization`, as the gate is told of it. Denied access to
 * CreateGovCloudAccount holds back GovCloud alone.
 */
export function troubleOf(
  met: { reason: string; message: string; disposition: Disposition },
  purpose: CallPurpose,
  kind: AccountKind,
): Trouble {
  const { reason, message, disposition } = met;
  const isDenied = reason === 'AccessDeniedException' || reason === 'AccessDenied';
  const own = purpose === 'creating' ? 'creating' : 'everything';
  const isGovCloud = purpose === 'creating' && kind === 'govcloud' && isDenied;
  return {
    lane: isGovCloud ? 'govcloud' : (disposition.holds ?? own),
    reason,
    message,
    ...(disposition.recheck ? { recheck: disposition.recheck } : {}),
  };
}
