import type { WorkflowHandle } from '@temporalio/client';
import {
  batchApplyUpdate,
  batchStateQuery,
  batchWorkflowId,
  vendWorkflowId,
} from '../../../src/contract';
import type { ApplyManifest, BatchState } from '../../../src/contract';
import type { vendBatch } from '../../../src/workflows';
import { aRequest } from '../../support/skipped';
import type { Scenario } from './creating';
import type { Recorder } from './recorder';
import { until } from '../../support/until';

type BatchHandle = WorkflowHandle<typeof vendBatch>;

export const batches: Scenario[] = [
  async (r) => {
    const accounts = ['one', 'two', 'three'].map((id) => aRequest(`straight-${id}`));
    const handle = await begin(r, 'straight', { accounts, requestedBy: 'ada' });
    await handle.result();
    await r.save('batch-straight', handle);
    await r.save('vend-of-a-batch', { workflowId: vendWorkflowId('straight-one') });
  },
  async (r) => {
    const held = aRequest('held', 'fail-invalid-email');
    const handle = await begin(r, 'applied', { accounts: [held, aRequest('first')] });
    await reaches(handle, ({ counts }) => counts.done === 1 && counts.needPerson === 1);
    await r.save('batch-waits-for-a-person', handle);
    const apply = (message: Partial<ApplyManifest>) =>
      handle.executeUpdate(batchApplyUpdate, {
        args: [{ name: 'applied', accounts: [], ...message }],
      });
    await apply({ accounts: [held, aRequest('first')] });
    await apply({ accounts: [aRequest('second')] });
    await apply({ name: 'other' }).catch(() => undefined);
    await reaches(handle, ({ counts }) => counts.done === 2);
    const vend = r.dev.client.workflow.getHandle(vendWorkflowId('held'));
    await r.vending.resolve(vend, { action: 'abandon', reason: 'x' });
    await handle.result();
    await r.save('batch-applied-again', handle);

    const mended = { ...held, email: 'mended@example.com' };
    const again = await begin(r, 'applied', { accounts: [mended], restart: ['held'] });
    await again.result();
    await r.save('batch-restarts', again);
    await r.save('vend-started-again-after-it-was-abandoned', {
      workflowId: vendWorkflowId('held'),
    });
  },
  async (r) => {
    const accounts = ['a', 'b'].map((id) => aRequest(`cancelled-${id}`, 'fail-invalid-email'));
    const handle = await begin(r, 'cancelled', { accounts });
    await reaches(handle, ({ counts }) => counts.needPerson === 2);
    await handle.cancel();
    await handle.result().catch(() => undefined);
    await r.save('batch-cancelled', handle);
  },
  async (r) => {
    const theirs = await r.vend(aRequest('theirs', 'fail-invalid-email'));
    await r.escalated(theirs);
    const bad = { ...aRequest('bad'), organizationalUnit: 'No/Such' };
    const accounts = [bad, aRequest('theirs', 'fail-invalid-email'), aRequest('gone', 'slow-9')];
    const handle = await begin(r, 'mixed', { accounts });
    await reaches(handle, ({ counts }) => counts.needPerson === 1 && counts.endedOtherwise === 1);
    await r.dev.client.workflow.getHandle(vendWorkflowId('gone')).terminate();
    await theirs.terminate();
    await r.forward(handle, '2h');
    await handle.result();
    await r.save('batch-of-bad-and-terminated-ones', handle);
  },
  async (r) => {
    const accounts = [{ requestId: 'Not One' }] as ApplyManifest['accounts'];
    const handle = await begin(r, 'refused', { accounts });
    await handle.result().catch(() => undefined);
    await r.save('batch-refused', handle);
  },
];

function begin(r: Recorder, name: string, manifest: Omit<ApplyManifest, 'name'>) {
  return r.dev.client.workflow.start<typeof vendBatch>('vendBatch', {
    taskQueue: r.vending.taskQueue,
    workflowId: batchWorkflowId(name),
    args: [{ name, ...manifest }],
  });
}

function reaches(handle: BatchHandle, test: (state: BatchState) => boolean): Promise<BatchState> {
  return until(() => handle.query(batchStateQuery), test);
}

/** Where the server suggests it soon, everything continues as new. */
export const longRuns: Scenario[] = [
  async (r) => {
    r.vending.simulator.putConformancePack({ name: 'Slow', region: 'us-east-1', deployMs: 8_000 });
    const accounts = Array.from({ length: 12 }, (_, n) => ({
      ...aRequest(`long-${n}`),
      conformance: {},
    }));
    const handle = await begin(r, 'long', { accounts });
    await handle.result();
    await r.saveRuns('gate-continues-as-new', r.gate.workflowId);
    await r.saveRuns('batch-continues-as-new', handle.workflowId);
    await r.saveRuns('watch-continues-as-new', r.watch().workflowId);
  },
];

/** With its time skipped, since it waits for an hour. */
export const longVend: Scenario[] = [
  async (r) => {
    const handle = await r.vend(aRequest('patient'));
    await handle.result();
    await r.saveRuns('vend-continues-as-new', handle.workflowId);
  },
];
