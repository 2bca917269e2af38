import { gateResolveSignal } from '../../../src/contract';
import { FAILURE_REASONS } from '../../../src/domain/dispositions';
import { aRequest } from '../../support/skipped';
import type { VendingOptions } from '../../support/vending';
import type { Scenario } from './creating';
import type { Recorder } from './recorder';
import { until } from '../../support/until';
import { failing, pause } from './recorder';

const OF_ALL = Object.keys(FAILURE_REASONS).filter(
  (reason) => FAILURE_REASONS[reason]?.scope === 'organization',
);
const BY_ITSELF = 'PENDING_BUSINESS_VALIDATION';

/** What holds everybody back: one after the other, in one organization. */
export const heldBack: Scenario[] = [
  async (r) => {
    for (const reason of OF_ALL.filter((one) => one !== BY_ITSELF)) {
      const name = reason.toLowerCase().replaceAll('_', '-');
      const handle = await r.vend({ ...aRequest(name), ...failing(reason, 1) });
      await r.escalated(handle, reason);
      if (reason === 'ACCOUNT_LIMIT_EXCEEDED') await othersAreHeldBack(r);
      await r.vending.resolveOrganization({ action: 'retry', by: 'ada' });
      await r.end(`${name}-answered-at-the-gate`, handle);
    }
    await r.save('gate-answers-by-update', r.gate);
  },
];

async function othersAreHeldBack(r: Recorder): Promise<void> {
  const waiting = await r.vend(aRequest('held-back'));
  await r.escalated(waiting, 'ACCOUNT_LIMIT_EXCEEDED');
  await r.save('waits-held-back', waiting);
  await r.save('gate-holds-back', r.gate);
  await r.vending.resolve(waiting, { action: 'abandon', reason: 'not needed' });
  await r.end('abandoned-while-held-back', waiting);
}

/** Others that hold everybody back, and how that ends. */
export const breaker: Scenario[] = [
  async (r) => {
    const { simulator } = r.vending;
    const first = await r.vend({ ...aRequest('pending'), ...failing(BY_ITSELF, 1) });
    await r.escalated(first, BY_ITSELF);
    await r.end('pending-business-validation-ends-by-itself', first);

    simulator.set({ managementIssue: 'MASTER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED' });
    const second = await r.vend(aRequest('refused-at-the-call'));
    await r.escalated(second);
    // Nothing is mended yet: the probe meets it again.
    await r.vending.resolveOrganization({ action: 'retry', by: 'ada' });
    await until(
      () => r.vending.gateState(),
      ({ escalation }) => (escalation?.attempts ?? 0) > 1,
    );
    simulator.set({ managementIssue: null });
    await r.gate.signal(gateResolveSignal, { action: 'retry', by: 'parent' });
    await r.end('payment-instrument-required-answered-by-signal', second);

    simulator.set({ govCloudEnabled: false });
    const request = { ...aRequest('no-pair'), kind: 'govcloud', accountName: 'no-pair' } as const;
    const third = await r.vend(request);
    await r.escalated(third);
    simulator.set({ govCloudEnabled: true });
    await r.vending.resolveOrganization({ action: 'retry' });
    await r.end('govcloud-not-enabled-held-back', third);

    simulator.set({ finalizingUntil: simulator.clock.now() + 600_000 });
    const fourth = await r.vend(aRequest('finalizing'));
    await r.escalated(fourth, 'FinalizingOrganizationException');
    simulator.set({ finalizingUntil: null });
    await r.forward(r.gate, '6m');
    await r.end('finalizing-organization-ends-by-itself', fourth);

    const refused = { name: 'ConstraintViolationException', reason: RATE };
    simulator.inject({ operation: 'CreateAccount', kind: 'error', times: 2, error: refused });
    const fifth = await r.vend(aRequest('rate-limit'));
    await r.escalated(fifth, RATE);
    await r.forward(r.gate, '61m');
    await r.end('creation-rate-limit-of-the-day-ends-by-itself', fifth);
    await r.save('gate-probes-by-itself-and-by-signal', r.gate);
  },
  async (r) => {
    const handle = await stepHeldBack(r, 'expired', 'ExpiredTokenException');
    const other = await r.vend(aRequest('behind-credentials'));
    await r.escalated(other, 'ExpiredTokenException');
    await mended(r);
    await r.end('credentials-expired-while-placing', handle);
    await r.end('credentials-expired-while-queued', other);
  },
  async (r) => {
    const handle = await stepHeldBack(r, 'wrong', 'WRONG_ORGANIZATION');
    await r.save('waits-held-back-in-placing', handle);
    await mended(r);
    await r.end('wrong-organization-while-placing', handle);
  },
  async (r) => {
    // Repeated for two minutes, and then the organization is asked.
    const error = { name: 'AccessDeniedException' };
    const { simulator } = r.vending;
    simulator.inject({ operation: 'CreateAccount', kind: 'error', times: 'always', error });
    const handle = await r.vend(aRequest('denied'));
    await r.until(handle, ({ waitingFor }) => waitingFor?.includes('AccessDenied') ?? false);
    await r.forward(handle, '3m');
    await r.escalated(handle, 'AccessDeniedException');
    await mended(r);
    await r.end('access-denied-creating', handle);
  },
];

