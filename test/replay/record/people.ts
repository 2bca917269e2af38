import type { WorkflowHandle } from '@temporalio/client';
import { approveSignal, approveUpdate, rejectSignal, rejectUpdate } from '../../../src/contract';
import { startReceiver } from '../../support/receiver';
import type { Receiver } from '../../support/receiver';
import { aRequest } from '../../support/skipped';
import type { VendingOptions } from '../../support/vending';
import type { Scenario } from './creating';
import type { Recorder } from './recorder';
import { until } from '../../support/until';
import { failing } from './recorder';

/** Where a person approves first, and people are told by a webhook. */
export async function withReceiver(
  work: (options: VendingOptions, scenarios: Scenario[]) => Promise<void>,
): Promise<void> {
  const receiver = await startReceiver();
  const options: VendingOptions = {
    configuration: {
      approval: { required: true },
      escalation: { notify: [{ type: 'webhook', url: receiver.url }] },
    },
  };
  try {
    await work(options, approvals(receiver));
  } finally {
    await receiver.close();
  }
}

function approvals(receiver: Receiver): Scenario[] {
  return [
    async (r) => {
      const handle = await approving(r, 'approved', 'fail-invalid-email-1x');
      await r.save('waits-in-approving', handle);
      await handle.executeUpdate(approveUpdate, { args: [{ by: 'ada' }] });
      await r.escalated(handle, 'INVALID_EMAIL');
      await r.forward(handle, '25h');
      await r.vending.resolve(handle, { action: 'retry' });
      await r.end('approved-then-reminded-and-retried', handle);
      const [delivered] = await deliveries(r, 'approved');
      await delivered?.result();
      if (delivered) await r.save('notification-delivered', delivered);
    },
    async (r) => {
      const handle = await approving(r, 'approved-by-signal');
      await handle.signal(approveSignal, { by: '' });
      await handle.signal(approveSignal, { by: 'parent' });
      await r.end('approved-by-signal', handle);
    },
    async (r) => {
      const handle = await approving(r, 'rejected');
      await handle.signal(rejectSignal, { by: 'parent', reason: 'too many' });
      await r.end('approval-refused-by-signal', handle);
    },
    async (r) => {
      const handle = await approving(r, 'rejected-by-update');
      await handle.executeUpdate(rejectUpdate, { args: [{ by: 'ada', reason: 'too many' }] });
      await r.end('approval-refused-by-update', handle);
    },
    async (r) => {
      const handle = await approving(r, 'expired');
      await r.forward(handle, '8d');
      await r.end('approval-expired', handle);
    },
    async (r) => {
      const handle = await approving(r, 'cancelled');
      await handle.cancel();
      await r.end('cancelled-in-approving', handle);
    },
    async (r) => {
      receiver.answer = { status: 500, headers: { 'retry-after': '3600' } };
      const handle = await approving(r, 'untold');
      const [delivering] = await deliveries(r, 'untold');
      if (!delivering) throw new Error('people were not told');
      await r.save('notification-waits', delivering);
      await r.forward(delivering, '4d');
      await delivering.result().catch(() => undefined);
      await r.save('notification-not-delivered', delivering);
      receiver.answer = { status: 204 };
      await handle.cancel();
    },
    async (r) => {
      const request = { ...aRequest('organizations'), ...failing('MISSING_PAYMENT_INSTRUMENT', 1) };
      const handle = await r.vend(request);
      await r.until(handle, ({ stage }) => stage === 'approving');
      await handle.executeUpdate(approveUpdate, { args: [{ by: 'ada' }] });
      await r.escalated(handle, 'MISSING_PAYMENT_INSTRUMENT');
      await r.vending.resolveOrganization({ action: 'retry', by: 'ada' });
      await handle.result();
      await r.save('gate-tells-people', r.gate);
    },
  ];
}

async function approving(r: Recorder, requestId: string, word = '') {
  const handle = await r.vend(aRequest(requestId, word));
  await r.until(handle, ({ stage }) => stage === 'approving');
  return handle;
}

/** The workflows that tell people of a request. */
async function deliveries(r: Recorder, requestId: string): Promise<WorkflowHandle[]> {
  const { workflow } = r.dev.client;
  const query = `WorkflowType = 'deliverNotification' AND VendRequestId = '${requestId}'`;
  return until(
    async () => {
      const all: WorkflowHandle[] = [];
      for await (const { workflowId } of workflow.list({ query })) {
        all.push(workflow.getHandle(workflowId));
      }
      return all;
    },
    (all) => all.length > 0,
  );
}
