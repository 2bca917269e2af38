import {
  isAsk,
  isGrant,
  isNotice,
  isRelease,
  isReport,
  isWithdraw,
} from '../../../src/domain/gate/messages';
import { LIMIT, holder } from './support';
import { isRefusedWithoutOneOf } from '../without-one-of';

const from = { v: 1, holder: holder('a'), ticket: 1 };
const escalation = {
  id: 'o1',
  scope: 'organization',
  reason: 'ACCOUNT_LIMIT_EXCEEDED',
  message: 'The quota is used up.',
  since: '2026-11-22T05:00:00.000Z',
  attempts: 1,
  actions: ['abandon'],
};
const NAMES = ['holder', 'ticket'];

isRefusedWithoutOneOf('ask', isAsk, [
  [{ ...from, runId: 'run-a', kind: 'standard', emailKey: 'key' }, [...NAMES, 'runId', 'kind']],
  [{ ...from, runId: 'run-a', kind: 'step', retried: true }, [...NAMES, 'runId', 'kind']],
]);
isRefusedWithoutOneOf('release', isRelease, [
  [{ ...from, outcome: 'succeeded', accountId: '111122223333' }, [...NAMES, 'outcome']],
  [{ ...from, outcome: 'held-back', trouble: LIMIT }, [...NAMES, 'outcome']],
]);
isRefusedWithoutOneOf('withdraw', isWithdraw, [
  [from, NAMES],
  [{ ...from, accountId: '111122223333' }, NAMES],
]);
isRefusedWithoutOneOf('report', isReport, [
  [{ ...from, is: 'throttled', n: 1 }, [...NAMES, 'is', 'n']],
  [{ ...from, is: 'trouble', n: 2, trouble: LIMIT }, [...NAMES, 'is', 'n']],
  [{ ...from, is: 'recovered', n: 3, reason: 'AccessDenied' }, [...NAMES, 'is', 'n']],
]);
isRefusedWithoutOneOf('grant', isGrant, [
  [{ v: 1, ticket: 1, runId: 'run-a', inProgress: 1 }, ['ticket', 'runId', 'inProgress']],
  [{ v: 1, ticket: 1, runId: '', inProgress: 5, probe: true }, ['ticket', 'runId', 'inProgress']],
]);
isRefusedWithoutOneOf('notice', isNotice, [
  [
    { v: 1, ticket: 1, is: 'queued', ahead: 0, inProgress: 5, maxInProgress: 5, etaMs: 1 },
    ['ticket', 'is', 'ahead', 'inProgress', 'maxInProgress', 'etaMs'],
  ],
  [{ v: 1, ticket: 1, is: 'held', escalation }, ['ticket', 'is', 'escalation']],
  [{ v: 1, ticket: 1, is: 'opened' }, ['ticket', 'is']],
  [{ v: 1, ticket: 1, is: 'stale', lastTicket: 2 }, ['ticket', 'is', 'lastTicket']],
  [{ v: 1, ticket: 1, is: 'twin', of: holder('b') }, ['ticket', 'is', 'of']],
  [{ v: 1, ticket: 1, is: 'twin-gone', of: holder('b'), accountId: '1' }, ['ticket', 'is', 'of']],
  [{ v: 1, ticket: 1, is: 'email-in-flight', requestId: 'b' }, ['ticket', 'is', 'requestId']],
  [{ v: 1, ticket: 1, is: 'known', accountId: '1' }, ['ticket', 'is', 'accountId']],
  [{ v: 1, ticket: 1, is: 'ask-again', afterMs: 1, why: 'x' }, ['ticket', 'is', 'afterMs', 'why']],
]);

describe('what Temporal would not take, and so would fail the workflow that uses it', () => {
  const ask = { ...from, runId: 'run-a', kind: 'standard', emailKey: 'key' };
  const asking = (workflowId: string) => ({ ...ask, holder: { ...holder('a'), workflowId } });

  test('as the id of whom to write to', () => {
    expect(isAsk(asking('w'.repeat(1_000)))).toBe(true);
    for (const id of ['', 'w'.repeat(1_001), 'ü'.repeat(501)])
      expect(isAsk(asking(id))).toBe(false);
  });

  test('as a search attribute', () => {
    const reporting = (reason: string) => ({
      ...from,
      is: 'trouble',
      n: 1,
      trouble: { ...LIMIT, reason },
    });
    expect(isReport(reporting('R'.repeat(200)))).toBe(true);
    expect(isReport(reporting('R'.repeat(201)))).toBe(false);
    const held = (more: object) => ({
      v: 1,
      ticket: 1,
      is: 'held',
      escalation: { ...escalation, ...more },
    });
    expect(isNotice(held({ reason: 'R'.repeat(200) }))).toBe(true);
    expect(isNotice(held({ reason: 'R'.repeat(201) }))).toBe(false);
  });
});

test('a word that is none of the language is refused', () => {
  expect(isAsk({ ...from, runId: 'run-a', kind: 'toString' })).toBe(false);
  expect(isRelease({ ...from, outcome: 'lost' })).toBe(false);
  expect(isReport({ ...from, is: 'heard', n: 1 })).toBe(false);
  expect(isNotice({ v: 1, ticket: 1, is: 'sent' })).toBe(false);
});

test('a trouble of no lane, and an escalation that cannot be shown, are refused', () => {
  const release = { ...from, outcome: 'held-back' };
  expect(isRelease({ ...release, trouble: { ...LIMIT, lane: 'sea' } })).toBe(false);
  expect(isRelease({ ...release, trouble: {} })).toBe(false);
  expect(isReport({ ...from, is: 'trouble', n: 1, trouble: null })).toBe(false);
  const { actions: _, ...without } = escalation;
  expect(isNotice({ v: 1, ticket: 1, is: 'held', escalation: without })).toBe(false);
});
