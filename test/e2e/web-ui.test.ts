import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gateWorkflowId, vendWorkflowId } from '../../src/contract';
import type { Resolution, VendRequest } from '../../src/contract';
import { startSimulator } from '../../src/simulator';
import type { Simulator } from '../../src/simulator';
import type { vendAccount } from '../../src/workflows';
import { aRequest } from '../support/skipped';
import { startDevServer } from '../support/temporal';
import type { DevServer } from '../support/temporal';
import { WebUi } from '../support/web-ui';
import { WorkerProcess } from '../support/worker-process';

/*
 * The Web UI as people on call use it: the real one of the real server, in a real browser, with a
 * real worker. They find, read and answer by clicking and typing.
 */

const QUICK = {
  creation: {
    perSecond: 100,
    burst: 100,
    // Whoever comes second waits behind the first.
    maxInProgress: 1,
    poll: { initial: '100ms', max: '200ms' },
    reconcile: { settle: '100ms', attempts: 2 },
  },
};

let folder: string;
let dev: DevServer;
let simulator: Simulator;
let worker: WorkerProcess;
let ui: WebUi;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vend-web-ui-'));
  const config = join(folder, 'vending.yaml');
  writeFileSync(config, JSON.stringify(QUICK));
  simulator = await startSimulator({ profile: 'test' });
  dev = await startDevServer({ ui: true });
  const env = { TEMPORAL_ADDRESS: dev.address, AWS_ENDPOINT_URL: simulator.url };
  worker = new WorkerProcess(env, ['--config', config]);
  await worker.ready();
  ui = await WebUi.open(dev.server.uiUrl ?? '');
  // Longer where a browser has to be fetched.
}, 400_000);

afterAll(async () => {
  await ui?.close();
  await worker?.stop();
  await dev?.close();
  await simulator?.close();
  rmSync(folder, { recursive: true, force: true });
});

const start = (request: VendRequest) =>
  dev.client.workflow.start<typeof vendAccount>('vendAccount', {
    taskQueue: 'account-vending',
    workflowId: vendWorkflowId(request.requestId),
    args: [request],
  });

/** The JSON that the page gives for an answer, as it would be copied from there. */
async function copied(action: Resolution['action']): Promise<string> {
  const bullets = await ui.bullets();
  const json = bullets.find((bullet) => bullet.includes(`"action":"${action}"`)) ?? '';
  expect(JSON.parse(json)).toMatchObject({ action });
  return json;
}

test('an escalated vend is found by its reason, read, answered by the form, and goes on to its end', async () => {
  simulator.takeEmail('taken@example.com');
  await start({ ...aRequest('straight') });
  await start({ ...aRequest('mend'), email: 'taken@example.com' });

  await ui.search('VendEscalation="EMAIL_ALREADY_EXISTS"', 'vend-mend');
  expect(await ui.listed()).toEqual(['vend-mend']);
  await ui.openFromList('vend-mend');

  const page = await ui.details(/^Needs a person: EMAIL_ALREADY_EXISTS$/);
  expect(page).toContain('Give another address, or adopt the account if it is yours.');
  expect(page).toMatch(/Since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, after 1 attempt/);
  expect(page).toContain('Waits for an answer; nothing is lost meanwhile');
  expect(page).toContain('docs/runbook.md#email_already_exists');
  expect(page).toMatch(/Stage: creating since \d{4}/);
  expect(page).toContain('Passed: queued');
  expect(await ui.bullets()).toEqual(
    expect.arrayContaining([
      'vend resolve mend --amend email=NEW_ADDRESS',
      'vend resolve mend --retry',
      'vend resolve mend --adopt ACCOUNT_ID',
      "vend resolve mend --abandon --reason '…'",
    ]),
  );
  expect(page).not.toContain('@');

  const answer = await copied('amend');
  // As it stands it names no address yet: the form says what is wrong, and nothing is lost.
  expect(await ui.sendUpdate('resolve', answer)).toMatch(/^email /);
  const mended = answer.replace('NEW_ADDRESS', 'free@example.com');
  expect(await ui.sendUpdate('resolve', mended)).toBeUndefined();

  const done = await ui.refreshed(/^Done: the account is ready$/);
  const [accountId] = /\d{12}/.exec(done) ?? [];
  expect(simulator.createdAccounts()).toMatchObject({ mend: 1 });
  expect(done).toContain('amend by unknown');
  await ui.status('Completed');
  await ui.follow(
    '/namespaces/default/workflows?query=' +
      encodeURIComponent(`VendAccountId="${accountId}" and VendEscalation is null`),
    'vend-mend',
  );
});

test('what holds the organization back is answered once, on the page of its gate', async () => {
  const tags = { 'simulator:behaviour': 'fail-missing-payment-instrument-1x' };
  await start({ ...aRequest('first'), tags });
  await ui.search('VendEscalation="MISSING_PAYMENT_INSTRUMENT"', 'vend-first');
  await start(aRequest('second'));
  await ui.search(
    'VendEscalation="MISSING_PAYMENT_INSTRUMENT" and WorkflowType="vendAccount"',
    'vend-second',
  );
  expect(await ui.listed()).toHaveLength(2);
  await ui.openFromList('vend-second');

  const held = await ui.details(/^Needs a person: MISSING_PAYMENT_INSTRUMENT$/);
  expect(held).toContain('Concerns the whole organization: one answer for all');
  expect(held).toContain('vend resolve --organization --retry');

  await ui.followDetails(gateWorkflowId(simulator.organizationId));
  const gate = await ui.details(/^Needs a person: creating is held back by MISSING_PAYMENT/);
  expect(gate).toContain('Set a valid payment method on the management account');
  expect(gate).toContain('docs/runbook.md#missing_payment_instrument');
  expect(gate).toMatch(/Waiting: 2\b/);
  expect(await ui.sendUpdate('resolve', await copied('retry'))).toBeUndefined();

  expect(await ui.refreshed(/^Nobody wants to create just now$/)).toContain('retry by unknown');
  await ui.follow(
    '/namespaces/default/workflows?query=' +
      encodeURIComponent('VendStage="done" and VendRequestId in ("first", "second")'),
    'vend-second',
  );
  expect((await ui.listed()).toSorted()).toEqual(['vend-first', 'vend-second']);
});

test('every query of docs/web-ui.md is one that Temporal takes', async () => {
  const page = readFileSync(join(__dirname, '../../docs/web-ui.md'), 'utf8');
  const links = [...page.matchAll(/`\/namespaces\/default\/workflows\?query=([^`]+)`/g)];
  expect(links.length).toBeGreaterThan(8);
  for (const [, query = ''] of links) {
    await expect(dev.client.workflow.count(query)).resolves.toMatchObject({
      count: expect.any(Number),
    });
  }
});
