import { stateQuery } from '../../src/contract';
import { allFollowed, asked, creates, followed, saysWhatItWaitsFor, withCases } from './support';
import { refuse } from '../support/refuse';
import { untilTrue } from '../support/until';

// "Every wait visible", in the moments between two waits: a call that AWS keeps waiting for long may
// make each of them long.

const { start } = withCases();
const MINUTE = 60_000;

/** AWS takes its time over an operation, until the simulator's clock is moved. */
const slow = (operation: string) =>
  ({ operation, kind: 'delay', phase: 'before', delayMs: 1_000 }) as const;

test('the first look at the packs takes long: the vend says what it waits for', async () => {
  const vending = await start();
  vending.simulator.putConformancePack({ name: 'Baseline', region: 'us-east-1' });
  vending.simulator.inject(slow('GetOrganizationConformancePackDetailedStatus'));
  const handle = await vending.begin({ ...asked('looking'), conformance: {} });
  await vending.until(handle, ({ stage }) => stage === 'conforming');
  const state = await handle.query(stateQuery);
  // To its end in any case: an activity under way would hold up the time of the next test.
  vending.simulator.advance(1_000);
  await followed(vending, handle);
  expect(state.stage).toBe('conforming');
  expect(saysWhatItWaitsFor(state)).toBe(true);
});

test('a step is tried again after an answer, and takes long: the vend says what it waits for', async () => {
  const vending = await start();
  vending.simulator.inject(refuse('MoveAccount', 'AccessDeniedException', { times: 'always' }));
  const handle = await vending.begin(asked('moving'));
  await vending.escalated(handle);
  vending.simulator.clearFaults();
  vending.simulator.inject(slow('MoveAccount'));
  const moves = vending.calls('MoveAccount');
  await vending.resolve(handle, { action: 'retry' });
  await untilTrue(() => vending.calls('MoveAccount') > moves);
  const state = await handle.query(stateQuery);
  vending.simulator.advance(1_000);
  await followed(vending, handle);
  expect(state.stage).toBe('placing');
  expect(saysWhatItWaitsFor(state)).toBe(true);
});

test('the organization is not held back any more, and there is no place yet: the vend says so', async () => {
  const vending = await start({
    configuration: { creation: { maxInProgress: 1 } },
    simulator: { knobs: { accountQuota: 1 } },
  });
  const requests = [asked('one'), asked('two'), asked('three')];
  const handles = await Promise.all(requests.map((request) => vending.begin(request)));
  for (const handle of handles) await vending.escalated(handle);
  vending.simulator.set({ accountQuota: 100, creationMs: MINUTE });
  const before = creates(vending).length;
  await vending.resolveOrganization({ action: 'retry' });
  // The probe has made its account; one of the others has the only place, the third waits for it.
  await vending.until(handles[0]!, () => creates(vending).length === before + 2);
  const states = await Promise.all(handles.map((handle) => handle.query(stateQuery)));
  await allFollowed(vending, handles);
  const queued = states.filter(({ stage }) => stage === 'queued');
  expect(queued).toHaveLength(1);
  expect(queued[0]?.escalation).toBeUndefined();
  expect(saysWhatItWaitsFor(queued[0]!)).toBe(true);
});
