import { isMail, isSubscribe, isUnsubscribe, isVerdict } from '../../../src/domain/watch/messages';
import { isRefusedWithoutOneOf } from '../without-one-of';
import { CREATING, REFUSED, holder } from './support';

const account = { ticket: 1, accountId: '111122223333' };
const subscribe = {
  v: 1,
  holder: holder('a'),
  ...account,
  packs: [{ pack: 'P' }, { pack: 'Q', owner: '444455556666' }],
  scope: 'account',
};
const verdict = {
  v: 1,
  region: 'eu-west-1',
  ...account,
  of: 'run-a',
  rows: [
    { region: 'eu-west-1', pack: 'P', failedLooks: 0, seen: { row: CREATING }, seenAtMs: 1 },
    { region: 'eu-west-1', pack: 'Q', failedLooks: 2, noRecorderSinceMs: 1 },
  ],
};
const TIES = ['region', 'accountId', 'of', 'ticket', 'rows'];

isRefusedWithoutOneOf('mail', isMail, [
  [{ v: 1, subscribe: [], unsubscribe: [] }, ['subscribe', 'unsubscribe']],
  [{ v: 1, subscribe: [subscribe], unsubscribe: [{}] }, ['subscribe', 'unsubscribe']],
]);
isRefusedWithoutOneOf('subscription', isSubscribe, [
  [subscribe, ['holder', 'ticket', 'accountId', 'packs', 'scope']],
  [{ ...subscribe, packs: [], joinedAt: '2026-11-22T05:00:00.000Z' }, ['packs']],
]);
isRefusedWithoutOneOf('end of a subscription', isUnsubscribe, [
  [{ v: 1, of: 'run-a', workflowId: 'vend-a', ticket: 1 }, ['of', 'workflowId', 'ticket']],
]);
isRefusedWithoutOneOf('verdict', isVerdict, [
  [verdict, TIES],
  [{ ...verdict, rows: [], isFull: true, silenceMs: 1 }, TIES],
  [{ ...verdict, fault: { error: REFUSED, sinceMs: 1, count: 1 } }, TIES],
]);

test('packs, rows and faults that cannot be read are refused', () => {
  for (const pack of [null, 'P', {}, { pack: 1 }, { pack: 'P', owner: 1 }]) {
    expect(isSubscribe({ ...subscribe, packs: [pack] })).toBe(false);
  }
  for (const row of [null, {}, { pack: 'P' }, { pack: 'P', failedLooks: 0, seen: null }]) {
    expect(isVerdict({ ...verdict, rows: [row] })).toBe(false);
  }
  for (const fault of [null, {}, { error: {}, sinceMs: 1, count: 1 }, { error: REFUSED }]) {
    expect(isVerdict({ ...verdict, fault })).toBe(false);
  }
  expect(isVerdict({ ...verdict, silenceMs: 'long' })).toBe(false);
});