const RATE = 'ACCOUNT_CREATION_RATE_LIMIT_EXCEEDED';

/** In an organization that no activity has looked up yet: it is remembered. */
export const unknownOrganization: Scenario[] = [
  async (r) => {
    const error = { name: 'AccessDeniedException' };
    r.vending.simulator.inject({
      operation: 'DescribeOrganization',
      kind: 'error',
      times: 'always',
      error,
    });
    const handle = await r.vend(aRequest('unknown-organization'));
    await r.until(handle, ({ waitingFor }) => waitingFor?.includes('AccessDenied') ?? false);
    await r.forward(handle, '4m');
    await r.escalated(handle, 'AccessDeniedException');
    await mended(r, async () => void (await r.vending.resolve(handle, { action: 'retry' })));
    await r.end('access-denied-before-the-organization-is-known', handle);
  },
];

/** Placing meets what concerns everybody. */
async function stepHeldBack(r: Recorder, requestId: string, name: string) {
  r.vending.simulator.inject({
    operation: 'MoveAccount',
    kind: 'error',
    times: 'always',
    error: { name },
  });
  const handle = await r.vend({ ...aRequest(requestId), organizationalUnit: 'Sandbox' });
  await r.escalated(handle, name);
  return handle;
}

async function mended(
  r: Recorder,
  answer = async () => void (await r.vending.resolveOrganization({ action: 'retry', by: 'ada' })),
): Promise<void> {
  r.vending.simulator.clearFaults();
  await answer();
}

/** The gate looks after those that say nothing, and goes on after one that was terminated. */
export const gateLooks: Scenario[] = [
  async (r) => {
    const five = await Promise.all(
      ['a', 'b', 'c', 'd', 'e'].map((id) => r.vend(aRequest(`${id}-creates`, 'slow-8'))),
    );
    for (const handle of five) {
      await r.until(handle, ({ createAccountRequestIds: ids }) => ids.length > 0);
    }
    const waiting = await r.vend(aRequest('waits'));
    await r.until(waiting, ({ waitingFor }) => waitingFor?.includes('it is the next') ?? false);
    await r.save('waits-in-queued', waiting);
    await r.save('gate-with-pending-grants', r.gate);
    const cancelled = await r.vend(aRequest('cancelled'));
    await r.until(cancelled, ({ waitingFor }) => waitingFor?.includes('before it') ?? false);
    await cancelled.cancel();
    await r.end('cancelled-in-queued', cancelled);
    await five[0]?.terminate();
    await r.forward(r.gate, '4m');
    await pause(300);
    await r.save('gate-looks-after-the-dead', r.gate);
    await r.gate.terminate();
    await r.forward(waiting, '4m');
    await pause(300);
    await r.save('waits-in-queued-gate-terminated', waiting);
    await r.end('queued-at-a-new-gate', waiting);
    // They have been told as overdue, and look every five minutes.
    for (const handle of five.slice(1)) {
      await r.forward(handle, '6m');
      await handle.result();
    }
    await r.save('gate-begun-anew', r.gate);
  },
];

/** More calls in a day than are allowed. */
export const daily: Scenario[] = [
  async (r) => {
    await r.vending.vend(aRequest('today'));
    const handle = await r.vend(aRequest('tomorrow'));
    await r.escalated(handle, 'DAILY_CREATIONS_SPENT');
    await r.vending.resolveOrganization({ action: 'retry', by: 'ada' });
    await r.end('daily-creations-spent-answered-at-the-gate', handle);
  },
];
export const dailyOptions: VendingOptions = { configuration: { creation: { perDay: 1 } } };
