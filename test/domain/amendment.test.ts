import { REQUEST_TAG } from '../../src/contract';
import { LOST_ANSWER_SETTLES_MS, amendableFields, withAmendment } from '../../src/domain/amendment';
import type { VendMemory } from '../../src/domain/memory';
import { aCreation, aMemory } from './fixtures';

const NOW = 1_000_000_000_000;
const MINUTE = 60_000;
const OF_THE_CREATION = ['iamUserAccessToBilling', 'roleName', 'tags'];
/** What AWS is not told with the creation. */
const AFTER_PLACING = ['alternateContacts', 'regions', 'conformance', 'notifyWorkflow'] as const;
const LATER = ['organizationalUnit', ...AFTER_PLACING] as const;
const IDENTITY = ['accountName', 'email'];

function fields(memory: VendMemory, lookedFor: boolean): string[] {
  return amendableFields(memory, NOW, lookedFor).toSorted();
}
const sorted = (...names: string[]) => names.toSorted();

test('every earlier attempt made nothing, and a full look found nothing: all of it', () => {
  const memory = aMemory({ creation: aCreation({ calls: 2, ended: ['car-1', 'car-2'] }) });
  expect(fields(memory, true)).toEqual(sorted(...IDENTITY, ...OF_THE_CREATION, ...LATER));
});

test('without a full look, address and name stay: they are the only guard against a second account', () => {
  expect(fields(aMemory({ creation: aCreation() }), false)).toEqual(
    sorted(...OF_THE_CREATION, ...LATER),
  );
});

test.each([
  ['is in progress', { following: { id: 'car-1', sinceMs: 0, looks: 1, sibling: false } }],
  [
    'of a sibling is in progress',
    { following: { id: 'car-1', sinceMs: 0, looks: 1, sibling: true } },
  ],
  ['is unproven', { unproven: { sinceMs: 0, looks: 1, complete: 1 } }],
])('while a creation %s nothing of it can be amended', (_, changes) => {
  expect(fields(aMemory({ creation: aCreation(changes) }), true)).toEqual(sorted(...LATER));
});

describe('after a lost answer', () => {
  const lost = (agoMs: number) => aMemory({ creation: aCreation({ lostAnswerAtMs: NOW - agoMs }) });

  test('AWS may show what came of it late: address and name stay for fifteen minutes', () => {
    expect(LOST_ANSWER_SETTLES_MS).toBe(15 * MINUTE);
    expect(fields(lost(0), true)).not.toContain('email');
    expect(fields(lost(15 * MINUTE - 1), true)).not.toContain('accountName');
  });

  test('and are free then, if a full look finds nothing', () => {
    expect(fields(lost(15 * MINUTE), true)).toEqual(expect.arrayContaining(IDENTITY));
    expect(fields(lost(15 * MINUTE), false)).not.toContain('email');
  });
});

test('once the account exists, only its place and what comes after can change', () => {
  const memory = aMemory({ accountId: '111122223333', creation: aCreation() });
  expect(fields(memory, true)).toEqual(sorted(...LATER));
});

const placed = { accountId: '111122223333', placed: true, creation: aCreation() };

test('once it is placed, its place cannot change', () => {
  expect(fields(aMemory(placed), true)).toEqual(sorted(...AFTER_PLACING));
});

test('contacts that are put, and regions that are being enabled, stay', () => {
  const put = aMemory({ ...placed, settling: { contactsPut: true } });
  expect(fields(put, true)).toEqual(sorted('regions', 'conformance', 'notifyWorkflow'));
  const begun = aMemory({ ...placed, settling: { contactsPut: true, regionsBegun: true } });
  expect(fields(begun, true)).toEqual(['conformance', 'notifyWorkflow']);
  const waived = aMemory({ ...placed, settling: { isOver: true } });
  expect(fields(waived, true)).toEqual(['conformance', 'notifyWorkflow']);
});

test('what the configuration gave it stays, but for what was amended; and the proof tag stays for good', () => {
  const before = {
    requestId: 'a',
    kind: 'standard' as const,
    email: 'a@example.com',
    emailKey: 'a',
    roleName: 'First',
    tags: { Owner: 'first', [REQUEST_TAG]: 'a' },
  };
  const checked = {
    ...before,
    email: 'b@example.com',
    emailKey: 'b',
    roleName: 'Later',
    iamUserAccessToBilling: 'DENY' as const,
    tags: { Owner: 'later', Team: 'A', [REQUEST_TAG]: 'other/a' },
  };
  const { email } = checked;
  expect(withAmendment(before, checked, { email })).toEqual({ ...before, email, emailKey: 'b' });
  const changes = { roleName: 'Own', tags: { Team: 'A' } };
  expect(withAmendment(before, checked, changes)).toMatchObject({
    roleName: 'Own',
    tags: { Owner: 'later', Team: 'A', [REQUEST_TAG]: 'a' },
  });
});
