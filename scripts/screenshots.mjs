/**
 * Takes the pictures of docs/images from the demo, in a real Chromium: one that is there, or one that
 * is fetched (src/local/chromium.ts). With the address of a Web UI as argument, from what runs there.
 */
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { root, run } from './tools.mjs';

const require = createRequire(import.meta.url);
const { chromium } = require('playwright-core');
const { findChromium } = require(join(root, 'lib', 'local', 'chromium.js'));

const folder = join(root, 'docs', 'images');
const namespace = 'default';
const listPath = `/namespaces/${namespace}/workflows`;

/** The list's columns. The Web UI keeps its own choice in the browser, under this name. */
const columnsKey = 'namespace-workflow-table-columns';
const columns = [
  { label: 'Status', pinned: true },
  { label: 'Workflow ID', pinned: true },
  { label: 'VendRequestId', pinned: false },
  { label: 'VendStage', pinned: false },
  { label: 'VendEscalation', pinned: false },
  { label: 'VendAccountId', pinned: false },
  { label: 'VendOrganizationalUnit', pinned: false },
];

const vends = 'WorkflowType = "vendAccount"';
const address = 'aws+team-c@example.com';

/** Beside those of the demo, which mends its own: nobody answers these. */
const more = {
  // The demo's taken address once more, so that there is time to look at the escalation.
  escalated: ['team-d-dev', '--email', address, '--organizational-unit', 'Workloads/Dev'],
  // The first one meets what concerns everybody, and the second waits behind it.
  held: [
    ['team-e-prod', '--tag', 'simulator:behaviour=fail-missing-payment-instrument-1x'],
    ['team-f-prod'],
  ],
};

/**
 * The pictures, each taken as soon as a workflow fits its `query`. Without a `tab` the list is shown,
 * with the query `filter`; `until` is text that the page must show; `before` is done on the page first.
 */
const ofTheDemo = [
  {
    name: 'under-way',
    query: 'VendStage = "conforming" and VendEscalation is null',
    tab: 'user-metadata',
    until: 'Current Details',
  },
  {
    name: 'timeline',
    query: `${vends} and ExecutionStatus = "Completed"`,
    tab: 'timeline',
    until: 'Timeline',
  },
];
const ofAnEscalation = [
  {
    name: 'list',
    query: 'VendRequestId = "team-d-dev" and VendEscalation is not null',
    until: 'VendEscalation',
  },
  {
    name: 'escalated-list',
    query: 'VendRequestId = "team-d-dev" and VendEscalation is not null',
    filter: 'VendEscalation is not null',
    until: 'VendEscalation',
  },
  {
    name: 'escalated',
    query: 'VendRequestId = "team-d-dev" and VendEscalation is not null',
    tab: 'user-metadata',
    until: 'Current Details',
    height: 1180,
  },
  {
    name: 'update',
    query: 'VendRequestId = "team-d-dev" and VendEscalation is not null',
    tab: 'user-metadata',
    until: 'Current Details',
    before: fillForm,
  },
];
const ofTheGate = [
  {
    name: 'held-back',
    query: 'WorkflowType = "organizationGate" and VendEscalation is not null',
    tab: 'user-metadata',
    until: 'Current Details',
    height: 1180,
  },
];

const demo = process.argv[2] ? undefined : startDemo();
let browser;
try {
  mkdirSync(folder, { recursive: true });
  browser = await launch();
  const ui = process.argv[2] ?? (await demo.webUi);
  await shootAll(ui, ofTheDemo);
  if (demo) await demo.start(more.escalated);
  await shootAll(ui, ofAnEscalation);
  // Last: from here on nobody creates any more.
  if (demo) await holdBack(ui);
  await shootAll(ui, ofTheGate);
} finally {
  await browser?.close();
  await demo?.stop();
}

/** The second one begins when all are held back, so that it is seen waiting. */
async function holdBack(ui) {
  const [first, second] = more.held;
  await demo.start(first);
  await findWorkflow(ui, ofTheGate[0].query);
  await demo.start(second);
  await findWorkflow(ui, `VendRequestId = "${second[0]}" and VendEscalation is not null`);
}

