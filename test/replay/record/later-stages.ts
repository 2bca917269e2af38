import type { VendingOptions } from '../../support/vending';
import { aRequest } from '../../support/skipped';
import type { Scenario } from './creating';
import { pause } from './recorder';

const CONTACT = { name: 'Ada', title: 'CTO', email: 'ada@example.org', phone: '030 123' };
const REGION = 'af-south-1';

/** Where accounts can be used at once, and regions take two seconds. */
export const placingAndSettling: Scenario[] = [
  async (r) => {
    const gone = r.vending.simulator.addOrganizationalUnit('Gone');
    const handle = await r.vend({ ...aRequest('unit-gone', 'slow-1'), organizationalUnit: gone });
    await r.until(handle, ({ createAccountRequestIds }) => createAccountRequestIds.length > 0);
    r.vending.simulator.removeOrganizationalUnit(gone);
    await r.escalated(handle, 'DestinationParentNotFoundException');
    await r.save('waits-for-person-in-placing', handle);
    const changes = { organizationalUnit: 'Sandbox' };
    await r.vending.resolve(handle, { action: 'amend', changes });
    await r.end('unit-gone-amended', handle);
  },
  async (r) => {
    const gone = r.vending.simulator.addOrganizationalUnit('Lost');
    const handle = await r.vend({ ...aRequest('unit-lost', 'slow-1'), organizationalUnit: gone });
    await r.until(handle, ({ createAccountRequestIds }) => createAccountRequestIds.length > 0);
    r.vending.simulator.removeOrganizationalUnit(gone);
    await r.escalated(handle, 'DestinationParentNotFoundException');
    await r.vending.resolve(handle, { action: 'waive', stage: 'placing', reason: 'on purpose' });
    await r.end('unit-gone-placing-waived', handle);
  },
  async (r) => {
    const handle = await r.vend(brought(r, 'standing'));
    await r.escalated(handle, 'ALREADY_PLACED');
    await r.vending.resolve(handle, { action: 'waive', stage: 'placing', reason: 'on purpose' });
    await r.end('already-placed-waived', handle);
  },
  async (r) => {
    const handle = await r.vend(brought(r, 'moving'));
    await r.escalated(handle, 'ALREADY_PLACED');
    await r.vending.resolve(handle, { action: 'retry' });
    await r.end('already-placed-moved', handle);
  },
  async (r) => {
    r.vending.simulator.inject({
      operation: 'MoveAccount',
      kind: 'error',
      times: 4,
      error: { name: 'SourceParentNotFoundException' },
    });
    const handle = await r.vend({ ...aRequest('mover'), organizationalUnit: 'Sandbox' });
    await r.until(handle, ({ waitingFor }) => waitingFor?.includes('SourceParent') ?? false);
    await r.save('waits-in-placing', handle);
    await handle.cancel();
    await r.end('cancelled-in-placing', handle);
    r.vending.simulator.clearFaults();
  },
  async (r) => {
    // Repeated for two minutes, and then the requester is asked.
    const error = { name: 'AccessDeniedException' };
    const { simulator } = r.vending;
    simulator.inject({ operation: 'MoveAccount', kind: 'error', times: 'always', error });
    const handle = await r.vend({ ...aRequest('denied'), organizationalUnit: 'Sandbox' });
    await r.until(handle, ({ waitingFor }) => waitingFor?.includes('AccessDenied') ?? false);
    await r.forward(handle, '3m');
    await r.escalated(handle, 'AccessDeniedException');
    simulator.clearFaults();
    await r.vending.resolve(handle, { action: 'retry' });
    await r.end('access-denied-placing-retried', handle);
  },
  async (r) => {
    const request = { ...aRequest('settled'), alternateContacts: { security: CONTACT } };
    const handle = await r.vend({ ...request, regions: [REGION] });
    await r.until(handle, ({ waitingFor }) => waitingFor?.includes(REGION) ?? false);
    await r.save('waits-in-settling', handle);
    await pause(2_000);
    await r.forward(handle, '1m');
    await r.end('vend-settled', handle);
  },
  async (r) => {
    const handle = await r.vend({ ...aRequest('cancel-settling'), regions: [REGION] });
    await r.until(handle, ({ waitingFor }) => waitingFor?.includes(REGION) ?? false);
    await handle.cancel();
    await r.end('cancelled-in-settling', handle);
  },
  async (r) => {
    r.vending.simulator.inject({
      operation: 'PutAlternateContact',
      kind: 'error',
      times: 2,
      error: { name: 'ValidationException' },
    });
    const contacts = { alternateContacts: { billing: CONTACT } };
    const handle = await r.vend({ ...aRequest('contacts'), ...contacts });
    await r.escalated(handle, 'ValidationException');
    await r.save('waits-for-person-in-settling', handle);
    await r.vending.resolve(handle, { action: 'amend', changes: contacts });
    // The amended ones are refused as well.
    await r.until(handle, ({ escalation }) => escalation?.id === 'e2');
    await r.vending.resolve(handle, { action: 'waive', stage: 'settling', reason: 'later' });
    await r.end('contacts-refused-amended-then-waived', handle);
  },
];

