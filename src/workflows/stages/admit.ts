import { check } from '../activity-proxies';
import { isTooLarge, LARGEST_REQUEST } from '../../domain/bounds';
import type { Vend } from '../vend';
import { insistOn } from '../steps/insist';

const TOO_LARGE = {
  field: '(whole input)',
  message: `is larger than any request: at most ${LARGEST_REQUEST / 1_000} kB as JSON; shorten it`,
};

/** Checks the request and everything it names, before AWS is asked to create anything. */
export async function admit(vend: Vend): Promise<void> {
  const { memory } = vend;
  if (memory.admission) return;
  const { request } = memory;
  // Temporal would not take it as the input of an activity, and the vend would stand still.
  if (isTooLarge(request)) throw vend.invalid([TOO_LARGE]);
  const checked = await insistOn(vend, 'check the request', () =>
    check.admit.executeWithOptions({ summary: 'check the request' }, [{ request, scope: 'all' }]),
  );
  if (!checked.admitted) throw vend.invalid(checked.problems);
  memory.admission = checked.admission;
  memory.organizationalUnitId = checked.admission.organizationalUnitId;
}
