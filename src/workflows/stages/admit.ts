import { world } from '../activity-proxies';
import type { Vend } from '../vend';
import { insist } from '../steps/insist';

/** Checks the request and everything it names, before AWS is asked to create anything. */
export async function admit(vend: Vend): Promise<void> {
  const { memory } = vend;
  if (memory.admission) return;
  const { request } = memory;
  const checked = await insist(
    vend,
    { what: 'check the request', actions: ['retry', 'abandon'] },
    () =>
      world.admit.executeWithOptions({ summary: 'check the request' }, [{ request, scope: 'all' }]),
  );
  if ('answer' in checked) throw new Error('only retry and abandon were offered');
  if (!checked.value.admitted) throw vend.invalid(checked.value.problems);
  memory.admission = checked.value.admission;
  memory.organizationalUnitId = checked.value.admission.organizationalUnitId;
}