function brought(r: Parameters<Scenario>[0], requestId: string) {
  const { simulator } = r.vending;
  const parentId = simulator.addOrganizationalUnit(`Elsewhere/${requestId}`);
  const id = simulator.addAccount({ email: `${requestId}@example.com`, parentId });
  const conformance = false as const;
  return { requestId, existingAccountId: id, organizationalUnit: 'Sandbox', conformance };
}

export const settlingOptions: VendingOptions = { simulator: { knobs: { regionOptMs: 2_000 } } };

/** Accounts that are usable late, and regions that never are. */
export const readying: Scenario[] = [
  async (r) => {
    notUsable(r);
    const handle = await r.vend(aRequest('late'));
    await r.until(handle, ({ waitingFor }) => waitingFor?.includes('AssumeRole') ?? false);
    await r.save('waits-in-readying', handle);
    await r.escalated(handle, 'READINESS_DEADLINE');
    await r.save('waits-for-person-in-readying', handle);
    r.vending.simulator.clearFaults();
    await r.vending.resolve(handle, { action: 'retry' });
    await r.end('readiness-deadline-retried', handle);
  },
  async (r) => {
    notUsable(r);
    const handle = await r.vend(aRequest('waived'));
    await r.escalated(handle, 'READINESS_DEADLINE');
    await r.vending.resolve(handle, { action: 'waive', stage: 'readying', reason: 'sandbox' });
    await r.end('readiness-deadline-waived', handle);
  },
  async (r) => {
    const handle = await r.vend(aRequest('cancel-readying'));
    await r.until(handle, ({ stage }) => stage === 'readying');
    await handle.cancel();
    await r.end('cancelled-in-readying', handle);
  },
  async (r) => {
    r.vending.simulator.clearFaults();
    const handle = await r.vend({ ...aRequest('region'), regions: [REGION] });
    await r.until(handle, ({ waitingFor }) => waitingFor?.includes(REGION) ?? false);
    await r.forward(handle, '130m');
    await r.escalated(handle, 'REGIONS_DEADLINE');
    await r.vending.resolve(handle, { action: 'waive', stage: 'settling', reason: 'later' });
    await r.end('regions-deadline-waived', handle);
  },
];

function notUsable(r: Parameters<Scenario>[0]): void {
  const error = { name: 'AccessDenied' };
  r.vending.simulator.inject({ operation: 'AssumeRole', kind: 'error', times: 'always', error });
}

export const readyingOptions: VendingOptions = {
  simulator: { knobs: { regionOptMs: 86_400_000 } },
  configuration: { readiness: { assumeRole: true, deadline: '1s' } },
};
