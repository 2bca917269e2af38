import type {
  AccountSnapshot,
  CreateRequestSnapshot,
  SimulatorSnapshot,
} from '../../src/simulator';
import { judge, REQUEST_TAG } from './oracle.cjs';
import type { EndedVend } from './oracle.cjs';

const ROOT = 'r-root';
const UNIT = 'ou-root-workload';

const vend = (more: Partial<EndedVend> = {}): EndedVend => ({
  requestId: 'team-a',
  status: 'COMPLETED',
  accountId: '111111111111',
  organizationalUnitId: UNIT,
  tags: { [REQUEST_TAG]: 'team-a', team: 'a' },
  ...more,
});

const account = (more: Partial<AccountSnapshot> = {}): AccountSnapshot => ({
  id: '111111111111',
  email: 'a@example.com',
  name: 'A',
  parentId: UNIT,
  tags: { [REQUEST_TAG]: 'team-a', team: 'a' },
  state: 'ACTIVE',
  joinedAt: 2_000,
  createAccountRequestId: 'car-1',
  ...more,
});

const creation = (more: Partial<CreateRequestSnapshot> = {}): CreateRequestSnapshot => ({
  id: 'car-1',
  kind: 'standard',
  email: 'a@example.com',
  accountName: 'A',
  tags: { [REQUEST_TAG]: 'team-a', team: 'a' },
  state: 'SUCCEEDED',
  requestedAt: 1_000,
  completedAt: 2_000,
  ...more,
});

/** The management account, and what was created. */
const world = (
  accounts: AccountSnapshot[],
  requests: CreateRequestSnapshot[] = [],
): SimulatorSnapshot => {
  const { createAccountRequestId: _, ...management } = account({ id: '999999999999', tags: {} });
  return {
    time: 9_000,
    organizationId: 'o-example',
    rootId: ROOT,
    managementAccountId: management.id,
    accounts: [management, ...accounts],
    requests,
    organizationalUnits: [],
    packs: [],
  };
};

const clean = { double: [], lost: [], stuck: [], wrong: [] };
const one = { 'team-a': 1 };

test('one request, one account in its unit with its tags: nothing is found', () => {
  const snapshot = world([account()], [creation()]);
  expect(judge({ vends: [vend()], snapshot, createdAccounts: one })).toEqual({
    ...clean,
    addressTaken: [],
    mostInProgress: 1,
  });
});

test('two accounts of one request are a double, whatever the vend says', () => {
  const snapshot = world([account(), account({ id: '222222222222' })]);
  const verdict = judge({ vends: [vend()], snapshot, createdAccounts: { 'team-a': 2 } });
  expect(verdict).toMatchObject({
    ...clean,
    double: ['team-a has 111111111111 and 222222222222'],
  });
});

test('an account whose proof tag was taken away later still counts', () => {
  const snapshot = world([account(), account({ id: '222222222222', tags: {} })]);
  const verdict = judge({ vends: [vend()], snapshot, createdAccounts: { 'team-a': 2 } });
  expect(verdict.double).toHaveLength(1);
  expect(verdict.wrong).toEqual(["222222222222 is no vend's account"]);
});

test('a vend that ended without an account is lost', () => {
  const verdict = judge({ vends: [vend()], snapshot: world([]), createdAccounts: {} });
  expect(verdict).toMatchObject({ ...clean, lost: ['team-a is COMPLETED with no account'] });
});

test('an account whose vend failed is lost', () => {
  const { accountId: _, ...failed } = vend({ status: 'FAILED' });
  const verdict = judge({ vends: [failed], snapshot: world([account()]), createdAccounts: one });
  expect(verdict).toMatchObject({ ...clean, lost: ['team-a is FAILED with 111111111111'] });
});

test('a vend that did not end is stuck, with or without an account', () => {
  const { accountId: _, ...running } = vend({ status: 'RUNNING' });
  for (const accounts of [[], [account()]]) {
    const verdict = judge({ vends: [running], snapshot: world(accounts), createdAccounts: {} });
    expect(verdict).toMatchObject({ ...clean, stuck: ['team-a'] });
  }
});

test.each([
  ['another unit', { parentId: ROOT }, `team-a stands in ${ROOT} and not in ${UNIT}`],
  [
    'a tag that is missing',
    { tags: { [REQUEST_TAG]: 'team-a' } },
    'team-a has undefined as its tag team',
  ],
  ['another account than it says', { id: '3' }, 'team-a says 111111111111 and has 3'],
])('%s is wrong', (_, more, fault) => {
  const snapshot = world([account(more)]);
  const verdict = judge({ vends: [vend()], snapshot, createdAccounts: one });
  expect(verdict).toMatchObject({ ...clean, wrong: [fault] });
});

test('an account that no vend asked for is wrong', () => {
  const stranger = account({ id: '3', tags: { [REQUEST_TAG]: 'team-b' } });
  const createdAccounts = { ...one, 'team-b': 1 };
  const snapshot = world([account(), stranger]);
  expect(judge({ vends: [vend()], snapshot, createdAccounts })).toMatchObject({
    ...clean,
    wrong: ["3 is no vend's account", "accounts were created for 'team-b', which is no vend"],
  });
});

test('one account as the result of two vends is wrong', () => {
  const vends = [vend(), vend({ requestId: 'team-b' })];
  const { wrong } = judge({ vends, snapshot: world([account()]), createdAccounts: one });
  expect(wrong).toEqual(['111111111111 is the result of team-a and team-b']);
});

test('creations that only the address stopped are told', () => {
  const second = creation({ id: 'car-2', state: 'FAILED', failureReason: 'EMAIL_ALREADY_EXISTS' });
  const snapshot = world([account()], [creation(), second]);
  const { addressTaken } = judge({ vends: [vend()], snapshot, createdAccounts: one });
  expect(addressTaken).toEqual(['team-a: car-2 ended EMAIL_ALREADY_EXISTS']);
});

test('creations in progress are counted at the same moment; end and beginning make no overlap', () => {
  const at = (requestedAt: number, completedAt: number) => creation({ requestedAt, completedAt });
  const requests = [at(0, 10), at(5, 15), at(10, 20), at(14, 16)];
  const snapshot = world([], requests);
  expect(judge({ vends: [], snapshot, createdAccounts: {} }).mostInProgress).toBe(3);
});
