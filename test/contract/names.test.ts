import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { TypedSearchAttributes } from '@temporalio/common';
import * as contract from '../../src/contract';
import {
  OwnReason,
  SEARCH_ATTRIBUTE_NAMES,
  SearchAttribute,
  Stage,
  VendFailure,
  requestTagValue,
  vendWorkflowId,
} from '../../src/contract';

// Scripts, parent workflows and dashboards depend on these: they are never renamed.

test('the five search attributes, all Keyword', () => {
  expect(Object.values(SearchAttribute).map(({ name, type }) => [name, type])).toEqual([
    ['VendStage', 'KEYWORD'],
    ['VendRequestId', 'KEYWORD'],
    ['VendAccountId', 'KEYWORD'],
    ['VendEscalation', 'KEYWORD'],
    ['VendOrganizationalUnit', 'KEYWORD'],
  ]);
  expect(SEARCH_ATTRIBUTE_NAMES).toEqual(Object.values(SearchAttribute).map(({ name }) => name));
});

test('the search attributes can be set and read', () => {
  const pair = { key: SearchAttribute.escalation, value: OwnReason.OVERDUE };
  expect(new TypedSearchAttributes([pair]).get(SearchAttribute.escalation)).toBe('OVERDUE');
});

test('the stages', () => {
  expect(Object.keys(Stage)).toEqual([
    'approving',
    'queued',
    'creating',
    'placing',
    'readying',
    'settling',
    'conforming',
    'done',
    'cancelling',
    'cancelled',
    'failed',
    'abandoned',
  ]);
});

test('the failures that a parent sees', () => {
  expect(Object.keys(VendFailure).toSorted()).toEqual([
    'ApprovalExpired',
    'ApprovalRefused',
    'EmailInFlight',
    'InvalidVendRequest',
    'RequestConflict',
    'VendAbandoned',
  ]);
});

test.each([
  'FAILED_WITHOUT_REASON',
  'OVERDUE',
  'CONFORMANCE_DEADLINE',
  'ACCOUNT_NOT_OURS',
  'OUTCOME_UNCLEAR',
  'GOVCLOUD_ACCOUNT_UNKNOWN',
  'ALREADY_PLACED',
])('the reason %s of our own', (reason) => {
  expect(Object.values(OwnReason)).toContain(reason);
});

test.each([
  ['stages', Stage],
  ['failures', VendFailure],
  ['reasons', OwnReason],
])('the %s are words that say themselves', (_, words) => {
  expect(Object.keys(words)).toEqual(Object.values(words));
});

test('task queue, workflow type and id, messages', () => {
  expect(contract.TASK_QUEUE).toBe('account-vending');
  expect(contract.WorkflowType.vendAccount).toBe('vendAccount');
  expect(vendWorkflowId('team-a')).toBe('vend-team-a');
  expect(contract.WorkflowType.vendBatch).toBe('vendBatch');
  expect(contract.batchWorkflowId('platform')).toBe('vend-batch-platform');
  expect(contract.batchStateQuery.name).toBe('state');
  expect(contract.batchApplyUpdate.name).toBe('apply');
  expect([contract.MEMO_BATCH, contract.MEMO_REQUESTED_BY]).toEqual(['batch', 'requestedBy']);
  expect(contract.stateQuery.name).toBe('state');
  expect(contract.resolveUpdate.name).toBe('resolve');
  expect(contract.resolveSignal.name).toBe('resolve');
  expect([contract.approveUpdate.name, contract.approveSignal.name]).toEqual([
    'approve',
    'approve',
  ]);
  expect([contract.rejectUpdate.name, contract.rejectSignal.name]).toEqual(['reject', 'reject']);
});

test('gate and watch: workflow types and ids, messages', () => {
  expect(contract.WorkflowType.organizationGate).toBe('organizationGate');
  expect(contract.gateWorkflowId('o-abc')).toBe('organization-gate-o-abc');
  expect(contract.gateStateQuery.name).toBe('state');
  expect(contract.gateResolveUpdate.name).toBe('resolve');
  expect(contract.gateResolveSignal.name).toBe('resolve');
  expect(contract.WorkflowType.conformanceWatch).toBe('conformanceWatch');
  expect(contract.watchWorkflowId('o-abc', 'eu-west-1')).toBe('conformance-watch-o-abc-eu-west-1');
  expect(contract.watchStateQuery.name).toBe('state');
});

test('the proof tag, and its value where several installations share an organization', () => {
  expect(contract.REQUEST_TAG).toBe('account-vending:request-id');
  expect(requestTagValue('team-a')).toBe('team-a');
  expect(requestTagValue('team-a', '')).toBe('team-a');
  expect(requestTagValue('team-a', 'east')).toBe('east/team-a');
});

test('all of the contract goes out by one door', async () => {
  const folder = resolve(__dirname, '../../src/contract');
  const files = readdirSync(folder).filter((name) => name !== 'index.ts');
  const modules = await Promise.all(
    files.map(async (name) => (await import(resolve(folder, name))) as Record<string, unknown>),
  );
  for (const exported of modules.flatMap((module) => Object.keys(module))) {
    expect(Object.keys(contract)).toContain(exported);
  }
});
