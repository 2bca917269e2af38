/**
 * Takes the pictures of docs/images from the demo, in a real Chromium: Debian's `chromium`, or the
 * one that CHROMIUM names. With the address of a Web UI as argument, from what runs there.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { root } from './tools.mjs';

const { chromium } = createRequire(import.meta.url)('playwright-core');

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

const escalated = 'WorkflowType = "vendAccount" and VendEscalation is not null';

/**
 * The pictures, each taken as soon as a vend fits its `query`: the demo mends its escalation by
 * itself after a while. Without a `tab` the list is shown; `until` is text that the page must show.
 */
const pictures = [
  {
    name: 'escalated',
    query: escalated,
    tab: 'user-metadata',
    until: 'Current Details',
  },
  { name: 'list', query: escalated, until: 'VendEscalation' },
  {
    name: 'under-way',
    query:
      'WorkflowType = "vendAccount" and ExecutionStatus = "Running" and VendEscalation is null',
    tab: 'user-metadata',
    until: 'Current Details',
  },
  {
    name: 'timeline',
    query: 'WorkflowType = "vendAccount" and ExecutionStatus = "Completed"',
    tab: 'timeline',
    until: 'Timeline',
  },
];

const demo = process.argv[2] ? undefined : startDemo();
const profile = mkdtempSync(join(tmpdir(), 'account-vending-chromium-'));
let browser;
try {
  mkdirSync(folder, { recursive: true });
  browser = await launch();
  const ui = process.argv[2] ?? (await demo.webUi);
  await Promise.all(
    pictures.map(async (picture) => {
      await shoot(browser, ui, picture);
      console.log(`docs/images/${picture.name}.png`);
    }),
  );
} finally {
  await browser?.close();
  await demo?.stop();
  rmSync(profile, { recursive: true, force: true });
}

async function launch() {
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    viewport: { width: 1600, height: 860 },
    colorScheme: 'light',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  await context.addInitScript(
    ([key, value]) => localStorage.setItem(key, value),
    [columnsKey, JSON.stringify({ [namespace]: columns })],
  );
  return context;
}

async function shoot(context, ui, { name, query, tab, until }) {
  const page = await context.newPage();
  const vend = await findVend(ui, query);
  const path = tab ? `${listPath}/${vend}/${tab}` : listPath;
  await page.goto(`${ui}${path}`);
  await page.getByText(until, { exact: true }).first().waitFor({ timeout: 20_000 });
  // The page still fetches: rows, or the details by a query that a worker answers.
  await pause(1_500);
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await page.close();
}

/** Waits until some vend fits the query; returns its place in the Web UI's paths. */
async function findVend(ui, query) {
  const address = `${ui}/api/v1/namespaces/${namespace}/workflows?query=${encodeURIComponent(query)}`;
  for (const deadline = Date.now() + 120_000; Date.now() < deadline; await pause(200)) {
    const { executions = [] } = await (await fetch(address)).json();
    const [found] = executions;
    if (found) return `${found.execution.workflowId}/${found.execution.runId}`;
  }
  throw new Error(`no vend fits within two minutes: ${query}`);
}

/** The demo in a process of its own; it says where its Web UI is. */
function startDemo() {
  const child = spawn(process.execPath, [join(root, 'lib', 'starter.js'), 'demo'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  let output = '';
  const webUi = new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        output += chunk;
        const [, address] = /web ui.*?(http:\/\/[\w.]+:\d+)/i.exec(output) ?? [];
        if (address) resolve(address);
      });
    }
    void ended.then(() => reject(new Error(`the demo ended too early:\n${output}`)));
  });
  webUi.catch(() => {});
  return {
    webUi,
    async stop() {
      child.kill('SIGINT');
      const limit = setTimeout(() => child.kill('SIGKILL'), 15_000);
      await ended;
      clearTimeout(limit);
    },
  };
}
