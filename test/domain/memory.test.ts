import { Stage } from '../../src/contract';
import type { Decision, HistoryEntry } from '../../src/contract';
import { newMemory, toState, withDecision, withEntry } from '../../src/domain/memory';
import type { VendMemory } from '../../src/domain/memory';
import type { Admission } from '../../src/domain/policy';
import { REQUEST, STARTED_AT, aCreation, aMemory, anEscalation } from './fixtures';

test('a vend begins queued, with nothing done', () => {
  expect(toState(newMemory(REQUEST, STARTED_AT))).toEqual({
    requestId: 'team-a-prod',
    stage: 'queued',
    createAccountRequestIds: [],
    attempts: 0,
    waitingFor: 'its turn',
    decisions: [],
    history: [{ at: STARTED_AT, stage: 'queued' }],
  });
});

test('there is no moment in which a vend waits for nothing, until it has ended', () => {
  const silent = Object.values(Stage).filter((stage) => !toState(aMemory({ stage })).waitingFor);
  expect(silent.toSorted()).toEqual(['abandoned', 'cancelled', 'done', 'failed']);
});

test('the state shows all that the contract names', () => {
  const escalation = anEscalation(['retry', 'abandon']);
  const state = toState(
    aMemory({
      stage: 'conforming',
      accountId: '111122223333',
      govCloudAccountId: '444455556666',
      createAccountRequestIds: ['car-1', 'car-2'],
      organizationalUnitId: 'ou-ab12-11111111',
      escalation,
      waitingFor: 'an answer',
      creation: aCreation({ calls: 2 }),
      conformance: {
        packs: [{ region: 'us-east-1', pack: 'Baseline', failedLooks: 0 }],
        deadlineAtMs: 0,
        seenAtMs: {},
        looks: 0,
      },
    }),
  );
  expect(state).toMatchObject({
    accountId: '111122223333',
    govCloudAccountId: '444455556666',
    createAccountRequestIds: ['car-1', 'car-2'],
    organizationalUnitId: 'ou-ab12-11111111',
    escalation,
    waitingFor: 'an answer',
    attempts: 2,
    conformance: [{ region: 'us-east-1', pack: 'Baseline', status: 'NO_ROW' }],
  });
});

test('neither e-mail address nor account name stands in the state', () => {
  const text = JSON.stringify(toState(aMemory({ creation: aCreation() })));
  expect(text).not.toContain(REQUEST.email);
  expect(text).not.toContain(REQUEST.accountName);
});

test('a state that was given away is not changed by what comes', () => {
  const memory = aMemory();
  const state = toState(memory);
  memory.createAccountRequestIds.push('car-1');
  memory.history.push({ at: STARTED_AT, stage: 'done' });
  expect(state.createAccountRequestIds).toEqual([]);
  expect(state.history).toHaveLength(1);
});

test('all that is remembered survives continue-as-new: it is plain data', () => {
  const memory = aMemory({ creation: aCreation(), escalation: anEscalation(['retry']) });
  expect(JSON.parse(JSON.stringify(memory))).toEqual(memory);
});

describe('the history', () => {
  const stage = (n: number): HistoryEntry => ({ at: String(n), stage: 'creating' });
  const note = (n: number): HistoryEntry => ({ ...stage(n), note: `look ${n}` });

  test('keeps what comes, in its order, and leaves the old one as it was', () => {
    const before = [stage(1)];
    expect(withEntry(before, note(2))).toEqual([stage(1), note(2)]);
    expect(before).toEqual([stage(1)]);
  });

  test('does not grow without end, loses the oldest notes first and never a stage', () => {
    let history: HistoryEntry[] = [stage(0)];
    for (let n = 1; n <= 1_000; n += 1) {
      history = withEntry(history, n % 100 === 0 ? stage(n) : note(n));
    }
    expect(history).toHaveLength(200);
    const stages = history.filter((entry) => entry.note === undefined);
    expect(stages.map((entry) => entry.at)).toEqual(
      Array.from({ length: 11 }, (_, n) => String(n * 100)),
    );
    expect(history).toContainEqual(note(999));
    expect(history).not.toContainEqual(note(1));
  });
});

test('an escalation leads to its entry in the runbook: in the repository, or where the policy says', () => {
  const escalation = anEscalation(['retry']);
  const runbookOf = (changes: Partial<VendMemory>) =>
    toState(aMemory({ escalation, ...changes })).escalation?.runbook;
  expect(runbookOf({})).toBe('docs/runbook.md#email_already_exists');
  const policy = { runbookUrl: 'https://wiki.example.com/vending' };
  const admission = { policy } as unknown as Admission;
  expect(runbookOf({ admission })).toBe('https://wiki.example.com/vending#email_already_exists');
});

test('a note is short, whatever somebody has sent', () => {
  const [entry] = withEntry([], { at: STARTED_AT, stage: 'creating', note: 'x'.repeat(1_000_000) });
  expect(entry?.note).toHaveLength(1_000);
});

test('the last 200 decisions are kept, whoever answers without end', () => {
  const decision = (n: number): Decision => ({
    at: STARTED_AT,
    by: 'robot',
    via: 'signal',
    action: 'retry',
    escalationId: `e${n}`,
  });
  let decisions: Decision[] = [];
  for (let n = 1; n <= 1_000; n += 1) decisions = withDecision(decisions, decision(n));
  expect(decisions).toHaveLength(200);
  expect([decisions[0]?.escalationId, decisions.at(-1)?.escalationId]).toEqual(['e801', 'e1000']);
});
