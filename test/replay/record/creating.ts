import { randomUUID } from 'node:crypto';
import type { VendingOptions } from '../../support/vending';
import { resolveSignal } from '../../../src/contract';
import type { VendRequest } from '../../../src/contract';
import { aRequest } from '../../support/skipped';
import type { Recorder } from './recorder';
import { until } from '../../support/until';
import { failing, pause } from './recorder';

/** One branch: what it is called, and how a vend gets there. */
export type Scenario = (r: Recorder) => Promise<void>;

export const creating: Scenario[] = [
  async (r) => {
    const request = { ...aRequest('straight'), organizationalUnit: 'Sandbox', tags: { Team: 'a' } };
    const handle = await r.vend({
      ...request,
      notifyWorkflow: { workflowId: 'nobody', signal: 'x' },
    });
    await r.end('vend-straight', handle);
    await reset(r, handle.workflowId, handle.firstExecutionRunId);
    await r.end('vend-reset', r.dev.client.workflow.getHandle(handle.workflowId));
  },
  async (r) => {
    const request: VendRequest = { ...aRequest('pair'), kind: 'govcloud', accountName: 'pair-1' };
    await r.end('vend-govcloud', await r.vend(request));
  },
  async (r) => {
    const id = r.vending.simulator.addAccount({ email: 'brought-in@example.com' });
    const request = { requestId: 'brought-in', existingAccountId: id, conformance: false } as const;
    await r.end('vend-existing-account', await r.vend(request));
  },

  // What the requester is asked, and every answer.
  async (r) => {
    const handle = await r.vend(aRequest('amended', 'fail-email-already-exists'));
    await r.escalated(handle);
    await r.save('waits-for-person-in-creating', handle);
    await r.vending
      .resolve(handle, { action: 'adopt', accountId: '999999999999' })
      .catch(() => undefined);
    await r.save('waits-for-person-after-a-refused-update', handle);
    await r.vending.resolve(handle, { action: 'amend', changes: { email: 'free@example.com' } });
    await r.end('email-already-exists-amended-after-a-refused-update', handle);
  },
  async (r) => {
    const handle = await r.vend(aRequest('by-signal', 'fail-invalid-email-1x'));
    await r.escalated(handle);
    // The first one does not fit.
    await handle.signal(resolveSignal, { action: 'waive', pack: 'x', reason: 'y' });
    await handle.signal(resolveSignal, { action: 'retry', by: 'parent' });
    await r.end('invalid-email-retry-by-signal', handle);
  },
  async (r) => {
    const request = { ...aRequest('adopting'), ...failing('GOVCLOUD_ACCOUNT_ALREADY_EXISTS', 9) };
    const handle = await r.vend(request);
    await r.escalated(handle);
    const accountId = r.vending.simulator.addAccount({ email: request.email });
    await r.vending.resolve(handle, { action: 'adopt', accountId, by: 'ada' });
    await r.end('govcloud-account-already-exists-adopted', handle);
  },
  async (r) => {
    const reason = 'UPDATE_EXISTING_RESOURCE_POLICY_WITH_TAGS_NOT_SUPPORTED';
    const handle = await r.vend({ ...aRequest('abandoning'), ...failing(reason, 9) });
    await r.escalated(handle);
    await r.vending.resolve(handle, { action: 'abandon', reason: 'not needed' });
    await r.end('resource-policy-with-tags-abandoned', handle);
  },
  async (r) => {
    const handle = await r.vend(aRequest('abandon-signal', 'fail-without-reason'));
    await r.escalated(handle, 'FAILED_WITHOUT_REASON');
    await handle.signal(resolveSignal, { action: 'abandon', reason: 'not needed', by: 'parent' });
    await r.end('failed-without-reason-abandon-by-signal', handle);
  },
  async (r) => {
    const request = aRequest('closed');
    const tags = { 'account-vending:request-id': 'closed' };
    r.vending.simulator.addAccount({ email: request.email, tags, state: 'CLOSED' });
    const handle = await r.vend(request);
    await r.escalated(handle, 'ACCOUNT_NOT_ACTIVE');
    await r.vending.resolve(handle, { action: 'abandon', reason: 'closed on purpose' });
    await r.end('account-not-active-while-creating-abandoned', handle);
  },
  async (r) => {
    const conformance = { regions: ['af-south-1'] };
    const handle = await r.vend({ ...aRequest('not-enabled'), conformance });
    await r.until(handle, ({ waitingFor }) => waitingFor?.includes('REGION_NOT') ?? false);
    await r.forward(handle, '3m');
    await r.escalated(handle, 'CONFORMANCE_REGION_NOT_ENABLED');
    await r.vending.resolve(handle, { action: 'abandon', reason: 'another region' });
    await r.end('region-not-enabled-abandoned', handle);
  },
  asksAndIsRetried('internal-failure', 'INTERNAL_FAILURE', 2),
  asksAndIsRetried('concurrent-account-modification', 'CONCURRENT_ACCOUNT_MODIFICATION', 2),
  asksAndIsRetried('reason-never-seen', 'NEVER_SEEN_BEFORE', 1),
  async (r) => {
    const request = aRequest('internal-once', 'fail-internal-failure-1x');
    await r.end('internal-failure-retried-by-itself', await r.vend(request));
  },

  // Refused for the moment.
  async (r) => r.end('throttled-and-repeated', await r.vend(aRequest('throttled', 'throttle-1'))),
  async (r) => r.end('concurrent-and-repeated', await r.vend(aRequest('busy', 'concurrent-1'))),
  refusedOnce('tag-policy-retried', 'ConstraintViolationException', 'TAG_POLICY_VIOLATION'),
  refusedOnce('exception-never-seen-retried', 'NeverSeenException'),

  // Lost answers.
  async (r) => r.end('lost-answer-found', await r.vend(aRequest('found', 'drop-after-commit'))),
  async (r) => r.end('lost-answer-resent', await r.vend(aRequest('resent', 'drop-before-commit'))),
  async (r) => {
    const handle = await r.vend(aRequest('unclear', 'drop-before-commit-2x'));
    await r.escalated(handle, 'OUTCOME_UNCLEAR');
    await r.save('waits-for-person-outcome-unclear', handle);
    await r.vending.resolve(handle, { action: 'retry' });
    await r.end('outcome-unclear-retried', handle);
  },
  async (r) => {
    const handle = await r.vend(aRequest('cancel-lost', 'drop-after-commit'));
    await r.until(handle, ({ history }) => history.some(({ note }) => note?.includes('was lost')));
    await handle.cancel();
    await r.end('cancelled-after-a-lost-answer', handle);
  },

  // Accounts of others, and other requests.
  async (r) => {
    const request = aRequest('foreign');
    const tags = { 'account-vending:request-id': 'another' };
    r.vending.simulator.addAccount({ email: request.email, tags });
    const handle = await r.vend(request);
    await r.escalated(handle, 'ACCOUNT_NOT_OURS');
    await r.vending.resolve(handle, { action: 'amend', changes: { email: 'own@example.com' } });
    await r.end('account-not-ours-amended', handle);
  },
  async (r) => {
    const request = aRequest('first', 'fail-failed-for-once-1x');
    const { email } = request;
    const first = await r.vend(request);
    await r.escalated(first);
    await r.end('email-in-flight', await r.vend({ ...aRequest('second'), email }));
    const third = await r.vend(aRequest('third', 'fail-invalid-email'));
    await r.escalated(third, 'INVALID_EMAIL');
    await r.vending.resolve(third, { action: 'amend', changes: { email } });
    await r.escalated(third, 'EmailInFlight');
    await r.vending.resolve(third, { action: 'amend', changes: { email: 'third@example.com' } });
    await r.end('email-in-flight-amended', third);
    await r.vending.resolve(first, { action: 'abandon', reason: 'not needed' });
  },
  async (r) => {
    const handle = await r.vend(aRequest('overdue', 'slow-8'));
    await r.until(handle, ({ createAccountRequestIds }) => createAccountRequestIds.length > 0);
    await r.save('waits-in-creating', handle);
    await r.escalated(handle, 'OVERDUE');
    // From here on it looks every five minutes.
    await pause(5_000);
    await r.forward(handle, '6m');
    await r.end('overdue-ended-by-itself', handle);
  },
  async (r) => {
    const first = await r.vend(aRequest('twin', 'slow-2'), 'parent-one');
    await r.until(first, ({ createAccountRequestIds }) => createAccountRequestIds.length > 0);
    const second = await r.vend(aRequest('twin', 'slow-2'), 'parent-two');
    await r.until(second, ({ waitingFor }) => waitingFor?.includes('parent-one') ?? false);
    await r.end('twin-first', first);
    await r.forward(second, '1m');
    await r.end('twin-takes-what-the-first-made', second);
    await listed(r, 'twin', 2);
    await r.end('request-conflict', await r.vend(aRequest('twin', 'other'), 'parent-three'));
  },
  async (r) => {
    const request = { ...aRequest('invalid'), organizationalUnit: 'No/Such', roleName: '!' };
    await r.end('invalid-vend-request', await r.vend(request));
  },

  // Cancelled.
  async (r) => {
    const handle = await r.vend(aRequest('cancel-creating', 'slow-3'));
    await r.until(handle, ({ createAccountRequestIds }) => createAccountRequestIds.length > 0);
    await handle.cancel();
    await r.until(handle, ({ stage }) => stage === 'cancelling');
    await r.save('waits-in-cancelling', handle);
    await r.end('cancelled-in-creating', handle);
  },
  async (r) => {
    const handle = await r.vend(aRequest('cancel-asked', 'fail-invalid-email'));
    await r.escalated(handle);
    await handle.cancel();
    await r.end('cancelled-while-a-person-is-asked', handle);
  },
];

