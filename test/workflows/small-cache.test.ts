import { OwnReason } from '../../src/contract';
import { withDevServer } from '../support/temporal';
import { Vending } from '../support/vending';

test('more vends than the worker keeps in memory all wait, and all take an answer', async () => {
  await withDevServer(async (temporal) => {
    const vending = await Vending.start(temporal, {
      skipped: false,
      simulator: { knobs: { creationMs: 50 } },
      configuration: {
        worker: { maxCachedWorkflows: 10 },
        creation: { poll: { initial: '100ms', max: '300ms' } },
      },
    });
    try {
      const ids = Array.from({ length: 15 }, (_, n) => `crowd-${n}`);
      vending.simulator.addOrganizationalUnit('Workloads');
      const elsewhere = vending.simulator.addOrganizationalUnit('Sandbox');
      const handles = await Promise.all(
        ids.map((id) => {
          const existingAccountId = vending.simulator.addAccount({
            email: `${id}@example.com`,
            parentId: elsewhere,
          });
          return vending.begin({
            requestId: id,
            existingAccountId,
            organizationalUnit: 'Workloads',
            conformance: false,
          });
        }),
      );
      // One after the other: looks at all of them at once would put each out of memory that the next one needs.
      for (const handle of handles) await vending.escalated(handle, OwnReason.ALREADY_PLACED);
      expect(vending.cachedWorkflows).toBeGreaterThan(0);
      expect(vending.cachedWorkflows).toBeLessThanOrEqual(10);
      for (const handle of handles) {
        await vending.resolve(handle, { action: 'abandon', reason: 'enough', by: 'us' });
      }
      const ends = await Promise.allSettled(handles.map((handle) => handle.result()));
      expect(ends.map(({ status }) => status)).toEqual(ids.map(() => 'rejected'));
      expect(vending.cachedWorkflows).toBeLessThanOrEqual(10);
    } finally {
      await vending.close();
    }
  });
});
