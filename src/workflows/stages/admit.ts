import { world } from '../activity-proxies';
import type { Vend } from '../vend';
import { insistOn } from '../steps/insist';

/** Checks the request and everything it names, before AWS is asked to create anything. */
export async function admit(vend: Vend): Promise<void> {
  const { memory } = vend;
  if (memory.admission) return;
  const { request } = memory;
  const checked = await insistOn(vend, 'check the request', () =>
    world.admit.executeWithOptions({ summary: 'check the request' }, [{ request, scope: 'all' }]),
  );
  if (!checked.admitted) throw vend.invalid(checked.problems);
  memory.admission = checked.admission;
  memory.organizationalUnitId = checked.admission.organizationalUnitId;
}
