import { PassThrough } from 'node:stream';
import type { Io } from '../../src/cli/io';
import type { VendView } from '../../src/cli/vends/read-vend';
import { viewToJson } from '../../src/cli/vends/read-vend';
import { vendPage } from '../../src/cli/drawing/vend-page';
import { nextSteps } from '../../src/cli/drawing/wording';
import type { VendState } from '../../src/contract';

const stream = () => new PassThrough();
const io: Io = { stdout: stream(), stderr: stream(), stdin: stream(), env: {}, command: 'vend' };

const state: VendState = {
  requestId: 'team-a',
  stage: 'conforming',
  accountId: '123456789012',
  createAccountRequestIds: ['car-1'],
  organizationalUnitId: 'ou-ab12-cd34ef56',
  attempts: 1,
  escalation: {
    id: 'e1',
    scope: 'request',
    reason: 'CREATE_FAILED',
    message: 'AWS said:\u001b[31m no',
    since: new Date(Date.now() - 120_000).toISOString(),
    attempts: 1,
    actions: ['retry', 'waive', 'abandon'],
  },
  conformance: [
    { region: 'us-east-1', pack: 'Good', status: 'CREATE_SUCCESSFUL' },
    { region: 'us-east-1', pack: 'Bad', status: 'CREATE_FAILED', errorCode: 'X' },
  ],
  decisions: [],
  history: [{ at: '2026-01-01T00:00:00.000Z', stage: 'queued' }],
};
const view: VendView = {
  requestId: 'team-a',
  workflowId: 'vend-team-a',
  runId: 'r',
  status: 'RUNNING',
  startedAt: '2026-01-01T00:00:00.000Z',
  attributes: {},
  state,
};

test('the page says what happened, since when and what to type', () => {
  const page = vendPage(io, view).join('\n');
  expect(page).toMatch(/^team-a {2}conforming, needs a person: CREATE_FAILED\n/);
  expect(page).toContain('vend resolve team-a --retry');
  expect(page).toContain("vend resolve team-a --waive us-east-1/Bad --reason '…'");
  expect(page).not.toContain('--waive us-east-1/Good');
  expect(page).toMatch(/Since [-\d: ]+ \(2 min\), after one attempt; waits until it is answered/);
  expect(page).toContain('us-east-1/Bad   CREATE_FAILED  X');
});

test('it ends with where more is told, below the lines to type', () => {
  const escalation = { ...state.escalation, runbook: 'docs/runbook.md#create_failed' };
  const page = vendPage(io, { ...view, state: { ...state, escalation } as VendState });
  const at = page.indexOf('  More about it: docs/runbook.md#create_failed');
  expect(at).toBeGreaterThan(page.findIndex((line) => line.includes('--abandon')));
});

test('where no field is meant, the line says which there are, as a comment of the shell', () => {
  const escalation = { ...state.escalation, actions: ['amend'], amendable: ['roleName', 'tags'] };
  expect(nextSteps(io, { ...state, escalation } as VendState)).toEqual([
    'vend resolve team-a --amend FIELD=VALUE  # FIELD: roleName, tags',
  ]);
});

test('what others wrote cannot steer the terminal', () => {
  expect(vendPage(io, view).join('\n')).not.toContain('\u001b');
});

test('a wait without an escalation is told, with its times', () => {
  const { escalation: _, ...calm } = state;
  const waiting = { ...calm, waitingFor: 'AWS; next look at 2026-01-01T00:00:03.000Z' };
  const page = vendPage(io, { ...view, state: waiting }).join('\n');
  expect(page).toMatch(/Waits for AWS; next look at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/m);
  expect(nextSteps(io, waiting)).toEqual([]);
});

test('without a worker: what Temporal knows, stage null', () => {
  const attributes = { VendStage: 'creating', VendAccountId: '123456789012' };
  const silent = { ...view, state: null, attributes };
  expect(viewToJson(silent)).toMatchObject({
    requestId: 'team-a',
    stage: null,
    accountId: '123456789012',
    status: 'RUNNING',
    searchAttributes: attributes,
  });
  expect(vendPage(io, silent).join('\n')).toMatch(/creating[\s\S]*No worker answers, so this/);
  const page = vendPage(io, { ...silent, taskQueue: 'emea' }).join('\n');
  expect(page).toContain('No worker answers on task queue emea, so this');
});

test('colour only on a terminal, never with NO_COLOR', () => {
  const tty = Object.assign(stream(), { isTTY: true });
  const page = (env: NodeJS.ProcessEnv) => vendPage({ ...io, stdout: tty, env }, view).join('\n');
  expect(page({})).toContain('\u001b[');
  expect(page({ NO_COLOR: '1' })).not.toContain('\u001b[');
});
