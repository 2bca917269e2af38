import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { accountVending, vendFailureOf } from '../../src/nexus';
import { callerName, callerOf } from '../../src/nexus/handler/caller';
import { later, refusal } from '../../src/nexus/handler/refuse';
import { readToken, writeToken } from '../../src/nexus/handler/token';
import { vendStartOptions } from '../../src/vends/start-options';
import { aRequest } from '../support/skipped';

const linked = (path: string) => ({
  inboundLinks: [{ url: new URL(`temporal:///${path}`), type: 'any' }],
});

// Callers' workflows name them: they are never renamed.
test('the names of the service and of its operations', () => {
  expect(accountVending.name).toBe('account-vending');
  expect(Object.values(accountVending.operations).map(({ name }) => name)).toEqual([
    'vendAccount',
    'state',
    'resolve',
  ]);
});

describe('who calls', () => {
  test.each([
    ['a workflow', 'namespaces/teams/workflows/onboard-1/run/history?eventID=5', 'teams/onboard-1'],
    ['a name that is encoded', 'namespaces/a%2Fb/workflows/on%20board/run/history', 'a/b/on board'],
    ['no workflow', 'namespaces/teams/nexus-operations/op/run/details', 'teams'],
    ['a link to something else', 'batches/1', 'nexus'],
  ])('%s', (_, path, name) => {
    expect(callerName(callerOf(linked(path)))).toBe(name);
  });

  test('is not known where Temporal gives no link', () => {
    expect(callerOf({ inboundLinks: [] })).toEqual({});
  });

  test('is told without addresses, and without the name of the account', () => {
    const caller = { namespace: 'teams', workflowId: 'onboard-ann@example.com-for-Payments' };
    expect(callerName(caller, 'Payments')).not.toMatch(/@|Payments/);
    expect(callerName(caller, 'Payments')).toMatch(/^teams\/?\[hidden\]|^\[hidden\]/);
  });
});

describe('the token of an operation', () => {
  test('says which vend, and which of its callers', () => {
    const token = writeToken('default', { workflowId: 'vend-team-a', call: 'c1' });
    expect(token).toMatch(/^[\w-]+$/);
    expect(readToken(token)).toEqual({ workflowId: 'vend-team-a', call: 'c1' });
  });

  test('that the SDK wrote names the vend alone', () => {
    const token = Buffer.from('{"t":1,"ns":"default","wid":"vend-a"}').toString('base64url');
    expect(readToken(token)).toEqual({ workflowId: 'vend-a' });
  });

  test.each(['', 'nonsense', Buffer.from('{"t":2,"ns":"n","aid":"a"}').toString('base64url')])(
    'is none: %p',
    (token) => expect(readToken(token)).toBeUndefined(),
  );
});

describe('the failure in what was thrown', () => {
  const ours = ApplicationFailure.nonRetryable('no', 'VendAbandoned', { requestId: 'a' });
  const wrapped = (cause: Error, type?: string) =>
    ApplicationFailure.create({ message: 'w', cause, ...(type ? { type } : {}) });

  test.each([
    ['itself', ours],
    ['as a child workflow has it', new Error('child', { cause: ours })],
    ['as an operation that ends later has it', new Error('operation', { cause: ours })],
    [
      'as an operation that ends at once has it',
      new Error('operation', { cause: wrapped(ours, 'OperationError') }),
    ],
  ])('%s', (_, error) => expect(vendFailureOf(error)).toBe(ours));

  test.each([
    ['a cancellation', new Error('operation', { cause: new CancelledFailure('c') })],
    ['a failure of the caller', ApplicationFailure.nonRetryable('theirs', 'PaymentRefused')],
    ['one without a type', ApplicationFailure.nonRetryable('theirs')],
    ['one named as what every object has', ApplicationFailure.nonRetryable('t', 'toString')],
    ['no error', 'text'],
    ['nothing', undefined],
  ])('is none of ours: %s', (_, error) => expect(vendFailureOf(error)).toBeUndefined());
});

test.each([
  ['a refusal', refusal('VendNotFound', 'there is none')],
  ['what is asked again', later('not yet', new Error('silence', { cause: new Error('grpc') }))],
])('%s tells another namespace nothing of our files', (_, error) => {
  let depth = 0;
  for (let at: unknown = error; at instanceof Error; at = at.cause, depth += 1) {
    expect(at.stack).toBe('');
  }
  expect(depth).toBeGreaterThan(1);
});

test('a kind that is none stands in no summary', () => {
  const summaryOf = (kind: string) =>
    vendStartOptions({ ...aRequest('a'), kind: kind as 'standard' }, 'teams').staticSummary;
  expect(summaryOf('ann@example.com')).toBe('standard account for request a');
  expect(summaryOf('govcloud')).toBe('govcloud account for request a');
});
