import { stateQuery } from '../../src/contract';
import type { Escalation } from '../../src/contract';
import type { Vending, VendHandle } from '../support/vending';
import { allFollowed, asked, creates, expectAsAsked, withCases } from './support';
import { untilTrue } from '../support/until';

const { start } = withCases();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const requestsOf = (count: number) => Array.from({ length: count }, (_, n) => asked(`team-${n}`));

/** All of them are parked behind one and the same escalation of the organization. */
async function parkedBehind(
  vending: Vending,
  handles: readonly VendHandle[],
  reason: string,
): Promise<Escalation> {
  const states = [];
  for (const handle of handles) states.push(await vending.escalated(handle, reason));
  const { escalation, escalations } = await vending.gateState();
  expect(escalations).toHaveLength(1);
  expect(escalation).toMatchObject({ scope: 'organization', reason, actions: ['retry'] });
  for (const { escalation: shown } of states) {
    expect(shown).toMatchObject({ id: escalation?.id, scope: 'organization', reason });
    expect(shown?.actions).toEqual(['abandon']);
  }
  return escalation!;
}

test('case 16 · ACCOUNT_LIMIT_EXCEEDED: all are parked behind one breaker, one notice, all go on after one answer', async () => {
  const vending = await start({ simulator: { knobs: { accountQuota: 1, creationMs: 20_000 } } });
  const requests = requestsOf(6);
  const handles = await Promise.all(requests.map((request) => vending.begin(request)));
  const { id } = await parkedBehind(vending, handles, 'ACCOUNT_LIMIT_EXCEEDED');
  // Those that were under way have met it; the others were not even sent, and nobody tries again.
  const before = creates(vending).length;
  expect(before).toBeLessThanOrEqual(5);
  await vending.pass(20 * MINUTE);
  expect(creates(vending)).toHaveLength(before);

  // An answer too early costs one call, of one vend, and is told in the same escalation.
  await vending.resolveOrganization({ action: 'retry', by: 'ada' });
  await vending.until(handles[0]!, () => creates(vending).length > before);
  await vending.pass(10 * MINUTE);
  expect(creates(vending)).toHaveLength(before + 1);
  expect((await parkedBehind(vending, handles, 'ACCOUNT_LIMIT_EXCEEDED')).id).toBe(id);

  vending.simulator.set({ accountQuota: 100 });
  await vending.resolveOrganization({ action: 'retry', by: 'ada' });
  const results = await allFollowed(vending, handles);
  const [probe, next] = creates(vending).slice(before + 1);
  // Alone, until AWS had made its account.
  expect(next!.time - probe!.time).toBeGreaterThanOrEqual(20_000);
  expect(creates(vending)).toHaveLength(before + 1 + requests.length);
  const { escalations, decisions } = await vending.gateState();
  expect(escalations).toEqual([]);
  expect(decisions).toHaveLength(2);
  expectAsAsked(vending, ...requests.map((request, n) => [request, results[n]!] as const));
});

// A whole day of it, which takes its time, is in test/workflows/failure-reasons.test.ts.
test('case 17 · PENDING_BUSINESS_VALIDATION for hours: one escalation, one look an hour, and all go on by themselves', async () => {
  const vending = await start({
    simulator: { knobs: { managementIssue: 'PENDING_BUSINESS_VALIDATION' } },
  });
  const requests = requestsOf(2);
  const [first, second] = requests;
  const handles = [await vending.begin(first!)];
  const { id, nextCheckAt } = await parkedBehind(vending, handles, 'PENDING_BUSINESS_VALIDATION');
  expect(nextCheckAt).toBeDefined();
  for (let hour = 0; hour < 5; hour += 1) await vending.pass(HOUR);
  expect(creates(vending).length).toBeGreaterThanOrEqual(5);
  expect(creates(vending).length).toBeLessThanOrEqual(1 + 6);
  // Whoever comes now waits with the first, and asks AWS nothing.
  handles.push(await vending.begin(second!));
  expect((await parkedBehind(vending, handles, 'PENDING_BUSINESS_VALIDATION')).id).toBe(id);
  vending.simulator.set({ managementIssue: null });
  const results = await allFollowed(vending, handles);
  expect((await vending.gateState()).decisions).toEqual([]);
  expectAsAsked(vending, ...requests.map((request, n) => [request, results[n]!] as const));
});

test('case 17 · a reason as AWS misspells it holds the organization back like the right one', async () => {
  const managementIssue = 'IDENTITY_INVALID_BUSINESS_VALIDATION';
  const vending = await start({ simulator: { knobs: { managementIssue } } });
  const requests = requestsOf(2);
  const handles = await Promise.all(requests.map((request) => vending.begin(request)));
  await parkedBehind(vending, handles, managementIssue);
  const before = creates(vending).length;
  vending.simulator.set({ managementIssue: null });
  await vending.resolveOrganization({ action: 'retry' });
  const results = await allFollowed(vending, handles);
  expect(creates(vending)).toHaveLength(before + 2);
  expectAsAsked(vending, ...requests.map((request, n) => [request, results[n]!] as const));
});

test("case 17 · a reason never seen holds back its own vend alone, in AWS's words, and the others go on", async () => {
  const vending = await start();
  const tags = { 'simulator:behaviour': 'fail-never-seen-before-1x' };
  const requests = [{ ...asked('odd'), tags }, asked('usual')];
  const [odd, usual] = [await vending.begin(requests[0]!), await vending.begin(requests[1]!)];
  const { escalation } = await vending.escalated(odd);
  expect(escalation).toMatchObject({ scope: 'request', reason: 'NEVER_SEEN_BEFORE' });
  const [done] = await allFollowed(vending, [usual]);
  expect((await vending.gateState()).escalations).toEqual([]);
  await vending.resolve(odd, { action: 'retry' });
  const [late] = await allFollowed(vending, [odd]);
  expectAsAsked(vending, [requests[0]!, late!], [requests[1]!, done!]);
});

test('case 18 · FinalizingOrganizationException for 50 minutes: shown, one vend looks every five minutes, all go on by themselves', async () => {
  const vending = await start();
  vending.simulator.set({ finalizingUntil: vending.simulator.clock.now() + 50 * MINUTE });
  const requests = requestsOf(3);
  const handles = await Promise.all(requests.map((request) => vending.begin(request)));
  await parkedBehind(vending, handles, 'FinalizingOrganizationException');
  const results = await allFollowed(vending, handles);
  const refused = creates(vending).filter(({ error }) => error);
  expect(refused.length).toBeLessThanOrEqual(3 + 10);
  expect((await vending.gateState()).decisions).toEqual([]);
  expectAsAsked(vending, ...requests.map((request, n) => [request, results[n]!] as const));
});

test('abandoned behind the breaker: ends at once, nothing was made for it, the others are not held up', async () => {
  const vending = await start({ simulator: { knobs: { accountQuota: 1 } } });
  const requests = requestsOf(3);
  const handles = await Promise.all(requests.map((request) => vending.begin(request)));
  await parkedBehind(vending, handles, 'ACCOUNT_LIMIT_EXCEEDED');
  const [first, ...others] = handles;
  await vending.resolve(first!, { action: 'abandon', reason: 'not needed' });
  await untilTrue(async () => (await vending.gateState()).waiting === 2);
  expect((await first!.query(stateQuery)).stage).toBe('abandoned');
  vending.simulator.set({ accountQuota: 100 });
  await vending.resolveOrganization({ action: 'retry' });
  const results = await allFollowed(vending, others);
  expectAsAsked(vending, ...requests.slice(1).map((one, n) => [one, results[n]!] as const));
});