async function shootAll(ui, pictures) {
  await Promise.all(
    pictures.map(async (picture) => {
      await shoot(browser, ui, picture);
      console.log(`docs/images/${picture.name}.png`);
    }),
  );
}

async function launch() {
  const found = await findChromium({ log: console.log });
  return chromium.launch(found.launch);
}

async function shoot(chrome, ui, { name, query, filter, tab, until, before, height = 860 }) {
  const context = await chrome.newContext({
    viewport: { width: 1600, height },
    colorScheme: 'light',
  });
  await context.addInitScript(
    ([key, value]) => localStorage.setItem(key, value),
    [columnsKey, JSON.stringify({ [namespace]: columns })],
  );
  const page = await context.newPage();
  const found = await findWorkflow(ui, query);
  const list = filter ? `${listPath}?query=${encodeURIComponent(filter)}` : listPath;
  await page.goto(`${ui}${tab ? `${listPath}/${found}/${tab}` : list}`);
  await page.getByText(until, { exact: true }).first().waitFor({ timeout: 20_000 });
  if (tab === 'user-metadata') await untilDetails(page);
  // The page still fetches.
  await pause(1_500);
  await before?.(page);
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await context.close();
}

/** A worker that is just busy answers the query of the details only when asked again. */
async function untilDetails(page) {
  const heading = page.frameLocator('#user-metadata-current-details').locator('h3');
  for (let tries = 0; tries < 20 && (await heading.count()) === 0; tries += 1) {
    await page.keyboard.press('r');
    await pause(500);
  }
}

/** More Actions → Send an Update, with what the details say, and not sent. */
async function fillForm(page) {
  const details = page.frameLocator('#user-metadata-current-details');
  const json = await details.locator('li').filter({ hasText: '"action":"amend"' }).innerText();
  await page.getByRole('button', { name: 'More Actions' }).click();
  const item = page.getByRole('menuitem', { name: 'Send an Update' });
  await item.filter({ visible: true }).click();
  const form = page.getByRole('dialog', { name: 'Send an Update' });
  await form.locator('button[aria-haspopup]').click();
  await form.getByRole('option', { name: /^resolve/ }).click();
  await form.getByRole('textbox', { name: 'Data' }).click();
  await page.keyboard.insertText(json.replace('NEW_ADDRESS', 'aws+team-d-dev@example.com'));
  await form.getByText('Single JSON payload supported').click();
  await pause(500);
}

/** Waits until some workflow fits the query; returns its place in the Web UI's paths. */
async function findWorkflow(ui, query) {
  const url = `${ui}/api/v1/namespaces/${namespace}/workflows?query=${encodeURIComponent(query)}`;
  for (const deadline = Date.now() + 120_000; Date.now() < deadline; await pause(200)) {
    const { executions = [] } = await (await fetch(url)).json();
    const [found] = executions;
    if (found) return `${found.execution.workflowId}/${found.execution.runId}`;
  }
  throw new Error(`nothing fits within two minutes: ${query}`);
}

/** The demo in a process of its own; it says where its Web UI is. */
function startDemo() {
  const child = spawn(process.execPath, [join(root, 'lib', 'starter.js'), 'demo'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  let output = '';
  const temporal = () => /Temporal +(127\.0\.0\.1:\d+)/.exec(output)?.[1] ?? '';
  const webUi = new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
        const [, url] = /web ui.*?(http:\/\/[\w.]+:\d+)/i.exec(output) ?? [];
        if (url) resolve(url);
      });
    }
    void ended.then(() => reject(new Error(`the demo ended too early:\n${output}`)));
  });
  webUi.catch(() => {});
  return {
    webUi,
    /** Starts one more vend, as a person would. */
    async start([id, ...flags]) {
      const given = flags.includes('--email') ? [] : ['--email', `aws+${id}@example.com`];
      const args = ['start', '--request-id', id, '--account-name', id, ...given, ...flags];
      const env = { ...process.env, TEMPORAL_ADDRESS: temporal() };
      await run(process.execPath, [join(root, 'lib', 'starter.js'), ...args], { env });
    },
    async stop() {
      child.kill('SIGINT');
      const limit = setTimeout(() => child.kill('SIGKILL'), 15_000);
      await ended;
      clearTimeout(limit);
    },
  };
}
