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
  const holds = purpose === 'creating' && isDenied ? 'govcloud' : disposition.holds;
  // What holds back GovCloud alone must hold back whoever met it.
  const isOwn = holds === undefined || (holds === 'govcloud' && kind !== 'govcloud');
  return {
    lane: isOwn ? own : holds,
    reason,
    message,
    ...(disposition.recheck ? { recheck: disposition.recheck } : {}),
  };
}
