import { FakeVends } from '../../src/testing/fake-vends';
import type { KnownVend } from '../../src/testing/fake-vends';
import { aRequest } from '../support/skipped';

/** Vends with one address, in the order in which the fake hears of them. */
async function begun(...vends: { requestId: string; runId: string; startedAt: string }[]) {
  const known = new FakeVends('done');
  const begin = ({ requestId, ...rest }: (typeof vends)[number]) =>
    known.begin({
      request: { ...aRequest(requestId), email: 'Shared@example.com' },
      workflowId: requestId,
      ...rest,
    });
  const all: KnownVend[] = [];
  for (const vend of vends) all.push(await begin(vend));
  return { first: (of: number) => names(known.firstWithAddress(all[of]!)), all };
}

const names = (vends: { requestId: string }[]) => vends.map(({ requestId }) => requestId);

const EARLY = { requestId: 'early', runId: 'r2', startedAt: '2026-01-01T00:00:00.000Z' };
const LATE = { requestId: 'late', runId: 'r1', startedAt: '2026-01-01T00:00:01.000Z' };

test('of vends with one address the one that was started first goes first, whoever is heard of first', async () => {
  const { first } = await begun(LATE, EARLY);
  expect(first(0)).toEqual(['early']);
  expect(first(1)).toEqual([]);
});

test('of those that were started in one moment the run ids decide', async () => {
  const { first } = await begun(EARLY, { ...LATE, startedAt: EARLY.startedAt });
  expect(first(0)).toEqual(['late']);
  expect(first(1)).toEqual([]);
});

test('what has it already keeps it', async () => {
  const { first, all } = await begun(LATE, EARLY);
  all[0]!.holdsAddress = true;
  expect(first(1)).toEqual(['late']);
});