function asksAndIsRetried(name: string, reason: string, times: number): Scenario {
  return async (r) => {
    const handle = await r.vend({ ...aRequest(name), ...failing(reason, times) });
    await r.escalated(handle, reason);
    await r.vending.resolve(handle, { action: 'retry', by: 'ada' });
    await r.end(`${name}-retried`, handle);
  };
}

function refusedOnce(name: string, exception: string, reason?: string): Scenario {
  return async (r) => {
    r.vending.simulator.inject({
      operation: 'CreateAccount',
      match: { requestTag: name },
      kind: 'error',
      error: { name: exception, ...(reason ? { reason } : {}) },
    });
    const handle = await r.vend(aRequest(name));
    await r.escalated(handle);
    await r.vending.resolve(handle, { action: 'retry' });
    await r.end(name, handle);
  };
}

/** Lists lag about a second. */
async function listed(r: Recorder, requestId: string, count: number): Promise<void> {
  const query = `VendRequestId = '${requestId}' AND ExecutionStatus = 'Completed'`;
  await until(
    () => r.dev.client.workflow.count(query),
    (seen) => seen.count >= count,
  );
  await pause(200);
}

/** To the end of its first workflow task. */
async function reset(r: Recorder, workflowId: string, runId: string): Promise<void> {
  const { events } = await r.dev.client.workflow.getHandle(workflowId, runId).fetchHistory();
  const point = events?.find(({ workflowTaskCompletedEventAttributes: task }) => task);
  await r.dev.connection.workflowService.resetWorkflowExecution({
    namespace: r.dev.namespace,
    workflowExecution: { workflowId, runId },
    reason: 'recorded',
    workflowTaskFinishEventId: point?.eventId ?? null,
    requestId: randomUUID(),
  });
}

/** As many calls as one request may make, and then a person. */
export const budget: Scenario[] = [
  async (r) => {
    const handle = await r.vend(aRequest('budget', 'fail-internal-failure-2x'));
    await r.escalated(handle, 'CREATION_BUDGET_SPENT');
    await r.vending.resolve(handle, { action: 'retry' });
    await r.end('creation-budget-spent-retried', handle);
  },
];
export const budgetOptions: VendingOptions = {
  configuration: { creation: { perVend: 2, retry: { initial: '100ms', attempts: 50 } } },
};

/** SUCCEEDED, and no second id. */
export const pairs: Scenario[] = [
  async (r) => {
    const request = { ...aRequest('lone'), kind: 'govcloud', accountName: 'lone-1' } as const;
    const handle = await r.vend(request);
    await r.until(handle, ({ accountId }) => accountId !== undefined);
    await r.escalated(handle, 'GOVCLOUD_ACCOUNT_UNKNOWN');
    await r.vending.resolve(handle, { action: 'abandon', reason: 'one is enough' });
    await r.end('govcloud-account-unknown-abandoned', handle);
  },
];
export const pairOptions: VendingOptions = {
  simulator: { knobs: { govCloudIdLagLooks: 10_000, govCloudCreationMs: 200 } },
};
