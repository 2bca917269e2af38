import { CloseAccountCommand } from '@aws-sdk/client-organizations';
import type { VendState } from '../../../src/contract';
import { aRequest } from '../../support/skipped';
import type { VendingOptions } from '../../support/vending';
import { destroyClients, organizationsClient } from '../../simulator/clients';
import type { Scenario } from './creating';
import type { Recorder } from './recorder';
import { until } from '../../support/until';
import { pause } from './recorder';

const region = 'us-east-1';
const NO_RECORDER = {
  errorCode: 'NoAvailableConfigurationRecorderException',
  errorMessage: 'Configuration recorder is not available.',
};
const BROKEN = { errorCode: 'Broken', errorMessage: 'broken' };
const HOUR = 3_600_000;

type Pack = Parameters<Recorder['vending']['simulator']['putConformancePack']>[0];

export const conforming: Scenario[] = [
  async (r) => {
    put(r, 'Baseline', { deployMs: 6_000 });
    const handle = await r.vend({ ...aRequest('covered'), conformance: { packs: ['Baseline'] } });
    await r.until(handle, ({ conformance }) => conformance?.[0]?.status === 'CREATE_IN_PROGRESS');
    await r.save('waits-in-conforming', handle);
    await r.save('watch-subscribed', r.watch());
    await r.end('vend-covered', handle);
  },
  async (r) => {
    put(r, 'Whole', { deployMs: 500 });
    const conformance = { packs: ['Whole'], scope: 'organization' as const };
    await r.end(
      'vend-covered-in-the-organization',
      await r.vend({ ...aRequest('whole'), conformance }),
    );
  },
  async (r) => {
    const handle = await waiting(r, 'Failing', { failWith: BROKEN });
    await r.escalated(handle, 'Broken');
    await r.save('waits-for-person-in-conforming', handle);
    await r.vending.resolve(handle, { action: 'retry' });
    await r.until(handle, ({ escalation }) => escalation?.id === 'e2');
    await r.vending.resolve(handle, { action: 'waive', pack: 'Failing', reason: 'known' });
    await r.end('row-failed-retried-then-waived', handle);
  },
  async (r) => {
    const handle = await waiting(r, 'Mended', { failWith: BROKEN });
    const { accountId = '' } = await r.escalated(handle, 'Broken');
    r.vending.simulator.setPackRow({ region, pack: 'Mended', accountId });
    await r.end('row-failed-ended-by-itself', handle);
  },
  async (r) => {
    const handle = await waiting(r, 'Unrecorded', { failWith: NO_RECORDER });
    const { accountId = '' } = await r.escalated(handle, NO_RECORDER.errorCode);
    r.vending.simulator.setPackRow({ region, pack: 'Unrecorded', accountId });
    await r.end('recorder-missing-ended-by-itself', handle);
  },
  async (r) => {
    const handle = await waiting(r, 'Never', { rowDelayMs: HOUR }, '1s');
    await r.escalated(handle, 'CONFORMANCE_DEADLINE');
    await r.vending.resolve(handle, { action: 'retry' });
    await r.until(handle, ({ escalation }) => escalation?.id === 'e2');
    await r.vending.resolve(handle, { action: 'waive', pack: 'Never', reason: 'sandbox' });
    await r.end('conformance-deadline-waived', handle);
  },
  async (r) => {
    const handle = await waiting(r, 'Deleted', { rowDelayMs: HOUR });
    r.vending.simulator.removeConformancePack(region, 'Deleted');
    await r.escalated(handle, 'NoSuchOrganizationConformancePackException');
    await r.vending.resolve(handle, { action: 'waive', pack: 'Deleted', reason: 'gone' });
    await r.end('pack-gone-waived', handle);
  },
  async (r) => {
    const handle = await waiting(r, 'Cancelled', { rowDelayMs: HOUR });
    await handle.cancel();
    await r.end('cancelled-in-conforming', handle);
  },
];

/** Accounts that go meanwhile. Membership is asked once an hour, so there are few looks in an hour. */
export const departing: Scenario[] = [
  async (r) => {
    const handle = await waiting(r, 'Closed', { rowDelayMs: HOUR });
    const { accountId } = await r.until(handle, isSeen);
    const client = organizationsClient(r.vending.simulator.url);
    await client.send(new CloseAccountCommand({ AccountId: accountId }));
    destroyClients();
    await r.forward(r.watch(), '2h');
    await r.escalated(handle, 'ACCOUNT_NOT_ACTIVE');
    await r.vending.resolve(handle, { action: 'abandon', reason: 'closed' });
    await r.end('account-not-active-abandoned', handle);
  },
  async (r) => {
    const handle = await waiting(r, 'Departed', { rowDelayMs: HOUR });
    const { accountId = '' } = await r.until(handle, isSeen);
    r.vending.simulator.removeAccount(accountId);
    await r.forward(r.watch(), '2h');
    await r.escalated(handle, 'AccountNotFoundException');
    await handle.cancel();
    await r.end('account-has-left-cancelled', handle);
  },
];
export const departingOptions: VendingOptions = {
  configuration: { conformance: { poll: { initial: '5m', max: '15m' } } },
};

/** The watch has looked. (`NO_ROW` is shown also before.) */
function isSeen({ waitingFor }: VendState): boolean {
  return waitingFor?.includes('AWS Config to begin with this account') ?? false;
}

/** Faults of the watch's calls, which all that wait would meet: one after the other. */
export const refusedLooks: Scenario[] = [
  async (r) => {
    const handle = await waiting(r, 'Owned', { rowDelayMs: HOUR });
    await r.until(handle, ({ conformance }) => conformance?.[0]?.status === 'NO_ROW');
    refuse(r, 'CONFORMANCE_OWNER_UNKNOWN');
    await r.escalated(handle, 'CONFORMANCE_OWNER_UNKNOWN');
    r.vending.simulator.clearFaults();
    await r.until(handle, ({ escalation }) => escalation === undefined);
    refuse(r, 'ExpiredTokenException');
    await r.escalated(handle, 'ExpiredTokenException');
    await r.save('waits-held-back-in-conforming', handle);
    r.vending.simulator.clearFaults();
    await r.until(handle, ({ escalation }) => escalation === undefined);
    await r.vending.resolve(handle, { action: 'retry' }).catch(() => undefined);
    await handle.cancel();
    await r.end('owner-unknown-and-credentials-expired-while-conforming', handle);
    await until(
      () => r.vending.watchState(),
      (state) => state.waiting === 0,
    );
    await pause(500);
    await r.save('watch-quiet', r.watch());
  },
];

function put(r: Recorder, name: string, more: Partial<Pack> = {}): void {
  r.vending.simulator.putConformancePack({ name, region, ...more });
}

/** A vend that waits for a pack of its own. */
async function waiting(r: Recorder, name: string, pack: Partial<Pack>, deadline = '8h') {
  put(r, name, pack);
  const requestId = name.toLowerCase();
  const handle = await r.vend({ ...aRequest(requestId), conformance: { packs: [name], deadline } });
  await r.until(handle, ({ stage }) => stage === 'conforming');
  return handle;
}

function refuse(r: Recorder, name: string): void {
  for (const operation of [
    'DescribeOrganizationConformancePacks',
    'DescribeOrganizationConformancePackStatuses',
    'GetOrganizationConformancePackDetailedStatus',
  ]) {
    r.vending.simulator.inject({ operation, kind: 'error', times: 'always', error: { name } });
  }
}
