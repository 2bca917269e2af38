import type { Amendment, Resolution, VendRequest } from '../../contract';
import { amendableFields, isOfTheIdentity, withAmendment } from '../../domain/amendment';
import { withAsked } from '../../domain/earlier-run';
import { check } from '../activity-proxies';
import type { Answer } from '../answers';
import type { Vend } from '../vend';
import { timeMs } from '../time';

/**
 * Carries out an `amend`: the amended request is checked as a whole by the activity that admitted
 * the first one. What does not fit is refused, the escalation stays open, and nothing is lost.
 */
export async function amend(vend: Vend, answer: Answer, lookedFor: boolean): Promise<void> {
  const changes = changesOf(answer.resolution);
  const allowed = amendableFields(vend.memory, timeMs(), lookedFor);
  const fields = Object.keys(changes) as (keyof Amendment)[];
  const tooLate = fields.filter((field) => !allowed.includes(field));
  if (tooLate.length > 0) {
    const now = allowed.length > 0 ? `; now these can: ${allowed.join(', ')}` : '';
    answer.refuse(`changes.${tooLate[0]} cannot be amended any more, or not yet${now}`);
    return;
  }
  const request: VendRequest = { ...vend.memory.request, ...changes };
  const checked = await check.admit.executeWithOptions({ summary: 'check the amendment' }, [
    { request, scope: changes.conformance === undefined ? 'without-conformance' : 'all' },
  ]);
  if (!checked.ok) {
    answer.refuse(
      `the amendment could not be checked: AWS said ${checked.error.name} to ${checked.error.operation}`,
    );
  } else if (!checked.value.admitted) {
    answer.refuse(
      checked.value.problems.map(({ field, message }) => `${field} ${message}`).join('; '),
    );
  } else {
    // What the configuration says stays as it was at the start, but for what was amended.
    const { request: admitted, organizationalUnitId, conformance } = checked.value.admission;
    const { settling } = checked.value.admission;
    const before = vend.admission.request;
    const isMoving = changes.organizationalUnit !== undefined;
    const isSettling = changes.alternateContacts !== undefined || changes.regions !== undefined;
    vend.memory.admission = {
      ...vend.admission,
      ...(isSettling ? { settling: settling ?? { contacts: [], regions: [] } } : {}),
      request: withAmendment(before, admitted, changes),
      ...(isMoving ? { organizationalUnitId } : {}),
      ...(changes.conformance === undefined ? {} : { conformance }),
    };
    if (changes.email !== undefined) vend.memory.emailChanged = true;
    const { creation } = vend.memory;
    if (creation && fields.some(isOfTheIdentity)) {
      // AWS may show late what was asked for under the address before.
      creation.earlier = withAsked(creation.earlier, [before]);
    }
    vend.memory.request = request;
    if (isMoving) vend.memory.organizationalUnitId = organizationalUnitId;
    await vend.accept(answer, fields.join(', '));
  }
}

export function changesOf(resolution: Resolution): Amendment {
  return resolution.action === 'amend' ? resolution.changes : {};
}
